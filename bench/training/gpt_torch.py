#!/usr/bin/env python3
"""Times steps of samples/gpt and of the same model in PyTorch, eager and by torch.compile, in turns within one run.

    make gpt ARGS='--passes 1'                          builds the sample
    VENV/bin/python bench/training/gpt_torch.py         (--rounds 5; --layers, --size, --batch, --length as of the sample)

VENV needs torch (2.1 or newer). Weights and batches are random, for time does not depend on them; dropout, clipping by the global
norm and AdamW are as in the sample. torch.compile is left out with --no-compile, and where it fails.
"""

import argparse
import statistics
import time
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from timed import Process

ROOT = Path(__file__).resolve().parents[2]


class Layer(nn.Module):
    def __init__(self, size, heads):
        super().__init__()
        self.heads = heads
        self.first, self.second = nn.LayerNorm(size), nn.LayerNorm(size)
        self.query, self.key, self.value, self.output = (nn.Linear(size, size) for _ in range(4))
        self.inner, self.outer = nn.Linear(size, 4 * size), nn.Linear(4 * size, size)

    def forward(self, x):
        n, steps, size = x.shape
        y = self.first(x)
        q, k, v = (part(y).view(n, steps, self.heads, -1).transpose(1, 2) for part in (self.query, self.key, self.value))
        seen = functional.scaled_dot_product_attention(q, k, v, dropout_p=0.1, is_causal=True)
        x = x + functional.dropout(self.output(seen.transpose(1, 2).reshape(n, steps, size)), 0.1)
        inner = functional.dropout(functional.gelu(self.inner(self.second(x))), 0.1)
        return x + functional.dropout(self.outer(inner), 0.1)


class Model(nn.Module):
    def __init__(self, vocabulary, length, size, layers, heads):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocabulary, size), nn.Embedding(length, size)
        self.layers = nn.ModuleList(Layer(size, heads) for _ in range(layers))
        self.norm, self.output = nn.LayerNorm(size), nn.Linear(size, vocabulary)

    def forward(self, x):
        hidden = functional.dropout(self.tokens(x) + self.positions.weight[: x.shape[1]], 0.1)
        for layer in self.layers:
            hidden = layer(hidden)
        return self.output(self.norm(hidden))


def stepper(options, compiles):
    torch.manual_seed(1)
    model = Model(options.vocabulary, options.length, options.size, options.layers, options.heads)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=0.01)
    shape = (options.batch, options.length)
    tokens, targets = (torch.randint(0, options.vocabulary, shape) for _ in range(2))
    forward = torch.compile(model) if compiles else model

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = functional.cross_entropy(forward(tokens).flatten(0, 1), targets.flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss

    step()
    return step


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--no-compile", action="store_true")
    shape = {"layers": 4, "heads": 4, "length": 128, "size": 128, "batch": 32}
    for name, value in shape.items():
        options.add_argument(f"--{name}", type=int, default=value)
    options.add_argument("--vocabulary", type=int, default=75)
    found = options.parse_args()
    words = [word for name in shape for word in (f"--{name}", str(getattr(found, name)))]
    torch.set_num_threads(2)
    steps = {"PyTorch": stepper(found, False)}
    if not found.no_compile:
        try:
            steps["torch.compile"] = stepper(found, True)
        except Exception as error:
            print(f"torch.compile is left out: {str(error).splitlines()[0]}")
    ours = Process([ROOT / ".build/release/gpt", "--timed", *words])
    times = {"tensorc": ours.times, **{name: [] for name in steps}}
    for _ in range(found.rounds):
        ours.steps()
        for name, step in steps.items():
            begun = time.monotonic()
            for _ in range(5):
                step()
            times[name].append((time.monotonic() - begun) * 200)
    ours.end()
    for name, list_ in times.items():
        print(f"{name:14} {statistics.median(list_):8.1f} ms a step (median of {found.rounds}; least {min(list_):.1f})")


if __name__ == "__main__":
    main()
