"""Times the cases of row-bench in ONNX Runtime and NumPy, with two threads; prints one line for each case.

Usage: python peers.py [THREADS]. The shapes are those of run/main.swift.
"""

import sys
import time

import numpy as np
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

THREADS = int(sys.argv[1]) if len(sys.argv) > 1 else 2
RNG = np.random.default_rng(1)


def least(run, seconds=1.5):
    """The least time of a call in milliseconds."""
    run()
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best * 1e3


def session(nodes, inputs, constants=()):
    """A session for a graph whose result is `y`, with inputs and output bound."""
    types = {np.dtype("float32"): TensorProto.FLOAT, np.dtype("int64"): TensorProto.INT64}
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info(k, types[v.dtype], v.shape) for k, v in inputs.items()],
        [helper.make_empty_tensor_value_info("y")],
        [numpy_helper.from_array(v, k) for k, v in constants],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    options = ort.SessionOptions()
    options.intra_op_num_threads = THREADS
    made = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    binding = made.io_binding()
    for name, value in inputs.items():
        binding.bind_ortvalue_input(name, ort.OrtValue.ortvalue_from_numpy(value))
    result = made.run(None, inputs)[0]
    binding.bind_ortvalue_output("y", ort.OrtValue.ortvalue_from_numpy(np.empty_like(result)))
    return lambda: made.run_with_iobinding(binding)


def sample(*shape):
    return RNG.random(shape, dtype=np.float32) * 2 - 1


def node(op, inputs, **attributes):
    return [helper.make_node(op, inputs, ["y"], **attributes)]


def axes(*numbers):
    return [("axes", np.array(numbers, dtype=np.int64))]


def exporter_norm():
    make = helper.make_node
    return [
        make("ReduceSum", ["x", "axes"], ["s"], keepdims=0),
        make("Mul", ["x", "x"], ["xx"]),
        make("ReduceSum", ["xx", "axes"], ["q"], keepdims=0),
        make("Mul", ["s", "k"], ["m"]),
        make("Mul", ["q", "k"], ["sq"]),
        make("Mul", ["m", "m"], ["mm"]),
        make("Sub", ["sq", "mm"], ["v"]),
        make("Max", ["v", "zero"], ["v0"]),
        make("Add", ["v0", "eps"], ["ve"]),
        make("Sqrt", ["ve"], ["d"]),
        make("Reciprocal", ["d"], ["f"]),
        make("Mul", ["m", "f"], ["mf"]),
        make("Unsqueeze", ["f", "axes"], ["fw"]),
        make("Unsqueeze", ["mf", "axes"], ["mw"]),
        make("Mul", ["x", "fw"], ["xf"]),
        make("Sub", ["xf", "mw"], ["y"]),
    ]


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def layer_norm(x, s, b):
    c = x - x.mean(-1, keepdims=True)
    return c / np.sqrt((c * c).mean(-1, keepdims=True) + 1e-5) * s + b


def cases():
    x = sample(128, 1000)
    yield "softmax 128x1000", session(node("Softmax", ["x"], axis=-1), {"x": x}), lambda: softmax(x)
    h = sample(48, 128, 128)
    yield "softmax 48x128x128", session(node("Softmax", ["x"], axis=-1), {"x": h}), lambda: softmax(h)
    l, s, b = sample(4096, 384), sample(384), sample(384)
    norm = session(node("LayerNormalization", ["x", "s", "b"], axis=-1), {"x": l, "s": s, "b": b})
    yield "layer norm 4096x384", norm, lambda: layer_norm(l, s, b)
    e = sample(8, 512, 256)
    constants = axes(1) + [(k, np.float32(v)) for k, v in [("k", 1 / 512), ("zero", 0), ("eps", 1e-5)]]
    yield "exporter norm 8x512x256", session(exporter_norm(), {"x": e}, constants), None
    v = sample(16_777_216)
    yield "sum 16M", session(node("ReduceSum", ["x", "axes"]), {"x": v}, axes(0)), lambda: v.sum()
    q = sample(4096, 4096)
    for name, axis in [("rows", 1), ("columns", 0)]:
        run = session(node("ReduceSum", ["x", "axes"], keepdims=0), {"x": q}, axes(axis))
        yield f"sum 4096x4096 {name}", run, lambda axis=axis: q.sum(axis)
    n = sample(50_000, 32)
    yield "sum 50000x32 columns", session(node("ReduceSum", ["x", "axes"]), {"x": n}, axes(0)), lambda: n.sum(0)
    m = sample(1000, 1000)
    yield "max 1000x1000", session(node("ReduceMax", ["x", "axes"]), {"x": m}, axes(1)), lambda: m.max(1)
    yield "argmax 1000x1000", session(node("ArgMax", ["x"], axis=1), {"x": m}), lambda: m.argmax(1)
    out = np.empty_like(q)
    yield "transpose 4096x4096", session(node("Transpose", ["x"], perm=[1, 0]), {"x": q}), lambda: np.copyto(out, q.T)
    c = sample(8, 56, 56, 64)
    moved = np.empty((8, 64, 56, 56), np.float32)
    run = session(node("Transpose", ["x"], perm=[0, 3, 1, 2]), {"x": c})
    yield "transpose 8x56x56x64 to channels first", run, lambda: np.copyto(moved, c.transpose(0, 3, 1, 2))
    parts = [sample(8, 32, 56, 56) for _ in range(4)]
    named = {f"x{i}": part for i, part in enumerate(parts)}
    run = session(node("Concat", list(named), axis=1), named)
    yield "concat 4x(8x32x56x56)", run, lambda: np.concatenate(parts, 1)
    p = sample(64, 56, 56)
    pads = [("pads", np.array([0, 1, 1, 0, 1, 1], dtype=np.int64))]
    yield "pad 64x56x56 by 1", session(node("Pad", ["x", "pads"]), {"x": p}, pads), lambda: np.pad(p, [(0, 0), (1, 1), (1, 1)])
    table, places = sample(30_000, 384), RNG.integers(0, 30_000, 4096)
    run = session(node("Gather", ["x", "i"], axis=0), {"x": table, "i": places})
    yield "gather 4096 of 30000x384", run, lambda: table[places]


for name, runtime, numpy in cases():
    print(f"{name}\t{least(runtime):.4f}\t{least(numpy) if numpy else float('nan'):.4f}", flush=True)
