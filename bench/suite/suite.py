"""Times models and kernels: ours and each other runtime that is installed (onnxruntime, OpenVINO), in turns within one run.

    make bench                                   or
    python bench/suite/suite.py [--models DIR] [--turns N] [--threads 1,2] [--only WORD,…] [--out DIR]

Each turn runs every runtime once, in a process of its own that is bound to as many processors as it has threads. What counts is
the median of the turns' medians; the spread is from the least turn to the greatest. Writes DIR/bench.json, bench.md and bench.svg,
each with the machine and what it reaches.
"""

import argparse
import importlib.util
import json
import math
import os
import statistics
import subprocess
import sys

import chart
import kernels
import machine

HERE = os.path.dirname(os.path.abspath(__file__))


class Case:
    def __init__(self, name, folder, work=0):
        self.name, self.work = name, work
        self.model = os.path.join(folder, "model.onnx")
        self.data = os.path.join(folder, "test_data_set_0")


def cases(arguments):
    """The models of a folder, and the kernels, which are made in the output's."""
    found = []
    for name in sorted(os.listdir(arguments.models)) if os.path.isdir(arguments.models) else []:
        folder = os.path.join(arguments.models, name)
        if os.path.exists(os.path.join(folder, "model.onnx")) and os.path.isdir(os.path.join(folder, "test_data_set_0")):
            found.append(Case(name, folder))
    for kernel in kernels.all_kernels():
        found.append(Case(kernel.name, kernel.write(os.path.join(arguments.out, "kernels")), kernel.work))
    words = [word for word in arguments.only.split(",") if word]
    return [case for case in found if not words or any(word in case.name for word in words)]


def bound(threads, command):
    """The command on the first processors, as many as there are threads."""
    processors = sorted(os.sched_getaffinity(0))[:threads]
    return ["taskset", "-c", ",".join(map(str, processors))] + command


def result(command):
    """The last line of a command as JSON; why there is none otherwise."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        return {"error": lines[-1][:200] if lines else f"it ended with {done.returncode}"}
    return json.loads(done.stdout.strip().splitlines()[-1])


def turn(case, runtime, threads, arguments):
    if runtime == "tensorc":
        runs = ["--runs", "20"] if case.work == 0 else []
        command = [arguments.tensorc, "bench", case.model, "--data", case.data, "--threads", str(threads), "--json"] + runs
    else:
        command = [sys.executable, os.path.join(HERE, "peer.py"), runtime, case.model, case.data, str(threads), "0.5"]
    return result(bound(threads, command))


def measure(case, threads, runtimes, arguments):
    """For each runtime the median over the turns and the spread, in milliseconds; or its error."""
    times = {runtime: [] for runtime in runtimes}
    errors = {}
    for number in range(arguments.turns):
        for runtime in runtimes if number % 2 == 0 else reversed(runtimes):
            if runtime in errors:
                continue
            found = turn(case, runtime, threads, arguments)
            if "error" in found:
                errors[runtime] = found["error"]
            else:
                times[runtime].append(found["median_ms"])
    return {
        runtime: {"error": errors[runtime]} if runtime in errors or not values else {
            "median_ms": statistics.median(values), "least_ms": min(values), "greatest_ms": max(values)}
        for runtime, values in times.items()
    }


def row(case, threads, found):
    """A measurement with the best peer's time over ours."""
    peers = [entry["median_ms"] for name, entry in found.items() if name != "tensorc" and "median_ms" in entry]
    own = found["tensorc"].get("median_ms")
    return {"name": case.name, "threads": threads, "work": case.work, "times": found,
            "ratio": min(peers) / own if peers and own else None}


def line(entry, runtimes, peaks):
    def shown(times):
        if "error" in times:
            return "—"
        return f"{times['median_ms']:.3f} ({times['least_ms']:.3f}–{times['greatest_ms']:.3f})"
    columns = [entry["name"], str(entry["threads"])] + [shown(entry["times"][name]) for name in runtimes]
    columns.append(f"{entry['ratio']:.2f}" if entry["ratio"] else "—")
    own = entry["times"]["tensorc"].get("median_ms")
    share = entry["work"] / own * 1e-6 / peaks[entry["threads"]] if own and entry["work"] else None
    columns.append(f"{share:.0%}" if share else "")
    return "| " + " | ".join(columns) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default=".models")
    parser.add_argument("--tensorc", default=".build/release/tensorc")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--only", default="")
    parser.add_argument("--out", default=".build/bench")
    arguments = parser.parse_args()
    os.makedirs(arguments.out, exist_ok=True)
    there = machine.measure()
    runtimes = ["tensorc"] + [name for name in ("onnxruntime", "openvino") if importlib.util.find_spec(name)]
    counts = [int(word) for word in arguments.threads.split(",")]
    peaks = {count: there["fma_gflops_one"] if count == 1 else there["fma_gflops_all"] for count in counts}
    head = [machine.sentence(there), "", f"Milliseconds, median of {arguments.turns} turns (least–greatest); the ratio is the best "
            "other runtime's time over ours, the share that of the peak of multiply-adds.", "",
            "| | threads | " + " | ".join(runtimes) + " | ratio | share |", "|---|" + "---|" * (len(runtimes) + 3)]
    print("\n".join(head), flush=True)
    rows, lines = [], list(head)
    for case in cases(arguments):
        for threads in counts:
            rows.append(row(case, threads, measure(case, threads, runtimes, arguments)))
            lines.append(line(rows[-1], runtimes, peaks))
            print(lines[-1], flush=True)
    ratios = [entry["ratio"] for entry in rows if entry["ratio"]]
    if ratios:
        lines += ["", f"Geometric mean of the ratios: {math.exp(sum(map(math.log, ratios)) / len(ratios)):.2f}; "
                  f"the least {min(ratios):.2f}."]
        print(lines[-1])
    write(arguments.out, there, rows, lines)


def write(folder, there, rows, lines):
    texts = {"bench.json": json.dumps({"machine": there, "rows": rows}, indent=1) + "\n", "bench.md": "\n".join(lines) + "\n",
             "bench.svg": chart.ratios(rows, machine.sentence(there))}
    for name, text in texts.items():
        path = os.path.join(folder, name)
        with open(path + ".new", "w") as file:
            file.write(text)
        os.replace(path + ".new", path)
    print("wrote " + ", ".join(os.path.join(folder, name) for name in texts))


if __name__ == "__main__":
    main()
