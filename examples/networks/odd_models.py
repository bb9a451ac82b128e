"""Writes the tiny ONNX files of odd/, each with something that the reader of align_steps accepts or refuses.

usage: python odd_models.py --out odd
"""

import argparse
from pathlib import Path

import onnx
from onnx import TensorProto, helper

FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64
SAMPLE = ("sample", FLOAT, ["batch", 4])
TIMESTEP = ("timestep", FLOAT, ["batch"])
COLUMN = helper.make_tensor("column", INT64, [2], [-1, 1])
TWO = helper.make_tensor("two", FLOAT, [], [2.0])
# The output is the state times the timestep.
PRODUCT = [helper.make_node("Reshape", ["timestep", "column"], ["time"]),
           helper.make_node("Mul", ["sample", "time"], ["output"])]

MODELS = {
    # Accepted: a batch of two and no other, one integer for all of it.
    "scalar_int64": ([("sample", FLOAT, [2, 4]), ("timestep", INT64, [])],
                     [helper.make_node("Cast", ["timestep"], ["time"], to=FLOAT),
                      helper.make_node("Mul", ["sample", "time"], ["output"])], [2, 4]),
    # Accepted: one time for the whole batch, in a vector.
    "one_time": ([SAMPLE, ("timestep", FLOAT, [1])], [helper.make_node("Mul", ["sample", "timestep"], ["output"])], None),
    # Accepted: other names, told apart by their dimensions.
    "other_names": ([("t", FLOAT, ["batch"]), ("x", FLOAT, ["batch", 4])],
                    [helper.make_node("Reshape", ["t", "column"], ["time"]),
                     helper.make_node("Mul", ["x", "time"], ["output"])], None),
    # Accepted with names only.
    "ambiguous": ([("b", FLOAT, ["batch", 1]), ("a", FLOAT, ["batch", 1])],
                  [helper.make_node("Mul", ["a", "b"], ["output"])], ["batch", 1]),
    # Accepted until the timestep passes 2: from there on the output is NaN.
    "nan_above_two": ([SAMPLE, TIMESTEP],
                      [helper.make_node("Reshape", ["timestep", "column"], ["time"]),
                       helper.make_node("Sub", ["two", "time"], ["room"]), helper.make_node("Sqrt", ["room"], ["root"]),
                       helper.make_node("Mul", ["sample", "root"], ["output"])], None),
    # Refused.
    "one_input": ([SAMPLE], [helper.make_node("Identity", ["sample"], ["output"])], None),
    "three_inputs": ([SAMPLE, TIMESTEP, ("class_labels", INT64, ["batch"])],
                     [*PRODUCT[:1], helper.make_node("Cast", ["class_labels"], ["label"], to=FLOAT),
                      helper.make_node("Reshape", ["label", "column"], ["row"]),
                      helper.make_node("Sum", ["sample", "time", "row"], ["output"])], None),
    "integer_sample": ([("sample", INT64, ["batch", 4]), TIMESTEP],
                       [helper.make_node("Cast", ["sample"], ["x"], to=FLOAT), *PRODUCT[:1],
                        helper.make_node("Mul", ["x", "time"], ["output"])], None),
    "wide_timestep": ([SAMPLE, ("timestep", FLOAT, ["batch", 4])],
                      [helper.make_node("Mul", ["sample", "timestep"], ["output"])], None),
    "short_output": ([SAMPLE, TIMESTEP],
                     [*PRODUCT[:1], helper.make_node("Mul", ["sample", "time"], ["product"]),
                      helper.make_node("ReduceSum", ["product", "last"], ["output"])], ["batch", 1]),
    "unknown_operator": ([SAMPLE, TIMESTEP],
                         [helper.make_node("Mystery", ["sample", "timestep"], ["output"], domain="example")], None),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("odd"), help="the folder to write to")
    out = parser.parse_args().out
    out.mkdir(exist_ok=True)
    last = helper.make_tensor("last", INT64, [1], [-1])
    for name, (inputs, nodes, shape) in MODELS.items():
        used = {each for node in nodes for each in node.input}
        graph = helper.make_graph(
            nodes, name, [helper.make_tensor_value_info(*each) for each in inputs],
            [helper.make_tensor_value_info("output", FLOAT, shape or ["batch", 4])],
            [constant for constant in (COLUMN, TWO, last) if constant.name in used],
        )
        opsets = [helper.make_opsetid("", 20), helper.make_opsetid("example", 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
        onnx.checker.check_model(model)
        onnx.save(model, out / f"{name}.onnx")


if __name__ == "__main__":
    main()
