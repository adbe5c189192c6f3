#!/usr/bin/env python3
"""`tensorc train-step` on a small model, used from C (samples/train-step) under AddressSanitizer and UBSan: losses and weights
are those of the same formulas in NumPy, for each optimiser, with a last batch that is smaller.

    scripts/acceptance/train_step.py
"""

import json
import os
import random
import re
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from killed_runs import write_data

ROOT = Path(__file__).resolve().parents[2]
TENSORC = os.environ.get("TENSORC", ROOT / ".build/release/tensorc")
STEPS, BATCH, RATE, DECAY = 12, 100, 0.01, 0.1
SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g", "-O0"]


def fail(text):
    sys.exit(f"train_step.py: error: {text}")


def weights():
    make = np.random.default_rng(5)
    shapes = {"trunk.weight": (784, 16), "trunk.bias": (16,), "head.weight": (16, 10), "head.bias": (10,)}
    return {name: (make.normal(size=shape) * 0.05).astype(np.float32) for name, shape in shapes.items()}


def write_model(path, known):
    nodes = [
        helper.make_node("Flatten", ["pictures"], ["flat"], axis=1),
        helper.make_node("Gemm", ["flat", "trunk.weight", "trunk.bias"], ["sums"], "trunk"),
        helper.make_node("Tanh", ["sums"], ["features"]),
        helper.make_node("MatMul", ["features", "head.weight"], ["product"]),
        helper.make_node("Add", ["product", "head.bias"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["shares"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "main",
        [helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["n", 1, 28, 28])],
        [helper.make_tensor_value_info("shares", TensorProto.FLOAT, ["n", 10])],
        [numpy_helper.from_array(value, name) for name, value in known.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


class Reference:
    """The model and the optimisers in f64."""

    def __init__(self, known, optimizer, pictures, labels):
        self.all = {name: value.astype(np.float64) for name, value in known.items()}
        self.optimizer, self.step = optimizer, 0
        self.features = np.tanh(pictures @ self.all["trunk.weight"] + self.all["trunk.bias"])
        self.labels = labels
        self.slots = {}

    def shares(self, rows):
        logits = self.features[rows] @ self.all["head.weight"] + self.all["head.bias"]
        powers = np.exp(logits - logits.max(1, keepdims=True))
        return powers / powers.sum(1, keepdims=True)

    def loss(self, rows):
        return float(-np.log(self.shares(rows)[np.arange(len(rows)), self.labels[rows]]).mean())

    def train(self, rows):
        loss, slope = self.loss(rows), self.shares(rows)
        slope[np.arange(len(rows)), self.labels[rows]] -= 1
        slope /= len(rows)
        self.step += 1
        self.change("head.weight", self.features[rows].T @ slope)
        self.change("head.bias", slope.sum(0))
        return loss

    def change(self, name, gradient):
        weight = self.all[name]
        if self.optimizer != "adamw":
            gradient = gradient + DECAY * weight
        if self.optimizer == "sgd":
            self.slots[name] = velocity = 0.9 * self.slots.get(name, 0) + gradient
            self.all[name] = weight - RATE * velocity
            return
        mean, square = self.slots.get(name, (0, 0))
        mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
        self.slots[name] = mean, square
        if self.optimizer == "adamw":
            weight = weight * (1 - RATE * DECAY)
        root = np.sqrt(square / (1 - 0.999**self.step))
        self.all[name] = weight - RATE * mean / (1 - 0.9**self.step) / (root + 1e-8)


def safetensors(path):
    data = path.read_bytes()
    length = struct.unpack_from("<Q", data)[0]
    header = json.loads(data[8 : 8 + length])
    found = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        found[name] = np.frombuffer(data[8 + length + begin : 8 + length + end], np.float32).reshape(entry["shape"])
    return found


def read(folder, name):
    pictures = np.frombuffer((folder / f"{name}-images-idx3-ubyte").read_bytes()[16:], np.uint8)
    labels = np.frombuffer((folder / f"{name}-labels-idx1-ubyte").read_bytes()[8:], np.uint8)
    return pictures.reshape(-1, 784).astype(np.float32).astype(np.float64) / 255, labels.astype(np.int64)


def check(optimizer, place, known):
    (place / optimizer).mkdir()
    words = [TENSORC, "train-step", "--quiet", place / "model.onnx", "--loss", "cross-entropy", "--optimizer", optimizer]
    words += ["--trainable", "head.*", "--weight-decay", str(DECAY)] + (["--momentum", "0.9"] if optimizer == "sgd" else [])
    sanitized = optimizer == "adamw"
    library = place / optimizer / ("tuned.c" if sanitized else "tuned.so")
    subprocess.run(words + ["-o", library] + (["--threads", "none", "--target", "generic"] if sanitized else []), check=True)
    built = sorted((place / optimizer).glob("tuned*.c")) if sanitized else [library, f"-Wl,-rpath,{place / optimizer}"]
    compiler = [os.environ.get("CC", "clang"), "-std=gnu11", "-I", place / optimizer]
    compiler += ["-ffp-contract=off", "-fno-math-errno"] + (SANITIZE if sanitized else ["-O2"])
    program = place / optimizer / "tune"
    words = ["-Wall", "-Wextra", "-Werror", ROOT / "samples/train-step/main.c", *built, "-lm", "-o", program]
    subprocess.run([*compiler, *words], check=True, cwd=place / optimizer)
    saved = place / optimizer / "tuned.safetensors"
    words = [program, place, str(STEPS), str(BATCH), str(RATE), saved]
    run = subprocess.run(words, capture_output=True, encoding="utf-8")
    if run.returncode:
        fail(f"{optimizer}: the C program ended with {run.returncode}:\n{run.stdout}{run.stderr}")
    compare(optimizer, run.stdout, safetensors(saved), known, place)


def compare(optimizer, text, saved, known, place):
    pictures, labels = read(place, "train")
    reference = Reference(known, optimizer, pictures, labels)
    test = Reference(known, optimizer, *read(place, "t10k"))
    rows = np.arange(len(test.labels))
    tests = [test.loss(rows)]
    losses, first = [], 0
    for _ in range(STEPS):
        losses.append(reference.train(np.arange(first, min(first + BATCH, len(labels)))))
        first = 0 if first + BATCH >= len(labels) else first + BATCH
    test.all = reference.all
    tests += [test.loss(rows)] * 2
    for what, pattern, expected in [("loss", r"^step \d+ loss (\S+)", losses), ("test loss", r"^test loss ([\d.]+)", tests)]:
        found = [float(number) for number in re.findall(pattern, text, re.M)]
        if len(found) != len(expected) or not np.allclose(found, expected, rtol=1e-4, atol=1e-5):
            fail(f"{optimizer}: the {what} is {found}, and in NumPy {expected}")
    if losses[-1] > losses[0]:
        fail(f"{optimizer}: nothing was learnt")
    for name in ["head.weight", "head.bias"]:
        if not np.allclose(saved[name], reference.all[name], rtol=1e-3, atol=1e-5):
            fail(f"{optimizer}: '{name}' differs from NumPy's by {np.abs(saved[name] - reference.all[name]).max()}")
    if "trunk.weight" in saved:
        fail("a weight that is frozen was saved")
    print(f"{optimizer}: {STEPS} steps from C give the losses and weights of NumPy")


def main():
    with tempfile.TemporaryDirectory() as place:
        place = Path(place)
        write_data(place, random.Random(1))
        known = weights()
        write_model(place / "model.onnx", known)
        for optimizer in ["adamw", "adam", "sgd"]:
            check(optimizer, place, known)


if __name__ == "__main__":
    main()
