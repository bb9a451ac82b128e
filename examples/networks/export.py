"""Writes a PyTorch network as ONNX, with the metadata that align_steps reads, and reference outputs for its tests."""

import json
import os
import tempfile

import numpy as np
import onnx
import onnxruntime
import torch

SEED = 7
# Both compute in single precision, in another order.
TOLERANCE = 2e-5


class Signature(torch.nn.Module):
    """The network with the inputs that align_steps feeds: sample [batch, ...] and timestep [batch], both float32."""

    def __init__(self, network, call):
        super().__init__()
        self.network = network
        self.call = call

    def forward(self, sample, timestep):
        return self.call(self.network, sample, timestep)


def write(path, network, item, metadata, call=lambda network, sample, timestep: network(sample, timestep)):
    """Writes `network` for items of shape `item` and any batch, and checks that ONNX Runtime agrees with PyTorch."""
    model = Signature(network, call).eval()
    generator = torch.Generator().manual_seed(SEED)
    sample, timestep = torch.randn((3, *item), generator=generator), torch.rand(3, generator=generator)
    with tempfile.TemporaryDirectory() as folder:
        raw = os.path.join(folder, "network.onnx")
        batch = torch.export.Dim("batch")
        torch.onnx.export(model, (sample, timestep), raw, input_names=["sample", "timestep"], output_names=["output"],
                          dynamic_shapes={"sample": {0: batch}, "timestep": {0: batch}}, dynamo=True,
                          external_data=False, verbose=False)
        graph = onnx.load(raw)
    strip(graph)
    metadata = {"input_name": "sample", "timestep_name": "timestep", **metadata}
    onnx.helper.set_model_props(graph, {f"quell.{key}": str(value) for key, value in metadata.items()})
    onnx.checker.check_model(graph, full_check=True)
    onnx.save(graph, path)

    with torch.no_grad():
        expected = model(sample, timestep).numpy()
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    for batch in (3, 1):
        feed = {"sample": sample[:batch].numpy(), "timestep": timestep[:batch].numpy()}
        difference = np.abs(session.run(None, feed)[0] - expected[:batch]).max()
        if not difference <= TOLERANCE * max(1.0, np.abs(expected).max()):
            raise RuntimeError(f"{path}: ONNX Runtime differs from PyTorch by {difference} in a batch of {batch}")
    print(f"{path}: {os.path.getsize(path)} bytes")


def strip(graph):
    """Removes what the exporter notes down about the source code and the machine: it is most of a small file."""
    graph.doc_string = ""
    del graph.metadata_props[:]
    body = graph.graph
    body.doc_string = ""
    del body.metadata_props[:], body.value_info[:]
    for part in (*body.node, *body.initializer, *body.input, *body.output):
        part.doc_string = ""
        del part.metadata_props[:]


def write_reference(path, first_images, cases):
    """Writes JSON: grey values of the first training images, and for each case sigma, the level, x and PyTorch's D.

    A case is (sigma, timestep, x, sample, output, denoised): x = x0 + sigma z, what the network was given for it, what
    it put out, and D. All are lists of a batch of flattened images, rounded to single precision.
    """
    names = ("sigma", "timestep", "x", "sample", "output", "denoised")
    rows = [dict(zip(names, [sigma, timestep] + [flat(tensor) for tensor in tensors]))
            for sigma, timestep, *tensors in cases]
    with open(path, "w") as file:
        file.write('{"first_images": ' + json.dumps(first_images) + ',\n"cases": [\n')
        file.write(",\n".join(json.dumps(row) for row in rows) + "\n]}\n")
    print(f"{path}: {os.path.getsize(path)} bytes")


def flat(tensor):
    # The shortest decimal that reads back as the same float32.
    return [float(str(value)) for value in tensor.detach().float().numpy().reshape(-1)]
