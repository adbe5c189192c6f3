#!/usr/bin/env python3
"""Trains samples/gpt by JAX, from the same first weights on the same batches at the same rates, and times steps of both in
turns.

    make gpt                                                       trains here; .build/gpt/report.html has the loss
    .build/release/gpt --peers .build/peers                        writes what the other needs
    VENV/bin/python bench/training/gpt.py train .build/peers       trains by JAX, prints losses
    VENV/bin/python bench/training/gpt.py turns .build/peers       times steps in turns (--rounds 10)

VENV needs jax (0.4 or newer) and numpy. Options of the model (--passes, --size, …) are given to both alike, behind the folder.
Dropout's masks differ, so the losses agree as those of two seeds do.
"""

import argparse
import json
import statistics
import struct
import sys
import time
from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy

from timed import Process

ROOT = Path(__file__).resolve().parents[2]
DROPOUT = 0.1
BETA1, BETA2, EPSILON, DECAY, CLIP = 0.9, 0.99, 1e-8, 0.01, 1.0


def read_safetensors(path):
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        tensors[name] = numpy.frombuffer(data[8 + size + begin : 8 + size + end], "<f4").reshape(entry["shape"])
    return tensors


def dropout(x, key):
    if key is None:
        return x
    return jnp.where(jax.random.uniform(key, x.shape) >= DROPOUT, x / (1 - DROPOUT), 0)


def norm(x, w, name):
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(variance + 1e-5) * w[name + ".scale"] + w[name + ".bias"]


def linear(x, w, name):
    return x @ w[name + ".weight"] + w[name + ".bias"]


def attention(x, w, name, heads, key):
    n, steps, size = x.shape
    q, k, v = (linear(x, w, f"{name}.{part}").reshape(n, steps, heads, -1).transpose(0, 2, 1, 3)
               for part in ("query", "key", "value"))
    scores = q @ k.transpose(0, 1, 3, 2) / numpy.sqrt(size // heads).astype(numpy.float32)
    scores = jnp.where(jnp.tril(jnp.ones((steps, steps), bool)), scores, -jnp.inf)
    weights = dropout(jax.nn.softmax(scores, axis=-1), key)
    return linear((weights @ v).transpose(0, 2, 1, 3).reshape(n, steps, size), w, f"{name}.output")


def logits(w, tokens, layers, heads, key):
    keys = [None] * (4 * layers + 1) if key is None else list(jax.random.split(key, 4 * layers + 1))
    x = dropout(w["tokens.weight"][tokens] + w["positions.weight"][: tokens.shape[1]], keys.pop())
    for number in range(layers):
        name = f"layers.{number}"
        seen = attention(norm(x, w, f"{name}.attentionNorm"), w, f"{name}.attention", heads, keys.pop())
        x = x + dropout(seen, keys.pop())
        inner = jax.nn.gelu(linear(norm(x, w, f"{name}.feedForwardNorm"), w, f"{name}.feedForward.inner"), approximate=False)
        x = x + dropout(linear(dropout(inner, keys.pop()), w, f"{name}.feedForward.outer"), keys.pop())
    return linear(norm(x, w, "norm"), w, "output")


def loss(w, tokens, targets, layers, heads, key):
    logs = jax.nn.log_softmax(logits(w, tokens, layers, heads, key))
    return -jnp.take_along_axis(logs, targets[..., None], -1).mean()


@partial(jax.jit, static_argnums=(7, 8), donate_argnums=(0, 1, 2))
def step(w, means, squares, number, tokens, targets, rate, layers, heads, key):
    value, gradient = jax.value_and_grad(loss)(w, tokens, targets, layers, heads, key)
    length = jnp.sqrt(sum((g * g).sum() for g in gradient.values()))
    scale = jnp.where(length > CLIP, CLIP / length, 1)
    new = {}
    for name, g in gradient.items():
        g = g * scale
        means[name] = BETA1 * means[name] + (1 - BETA1) * g
        squares[name] = BETA2 * squares[name] + (1 - BETA2) * g * g
        mean = means[name] / (1 - BETA1**number)
        root = jnp.sqrt(squares[name] / (1 - BETA2**number))
        new[name] = w[name] * (1 - rate * DECAY) - rate * mean / (root + EPSILON)
    return new, means, squares, value


class Run:
    def __init__(self, folder, layers, heads, length):
        self.w = {name: jnp.asarray(array) for name, array in read_safetensors(folder / "start.safetensors").items()}
        self.means = {name: jnp.zeros_like(array) for name, array in self.w.items()}
        self.squares = {name: jnp.zeros_like(array) for name, array in self.w.items()}
        self.data = numpy.load(folder / "data.npz")
        self.order, self.rates = self.data["order"], self.data["rates"]
        self.training, self.validation = (self.data[name].astype(numpy.int32) for name in ("training", "validation"))
        self.shape = (layers, heads)
        self.length = length
        self.number = 0
        self.key = jax.random.PRNGKey(1)

    def batch(self, tokens, rows):
        places = rows[:, None] * self.length + numpy.arange(self.length)
        return tokens[places], tokens[places + 1]

    def step(self):
        rows = self.order[self.number % len(self.order)]
        tokens, targets = self.batch(self.training, rows[rows >= 0])
        rate = self.rates[self.number % len(self.order)]
        self.number += 1
        self.w, self.means, self.squares, value = step(
            self.w, self.means, self.squares, jnp.float32(self.number), tokens, targets, rate, *self.shape,
            jax.random.fold_in(self.key, self.number))
        return value

    def evaluate(self, size=32):
        count = (len(self.validation) - 1) // self.length
        evaluation = jax.jit(lambda w, tokens, targets: loss(w, tokens, targets, *self.shape, None))
        total = 0.0
        for first in range(0, count, size):
            rows = numpy.arange(first, min(first + size, count))
            total += float(evaluation(self.w, *self.batch(self.validation, rows))) * len(rows)
        return total / count


def train(run):
    begun, losses = time.monotonic(), []
    for number in range(len(run.order)):
        losses.append(run.step())
        if (number + 1) % 100 == 0 or number + 1 == len(run.order):
            recent = float(jnp.stack(losses[-100:]).mean())
            print(f"step {number + 1}: loss {recent:.4f}, {time.monotonic() - begun:.0f} s", flush=True)
    print(f"validation loss {run.evaluate():.4f}")


def turns(run, rounds, words):
    ours = Process([ROOT / ".build/release/gpt", "--timed", *words])
    float(run.step())
    times = {"tensorc": ours.times, "JAX": []}
    for _ in range(rounds):
        ours.steps()
        begun = time.monotonic()
        for _ in range(10):
            value = run.step()
        value.block_until_ready()
        times["JAX"].append((time.monotonic() - begun) * 100)
    ours.end()
    for name, list_ in times.items():
        print(f"{name:8} {statistics.median(list_):8.1f} ms a step (median of {rounds}; least {min(list_):.1f})")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("mode", choices=["train", "turns"])
    options.add_argument("folder", type=Path)
    options.add_argument("--rounds", type=int, default=10)
    options.add_argument("--layers", type=int, default=4)
    options.add_argument("--heads", type=int, default=4)
    options.add_argument("--length", type=int, default=128)
    found, rest = options.parse_known_args()
    run = Run(found.folder, found.layers, found.heads, found.length)
    if found.mode == "train":
        train(run)
    else:
        shape = ["--layers", str(found.layers), "--heads", str(found.heads), "--length", str(found.length)]
        turns(run, found.rounds, shape + rest)


if __name__ == "__main__":
    main()
