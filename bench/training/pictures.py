#!/usr/bin/env python3
"""Times training steps of samples/mlp or samples/cnn and of the same networks in PyTorch, eager and by torch.compile, and in JAX,
in turns within one run; tells the time of each one's first step, compiling included, and its memory.

    make mlp ARGS='--epochs 1'; make cnn ARGS='--passes 1'              build the samples
    bench/training/pictures.py cnn --torch VENV/bin/python --jax VENV/bin/python          (--rounds 7; or mlp)

Each one is a process of its own, so that a venv with either is enough; all have two threads. Batch, network, dropout, loss, clipping
and optimiser are those of the sample; the peers take steps on one batch of random numbers, ours reads its batches. Caches of compiled
code are empty folders. Memory is the greatest resident set (VmHWM): what the process has beyond its state before the network was made,
libraries loaded and ours with its pictures read, and as a whole. The C compiler that ours calls is a process of its own, and so are
torch.compile's workers.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

from timed import Process

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = {"mlp": ["mlp", "--epochs", "1", "--timed"], "cnn": ["cnn", "--timed"]}


def commands(options):
    yield "tensorc", [ROOT / ".build/release" / SAMPLES[options.network][0], *SAMPLES[options.network][1:]]
    here = ROOT / "bench/training"
    if options.torch:
        torch = [options.torch, here / "pictures_torch.py", options.network]
        yield "PyTorch", torch
        if options.network == "cnn":
            yield "channels last", [*torch, "--channels-last"]
        yield "torch.compile", [*torch, "--compile"]
    if options.jax:
        yield "JAX", [options.jax, here / "pictures_jax.py", options.network]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", choices=sorted(SAMPLES))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--torch", help="a python that has torch")
    parser.add_argument("--jax", help="a python that has jax")
    options = parser.parse_args()
    processes = {}
    with tempfile.TemporaryDirectory() as caches:
        for name, words in commands(options):
            try:
                own = f"{caches}/{name.replace(' ', '-')}"
                processes[name] = Process(
                    words, {"XDG_CACHE_HOME": own, "TORCHINDUCTOR_CACHE_DIR": f"{own}/inductor", "OMP_NUM_THREADS": "2"})
            except (OSError, RuntimeError) as error:
                print(f"{name} is left out: it {error}")
        for _ in range(options.rounds):
            for process in processes.values():
                process.steps()
        for name, process in processes.items():
            peak = process.peak()
            print(
                f"{name:14} {statistics.median(process.times):8.2f} ms a step (median of {options.rounds}; least "
                f"{min(process.times):.2f}), first {process.first:.1f} s, {(peak - process.start) / 1e6:.0f} MB of {peak / 1e6:.0f}")
            process.end()


if __name__ == "__main__":
    main()
