"""Compares two commits: builds the command of each in a worktree of its own, and times the same models and kernels in turns.

    make bench-compare A=main~5 B=main           or
    python bench/suite/compare.py A B [--models DIR] [--turns N] [--threads 1,2] [--only WORD,…] [--out DIR]

A and B are commits, or paths of a tensorc that is built. The least of the turns counts, for what other work on the machine adds
is never less than nothing; a ratio over 1 says that B is slower. With --compile the processor seconds of compiling with an empty
cache are compared too.
"""

import argparse
import math
import os
import resource
import shutil
import subprocess
import sys
import tempfile

import suite


def command(name, out):
    """The path of a commit's tensorc, built where it is not there yet."""
    if os.path.isfile(name) and os.access(name, os.X_OK):
        return os.path.abspath(name)
    commit = subprocess.run(["git", "rev-parse", "--short", name], check=True, capture_output=True, text=True).stdout.strip()
    tree = os.path.join(out, "commits", commit)
    built = os.path.join(tree, ".build", "release", "tensorc")
    if not os.path.exists(built):
        if not os.path.isdir(tree):
            subprocess.run(["git", "worktree", "add", "--detach", tree, commit], check=True)
        print(f"building {commit}, which takes minutes", flush=True)
        subprocess.run(["swift", "build", "-c", "release", "--product", "tensorc"], cwd=tree, check=True,
                       env=dict(os.environ, TENSORC_COMMAND=built))
    return built


def compiled(tensorc, case, target):
    """Compiles with an empty cache and gives the processor seconds that it took; nil where it does not compile."""
    with tempfile.TemporaryDirectory() as cache:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([tensorc, "compile", case.model, "-o", target, "-q"], capture_output=True, text=True,
                              env=dict(os.environ, XDG_CACHE_HOME=cache))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        return None
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def least(libraries, case, threads, arguments):
    """The least time of each library over the turns, in milliseconds."""
    best = [math.inf, math.inf]
    for turn in range(arguments.turns):
        for side in (0, 1) if turn % 2 == 0 else (1, 0):
            found = suite.result(suite.bound(threads, [
                arguments.sides[side], "bench", libraries[side], "--data", case.data, "--threads", str(threads), "--json"]))
            if "error" in found:
                print(f"{case.name}: {found['error']}", file=sys.stderr)
                return None
            best[side] = min(best[side], found["min_ms"])
    return best


def compare(case, arguments, folder):
    libraries, seconds = [], []
    for side, tensorc in zip("ab", arguments.sides):
        libraries.append(os.path.join(folder, f"{side}.so"))
        seconds.append(compiled(tensorc, case, libraries[-1]))
    if None in seconds:
        print(f"| {case.name} | | does not compile by {'A' if seconds[0] is None else 'B'} | | |", flush=True)
        return []
    ratios = []
    for threads in arguments.counts:
        best = least(libraries, case, threads, arguments)
        if best:
            ratios.append(best[1] / best[0])
            print(f"| {case.name} | {threads} | {best[0]:.3f} | {best[1]:.3f} | {ratios[-1]:.3f} |", flush=True)
    if arguments.compile:
        print(f"| {case.name} | compile, s | {seconds[0]:.2f} | {seconds[1]:.2f} | {seconds[1] / seconds[0]:.3f} |", flush=True)
    return ratios


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("a")
    parser.add_argument("b")
    parser.add_argument("--models", default=".models")
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--only", default="")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--out", default=".build/bench")
    arguments = parser.parse_args()
    os.makedirs(arguments.out, exist_ok=True)
    arguments.sides = [command(name, arguments.out) for name in (arguments.a, arguments.b)]
    arguments.counts = [int(word) for word in arguments.threads.split(",")]
    print(f"A is {arguments.a}, B is {arguments.b}; the least of {arguments.turns} turns, ms.\n\n| | threads | A | B | B / A |")
    print("|---|---|---|---|---|", flush=True)
    folder = tempfile.mkdtemp(prefix="tensorc-compare-")
    try:
        ratios = [ratio for case in suite.cases(arguments) for ratio in compare(case, arguments, folder)]
    finally:
        shutil.rmtree(folder)
    if ratios:
        print(f"\nGeometric mean {math.exp(sum(map(math.log, ratios)) / len(ratios)):.3f}, the greatest {max(ratios):.3f}.")


if __name__ == "__main__":
    main()
