"""Writes arithmetic.json: the plain pointwise ops in every element type, by NumPy and SciPy.

    python make_arithmetic.py
"""

import numpy as np
import scipy.special

from fixture import DTYPES, FLOATS, INTEGERS, SPECIAL, UNSIGNED, Suite, floats, generator, typed

random = generator(5)
suite = Suite("arithmetic")


def unary(name, f, low=-4.0, high=4.0, types=FLOATS, special=SPECIAL, attributes={}, count=14, **options):
    """A formula in f64, rounded once."""
    for type in types:
        x = floats(type, np.concatenate([special, random.uniform(low, high, count)]))
        with np.errstate(all="ignore"):
            suite.case(name, attributes, [typed(type, x)], typed(type, f(x)), **options)
            # Another rank, and nothing.
            x = floats(type, random.uniform(low, high, (1, 3, 1, 2)))
            suite.case(name, attributes, [typed(type, x)], typed(type, f(x)), **options)
    empty = np.zeros((2, 0))
    suite.case(name, attributes, [empty], empty)


def edges(type):
    """Integers at the ends of a type's range and near 0."""
    info = np.iinfo(DTYPES[type])
    return np.array([info.min, info.min + 1, info.max, info.max - 1, 0, 1, 2, 7] + ([-1, -2, -7] if info.min else [9]),
                    DTYPES[type])


def gelu(x):
    return np.where(np.isneginf(x), 0, x * scipy.special.ndtr(x))


def gelu_tanh(x):
    return np.where(np.isneginf(x), 0, 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))))


def times_sigmoid(x):
    return np.where(np.isneginf(x), 0, x * scipy.special.expit(x))


def floats_only():
    unary("sqrt", np.sqrt, 0, 9)
    unary("exp", np.exp)
    unary("expm1", np.expm1)
    unary("log", np.log, 0.01, 9)
    unary("log1p", np.log1p, -0.9, 9)
    unary("tanh", np.tanh)
    unary("floor", np.floor)
    unary("ceil", np.ceil)
    unary("round", np.round, special=SPECIAL + [0.5, 1.5, 2.5, -0.5, -1.5, -2.5])
    unary("reciprocal", np.reciprocal)
    unary("erf", scipy.special.erf)
    unary("sigmoid", scipy.special.expit)
    unary("softplus", lambda x: np.logaddexp(0, x))
    unary("sin", np.sin)
    unary("cos", np.cos)
    # 1 + erf and 1 + tanh cancel below 0, so that their own size is no measure.
    unary("gelu", gelu, attributes={"approximate": False}, types=("f64",), special=[0.0, np.nan], tolerance=1e-14)
    unary("gelu", gelu, -1, 4, types=("f32", "f16", "bf16"), special=[0.0], attributes={"approximate": False})
    unary("gelu", gelu_tanh, attributes={"approximate": True}, types=("f64",), special=[0.0, np.nan], tolerance=1e-14)
    unary("gelu", gelu_tanh, -1, 4, types=("f32", "f16", "bf16"), special=[0.0], attributes={"approximate": True})
    unary("silu", times_sigmoid, special=[0.0, -0.0, np.inf, np.nan])
    unary("mish", lambda x: x * np.tanh(np.logaddexp(0, x)), special=[0.0, -0.0, np.inf, np.nan])
    unary("hard_swish", lambda x: x * np.clip(x / 6 + 0.5, 0, 1), special=[0.0, 3, -3, np.nan])
    for alpha in (0.1, 1.5):
        unary("leaky_relu", lambda x: np.where(x >= 0, x, alpha * x), attributes={"alpha": alpha})
        unary("elu", lambda x: np.where(x > 0, x, alpha * np.expm1(x)), attributes={"alpha": alpha})
    unary("hard_sigmoid", lambda x: np.clip(0.3 * x + 0.4, 0, 1), attributes={"alpha": 0.3, "beta": 0.4})
    unary("hard_sigmoid", lambda x: np.clip(0.2 * x + 0.5, 0, 1), attributes={"alpha": 0.2, "beta": 0.5})


def all_numbers():
    unary("absolute", np.abs)
    unary("negate", np.negative)
    unary("sign", lambda x: np.where(x == 0, x, np.sign(x)))
    # Whether the greater of 0 and -0 is the one or the other is nobody's promise.
    unary("relu", lambda x: np.maximum(x, 0), signed_zeros=False)
    for type in INTEGERS:
        x = edges(type)
        with np.errstate(over="ignore"):
            for name, f in {"absolute": np.abs, "negate": np.negative, "sign": np.sign}.items():
                suite.case(name, {}, [x], f(x))
        suite.case("relu", {}, [x], np.maximum(x, 0).astype(x.dtype))


def clips():
    for low, high in ((-1.0, 1.5), (None, 0.5), (-0.25, None)):
        unary("clip", lambda x: np.clip(x, low, high), attributes={"minimum": low, "maximum": high}, signed_zeros=False)
    for type in INTEGERS:
        x = edges(type)
        low, high = (2, 7) if type in UNSIGNED else (-2, 7)
        suite.case("clip", {"minimum": low + 0.0, "maximum": high + 0.0}, [x], np.clip(x, low, high))


def binary(name, f, pairs, types=FLOATS, **options):
    a, b = np.array(pairs).T
    for type in types:
        x, y = floats(type, a), floats(type, b)
        with np.errstate(all="ignore"):
            suite.case(name, {}, [typed(type, x), typed(type, y)], typed(type, f(x, y)), **options)
            # Broadcast both ways.
            p, q = floats(type, random.uniform(0.5, 4, (3, 1))), floats(type, random.uniform(0.5, 4, (2, 1, 4)))
            suite.case(name, {}, [typed(type, p), typed(type, q)], typed(type, f(p, q)), **options)


def truncated(a, b):
    """The quotient towards zero in exact integers, wrapped; 0 where the divisor is."""
    info = np.iinfo(a.dtype)
    values = []
    for x, y in zip(a.tolist(), b.tolist()):
        quotient = 0 if y == 0 else abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1)
        values.append((quotient - info.min) % (info.max - info.min + 1) + info.min)
    return np.array(values, a.dtype)


def binaries():
    special = [(x, y) for x in (0.0, -0.0, 1.5, -2.0, np.inf, -np.inf, np.nan) for y in (2.0, -0.5, -0.0, np.inf, np.nan)]
    some = [tuple(pair) for pair in random.uniform(-4, 4, (9, 2))]
    for name, f in {"add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": np.divide}.items():
        binary(name, f, special + some)
    for name, f in {"maximum": np.maximum, "minimum": np.minimum}.items():
        binary(name, f, special + some, signed_zeros=False)
    binary("power", np.power, [(abs(x), y) for x, y in special + some] + [(-2.0, 3.0), (-2.0, -2.0), (-1.5, 0.5)])
    binary("remainder", np.mod, [(x, y) for x, y in some] + [(7.0, 2.0), (-7.0, 2.0), (7.0, -2.0), (6.0, -2.0)],
           types=("f64", "f32"))
    for type in INTEGERS:
        a, b = (grid.ravel() for grid in np.meshgrid(edges(type), edges(type)))
        with np.errstate(all="ignore"):
            for name, f in {
                "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": truncated,
                "remainder": np.mod, "maximum": np.maximum, "minimum": np.minimum,
            }.items():
                suite.case(name, {}, [a, b], f(a, b))
            x, y = random.integers(1, 50, (3, 1)).astype(a.dtype), random.integers(1, 50, 4).astype(a.dtype)
            suite.case("add", {}, [x, y], x + y)
            suite.case("multiply", {}, [x[:0], y], x[:0] * y)


floats_only()
all_numbers()
clips()
binaries()
suite.write()
