#!/usr/bin/env python3
"""Runs `tensorc verify` on ONNX's node tests and writes docs/onnx-coverage.md.

    .venv/bin/python scripts/onnx_coverage.py [--write | --check] [--jobs N] [PATTERN ...]

The tests are those of Debian's libonnx-testdata: one model each, most of a single node, with data. A test passes when
`tensorc verify` accepts its model on all its data with the tolerances that the command has by default. Patterns
(`'softmax*'`) choose some of them and print why each fails; --write runs all and writes the page; --check runs all and
fails where the page says otherwise. TENSORC names the command (.build/release/tensorc), ONNX_NODE_TESTS the folder.
"""

import argparse
import collections
import concurrent.futures
import fnmatch
import os
import re
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGE = os.path.join(ROOT, "docs", "onnx-coverage.md")
TESTS = os.environ.get("ONNX_NODE_TESTS", "/usr/lib/python3/dist-packages/onnx/backend/test/data/node")
TENSORC = os.environ.get("TENSORC", os.path.join(ROOT, ".build", "release", "tensorc"))
# What the project promises; --check fails below.
PROMISED = 650

# What the command says of an operator or of data, and what stands on the page instead.
WORDS = [
    (r"elements of type STRING are not supported|holds text, with which", "text: tensors are of numbers only"),
    (
        r"operator '(NonMaxSuppression|NonZero|Unique)' is not supported",
        r"operator '\1' is not supported: the size of its result depends on the data",
    ),
    (r"operator '(\w+)' is not supported", r"operator '\1' is not supported"),
]
BOUNDARY = "a list or an optional value crosses the model's boundary; a compiled function takes and gives tensors"

DRAWN = "the test expects the very numbers that NumPy drew; ONNX defines their distribution alone"

# Tests that are at fault themselves, with what is wrong with them.
FAULTY = {
    **{f"bernoulli{variant}{form}": DRAWN for variant in ["", "_double", "_seed"] for form in ["", "_expanded"]},
    **{f"training_dropout{variant}": DRAWN for variant in ["", "_default", "_default_mask", "_mask"]},
    "adam_multiple": "the test's data were made with an epsilon of 0.01, which its model does not state",
    "cast_FLOAT_to_BFLOAT16": "the test's data are truncated to bf16; rounding to nearest is what ONNX defines",
    "castlike_FLOAT_to_BFLOAT16": "the test gives an input of shape [1] where its model declares [3, 4]",
    "castlike_FLOAT_to_BFLOAT16_expanded": "the test gives an input of shape [1] where its model declares [3, 4]",
    "castlike_BFLOAT16_to_FLOAT": "the test gives an input of shape [1] where its model declares [3, 4]",
    "castlike_BFLOAT16_to_FLOAT_expanded": "the test gives an input of shape [1] where its model declares [3, 4]",
}


def names(patterns):
    found = sorted(n for n in os.listdir(TESTS) if os.path.isfile(os.path.join(TESTS, n, "model.onnx")))
    if not found:
        sys.exit(f"onnx_coverage.py: error: no node tests in {TESTS}; 'make setup' installs libonnx-testdata")
    short = [n.removeprefix("test_") for n in found]
    if not patterns:
        return short
    return [n for n in short if any(fnmatch.fnmatch(n, p) for p in patterns)]


def run(name, limit):
    """The test's name and why it fails; None where it passes."""
    folder = os.path.join(TESTS, "test_" + name)
    command = [TENSORC, "verify", "--quiet", os.path.join(folder, "model.onnx"), "--data", folder]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return name, f"it took more than {limit} s"
    if result.returncode == 0:
        return name, None
    if result.returncode == 3:
        sys.exit(result.stderr)
    if name in FAULTY:
        return name, FAULTY[name]
    return name, BOUNDARY if crosses_boundary(folder) else reason(result)


def crosses_boundary(folder):
    """Whether an input or an output of the model is no tensor."""
    import onnx

    graph = onnx.load(os.path.join(folder, "model.onnx")).graph
    return any(v.type.WhichOneof("value") != "tensor_type" for v in [*graph.input, *graph.output])


def reason(result):
    """One line that says what the command found, without the paths."""
    text = result.stderr + result.stdout
    for pattern, words in WORDS:
        if found := re.search(pattern, text):
            return found.expand(words)
    for line in text.splitlines():
        if found := re.search(r"(?:node '[^']*' (\([^)]*\)): )?error: (.*)", line):
            operator = f"{found[1][1:-1]}: " if found[1] else ""
            return operator + re.sub(r" \[([a-z0-9-]+)\]$", "", found[2])
    for line in text.splitlines():
        if "FAILED: " in line:
            return re.sub(r"output \d+ '[^']*': FAILED: ", "wrong result: ", line).split(", worst at")[0]
    if result.returncode < 0:
        return f"killed by signal {-result.returncode}"
    return "it failed and said nothing"


def run_all(chosen, jobs, limit):
    results, start = {}, time.time()
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for done, (name, why) in enumerate(pool.map(lambda n: run(n, limit), chosen), 1):
            results[name] = why
            if sys.stderr.isatty():
                passed = sum(w is None for w in results.values())
                print(f"\r{done} of {len(chosen)}, {passed} pass, {time.time() - start:.0f} s ", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return results


def operator(name):
    """The operator that a test is about; the expanded form of a function is about the function."""
    import onnx

    base = name.removesuffix("_expanded")
    folder = os.path.join(TESTS, "test_" + base)
    if not os.path.isdir(folder):
        folder = os.path.join(TESTS, "test_" + name)
    return onnx.load(os.path.join(folder, "model.onnx")).graph.node[0].op_type


def page(results):
    operators = collections.defaultdict(list)
    for name in results:
        operators[operator(name)].append(name)
    passed = sum(why is None for why in results.values())
    lines = [
        "# Coverage of ONNX",
        "",
        f"**{passed} of the {len(results)} node tests** of ONNX 1.12 (Debian's `libonnx-testdata`) pass `tensorc verify` with its default",
        "tolerances; what is not supported counts as failed. `make onnx-coverage` writes this page; `make test` runs all the",
        "tests again and fails where one says otherwise.",
        "",
        "## What does not pass, and why",
        "",
    ]
    reasons = collections.defaultdict(list)
    for name, why in results.items():
        if why is not None:
            reasons[why].append(name)
    for why, tests in sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0])):
        lines.append(f"- {why} ({len(tests)}): " + ", ".join(f"`{t}`" for t in tests))
    lines += ["", "## By operator", "", "| operator | passed | of |", "|---|---|---|"]
    for name, tests in sorted(operators.items()):
        lines.append(f"| {name} | {sum(results[t] is None for t in tests)} | {len(tests)} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("patterns", nargs="*", metavar="PATTERN")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--limit", type=int, default=60, help="seconds for each test")
    options = parser.parse_args()
    if (options.write or options.check) and options.patterns:
        parser.error("--write and --check run all tests")
    results = run_all(names(options.patterns), options.jobs, options.limit)
    passed = sum(why is None for why in results.values())
    if not (options.write or options.check):
        for name, why in results.items():
            if why is not None:
                print(f"{name}: {why}")
    print(f"{passed} of {len(results)} node tests pass")
    if options.write:
        with open(PAGE, "w", encoding="utf-8") as file:
            file.write(page(results))
    if options.check:
        with open(PAGE, encoding="utf-8") as file:
            written = file.read()
        if passed < PROMISED or written != page(results):
            for name, why in results.items():
                if why is not None and f"`{name}`" not in written:
                    print(f"{name} does not pass any more: {why}", file=sys.stderr)
            sys.exit(f"docs/onnx-coverage.md is stale, or fewer than {PROMISED} pass: run 'make onnx-coverage'")


if __name__ == "__main__":
    main()
