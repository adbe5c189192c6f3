#!/usr/bin/env python3
"""Exported models in onnxruntime: every sample of every op that the tests write as ONNX, and the trained models of .models,
give there what they give here.

    scripts/acceptance/onnx_export.py [MODEL...]

Models are the four of the tests, or those that are named.
"""

import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / ".build/release/tensorcPackageTests.xctest"
TENSORC = os.environ.get("TENSORC", ROOT / ".build/release/tensorc")
MODELS = ["magika", "efficientnet-lite0", "silero-vad-static", "silero-vad-sequence"]
# Relative and absolute, by element type.
TOLERANCES = {"float64": 1e-6, "float32": 2e-5, "float16": 4e-3}
# Written as `Scan`, on whose empty tensors onnxruntime divides by zero.
SCANS = {"cumulative_max", "cumulative_min", "cumulative_product", "linear_scan"}
# Where onnxruntime does something else with what is infinite or no number.
FINITE = {"arg_max", "arg_min", "gelu", "max_pool", "sign"}
# What onnxruntime computes otherwise: without VNNI it saturates sums of products of bytes; of a sequence of no steps it gives zeros
# and not the state that it began with.
OTHERWISE = {"matmul_integer", "gru", "lstm", "rnn"}
# How many samples onnxruntime runs at least; it has no kernels for some operators on f64, f16 and bf16.
LEAST = 600


def session(path):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def difference(found, expected, factor=1.0):
    """What is wrong with a result; nothing where it is near."""
    if found.shape != expected.shape:
        return f"shape {list(found.shape)} and not {list(expected.shape)}"
    if expected.dtype.kind != "f":
        return None if np.array_equal(found, expected) else f"{found.ravel()[:8]} and not {expected.ravel()[:8]}"
    tolerance = TOLERANCES[expected.dtype.name] * factor
    a, b = found.astype(np.float64), expected.astype(np.float64)
    near = np.isclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True)
    return None if near.all() else f"{a[~near][:4]} and not {b[~near][:4]}"


def scatters_extrema(folder):
    """Whether a sample keeps the greatest or least of what it scatters: there onnxruntime passes over NaN."""
    nodes = onnx.load(folder / "model.onnx").graph.node
    return any(attribute.s in (b"max", b"min") for node in nodes if node.op_type.startswith("Scatter")
               for attribute in node.attribute)


def check_sample(folder, lacking):
    """What is wrong with a sample; `lacking` counts what onnxruntime has no kernel for."""
    op = folder.name.rsplit("-", 1)[0]
    if op in SCANS and np.load(folder / "input_0.npy").size == 0:
        lacking[f"{op}: on nothing"] += 1
        return None
    try:
        model = session(folder / "model.onnx")
    except Exception as error:  # onnxruntime's errors have no common class
        text = str(error)
        if "NOT_IMPLEMENTED" in text:
            types = {value.type for value in onnx_types(folder)}
            lacking[f"{op}: {', '.join(sorted(types))}"] += 1
            return None
        return text.splitlines()[0][:300]
    types = [value.type for value in [*model.get_inputs(), *model.get_outputs()]]
    for there, name in [("bfloat16", "bf16"), ("int4", "i4 and u4")]:
        if any(there in text for text in types):
            lacking[f"{op}: NumPy has no {name}"] += 1
            return None
    inputs = {value.name: np.load(folder / f"input_{place}.npy") for place, value in enumerate(model.get_inputs())}
    floats = [value for value in inputs.values() if value.dtype.kind == "f"]
    if (op in FINITE or scatters_extrema(folder)) and not all(np.isfinite(value).all() for value in floats):
        lacking[f"{op}: of what is infinite"] += 1
        return None
    try:
        found = model.run(None, inputs)
    except Exception as error:
        if "not supported" in str(error):
            lacking[f"{op}: in a run"] += 1
            return None
        return str(error).splitlines()[0][:300]
    for place, result in enumerate(found):
        expected = np.load(folder / f"output_{place}.npy")
        if op == "cast" and floats:
            result, expected = within(floats[0], result, expected)
        wrong = difference(result, expected)
        if wrong and op in OTHERWISE:
            lacking[f"{op}: otherwise"] += 1
            return None
        if wrong:
            return f"result {place}: {wrong}"
    return ""


def within(source, *results):
    """The elements of results that come from numbers which their type has; ONNX does not say what becomes of others."""
    if results[0].dtype.kind == "f":
        return results
    source = source.astype(np.float64)
    limits = np.iinfo(results[0].dtype) if results[0].dtype.kind in "iu" else np.finfo(np.float16)
    usable = np.isfinite(source) & (source > float(limits.min)) & (source < float(limits.max))
    return [result[usable] for result in results]


def onnx_types(folder):
    graph = onnx.load(folder / "model.onnx").graph

    class Named:
        def __init__(self, value):
            self.type = onnx.TensorProto.DataType.Name(value.type.tensor_type.elem_type).lower()

    return [Named(value) for value in [*graph.input, *graph.output]]


def check_samples(place):
    environment = dict(os.environ, TENSORC_EXPORT_DIR=str(place))
    words = [TESTS, "--testing-library", "swift-testing", "--filter", "Export(Sample|Structure)Tests"]
    run = subprocess.run(words, env=environment, capture_output=True, encoding="utf-8")
    if run.returncode:
        sys.exit(f"onnx_export.py: error: the samples could not be written:\n{run.stdout[-3000:]}{run.stderr[-3000:]}")
    folders = sorted(place.iterdir())
    lacking, wrong, right = Counter(), [], 0
    for folder in folders:
        problem = check_sample(folder, lacking)
        if problem:
            wrong.append(f"{folder.name}: {problem}")
        elif problem == "":
            right += 1
    for line in wrong[:60]:
        print(line)
    if os.environ.get("VERBOSE"):
        for name, count in sorted(lacking.items()):
            print(f"no kernel  {name}  {count}")
    print(f"{right} of {len(folders)} samples agree in onnxruntime, which has no kernels for {sum(lacking.values())}")
    if wrong or right < LEAST:
        sys.exit(f"onnx_export.py: error: {len(wrong)} samples differ, and {right} agree; {LEAST} are to")


def tensor(path):
    message = onnx.TensorProto()
    message.ParseFromString(path.read_bytes())
    return numpy_helper.to_array(message)


def check_model(name, place):
    source, target = ROOT / ".models" / name, place / f"{name}.onnx"
    subprocess.run([TENSORC, "export", "--quiet", source / "model.onnx", "-o", target], check=True)
    onnx.checker.check_model(str(target), full_check=True)
    original, exported = session(source / "model.onnx"), session(target)
    taken = [value.name for value in original.get_inputs()]
    for data in sorted(source.glob("test_data_set_*")):
        inputs = {value: tensor(data / f"input_{number}.pb") for number, value in enumerate(taken)}
        found = exported.run(None, {value.name: inputs[value.name] for value in exported.get_inputs()})
        expected = original.run([value.name for value in exported.get_outputs()], inputs)
        for value, a, b in zip(exported.get_outputs(), found, expected):
            wrong = difference(a, b, factor=5)
            if wrong:
                sys.exit(f"onnx_export.py: error: '{value.name}' of {name}, exported: {wrong}")
    print(f"{name}: the exported model gives the same in onnxruntime")


def main():
    with tempfile.TemporaryDirectory() as place:
        place = Path(place)
        if not sys.argv[1:]:
            check_samples(place / "samples")
        for name in sys.argv[1:] or MODELS:
            check_model(name, place)


if __name__ == "__main__":
    main()
