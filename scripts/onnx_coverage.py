#!/usr/bin/env python3
"""Runs `tensorc verify` on ONNX's node tests and writes docs/onnx-coverage.md.

    .venv/bin/python scripts/onnx_coverage.py [--write | --check] [--wheel] [--jobs N] [PATTERN ...]

The tests are those of Debian's libonnx-testdata: one model each, most of a single node, with data. A test passes when
`tensorc verify` accepts its model on all its data with the tolerances that the command has by default. Patterns
(`'softmax*'`) choose some of them and print why each fails; --write runs all and writes the page; --check runs all and
fails where the page says otherwise. --wheel takes the tests of the `onnx` package instead, those whose inputs and outputs
are tensors of numbers, and lists those that fail by what the command says. Tests whose numbers are drawn are held to type, shape, range and
moments over many draws. TENSORC names the command (.build/release/tensorc), ONNX_NODE_TESTS the folder.
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
# Whether they are those of the onnx package, which are held to its runner's tolerances.
IS_WHEEL = False
# What the project promises; --check fails below.
PROMISED = 885

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

# Tests that expect the very numbers that NumPy drew; ONNX defines their distribution alone, which they are held to.
DRAWN = {
    *(f"bernoulli{variant}{form}" for variant in ["", "_double", "_seed"] for form in ["", "_expanded"]),
    *(f"training_dropout{variant}" for variant in ["", "_default", "_default_mask", "_mask"]),
}

# Tests that are at fault themselves, with what is wrong with them.
FAULTY = {
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
    if name in DRAWN:
        return name, drawn(folder, limit)
    command = [TENSORC, "verify", "--quiet", os.path.join(folder, "model.onnx"), "--data", folder]
    if IS_WHEEL and gives_bfloat16(folder):
        command += ["--rtol", str(2**-6)]
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


def gives_bfloat16(folder):
    """Whether outputs are bf16, of which ONNX's own runner takes two units in the last place for equal."""
    import onnx

    graph = onnx.load(os.path.join(folder, "model.onnx")).graph
    return any(v.type.tensor_type.elem_type == onnx.TensorProto.BFLOAT16 for v in graph.output)


# How often each element of a test with drawn numbers is drawn, and how many deviations a mean may be off.
DRAWS, DEVIATIONS = 2000, 6


def drawn(folder, limit):
    """What is wrong with the numbers that a test's model draws; None where they have the distribution. The model is run on
    its input, repeated along the first axis, so that each element is drawn many times."""
    import numpy
    import onnx
    from onnx import numpy_helper

    def load(path):
        with open(path, "rb") as file:
            return numpy_helper.to_array(onnx.TensorProto.FromString(file.read()))

    data = os.path.join(folder, "test_data_set_0")
    model = onnx.load(os.path.join(folder, "model.onnx"))
    inputs = [load(os.path.join(data, f"input_{i}.pb")) for i in range(len(model.graph.input))]
    expected = [load(os.path.join(data, f"output_{i}.pb")) for i in range(len(model.graph.output))]
    del model.graph.value_info[:]
    with tempfile.TemporaryDirectory(prefix="onnx-drawn-") as place:
        for value, array in [*zip(model.graph.input, inputs), *zip(model.graph.output, expected)]:
            if array.ndim:
                value.type.tensor_type.shape.dim[0].dim_value = DRAWS * array.shape[0]
        onnx.save(model, os.path.join(place, "model.onnx"))
        for index, array in enumerate(inputs):
            numpy.save(os.path.join(place, f"input_{index}.npy"), numpy.tile(array, (DRAWS,) + (1,) * (array.ndim - 1)) if array.ndim else array)
        command = [TENSORC, "run", "--quiet", os.path.join(place, "model.onnx"), "--inputs", place, "--outputs", os.path.join(place, "out")]
        try:
            result = subprocess.run(command, capture_output=True, text=True, timeout=limit)
        except subprocess.TimeoutExpired:
            return f"it took more than {limit} s"
        if result.returncode != 0:
            return reason(result)
        found = [numpy.load(os.path.join(place, "out", f"output_{i}.npy")) for i in range(len(expected))]
    for array, wanted in zip(found, expected):
        if array.dtype != wanted.dtype or array.shape != (DRAWS * wanted.shape[0],) + wanted.shape[1:]:
            return f"drawn: {array.dtype}{list(array.shape)} for {wanted.dtype}{list(wanted.shape)} {DRAWS} times"
    x = inputs[0]
    draws = [array.reshape((DRAWS,) + x.shape) for array in found]
    if len(inputs) == 1:
        # Truth values, true with the probability that the input is.
        chance, value = x, numpy.ones_like(x)
        if any(node.op_type == "Greater" for node in model.graph.node):
            # The body that ONNX gives for Bernoulli compares the other way round.
            chance = 1 - x
    else:
        # Dropout: with the probability of the ratio 0, else enlarged.
        ratio = float(inputs[1])
        chance, value = numpy.full(x.shape, 1 - ratio), x / (1 - ratio)
        if len(draws) > 1 and not numpy.array_equal(draws[1], draws[0] != 0):
            return "drawn: the mask is not where the output is not 0"
    if not (numpy.isclose(draws[0], value, rtol=1e-5) | (draws[0] == 0)).all():
        return "drawn: numbers that the distribution does not have"
    rate, error = (draws[0] != 0).mean(axis=0), numpy.sqrt(chance * (1 - chance) / DRAWS)
    if (abs(rate - chance) > DEVIATIONS * error + 1e-9).any():
        return "drawn: a mean that the distribution does not have"
    neighbours = numpy.mean((draws[0][1:] != 0) == (draws[0][:-1] != 0), axis=0)
    agree = chance**2 + (1 - chance) ** 2
    if (abs(neighbours - agree) > DEVIATIONS * numpy.sqrt(agree * (1 - agree) / DRAWS) * 2 + 1e-9).any():
        return "drawn: numbers that hang on their neighbours"
    return None


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
        "tolerances; those that draw random numbers are held to their distribution. What is not supported counts as failed.",
        "`make onnx-coverage` writes this page; `make test` runs all the tests again and fails where one says otherwise.",
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
    global TESTS, IS_WHEEL
    if options.write or options.check:
        sys.exit("onnx_coverage.py: error: --wheel only lists; the page is about Debian's tests")
    with tempfile.TemporaryDirectory(prefix="onnx-tests-") as folder:
        write_wheel_tests(folder, options.patterns)
        TESTS, IS_WHEEL = folder, True
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
