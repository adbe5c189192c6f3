"""Times the greatest k elements of rows, and where they stand: tensorc, onnxruntime and PyTorch in turns, in one process.

    python bench/arrays/selection.py [--tensorc PATH] [--libraries DIR] [--threads N] [--rounds N]

Wants the environment of run.py. Prints medians in milliseconds, and the ratio to the faster peer; results must be equal.
"""

import argparse
import statistics
import time

import numpy as np

import ours
from run import turn

CASES = [(1, 50257, 50), (8, 50257, 50), (64, 1000, 5), (1, 8400, 300), (16, 8400, 300), (1, 1000000, 10), (1000, 100, 10)]


def text(rows, width, k):
    """In the text form of the tensor IR."""
    types = f"f32[{rows}, {k}], i64[{rows}, {k}]"
    call = f"%values, %places = top_k %x {{count: {k}, axis: 1, largest: true}} : {types}"
    return f"func @top(%x: f32[{rows}, {width}]) -> ({types}) {{\n  {call}\n  return %values, %places\n}}\n"


def onnxruntime_case(x, k, threads):
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    count = numpy_helper.from_array(np.array([k], np.int64), "k")
    results = [helper.make_empty_tensor_value_info(name) for name in ("values", "places")]
    operand = helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)
    graph = helper.make_graph([helper.make_node("TopK", ["x", "k"], ["values", "places"])], "g", [operand], results, [count])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9).SerializeToString()
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    binding = session.io_binding()
    binding.bind_cpu_input("x", x)
    for name in ("values", "places"):
        binding.bind_output(name)
    return lambda: session.run_with_iobinding(binding), binding.copy_outputs_to_cpu


def measure(runs, rounds):
    """The median of each function's times, in turns."""
    times = [[] for _ in runs]
    for _ in range(rounds):
        for run, own in zip(runs, times):
            time.sleep(0.03)
            own += turn(run, 0.05)
    return [statistics.median(own) for own in times]


def main():
    import torch
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tensorc", default=".build/debug/tensorc")
    parser.add_argument("--libraries", default=".build/arrays")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=8)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(f"| {'rows':>4} | {'width':>7} | {'k':>3} | tensorc, ms | onnxruntime, ms | torch, ms | ratio |")
    print("|---" * 7 + "|")
    for rows, width, k in CASES:
        x = np.random.default_rng(0).standard_normal((rows, width), dtype=np.float32)
        results = [np.zeros((rows, k), np.float32), np.zeros((rows, k), np.int64)]
        path = ours.compiled(f"top-{k}-of-{rows}-{width}", text(rows, width, k), options.libraries, options.tensorc)
        mine = ours.prepare([x], results, path, options.threads)
        theirs, outputs = onnxruntime_case(x, k, options.threads)
        theirs()
        if not all(np.array_equal(a, b) for a, b in zip(results, outputs())):
            raise SystemExit(f"{rows} rows of {width}: results differ from onnxruntime's")
        operand = torch.from_numpy(x)
        own, *peers = measure([mine, theirs, lambda: torch.topk(operand, k)], options.rounds)
        cells = f"{own:11.4f} | {peers[0]:15.4f} | {peers[1]:9.4f} | {own / min(peers):5.2f}"
        print(f"| {rows:4} | {width:7} | {k:3} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
