"""One library serves every size: no compiler within reach, one process, the file not changed.

Runs each library at the batch or sequence sizes of .models/MODEL/sizes, in the order that case.json gives, and compares
with what onnxruntime said.
"""

import hashlib
import os
import sys
import time

import data

MODELS = {"magika": {1, 7, 64, 2}, "efficientnet-lite0": {1, 7, 64, 2}, "silero-vad-sequence": {1, 100, 3}}


def checksum(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main():
    failures = 0
    before = {model: checksum(data.library(model)) for model in MODELS}
    os.environ["PATH"] = ""
    models = {model: data.tensorc.load(data.library(model)) for model in MODELS}
    for name, model in models.items():
        case = data.case(name)
        sizes = case["sizes"]
        if set(sizes) != MODELS[name]:
            sys.exit(f"sizes.py: error: {name} has data for the sizes {sizes}, not {sorted(MODELS[name])}")
        for size in sizes:
            directory = data.folder(name) / "sizes" / str(size)
            inputs, expected = data.read(directory, "input"), data.read(directory, "output")
            start = time.perf_counter()
            problem = data.difference(data.call(model, inputs), expected, case["rtol"], case["atol"])
            milliseconds = (time.perf_counter() - start) * 1000
            print(f"{name:22} {size:4}  {milliseconds:8.2f} ms  {problem or 'agrees'}", flush=True)
            failures += problem is not None
    for model, sum_before in before.items():
        if checksum(data.library(model)) != sum_before:
            print(f"sizes.py: error: {data.library(model)} has changed", file=sys.stderr)
            failures += 1
    if failures:
        sys.exit(f"sizes.py: error: {failures} comparisons failed")


if __name__ == "__main__":
    main()
