"""Times operations on large arrays: tensorc, NumPy, onnxruntime, JAX and PyTorch in turns, on the same operands.

    python bench/arrays/run.py [--size 1M|64M] [--tensorc PATH] [--libraries DIR] [--threads N] [--rounds N]
                               [--seconds S] [--pause S] [--engines A,B] [--together] [--save FILE] [WORD ...]
    python bench/arrays/run.py --compile [--size …] [WORD …]     only compiles the libraries
    python bench/arrays/run.py --table FILE …                    the table of saved measurements

Wants Python with numpy, onnx, onnxruntime, jax and torch, in an environment outside the repository:

    python3 -m venv DIR && DIR/bin/pip install numpy onnx onnxruntime jax torch

Every engine is a process of its own that stays; with `--together` all are in one process and have the same arrays, because on
some machines the time depends on where an array lies (what the host did with its pages) more than on the engine. In each
round of a case the engines have their turns one after the other, each after a pause in which the threads of the last one fall
asleep; a turn is `--seconds` long, three runs at least. Results are compared with the first engine's before anything
counts. The bandwidth is that of bench/triad.c, which takes its turns over three NumPy arrays of the case's elements, with
ordinary stores. WORDs choose cases by words in their names.
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


class Arrays:
    """The operands and the result of the latest case, in memory that C's allocator gives."""

    def __init__(self):
        self.case = None

    def of(self, case):
        if case is not self.case:
            self.case = self.operands = self.result = None
            self.operands = [operand(shape, kind, seed) for seed, (_, shape, kind) in enumerate(case.inputs())]
            self.result = np.zeros(case.result(), np.int64 if case.options.get("kind") == "argmax" else np.float32)
            self.case = case
        return self.operands, self.result


class Engine:
    """Prepares cases for an engine, and runs them when asked."""

    def __init__(self, name, options, arrays):
        self.name, self.options, self.arrays, self.run = name, options, arrays, None

    def answer(self, command, value):
        try:
            return self.prepared(*value) if command == "prepare" else turn(self.run, value)
        except Exception as error:  # an engine that cannot do a case sits it out
            return f"{type(error).__name__}: {error}"[:200]

    def prepared(self, case, size):
        """Prepares a case and runs it once; a digest of the result, or None where the engine lacks the operation."""
        self.run, options = None, self.options
        if self.name == "triad":
            self.run = prepare_triad(size, options)
            return [0]
        operands, result = self.arrays.of(case)
        result.fill(0)
        if self.name == "tensorc":
            path = ours.library(case, size, options.libraries, options.tensorc)
            self.run = path and ours.prepare(operands, [result], path, options.threads)
        else:
            self.run = peers.ENGINES[self.name](case, operands, result, options.threads)
        if self.run:
            self.run()
        return self.run and digest(getattr(self.run, "result", lambda: result)())


class Here:
    """An engine in this process, asked as one in another process is."""

    def __init__(self, engine):
        self.engine, self.message = engine, None

    def send(self, message):
        self.message = message

    def recv(self):
        return self.engine.answer(*self.message)


def work(name, options, pipe):
    """The process of an engine."""
    engine = Engine(name, options, Arrays())
    while True:
        command, value = pipe.recv()
        if command == "stop":
            return
        pipe.send(engine.answer(command, value))


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
    times, first = {}, None
    for pipe in workers.values():
        pipe.send(("prepare", (case, size)))
    for engine, found in [(engine, pipe.recv()) for engine, pipe in workers.items()]:
        if not isinstance(found, list):
            print(f"  {case.name}: {engine} sits it out: {found}", file=sys.stderr)
            continue
        times[engine] = []
        if engine != "triad":
            first = first or (engine, found)
            if not agrees(found, first[1]):
                sys.exit(f"{case.name}: {engine} has another result than {first[0]}: {found[:4]}, {first[1][:4]}")
    for _ in range(options.rounds):
        for engine in times:
            time.sleep(options.pause)
            pipe = workers[engine]
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
    parser.add_argument("--together", action="store_true")
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
    names = options.engines.split(",") + ["triad"]
    arrays = Arrays()
    workers = {name: Here(Engine(name, options, arrays)) if options.together else start(name, options) for name in names}
    saved = {"size": options.size, "threads": options.threads, "versions": versions(), "cases": []}
    for case in chosen:
        times = measure(case, options.size, workers, options)
        bandwidth = 12e-6 * cases.SIZES[options.size] / statistics.median(times.pop("triad"))
        saved["cases"].append({"name": case.name, "bytes": case.bytes, "triad": bandwidth, "times": times})
        report(saved["cases"][-1])
        if options.save:
            with open(options.save, "w") as file:
                json.dump(saved, file)
    for pipe in workers.values():
        pipe.send(("stop", None))


def start(name, options):
    """A pipe to a new process of an engine."""
    here, there = multiprocessing.Pipe()
    multiprocessing.get_context("spawn").Process(target=work, args=(name, options, there), daemon=True).start()
    return here


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
