#!/usr/bin/env python3
"""`tensorc train-step` on a small model, used from C (samples/train-step) under AddressSanitizer and UBSan: losses and weights
are those of the same formulas in NumPy, for each optimiser, with a last batch that is smaller; with adapters (`--lora`) too, and
the finished models as ONNX (`tensorc export --weights`) give in onnxruntime what NumPy gives.

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
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from killed_runs import write_data

ROOT = Path(__file__).resolve().parents[2]
TENSORC = os.environ.get("TENSORC", ROOT / ".build/release/tensorc")
STEPS, BATCH, RATE, DECAY = 12, 100, 0.01, 0.1
RANK, ALPHA = 3, 6
SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g", "-O0"]


def fail(text):
    sys.exit(f"train_step.py: error: {text}")


def weights():
    make = np.random.default_rng(5)
    shapes = {"trunk.weight": (16, 784), "trunk.bias": (16,), "head.weight": (16, 10), "head.bias": (10,)}
    return {name: (make.normal(size=shape) * 0.05).astype(np.float32) for name, shape in shapes.items()}


def write_model(path, known):
    nodes = [
        helper.make_node("Flatten", ["pictures"], ["flat"], axis=1),
        helper.make_node("Gemm", ["flat", "trunk.weight", "trunk.bias"], ["sums"], "trunk", transB=1),
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
        self.pictures, self.labels = pictures, labels
        self.slots = {}

    def weight(self, name):
        """With what its adapter has learnt."""
        a, b = self.all.get(f"{name}.lora.a"), self.all.get(f"{name}.lora.b")
        # The trunk's is stored as [outputs, inputs], and an adapter is [inputs, rank] by [rank, outputs].
        own = self.all[name].T if name == "trunk.weight" else self.all[name]
        return own if a is None else own + ALPHA / RANK * a @ b

    def features(self, rows):
        return np.tanh(self.pictures[rows] @ self.weight("trunk.weight") + self.all["trunk.bias"])

    def shares(self, rows):
        logits = self.features(rows) @ self.weight("head.weight") + self.all["head.bias"]
        powers = np.exp(logits - logits.max(1, keepdims=True))
        return powers / powers.sum(1, keepdims=True)

    def loss(self, rows):
        return float(-np.log(self.shares(rows)[np.arange(len(rows)), self.labels[rows]]).mean())

    def train(self, rows):
        loss, slope = self.loss(rows), self.shares(rows)
        slope[np.arange(len(rows)), self.labels[rows]] -= 1
        slope /= len(rows)
        self.step += 1
        features = self.features(rows)
        inner = (slope @ self.weight("head.weight").T) * (1 - features**2)
        gradients = {"head.weight": features.T @ slope, "head.bias": slope.sum(0)}
        if "head.weight.lora.a" in self.all:
            gradients = self.of_adapter("head.weight", gradients["head.weight"])
            gradients |= self.of_adapter("trunk.weight", self.pictures[rows].T @ inner)
            gradients["head.bias"] = slope.sum(0)
        for name, gradient in gradients.items():
            self.change(name, gradient)
        return loss

    def of_adapter(self, name, gradient):
        """From the gradient of a weight [inputs, outputs] those of its adapter's A and B."""
        a, b = self.all[f"{name}.lora.a"], self.all[f"{name}.lora.b"]
        scale = ALPHA / RANK
        return {f"{name}.lora.a": scale * gradient @ b.T, f"{name}.lora.b": scale * a.T @ gradient}

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
    header.pop("__metadata__", None)
    found = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        found[name] = np.frombuffer(data[8 + length + begin : 8 + length + end], np.float32).reshape(entry["shape"])
    return found


def read(folder, name):
    pictures = np.frombuffer((folder / f"{name}-images-idx3-ubyte").read_bytes()[16:], np.uint8)
    labels = np.frombuffer((folder / f"{name}-labels-idx1-ubyte").read_bytes()[8:], np.uint8)
    return pictures.reshape(-1, 784).astype(np.float32).astype(np.float64) / 255, labels.astype(np.int64)


def check(kind, optimizer, place, known, options, sanitized=False):
    (place / kind).mkdir()
    words = [TENSORC, "train-step", "--quiet", place / "model.onnx", "--loss", "cross-entropy", "--optimizer", optimizer]
    words += ["--weight-decay", str(DECAY), *options] + (["--momentum", "0.9"] if optimizer == "sgd" else [])
    library = place / kind / ("tuned.c" if sanitized else "tuned.so")
    subprocess.run(words + ["-o", library] + (["--threads", "none", "--target", "generic"] if sanitized else []), check=True)
    built = sorted((place / kind).glob("tuned*.c")) if sanitized else [library, f"-Wl,-rpath,{place / kind}"]
    compiler = [os.environ.get("CC", "clang"), "-std=gnu11", "-I", place / kind]
    compiler += ["-ffp-contract=off", "-fno-math-errno"] + (SANITIZE if sanitized else ["-O2"])
    program = place / kind / "tune"
    words = ["-Wall", "-Wextra", "-Werror", ROOT / "samples/train-step/main.c", *built, "-lm", "-o", program]
    subprocess.run([*compiler, *words], check=True, cwd=place / kind)
    saved, before = place / kind / "tuned.safetensors", place / kind / "before.safetensors"

    def run(steps, path):
        done = subprocess.run([program, place, str(steps), str(BATCH), str(RATE), path], capture_output=True, encoding="utf-8")
        if done.returncode:
            fail(f"{kind}: the C program ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    if kind == "lora":
        # What it begins with is no one's formula, but that of the published method: A is random, B is zero.
        run(0, before)
        known = known | {name: value for name, value in safetensors(before).items() if ".lora." in name}
        for name in ["head.weight", "trunk.weight"]:
            a, b = known[f"{name}.lora.a"], known[f"{name}.lora.b"]
            bound = 1 / np.sqrt(a.shape[0])
            if b.any() or np.abs(a).max() > bound or np.abs(a).max() < bound / 2 or abs(a.mean()) > bound / 3:
                fail(f"{kind}: '{name}' begins with another adapter than that which changes nothing")
    reference = compare(kind, optimizer, run(STEPS, saved), safetensors(saved), known, place)
    exported(kind, saved, reference, place)


def compare(kind, optimizer, text, saved, known, place):
    reference = Reference(known, optimizer, *read(place, "train"))
    test = Reference(known, optimizer, *read(place, "t10k"))
    rows = np.arange(len(test.labels))
    tests = [test.loss(rows)]
    losses, first = [], 0
    for _ in range(STEPS):
        losses.append(reference.train(np.arange(first, min(first + BATCH, len(reference.labels)))))
        first = 0 if first + BATCH >= len(reference.labels) else first + BATCH
    test.all = reference.all
    tests += [test.loss(rows)] * 2
    for what, pattern, expected in [("loss", r"^step \d+ loss (\S+)", losses), ("test loss", r"^test loss ([\d.]+)", tests)]:
        found = [float(number) for number in re.findall(pattern, text, re.M)]
        if len(found) != len(expected) or not np.allclose(found, expected, rtol=1e-4, atol=1e-5):
            fail(f"{kind}: the {what} is {found}, and in NumPy {expected}")
    if losses[-1] > losses[0]:
        fail(f"{kind}: nothing was learnt")
    trained = {name for name in reference.all if (name in reference.slots)}
    if trained != {name for name in saved if not name.startswith("optimizer.")}:
        fail(f"{kind}: {sorted(saved)} were saved, and {sorted(trained)} are trained")
    for name in trained:
        if not np.allclose(saved[name], reference.all[name], rtol=1e-3, atol=1e-5):
            fail(f"{kind}: '{name}' differs from NumPy's by {np.abs(saved[name] - reference.all[name]).max()}")
    print(f"{kind}: {STEPS} steps from C give the losses and weights of NumPy")
    return test


def exported(kind, saved, test, place):
    """The finished model, adapters merged, in onnxruntime."""
    path = place / kind / "finished.onnx"
    subprocess.run([TENSORC, "export", "--quiet", place / "model.onnx", "--weights", saved, "-o", path], check=True)
    names = {tensor.name for tensor in onnx.load(path).graph.initializer}
    if any(".lora." in name for name in names):
        fail(f"{kind}: the finished model still has adapters: {sorted(names)}")
    rows = np.arange(20)
    pictures = test.pictures[rows].astype(np.float32).reshape(-1, 1, 28, 28)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    found = session.run(None, {"pictures": pictures})[0]
    if not np.allclose(found, test.shares(rows), rtol=1e-3, atol=1e-5):
        fail(f"{kind}: onnxruntime's outputs of the finished model are {np.abs(found - test.shares(rows)).max()} off")
    print(f"{kind}: the finished model gives in onnxruntime what NumPy gives")


def main():
    with tempfile.TemporaryDirectory() as place:
        place = Path(place)
        write_data(place, random.Random(1))
        known = weights()
        write_model(place / "model.onnx", known)
        for optimizer in ["adamw", "adam", "sgd"]:
            check(optimizer, optimizer, place, known, ["--trainable", "head.*"], sanitized=optimizer == "adamw")
        adapters = ["--lora", "*.weight", "--lora-rank", str(RANK), "--lora-alpha", str(ALPHA)]
        check("lora", "sgd", place, known, [*adapters, "--trainable", "head.bias"], sanitized=True)


if __name__ == "__main__":
    main()
