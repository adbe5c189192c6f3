"""Times operations on large arrays: tensorc, NumPy, onnxruntime, JAX and PyTorch in turns, on the same operands.

    python bench/arrays/run.py [--size 1M|64M] [--tensorc PATH] [--libraries DIR] [--threads N] [--rounds N]
                               [--seconds S] [--engines A,B] [--save FILE] [WORD ...]
    python bench/arrays/run.py --compile [--size …] [WORD …]     only compiles the libraries
    python bench/arrays/run.py --table FILE …                    the table of saved measurements

Wants Python with numpy, onnx, onnxruntime, jax and torch, in an environment outside the repository:

    python3 -m venv DIR && DIR/bin/pip install numpy onnx onnxruntime jax torch

Every engine is a process of its own that stays. In each round of a case the engines have their turns one after the other, each
after a pause in which the threads of the last one fall asleep; a turn is `--seconds` long, three runs at least. Results
are compared with NumPy's before anything counts. The bandwidth is that of bench/triad.c, which takes its turns in a process
of its own over three NumPy arrays of the case's elements, with ordinary stores. WORDs choose cases by words in their names.
"""

import argparse
import ctypes
import importlib.metadata
import json
import multiprocessing
import os
import platform
import statistics
import subprocess
import sys
import time

import numpy as np

import cases
import ours
import peers

HERE = os.path.dirname(os.path.abspath(__file__))
NAMES = ["tensorc", "numpy", "onnxruntime", "jax", "torch"]


def operand(shape, kind, seed):
    random = np.random.default_rng(seed)
    if kind != "f32":
        return random.integers(0, kind, shape)
    made = random.random(shape, dtype=np.float32)
    made *= 2
    made -= 1
    return made


def prepare(engine, case, size, options):
    """A function that runs the case once in an engine, and the array that then holds the result."""
    if engine == "triad":
        return prepare_triad(size, options), np.zeros(1)
    arrays = [operand(shape, kind, seed) for seed, (_, shape, kind) in enumerate(case.inputs())]
    place = case.options.get("kind") == "argmax"
    result = np.zeros(case.result(), np.int64 if place else np.float32)
    if engine == "tensorc":
        path = ours.library(case, size, options.libraries, options.tensorc)
        return path and ours.prepare(case, arrays, result, path, options.threads), result
    return peers.ENGINES[engine](case, arrays, result, options.threads), result


def work(engine, options, pipe):
    """The process of an engine: prepares cases, and runs them when asked."""
    run = None
    while True:
        command, value = pipe.recv()
        if command == "stop":
            return
        try:
            if command == "prepare":
                run = result = None
                run, result = prepare(engine, value[0], value[1], options)
                if run:
                    run()
                    pipe.send(digest(getattr(run, "result", lambda: result)()))
                else:
                    pipe.send(None)
            else:
                pipe.send(turn(run, value))
        except Exception as error:  # an engine that cannot do a case sits it out
            pipe.send(f"{type(error).__name__}: {error}"[:200])


def digest(result):
    """A few numbers that differ where results do."""
    flat = np.asarray(result).reshape(-1)
    some = flat[:: max(1, flat.size // 1009)].astype(np.float64)
    return [float(flat.sum(dtype=np.float64)), float(np.abs(flat[:1 << 20]).sum(dtype=np.float64))] + some.tolist()


def turn(run, seconds):
    times = []
    end = time.perf_counter() + seconds
    run()
    while len(times) < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1e3)
        if len(times) >= 3 and sum(times) > 4000 * seconds:
            break
    return times


def agrees(mine, reference):
    mine, reference = np.array(mine), np.array(reference)
    return mine.shape == reference.shape and np.allclose(mine, reference, rtol=1e-3, atol=1e-3 * abs(reference).max() + 1e-4)


def measure(case, size, workers, options):
    times = {}
    for engine, (_, pipe) in workers.items():
        pipe.send(("prepare", (case, size)))
    digests = {engine: pipe.recv() for engine, (_, pipe) in workers.items()}
    for engine, found in digests.items():
        if not isinstance(found, list):
            print(f"  {case.name}: {engine} sits it out: {found}", file=sys.stderr)
        elif engine != "triad" and "numpy" in digests and not agrees(found, digests["numpy"]):
            sys.exit(f"{case.name}: the result of {engine} differs from numpy's: {found[:4]}, {digests['numpy'][:4]}")
        else:
            times[engine] = []
    for _ in range(options.rounds):
        for engine in times:
            time.sleep(options.pause)
            pipe = workers[engine][1]
            pipe.send(("run", options.seconds))
            answer = pipe.recv()
            if isinstance(answer, str):
                sys.exit(f"{case.name}, {engine}: {answer}")
            times[engine] += answer
    return times


def prepare_triad(size, options):
    """A function that runs bench/triad.c once over three arrays of a size."""
    library = os.path.join(options.libraries, "triad.so")
    source = os.path.join(HERE, "..", "triad.c")
    if not os.path.exists(library) or os.path.getmtime(library) < os.path.getmtime(source):
        os.makedirs(options.libraries, exist_ok=True)
        command = ["clang", "-O3", "-march=native", "-fopenmp", "-fPIC", "-shared", source, "-o", library]
        subprocess.run(command, check=True)
    triad = ctypes.CDLL(os.path.abspath(library)).triad
    elements = cases.SIZES[size]
    arrays = [np.ones(elements, np.float32) for _ in range(3)]
    pointers = [ctypes.c_void_p(array.ctypes.data) for array in arrays]
    return lambda: (triad(*pointers, ctypes.c_long(elements), options.threads), arrays)[0]


def versions():
    found = {name: importlib.metadata.version(name) for name in ("numpy", "onnxruntime", "jax", "torch")}
    return {**found, "python": platform.python_version()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=list(cases.SIZES), default="1M")
    parser.add_argument("--tensorc", default=".build/debug/tensorc")
    parser.add_argument("--libraries", default=".build/arrays")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.15)
    parser.add_argument("--pause", type=float, default=0.25)
    parser.add_argument("--engines", default=",".join(NAMES))
    parser.add_argument("--save")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--table", nargs="+")
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    if options.table:
        import table
        return table.write(options.table)
    wanted = options.words
    chosen = [case for case in cases.cases(options.size) if not wanted or any(word in case.name for word in wanted)]
    if options.compile:
        for case in chosen:
            ours.library(case, options.size, options.libraries, options.tensorc)
        return
    compare(chosen, options)


def compare(chosen, options):
    workers = {}
    for engine in options.engines.split(",") + ["triad"]:
        here, there = multiprocessing.Pipe()
        process = multiprocessing.get_context("spawn").Process(target=work, args=(engine, options, there), daemon=True)
        process.start()
        workers[engine] = (process, here)
    saved = {"size": options.size, "threads": options.threads, "versions": versions(), "cases": []}
    for case in chosen:
        times = measure(case, options.size, workers, options)
        bandwidth = 12e-6 * cases.SIZES[options.size] / statistics.median(times.pop("triad"))
        saved["cases"].append({"name": case.name, "bytes": case.bytes, "triad": bandwidth, "times": times})
        report(saved["cases"][-1])
        if options.save:
            with open(options.save, "w") as file:
                json.dump(saved, file)
    for _, pipe in workers.values():
        pipe.send(("stop", None))


def report(found):
    medians = {engine: statistics.median(times) for engine, times in found["times"].items()}
    others = [median for engine, median in medians.items() if engine != "tensorc"]
    mine = medians.get("tensorc")
    ratio = f"{mine / min(others):.2f}" if mine and others else ""
    bandwidth = f"{found['bytes'] / mine / 1e6:.1f} GB/s of {found['triad']:.1f}" if mine else ""
    line = "  ".join(f"{engine} {median:.3f}" for engine, median in medians.items())
    print(f"{found['name']:28} {line}  ratio {ratio}  {bandwidth}", flush=True)


if __name__ == "__main__":
    main()
