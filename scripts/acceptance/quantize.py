#!/usr/bin/env python3
"""`tensorc quantize`: what it writes is held to onnxruntime and to the model as it was, and mistakes to their messages.

    python scripts/acceptance/quantize.py
"""

import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMAND = ROOT / ".build" / "release" / "tensorc"


def tensorc(*words):
    return subprocess.run([str(COMMAND), *map(str, words)], capture_output=True, text=True)


def network(opset=17):
    """A convolution with padding and a bias, a product, and one with transposed weights and a bias."""
    random = np.random.default_rng(5)
    weights = {
        "filters": random.standard_normal((8, 3, 3, 3)) * 0.2, "shift": random.standard_normal(8),
        "table": random.standard_normal((8 * 36, 64)) * 0.1, "head": random.standard_normal((10, 64)) * 0.2,
        "bias": random.standard_normal(10),
    }
    nodes = [
        helper.make_node("Conv", ["x", "filters", "shift"], ["c"], name="conv", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node("Flatten", ["r"], ["f"]),
        helper.make_node("MatMul", ["f", "table"], ["m"], name="product"),
        helper.make_node("Tanh", ["m"], ["t"]),
        helper.make_node("Gemm", ["t", "head", "bias"], ["y"], name="head", transB=1),
    ]
    graph = helper.make_graph(
        nodes, "network", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, 6, 6])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 10])],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in weights.items()])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def session(path):
    """Without fused operators of bytes, whose sums saturate on some processors."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(str(path), options)


def check(condition, message):
    if not condition:
        sys.exit(f"quantize.py: {message}")


def relative(a, b):
    return float(np.sqrt(((a - b) ** 2).sum() / (b**2).sum()))


def quantized(folder, scheme, most, *words):
    path = folder / f"{scheme}.onnx"
    outcome = tensorc("quantize", folder / "model.onnx", "--data", folder / "data", "--scheme", scheme, "-o", path, *words)
    check(outcome.returncode == 0, f"{scheme}: {outcome.stderr}")
    check("rms after" in outcome.stdout, f"{scheme}: no table: {outcome.stdout}")
    x, wanted = np.load(folder / "data/input_0.npy"), np.load(folder / "data/output_0.npy")
    found = session(path).run(None, {"x": x})[0]
    check(relative(found, wanted) < most, f"{scheme}: off by {relative(found, wanted):.4f} in onnxruntime")
    ours = tensorc("run", path, "--inputs", folder / "data", "--outputs", folder / f"results-{scheme}")
    check(ours.returncode == 0, f"{scheme}: {ours.stderr}")
    result = np.load(next((folder / f"results-{scheme}").glob("*.npy")))
    # A number halfway between two codes may go to either.
    check(relative(result, found) < 0.01, f"{scheme}: {relative(result, found):.4f} from onnxruntime")
    print(f"{scheme}: {relative(found, wanted):.4f} from the model as it was, {relative(result, found):.6f} from onnxruntime")
    return onnx.load(path)


def refused(folder, words, text):
    path = folder / "refused.onnx"
    outcome = tensorc("quantize", *words, "--data", folder / "data", "--scheme", "int8", "-o", path)
    check(outcome.returncode == 1 and text in outcome.stderr, f"{words} gave {outcome.returncode}: {outcome.stderr}")
    check(not path.exists(), f"{words} left a file")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "data").mkdir()
        onnx.save(network(), folder / "model.onnx")
        x = np.random.default_rng(6).standard_normal((16, 3, 6, 6)).astype(np.float32)
        np.save(folder / "data/input_0.npy", x)
        np.save(folder / "data/output_0.npy", session(folder / "model.onnx").run(None, {"x": x})[0])

        model = quantized(folder, "int8", 0.03)
        onnx.checker.check_model(model)
        kinds = [node.op_type for node in model.graph.node]
        check(kinds.count("QuantizeLinear") == 3 and kinds.count("DequantizeLinear") == 8, f"int8 has {kinds}")
        check({t.name for t in model.graph.initializer}.isdisjoint({"filters", "table", "head", "bias"}), "floats were left")
        kept = quantized(folder, "int8", 0.03, "--exclude", "conv", "head")
        check([node.op_type for node in kept.graph.node].count("QuantizeLinear") == 1, "excluded nodes were quantised")
        short = quantized(folder, "int4-weights", 0.15)
        check([node.op_type for node in short.graph.node].count("MatMulNBits") == 2, "int4-weights left products")

        refused(folder, [folder / "model.onnx", "--exclude", "nowhere"], "there is no node 'nowhere'")
        onnx.save(network(opset=11), folder / "old.onnx")
        refused(folder, [folder / "old.onnx"], "onnx-opset-version")
        (folder / "cut.onnx").write_bytes((folder / "model.onnx").read_bytes()[:2000])
        refused(folder, [folder / "cut.onnx"], "error")


if __name__ == "__main__":
    main()
