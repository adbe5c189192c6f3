#!/usr/bin/env python3
"""`--precision`: products in bf16 are held to NumPy, `mixed` to what it measures, and mistakes to their messages.

    python scripts/acceptance/precision.py
"""

import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMAND = ROOT / ".build" / "release" / "tensorc"


def tensorc(*words):
    return subprocess.run([str(COMMAND), *map(str, words)], capture_output=True, text=True)


def check(condition, message):
    if not condition:
        sys.exit(f"precision.py: {message}")


def rounded(x):
    """To bf16, to nearest, halves to even."""
    bits = np.ascontiguousarray(x, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000).view(np.float32)


def weights():
    """Columns of `even` add up to nearly nothing, so that a product with what is nearly constant loses most of its digits."""
    random = np.random.default_rng(7)
    even = random.standard_normal((64, 40)).astype(np.float32)
    return {
        "filters": (random.standard_normal((8, 3, 3, 3)) * 0.2).astype(np.float32),
        "shift": random.standard_normal(8).astype(np.float32),
        "table": (random.standard_normal((8 * 36, 64)) * 0.01).astype(np.float32),
        "even": even - even.mean(axis=0),
        "head": (random.standard_normal((10, 40)) * 0.2).astype(np.float32),
        "bias": random.standard_normal(10).astype(np.float32), "much": np.float32(1000),
    }


def network(w):
    nodes = [
        helper.make_node("Conv", ["x", "filters", "shift"], ["c"], name="conv", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node("Flatten", ["r"], ["f"]),
        helper.make_node("MatMul", ["f", "table"], ["m"], name="product"),
        helper.make_node("Add", ["m", "much"], ["a"]),
        helper.make_node("MatMul", ["a", "even"], ["e"], name="cancelling"),
        helper.make_node("Tanh", ["e"], ["t"]),
        helper.make_node("Gemm", ["t", "head", "bias"], ["y"], name="head", transB=1),
    ]
    graph = helper.make_graph(
        nodes, "network", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, 6, 6])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 10])],
        [numpy_helper.from_array(value, name) for name, value in w.items()])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def reference(x, w, exact=()):
    """The network with the operands of products rounded, but for those that are named; sums in f64."""
    def operands(name, *parts):
        return [np.float64(part if name in exact else rounded(part)) for part in parts]

    a, f = operands("conv", np.pad(x, [(0, 0), (0, 0), (1, 1), (1, 1)]), w["filters"])
    windows = np.lib.stride_tricks.sliding_window_view(a, (3, 3), axis=(2, 3))
    c = np.einsum("nchwij,ocij->nohw", windows, f) + w["shift"].reshape(1, -1, 1, 1)
    hidden = np.maximum(c, 0).astype(np.float32).reshape(len(x), -1)
    a, f = operands("product", hidden, w["table"])
    hidden = (a @ f).astype(np.float32) + w["much"]
    a, f = operands("cancelling", hidden, w["even"])
    a, f = operands("head", np.tanh(a @ f).astype(np.float32), w["head"].T)
    return (a @ f + w["bias"]).astype(np.float32)


def main():
    with tempfile.TemporaryDirectory() as directory:
        place = pathlib.Path(directory)
        model, w = place / "network.onnx", weights()
        onnx.save(network(w), model)
        x = np.random.default_rng(8).standard_normal((5, 3, 6, 6)).astype(np.float32)

        def verify(expected, *words, tolerance="2e-3"):
            np.save(place / "input_0.npy", x)
            np.save(place / "output_0.npy", expected)
            # A sum that falls on the other side of a border between two bf16 moves one operand of the next product by 2^-8.
            return tensorc("verify", model, "--data", place, "--rtol", tolerance, "--atol", tolerance, *words)

        everything = ("conv", "product", "cancelling", "head")
        found = verify(reference(x, w, everything))
        check(found.returncode == 0, f"f32 is not what NumPy computes:\n{found.stdout}")
        found = verify(reference(x, w), "--precision", "bf16")
        check(found.returncode == 0, f"bf16 is not what NumPy computes from rounded operands:\n{found.stdout}")
        check(verify(reference(x, w, everything), "--precision", "bf16").returncode == 1, "bf16 cannot be told from f32")
        found = verify(reference(x, w, ("cancelling",)), "--precision", "mixed:0.02")
        check(found.returncode == 0, f"mixed does not leave the product that cancels in f32:\n{found.stdout}")

        # Two parts of 1000 are off by up to 1000 * 2^-17, of which 'cancelling' leaves some hundredths; with three it is f32's own error.
        exact = reference(x, w, everything)
        found = verify(exact, "--precision", "bf16x3", tolerance="0.1")
        check(found.returncode == 0, f"bf16x3 is not near f32:\n{found.stdout}")
        check(verify(exact, "--precision", "bf16x3").returncode == 1, "bf16x3 cannot be told from f32")
        found = verify(exact, "--precision", "bf16x6")
        check(found.returncode == 0, f"bf16x6 is not f32:\n{found.stdout}")
        shown = tensorc("inspect", model, "--precision", "bf16x6").stdout
        check("4 in bf16x6, 0 in f32" in shown, f"inspect says:\n{shown}")

        shown = tensorc("inspect", model, "--precision", "mixed:0.02", "--precision-data", place).stdout
        check("3 in bf16, 1 in f32" in shown and "f32: e f32[n, 40]" in shown, f"inspect says:\n{shown}")
        shown = tensorc("inspect", model, "--precision", "bf16").stdout
        check("4 in bf16, 0 in f32" in shown, f"inspect says:\n{shown}")

        library = place / "network.so"
        check(tensorc("compile", model, "-o", library, "--precision", "bf16").returncode == 0, "compile fails")
        outputs = []
        for threads in (1, 2, 4):
            tensorc("run", library, "--inputs", place, "--threads", threads, "--outputs", place / f"out{threads}")
            outputs.append((place / f"out{threads}" / "output_0.npy").read_bytes())
        check(outputs[0] == outputs[1] == outputs[2], "the number of threads changes bits")

        # With matrix registers: the C must compile, whatever this machine is.
        made = tensorc("compile", model, "-o", place / "tiles", "--emit", "c,s", "--precision", "bf16", "--target", "x86-64-v4+amx")
        check(made.returncode == 0, f"for matrix registers:\n{made.stderr}")
        check("tc_multiply_tiles(" in (place / "tiles.c").read_text(), "no product is made by matrix registers")
        check("tdpbf16ps" in (place / "tiles.S").read_text(), "the code has no instruction for matrix registers")

        tensorc("compile", model, "-o", place / "late.tir", "--stop-after", "layout")
        for words, message in [
            (("compile", model, "-o", library, "--precision", "mixed:0.1"), "[precision-data]"),
            (("compile", model, "-o", library, "--precision", "f16"), "precision"),
            (("opt", place / "late.tir", "--start-from", "fuse", "--precision", "bf16"), "[start-stage]"),
            (("verify", library, "--data", place, "--precision", "bf16"), "need a model"),
        ]:
            found = tensorc(*words)
            check(found.returncode != 0 and message in found.stderr, f"{words} gives: {found.stderr}")
    print("products in bf16 are NumPy's, mixed keeps what cancels in f32, bits hold for 1, 2 and 4 threads")


main()
