"""Writes coverage.json and layers.json: for each row of docs/op-coverage.md, docs/api-coverage.md and docs/layer-coverage.md
operands and results, computed with NumPy in f64 and i64.

    python3 Tests/Fixtures/coverage/make_coverage.py

A line is a case: the row, operands and results, each [kind, shape, values]. Kind x is the element type under test; other
kinds are element types. Floats are multiples of 1/8 below 8, which every float type holds; integers are small, so that
every integer type holds operands and wraps results alike. Cases with "signed" have negative integers; "only" says that a case
is of bool, float or number types alone.
"""

import json
import os
import sys

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from reference import *  # noqa: E402,F403

cases = []


def described(value):
    kind, array = value if isinstance(value, tuple) else ("x", value)
    array = np.asarray(array)
    numbers = [float(v) if array.dtype.kind == "f" else int(v) for v in array.reshape(-1)]
    words = [v if v == v and abs(v) != float("inf") else repr(v) for v in numbers]
    return [kind, list(array.shape), words]


def case(name, operands, results, **more):
    if not isinstance(results, list):
        results = [results]
    line = {"row": name, "operands": [described(v) for v in operands], "results": [described(v) for v in results]}
    cases.append({**line, **more})


class Kind:
    """Makes operands of one family."""

    def __init__(self, prefix, low, high, signed=False):
        self.prefix, self.low, self.high, self.signed = prefix, low, high, signed
        self.random = np.random.default_rng(sum(map(ord, prefix)) + signed)

    def __call__(self, *shape):
        count = int(np.prod(shape))
        if self.prefix == "bool":
            return self.random.integers(0, 2, shape).astype(bool)
        if self.prefix == "float":
            # Distinct, never 0: gradients are compared where there is no kink.
            pool = np.array([v for v in range(-40, 41) if v != 0]) / 8
            return self.random.permutation(pool)[:count].reshape(shape)
        return self.random.integers(self.low, self.high + 1, shape)


FLOAT = Kind("float", -4, 4)
INTEGER = Kind("int", 0, 9)
SIGNED = Kind("int", -9, 9, signed=True)
BOOL = Kind("bool", 0, 1)
NUMBERS = [FLOAT, INTEGER, SIGNED]
EVERY = [FLOAT, INTEGER, SIGNED, BOOL]


def shared(suffixes, kinds, operands, formula):
    """Cases of rows float_SUFFIX, int_SUFFIX, bool_SUFFIX, whichever the kinds name."""
    for kind in kinds:
        for suffix in suffixes.split():
            made = operands(kind)
            values = [v[1] if isinstance(v, tuple) else v for v in made]
            more = {"signed": True} if kind.signed else {}
            results = formula(*values)
            case(f"{kind.prefix}_{suffix}", made, results, **more)


def i64(values):
    return ("i64", np.asarray(values, dtype=np.int64))


def boolean(values):
    return ("bool", np.asarray(values).astype(bool))


def f32(values):
    return ("f32", np.asarray(values, dtype=np.float64))


def run(part):
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), f"rows_{part}.py")
    with open(path) as source:
        exec(compile(source.read(), path, "exec"), globals())


def write(name):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), "w") as out:
        out.write("[\n" + ",\n".join(json.dumps(line, separators=(",", ":")) for line in cases) + "\n]\n")
    print(name, len(cases), "cases,", len({line["row"] for line in cases}), "rows")
    cases.clear()


for part in ["elements", "structure", "indices", "modules", "api"]:
    run(part)
write("coverage.json")
for part in ["layers", "losses", "training"]:
    run(part)
write("layers.json")
