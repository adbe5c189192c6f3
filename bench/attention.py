#!/usr/bin/env python3
"""Times attention as exporters write it, in turns with onnxruntime and OpenVINO, and with PyTorch's operation, as far as they are installed.

    VENV/bin/python bench/attention.py FOLDER [--lengths 128,512] [--turns 5] [--threads 2]

8 heads, 64 wide. The models are written to FOLDER: products, a mask that lets queries see what is before them or none, a softmax.
"""

import argparse
import importlib.util
import os
import statistics
import subprocess
import sys
import time

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "suite"))
import kernels  # noqa: E402
import suite  # noqa: E402


def model(folder, length, causal):
    kernel = kernels.Kernel(f"attention {length}{' causal' if causal else ''}", 4 * 8 * length * length * 64)
    q, k, v = (kernel.given(1, 8, length, 64) for _ in range(3))
    scores = kernel.node("Mul", kernel.node("MatMul", q, kernel.node("Transpose", k, perm=[0, 1, 3, 2])),
                         kernel.constant(np.float32(0.125)))
    if causal:
        scores = kernel.node("Add", scores, kernel.constant(np.triu(np.full((length, length), -np.inf, np.float32), 1)))
    kernel.node("MatMul", kernel.node("Softmax", scores, axis=-1), v)
    return suite.Case(kernel.name, kernel.write(folder), kernel.work)


def torch_turn(length, causal, threads):
    code = f"""
import statistics, time, torch
torch.set_num_threads({threads})
q, k, v = (torch.randn(1, 8, {length}, 64) for _ in range(3))
run = lambda: torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal={causal})
times, until = [], time.perf_counter() + 0.7
with torch.no_grad():
    for _ in range(5): run()
    while time.perf_counter() < until or len(times) < 5:
        start = time.perf_counter(); run(); times.append((time.perf_counter() - start) * 1e3)
import json
print(json.dumps({{"median_ms": statistics.median(times)}}))
"""
    python = os.environ.get("TORCH_PYTHON", sys.executable)
    return suite.result(suite.bound(threads, [python, "-c", code]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--lengths", default="128,256,512,1024,2048,4096")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tensorc", default=".build/release/tensorc")
    arguments = parser.parse_args()
    runtimes = ["tensorc", "onnxruntime"] + (["openvino"] if importlib.util.find_spec("openvino") else []) + ["PyTorch"]
    print("| length | " + " | ".join(runtimes) + " | best / ours |\n|" + "---|" * (len(runtimes) + 2), flush=True)
    for length in map(int, arguments.lengths.split(",")):
        for causal in (False, True):
            case = model(arguments.folder, length, causal)
            times = {runtime: [] for runtime in runtimes}
            for number in range(arguments.turns):
                for runtime in runtimes if number % 2 == 0 else reversed(runtimes):
                    found = (torch_turn(length, causal, arguments.threads) if runtime == "PyTorch"
                             else suite.turn(case, runtime, arguments.threads, arguments))
                    if "median_ms" in found:
                        times[runtime].append(found["median_ms"])
                    elif number == 0:
                        print(f"{runtime}: {found['error']}", file=sys.stderr)
            medians = [statistics.median(times[runtime]) if times[runtime] else float("nan") for runtime in runtimes]
            best = np.nanmin(medians[1:])
            print(f"| {length}{', causal' if causal else ''} | " + " | ".join(f"{value:.3f}" for value in medians)
                  + f" | {best / medians[0]:.2f} |", flush=True)


if __name__ == "__main__":
    main()
