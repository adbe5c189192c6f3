"""Times the trained models against onnxruntime: whole processes in turns, so that neither's waiting threads disturb the other.

    python bench/models.py [--models DIR] [--tensorc PATH] [--rounds N] [NAME ...]

Each round runs `tensorc bench` and then onnxruntime on the same data set, with the same number of threads, for one thread and
for two. Prints a table of medians and minima over all rounds, in milliseconds, and the ratio of the medians. Wants numpy, onnx and
onnxruntime; the models are those of scripts/models.py.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

NAMES = ["magika", "efficientnet-lite0", "silero-vad-static", "silero-vad-sequence"]


def time_peer(model, data, threads):
    """The child process: onnxruntime with all optimisations, inputs bound beforehand, warmed up."""
    import numpy
    import onnx
    import onnxruntime
    from onnx import numpy_helper

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    binding = session.io_binding()
    for number, value in enumerate(session.get_inputs()):
        array = numpy_helper.to_array(onnx.load_tensor(os.path.join(data, f"input_{number}.pb")))
        binding.bind_cpu_input(value.name, numpy.ascontiguousarray(array))
    for value in session.get_outputs():
        binding.bind_output(value.name)
    times = []
    until = time.perf_counter() + 2
    for turn in range(100000):
        start = time.perf_counter()
        session.run_with_iobinding(binding)
        end = time.perf_counter()
        if turn >= 10:
            times.append((end - start) * 1e3)
        if end > until and len(times) >= 20:
            break
    print(json.dumps({"median_ms": statistics.median(times), "min_ms": min(times)}))


def last_line(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def measure(name, threads, arguments):
    model = os.path.join(arguments.models, name, "model.onnx")
    data = os.path.join(arguments.models, name, "test_data_set_0")
    ours, theirs = [], []
    for _ in range(arguments.rounds):
        ours.append(
            last_line([arguments.tensorc, "bench", model, "--data", data, "--threads", str(threads), "--json"]))
        theirs.append(last_line([sys.executable, __file__, "--peer", model, data, str(threads)]))
    return ours, theirs


def main():
    if len(sys.argv) > 1 and sys.argv[1] == "--peer":
        return time_peer(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default=".models")
    parser.add_argument("--tensorc", default=".build/release/tensorc")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("names", nargs="*", default=NAMES)
    arguments = parser.parse_args()
    print("| model | threads | tensorc, median (least) ms | onnxruntime, median (least) ms | ratio | load ms | compile ms |")
    print("|---|---|---|---|---|---|---|")
    for name in arguments.names:
        for threads in (1, 2):
            ours, theirs = measure(name, threads, arguments)
            own = min(result["median_ms"] for result in ours)
            peer = min(result["median_ms"] for result in theirs)
            print(
                f"| {name} | {threads} | {own:.3f} ({min(r['min_ms'] for r in ours):.3f}) | {peer:.3f} "
                f"({min(r['min_ms'] for r in theirs):.3f}) | {own / peer:.2f} | {min(r['load_ms'] for r in ours):.1f} "
                f"| {ours[0]['compile_ms']:.0f} |", flush=True)


if __name__ == "__main__":
    main()
