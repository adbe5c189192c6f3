#!/usr/bin/env python3
"""Runs `tensorc verify` on ONNX's node tests and writes docs/onnx-coverage.md.

    .venv/bin/python scripts/onnx_coverage.py [--write | --check] [--wheel] [--jobs N] [PATTERN ...]

The tests are those of Debian's libonnx-testdata: one model each, most of a single node, with data. A test passes when
`tensorc verify` accepts its model on all its data with the tolerances that the command has by default. Patterns
(`'softmax*'`) choose some of them and print why each fails; --write runs all and writes the page; --check runs all and
fails where the page says otherwise. --wheel takes the tests of the `onnx` package instead, those whose inputs and outputs
are tensors of numbers, and lists those that fail by what the command says. TENSORC names the command (.build/release/tensorc), ONNX_NODE_TESTS the folder.
"""

import argparse
import collections
import concurrent.futures
import fnmatch
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import warnings

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


def is_numeric(value):
    """Whether an input or an output of a model is a tensor of numbers."""
    import onnx

    texts = {onnx.TensorProto.STRING, onnx.TensorProto.COMPLEX64, onnx.TensorProto.COMPLEX128}
    return value.type.WhichOneof("value") == "tensor_type" and value.type.tensor_type.elem_type not in texts


def write_wheel_tests(folder, patterns):
    """Writes the tests of the onnx package in the layout of Debian's, those that a pattern names."""
    import numpy
    import onnx
    from onnx import numpy_helper

    with warnings.catch_warnings(), numpy.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        from onnx.backend.test.case.node import collect_testcases

        cases = collect_testcases(None)
    for case in cases:
        graph = case.model.graph
        name = case.name.removeprefix("test_")
        if not all(map(is_numeric, [*graph.input, *graph.output])):
            continue
        if patterns and not any(fnmatch.fnmatch(name, pattern) for pattern in patterns):
            continue
        place = os.path.join(folder, "test_" + name)
        os.makedirs(place)
        onnx.save(case.model, os.path.join(place, "model.onnx"))
        for number, (inputs, outputs) in enumerate(case.data_sets):
            data = os.path.join(place, f"test_data_set_{number}")
            os.makedirs(data)
            for values, word, infos in [(inputs, "input", graph.input), (outputs, "output", graph.output)]:
                for index, value in enumerate(values):
                    if not isinstance(value, onnx.TensorProto):
                        value = numpy_helper.from_array(numpy.asarray(value), infos[index].name)
                    with open(os.path.join(data, f"{word}_{index}.pb"), "wb") as file:
                        file.write(value.SerializeToString())


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


def imports(name, limit):
    """Whether the command takes a test's model without its data."""
    model = os.path.join(TESTS, "test_" + name, "model.onnx")
    try:
        return subprocess.run([TENSORC, "inspect", "--quiet", model], capture_output=True, timeout=limit).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def merged(tests, folder):
    """Writes one model that holds those of several tests, of the same operator sets, with the first data of each."""
    import onnx
    from onnx import compose

    whole = None
    numbers = {"input": 0, "output": 0}
    data = os.path.join(folder, "test_data_set_0")
    os.makedirs(data)
    for place, name in enumerate(tests):
        source = os.path.join(TESTS, "test_" + name)
        model = compose.add_prefix(onnx.load(os.path.join(source, "model.onnx")), f"t{place}_")
        for word, values in [("input", model.graph.input), ("output", model.graph.output)]:
            for index in range(len(values)):
                file = os.path.join(source, "test_data_set_0", f"{word}_{index}.pb")
                shutil.copy(file, os.path.join(data, f"{word}_{numbers[word]}.pb"))
                numbers[word] += 1
        if whole is None:
            whole = model
            continue
        for field in ["node", "input", "output", "initializer", "sparse_initializer"]:
            getattr(whole.graph, field).extend(getattr(model.graph, field))
        whole.functions.extend(model.functions)
    path = os.path.join(folder, "model.onnx")
    onnx.save(whole, path)
    return path


def run_merged(tests, limit):
    """The tests of a batch that pass in one model; the others are to be run alone."""
    with tempfile.TemporaryDirectory(prefix="onnx-batch-") as folder:
        command = [TENSORC, "verify", merged(tests, folder), "--data", folder]
        try:
            result = subprocess.run(command, capture_output=True, text=True, timeout=limit)
        except subprocess.TimeoutExpired:
            return set()
    if not re.search(r"output \d+ '", result.stdout):
        return set()
    failed = {int(place) for place in re.findall(r"output \d+ 't(\d+)_[^']*': FAILED", result.stdout)}
    return {name for place, name in enumerate(tests) if place not in failed}


def batches(tests, size):
    """Tests in groups whose models have the same operator sets and one set of data, and each input."""
    import onnx

    groups, alone = collections.defaultdict(list), []
    for name in tests:
        folder = os.path.join(TESTS, "test_" + name)
        model = onnx.load(os.path.join(folder, "model.onnx"))
        given = len([f for f in os.listdir(os.path.join(folder, "test_data_set_0")) if f.startswith("input_")])
        if given != len(model.graph.input) or os.path.isdir(os.path.join(folder, "test_data_set_1")):
            alone.append(name)
        else:
            groups[tuple(sorted((o.domain, o.version) for o in model.opset_import))].append(name)
    return [group[i:i + size] for group in groups.values() for i in range(0, len(group), size)] + [[n] for n in alone]


def wheel(options):
    """Runs the tests of the onnx package, many in one model, and lists what fails, by reason."""
    global TESTS
    if options.write or options.check:
        sys.exit("onnx_coverage.py: error: --wheel only lists; the page is about Debian's tests")
    with tempfile.TemporaryDirectory(prefix="onnx-tests-") as folder:
        write_wheel_tests(folder, options.patterns)
        TESTS = folder
        chosen = names([])
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            taken = [n for n, fits in zip(chosen, pool.map(lambda n: imports(n, options.limit), chosen)) if fits]
            groups = batches(taken, 30)
            passed = set().union(*pool.map(lambda group: run_merged(group, 10 * options.limit), groups))
        rest = run_all([n for n in chosen if n not in passed], options.jobs, options.limit)
    reasons = collections.defaultdict(list)
    for name, why in rest.items():
        if why is not None:
            reasons[why].append(name)
    for why, tests in sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0])):
        print(f"{len(tests)}: {why}: " + " ".join(tests))
    count = len(chosen) - sum(map(len, reasons.values()))
    print(f"{count} of {len(chosen)} node tests pass whose inputs and outputs are tensors of numbers")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("patterns", nargs="*", metavar="PATTERN")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--limit", type=int, default=60, help="seconds for each test")
    parser.add_argument("--wheel", action="store_true", help="the tests of the onnx package instead of Debian's")
    options = parser.parse_args()
    if (options.write or options.check) and options.patterns:
        parser.error("--write and --check run all tests")
    if options.wheel:
        return wheel(options)
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
