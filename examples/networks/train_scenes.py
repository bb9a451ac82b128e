"""Trains a small diffusion network on the scenes of the program `segment` and writes it as ONNX.

usage: cargo run --release --example segment -- --export-scenes scenes.npy --count 24000
       python train_scenes.py scenes.npy --out scenes.onnx --reference scenes.json

The process is Stable Diffusion's: variance preserving, 1000 scaled-linear betas, and the network predicts
v = sqrt(abar) noise - sqrt(1 - abar) x0. It is trained on the timesteps below 600 alone: EmerDiff never goes above.
The scenes are those of the purpose `training`; the program draws tuning and test scenes from other streams.

The graph has what EmerDiff does inside the network as inputs and outputs, for the cross-attention layers LAYERS:

    x [batch, 3, 64, 64]               the state, clean images lie in [-1, 1]
    timestep [batch]                   0 to 599, float32
    offset [layers, batch, 64]         c M of each layer and cell, added to all channels of the layer's output after its
                                       projection and bias, before the residual sum; 0 for none
    share                              a scalar; 1 takes the queries and keys of the first item for all items in every
                                       attention layer (attention injection without a cache), 0 does not
    v [batch, 3, 64, 64]
    queries [layers, batch, 64, width] of each layer, its own also where `share` is 1, all heads side by side
    rms [layers, batch]                the root mean square of each layer's output, before the offset

The network has no embedding of positions: the queries of a texture are the same wherever it is, and cluster by texture.
The same machine and seed give the same file, also when the training was interrupted and resumed from --checkpoint.
"""

import argparse
import copy
import json
import math
import os
import tempfile
import time

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn
from torch.nn import functional

import digits
import export

SIDE, CELLS = 64, 8
LAYERS = ("down", "mid", "up0", "up1")
TRAINED_TIMESTEPS = 600
BETA_START, BETA_END, BETA_COUNT = 0.00085, 0.012, 1000
METADATA = {
    "prediction": "v", "process": "vp", "beta_schedule": "scaled_linear", "beta_start": BETA_START,
    "beta_end": BETA_END, "num_train_timesteps": BETA_COUNT, "data_min": -1, "data_max": 1, "layers": ",".join(LAYERS),
}
OUTPUTS = ("v", "queries", "rms")
# Strides without a factor in common with the sizes, so that every channel, row, column and head is met.
STRIDE = {"v": 13, "queries": 61, "rms": 1}
CASES = [
    {"seed": 1, "items": 2, "timestep": 1, "layer": None, "strength": 0, "share": 0},
    {"seed": 2, "items": 3, "timestep": 281, "layer": "up1", "strength": 2, "share": 1},
    {"seed": 3, "items": 2, "timestep": 481, "layer": "down", "strength": -1.5, "share": 0},
    {"seed": 4, "items": 1, "timestep": 101, "layer": "mid", "strength": 0.5, "share": 1},
]
# Of ONNX Runtime against PyTorch, relative to the greatest value: both compute in single precision, in another order.
TOLERANCE = 1e-4


class Residual(nn.Module):
    """A residual block; the timestep shifts what is between its two convolutions."""

    def __init__(self, channels_in, channels_out, embedding):
        super().__init__()
        self.norm_in = nn.GroupNorm(8, channels_in)
        self.conv_in = nn.Conv2d(channels_in, channels_out, 3, padding=1)
        self.shift = nn.Linear(embedding, channels_out)
        self.norm_out = nn.GroupNorm(8, channels_out)
        self.conv_out = nn.Conv2d(channels_out, channels_out, 3, padding=1)
        self.skip = nn.Conv2d(channels_in, channels_out, 1) if channels_in != channels_out else nn.Identity()
        nn.init.zeros_(self.conv_out.weight)
        nn.init.zeros_(self.conv_out.bias)

    def forward(self, x, embedding):
        h = self.conv_in(functional.silu(self.norm_in(x))) + self.shift(embedding)[:, :, None, None]
        return self.skip(x) + self.conv_out(functional.silu(self.norm_out(h)))


class Attention(nn.Module):
    """Attention of x to y; with `share`, all items mix their own values by the weights of the first."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width, bias=False)
        self.key = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width, bias=False)
        self.out = nn.Linear(width, width)

    def forward(self, x, y, share):
        own = self.query(x)
        query, key, value = own, self.key(y), self.value(y)
        if share is not None:
            query = torch.where(share > 0.5, query[:1].expand_as(query), query)
            key = torch.where(share > 0.5, key[:1].expand_as(key), key)
        query, key, value = (part.unflatten(2, (self.heads, -1)).transpose(1, 2) for part in (query, key, value))
        weights = (query @ key.transpose(2, 3) / math.sqrt(query.shape[-1])).softmax(dim=3)
        return self.out((weights @ value).transpose(1, 2).flatten(2)), own


class Transformer(nn.Module):
    """Self-attention, cross-attention to the learned context, and a perceptron, on the cells as tokens."""

    def __init__(self, width, heads):
        super().__init__()
        self.norm = nn.GroupNorm(8, width)
        self.enter = nn.Linear(width, width)
        self.norm_self = nn.LayerNorm(width)
        self.attend_self = Attention(width, heads)
        self.norm_cross = nn.LayerNorm(width)
        self.attend_cross = Attention(width, heads)
        self.norm_perceptron = nn.LayerNorm(width)
        self.perceptron = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))
        self.leave = nn.Linear(width, width)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, x, context, offset, share):
        """The output, the queries of the cross-attention and the mean square of its output."""
        tokens = self.enter(self.norm(x).flatten(2).transpose(1, 2))
        normed = self.norm_self(tokens)
        tokens = tokens + self.attend_self(normed, normed, share)[0]
        crossed, queries = self.attend_cross(self.norm_cross(tokens), context, share)
        rms = crossed.square().mean(dim=(1, 2)).sqrt()
        if offset is not None:
            crossed = crossed + offset[:, :, None]
        tokens = tokens + crossed
        tokens = tokens + self.perceptron(self.norm_perceptron(tokens))
        return x + self.leave(tokens).transpose(1, 2).unflatten(2, (CELLS, CELLS)), queries, rms


class Network(nn.Module):
    """A UNet of 32x32, 16x16 and 8x8 cells; the image enters as 32x32 blocks of 2x2 pixels."""

    def __init__(self, widths, heads=4, embedding=64, context=8):
        super().__init__()
        fine, middle, coarse = widths
        self.register_buffer("frequencies", torch.exp(-math.log(10000) * torch.arange(32) / 32))
        self.embed = nn.Sequential(nn.Linear(64, embedding), nn.SiLU(), nn.Linear(embedding, embedding), nn.SiLU())
        self.context = nn.Parameter(torch.randn(1, context, coarse))
        self.enter = nn.Conv2d(12, fine, 3, padding=1)
        self.down_fine = Residual(fine, fine, embedding)
        self.to_middle = nn.Conv2d(fine, fine, 3, stride=2, padding=1)
        self.down_middle = Residual(fine, middle, embedding)
        self.to_coarse = nn.Conv2d(middle, middle, 3, stride=2, padding=1)
        self.coarse = nn.ModuleList([
            Residual(middle, coarse, embedding), Residual(coarse, coarse, embedding),
            Residual(2 * coarse, coarse, embedding), Residual(coarse, coarse, embedding),
        ])
        self.transformers = nn.ModuleList([Transformer(coarse, heads) for _ in LAYERS])
        self.from_coarse = nn.Conv2d(coarse, middle, 3, padding=1)
        self.up_middle = Residual(2 * middle, middle, embedding)
        self.from_middle = nn.Conv2d(middle, fine, 3, padding=1)
        self.up_fine = Residual(2 * fine, fine, embedding)
        self.leave = nn.Sequential(nn.GroupNorm(8, fine), nn.SiLU(), nn.Conv2d(fine, 12, 3, padding=1))

    def forward(self, x, timestep, offset=None, share=None):
        angles = timestep[:, None] * self.frequencies
        embedding = self.embed(torch.cat([angles.sin(), angles.cos()], dim=1))
        fine = self.down_fine(self.enter(functional.pixel_unshuffle(x, 2)), embedding)
        middle = self.down_middle(self.to_middle(fine), embedding)
        context = self.context.expand(x.shape[0], -1, -1)
        h, coarse, queries, rms = self.to_coarse(middle), None, [], []
        for place, (residual, transformer) in enumerate(zip(self.coarse, self.transformers)):
            h = residual(h if LAYERS[place] != "up0" else torch.cat([h, coarse], dim=1), embedding)
            h, own, size = transformer(h, context, None if offset is None else offset[place], share)
            queries.append(own)
            rms.append(size)
            if LAYERS[place] == "down":
                coarse = h
        h = self.from_coarse(functional.interpolate(h, scale_factor=2.0))
        h = self.up_middle(torch.cat([h, middle], dim=1), embedding)
        h = self.from_middle(functional.interpolate(h, scale_factor=2.0))
        h = self.up_fine(torch.cat([h, fine], dim=1), embedding)
        return functional.pixel_shuffle(self.leave(h), 2), torch.stack(queries), torch.stack(rms)


def alpha_bars():
    roots = torch.linspace(BETA_START**0.5, BETA_END**0.5, BETA_COUNT, dtype=torch.float64)
    return torch.cumprod(1 - roots.square(), dim=0)


def batches(images, size, generator):
    """Random images in [-1, 1], mirrored and with their channels permuted: the scenes are as likely that way."""
    while True:
        chosen = torch.randint(len(images), (size,), generator=generator)
        batch = images[chosen].permute(0, 3, 1, 2).float() / 127.5 - 1
        batch = batch[:, torch.randperm(3, generator=generator)]
        mirrored = [axis for axis in (2, 3) if torch.rand((), generator=generator) < 0.5]
        yield batch.flip(mirrored)


def train(images, arguments):
    """The averaged network after `arguments.images` images."""
    torch.manual_seed(arguments.seed)
    generator = torch.Generator().manual_seed(arguments.seed)
    network = Network(arguments.widths)
    average = copy.deepcopy(network).requires_grad_(False)
    optimizer = torch.optim.AdamW(network.parameters(), lr=arguments.rate, betas=(0.9, 0.99), weight_decay=1e-3,
                                  fused=True)
    steps, done, spent = arguments.images // arguments.batch, 0, 0.0
    settings = [arguments.seed, arguments.images, arguments.batch, arguments.rate, *arguments.widths, len(images)]
    if arguments.checkpoint and os.path.exists(arguments.checkpoint):
        state = torch.load(arguments.checkpoint, weights_only=True)
        if state["settings"] != settings:
            raise SystemExit(f"{arguments.checkpoint} was trained otherwise: {state['settings']}, not {settings}")
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        generator.set_state(state["generator"])
        done, spent = state["steps"], state["spent"]
        print(f"{arguments.checkpoint}: goes on after step {done}")
    signal = alpha_bars().sqrt().float().reshape(-1, 1, 1, 1)
    noise_size = (1 - alpha_bars()).sqrt().float().reshape(-1, 1, 1, 1)
    source, begun, running = batches(images, arguments.batch, generator), time.process_time() - spent, 0.0
    for step in range(done + 1, steps + 1):
        rate = arguments.rate * min(step / 200, 0.01 + 0.99 * (0.5 + 0.5 * math.cos(math.pi * step / steps)))
        for group in optimizer.param_groups:
            group["lr"] = rate
        clean = next(source)
        timestep = torch.randint(TRAINED_TIMESTEPS, (arguments.batch,), generator=generator)
        noise = torch.randn(clean.shape, generator=generator)
        a, s = signal[timestep], noise_size[timestep]
        loss = functional.mse_loss(network(a * clean + s * noise, timestep.float())[0], a * noise - s * clean)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        keep = min(0.999, (step + 1) / (step + 10))
        with torch.no_grad():
            torch._foreach_lerp_(list(average.parameters()), list(network.parameters()), 1 - keep)
        running += loss.item()
        if step % 100 == 0:
            seconds = time.process_time() - begun
            print(f"step {step:5d} of {steps}  loss {running / 100:.4f}  {seconds:5.0f} CPU s", flush=True)
            running = 0.0
        if arguments.checkpoint and (step % 500 == 0 or step == steps):
            state = {"settings": settings, "network": network.state_dict(),
                     "average": average.state_dict(), "optimizer": optimizer.state_dict(),
                     "generator": generator.get_state(), "steps": step, "spent": time.process_time() - begun}
            torch.save(state, arguments.checkpoint + ".part")
            os.replace(arguments.checkpoint + ".part", arguments.checkpoint)
    return average.eval()


def inputs(seed, items, layer=None, strength=0.0):
    """States and offsets from quell's generator, so that a test in Rust can make the very same ones.

    The first uniforms u of stream 0, step 0 are the states 4u - 2, in row-major order; the next ones, an item and cell
    after the other, put `strength` where they are below 1/4 into the offset of `layer`.
    """
    values = 3 * SIDE * SIDE * items
    uniforms = digits.uniforms(values + CELLS * CELLS * items, seed)
    x = torch.from_numpy((4 * uniforms[:values] - 2).astype(np.float32)).reshape(items, 3, SIDE, SIDE)
    offset = torch.zeros(len(LAYERS), items, CELLS * CELLS)
    if layer is not None:
        chosen = torch.from_numpy(uniforms[values:] < 0.25).reshape(items, CELLS * CELLS)
        offset[LAYERS.index(layer)] = strength * chosen.float()
    return x, offset


@torch.no_grad()
def evaluated(network, case):
    """The inputs and PyTorch's outputs of a case, by name."""
    x, offset = inputs(case["seed"], case["items"], case["layer"], case["strength"])
    timestep = torch.full((case["items"],), float(case["timestep"]))
    feed = {"x": x, "timestep": timestep, "offset": offset, "share": torch.tensor(float(case["share"]))}
    return feed, dict(zip(OUTPUTS, network(*feed.values())))


def write_graph(path, network):
    """Writes the ONNX file and checks that ONNX Runtime agrees with PyTorch."""
    x, offset = inputs(0, 3)
    batch = torch.export.Dim("batch")
    with tempfile.TemporaryDirectory() as folder:
        raw = os.path.join(folder, "network.onnx")
        torch.onnx.export(
            network, (x, torch.rand(3), offset, torch.tensor(0.0)), raw, opset_version=18, dynamo=True,
            external_data=False, verbose=False, input_names=["x", "timestep", "offset", "share"],
            output_names=["v", "queries", "rms"],
            dynamic_shapes={"x": {0: batch}, "timestep": {0: batch}, "offset": {1: batch}, "share": None})
        graph = onnx.load(raw)
    export.strip(graph)
    onnx.helper.set_model_props(graph, {f"quell.{key}": str(value) for key, value in METADATA.items()})
    onnx.checker.check_model(graph, full_check=True)
    onnx.save(graph, path)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    for case in CASES:
        feed, expected = evaluated(network, case)
        for name, theirs in zip(OUTPUTS, session.run(None, {name: part.numpy() for name, part in feed.items()})):
            difference = np.abs(theirs - expected[name].numpy()).max()
            if not difference <= TOLERANCE * expected[name].abs().max().item():
                raise RuntimeError(f"{path}: {name} of ONNX Runtime differs from PyTorch by {difference}")
    print(f"{path}: {os.path.getsize(path)} bytes")


def write_reference(path, network):
    """Writes JSON: how the inputs of each case are made, and every STRIDE-th value of PyTorch's flattened outputs."""
    rows = []
    for case in CASES:
        expected = evaluated(network, case)[1]
        values = {name: export.flat(expected[name].reshape(-1)[:: STRIDE[name]]) for name in OUTPUTS}
        rows.append(json.dumps(case | values))
    head = json.dumps({"layers": LAYERS, "width": network.context.shape[2], "stride": STRIDE})
    with open(path, "w") as file:
        file.write(head[:-1] + ',\n"cases": [\n' + ",\n".join(rows) + "\n]}\n")
    print(f"{path}: {os.path.getsize(path)} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scenes", help="the .npy file that `segment --export-scenes` wrote")
    parser.add_argument("--out", default="scenes.onnx", help="the ONNX file to write")
    parser.add_argument("--reference", metavar="JSON", help="also write inputs and PyTorch's outputs for a test")
    parser.add_argument("--checkpoint", metavar="PT",
                        help="save here every 500 steps, and go on from here if it exists")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--images", type=int, default=100_000, help="images to train on, repetitions counted")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--widths", type=int, nargs=3, default=(16, 32, 64), help="channels at 32x32, 16x16 and 8x8")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    images = torch.from_numpy(np.load(arguments.scenes))
    if images.dtype != torch.uint8 or images.shape[1:] != (SIDE, SIDE, 3):
        parser.error(f"{arguments.scenes} holds {images.dtype} {list(images.shape)}, not uint8 [count, 64, 64, 3]")
    network = train(images, arguments)
    print(f"{sum(parameter.numel() for parameter in network.parameters())} parameters")
    write_graph(arguments.out, network)
    if arguments.reference:
        write_reference(arguments.reference, network)


if __name__ == "__main__":
    main()
