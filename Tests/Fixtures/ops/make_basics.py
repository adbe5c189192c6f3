"""Writes basics.json: a case or two of many ops, by NumPy and SciPy.

    python make_basics.py
"""

import numpy as np
import scipy.special

from fixture import Suite, generator

random = generator()
suite = Suite("basics")
WINDOW = {"kernel": [3, 3], "strides": [2, 2], "before": [1, 1], "after": [1, 1], "dilations": [1, 1], "ceilMode": False}
CEILED = {"kernel": [2, 2], "strides": [2, 2], "before": [0, 0], "after": [0, 0], "dilations": [1, 1], "ceilMode": True}
MARGINS = {"before": [1, 3], "after": [2, 0]}
BOTH = {"axes": [0, 2], "keepAxes": False}
PLACE = {"axis": 1, "keepAxes": False, "selectLast": False}
# The attributes of a case, by its name, and its op where that is another.
ATTRIBUTES = {
    "clip": {"minimum": -1.0, "maximum": 1.5}, "leaky_relu": {"alpha": 0.1}, "elu": {"alpha": 1.5},
    "hard_sigmoid": {"alpha": 0.3, "beta": 0.4}, "gelu": {"approximate": False}, "cast": {"to": "u8"},
    "slice": {"starts": [3, 1], "sizes": [2, 2], "steps": [-2, 3]}, "concat": {"axis": 1}, "reverse": {"axes": [1]},
    "transpose": {"permutation": [1, 0]}, "gather": {"axis": 1}, "gather_gradient": {"axis": 0, "extent": 4},
    **{name: BOTH for name in ("sum", "product", "mean", "max", "min", "all", "any")}, "arg_max": PLACE,
    "arg_min": PLACE, "softmax": {"axis": 1}, "log_softmax": {"axis": 1}, "layer_norm": {"axis": 2, "epsilon": 0.1},
    "batch_norm": {"epsilon": 0.1}, "max_pool": {"window": WINDOW},
    "average_pool": {"window": WINDOW, "countIncludePad": False}, "broadcast_to": {"shape": [2, 4, 3]},
}
VARIANTS = {
    "gelu_tanh": ("gelu", {"approximate": True}),
    "pad_constant": ("pad", {**MARGINS, "mode": "constant", "value": 1.5}),
    "pad_reflect": ("pad", {**MARGINS, "mode": "reflect", "value": 0.0}),
    "pad_edge": ("pad", {**MARGINS, "mode": "edge", "value": 0.0}),
    "arg_max_last": ("arg_max", {**PLACE, "selectLast": True}),
    "max_pool_ceil": ("max_pool", {"window": CEILED}),
    "average_pool_include": ("average_pool", {"window": WINDOW, "countIncludePad": True}),
    "average_pool_ceil": ("average_pool", {"window": CEILED, "countIncludePad": False}),
}


def case(name, operands, result):
    op, attributes = VARIANTS.get(name, (name, ATTRIBUTES.get(name, {})))
    # NumPy gives 0 for the sign of -0 and for the greater of -0 and 0; 1 + tanh cancels far below 0, so that GELU's own size is no measure.
    suite.case(
        op, attributes, operands, result, signed_zeros=name not in ("sign", "relu"), tolerance=1e-14 if name == "gelu_tanh" else None)


def uniform(*shape, low=-3.0, high=3.0):
    return random.uniform(low, high, shape)


SPECIAL = np.array([0.0, -0.0, 0.5, 1.5, 2.5, -0.5, -1.5, 1e-9, -1e-9, 20, -20, 700, np.inf, -np.inf, np.nan])
MIXED = np.concatenate([SPECIAL, uniform(20)])

with np.errstate(all="ignore"):
    for name, f in {
        "absolute": np.abs, "sign": np.sign, "sqrt": np.sqrt, "exp": np.exp, "expm1": np.expm1, "log": np.log,
        "log1p": np.log1p, "tanh": np.tanh, "floor": np.floor, "ceil": np.ceil, "round": np.round,
        "reciprocal": np.reciprocal, "erf": scipy.special.erf, "sigmoid": scipy.special.expit, "is_nan": np.isnan,
        "is_infinite": np.isinf, "softplus": lambda x: np.logaddexp(0, x), "relu": lambda x: np.maximum(x, 0),
        "clip": lambda x: np.clip(x, -1, 1.5), "leaky_relu": lambda x: np.where(x > 0, x, 0.1 * x),
    }.items():
        case(name, [MIXED], f(MIXED))
    x = np.concatenate([np.linspace(-6, 6, 25), [1e-9]])
    case("sin", [x], np.sin(x))
    case("cos", [x], np.cos(x))
    case("gelu", [x], x * scipy.special.ndtr(x))
    case("gelu_tanh", [x], 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))))
    case("silu", [x], x * scipy.special.expit(x))
    case("elu", [x], np.where(x > 0, x, 1.5 * np.expm1(x)))
    case("hard_sigmoid", [x], np.clip(0.3 * x + 0.4, 0, 1))
    case("hard_swish", [x], x * np.clip(x / 6 + 0.5, 0, 1))

    a, b = np.meshgrid([0.0, 1.0, -2.0, 5.5, -5.5, np.inf, np.nan], [2.0, -2.0, 0.5, 3.0, 0.0, np.nan])
    for name, f in {
        "power": np.power, "maximum": np.maximum, "minimum": np.minimum, "equal": np.equal, "less": np.less,
        "not_equal": np.not_equal, "less_equal": np.less_equal, "greater": np.greater, "greater_equal": np.greater_equal,
    }.items():
        case(name, [a, b], f(a, b))
    a, b = np.meshgrid([0.0, 5.5, -5.5, 7.0, -7.0], [2.0, -2.0, 3.5])
    case("remainder", [a, b], np.mod(a, b))
    a, b = (g.astype(np.int32) for g in np.meshgrid([0, 5, -5, 7, -7, -(2**31)], [2, -2, 3, -1, 0]))
    case("remainder", [a, b], np.mod(a, b))
    a, b = np.array([100, -128, 127], np.int8), np.array([100, 1, 2], np.int8)
    case("add", [a, b], a + b)
    case("multiply", [a, b], a * b)
    case("subtract", [a, b], a - b)
    case("cast", [np.array([3.7, 0.2, 250.9, 7], np.float32)], np.array([3, 0, 250, 7], np.uint8))

x = uniform(4, 5).astype(np.float32)
case("slice", [x], x[3:0:-2, 1:5:3])
case("concat", [x, x[:, :2]], np.concatenate([x, x[:, :2]], 1))
case("reverse", [x], np.flip(x, 1))
case("transpose", [x], x.T)
case("broadcast_to", [x[:, :1]], np.broadcast_to(x[:, :1], (2, 4, 3)))
case("gather", [x, np.array([[0, -1], [4, 2]])], np.take(x, [[0, -1], [4, 2]], 1))
margins = ((1, 2), (3, 0))
case("pad_constant", [x], np.pad(x, margins, constant_values=1.5))
case("pad_reflect", [x], np.pad(x, margins, "reflect"))
case("pad_edge", [x], np.pad(x, margins, "edge"))
scattered = np.zeros((4, 3), np.float64)
np.add.at(scattered, [0, 3, 3, 1], np.arange(12.0).reshape(4, 3))
case("gather_gradient", [np.arange(12.0).reshape(4, 3), np.array([0, 3, -1, 1])], scattered)

x = uniform(2, 3, 4)
x[0, 1, 2] = x[0, 2, 2]
for name, f in {"sum": np.sum, "product": np.prod, "mean": np.mean, "max": np.max, "min": np.min}.items():
    case(name, [x], f(x, axis=(0, 2)))
case("max", [np.where(x > 2, np.nan, x)], np.max(np.where(x > 2, np.nan, x), axis=(0, 2)))
ties = np.array([[1, 3, 3], [2, 2, 0]], np.int32)
case("arg_max", [ties], np.argmax(ties, 1))
case("arg_min", [ties], np.argmin(ties, 1))
case("arg_max_last", [ties], 2 - np.argmax(ties[:, ::-1], 1))
case("arg_max", [np.array([[1, np.nan, 2, np.nan]])], np.array([1]))
truth = x > 0
case("all", [truth], np.all(truth, (0, 2)))
case("any", [truth], np.any(truth, (0, 2)))
case("softmax", [x], scipy.special.softmax(x, 1))
case("log_softmax", [x], scipy.special.log_softmax(x, 1))
scale, bias = uniform(4), uniform(4)
normal = (x - x.mean(2, keepdims=True)) / np.sqrt(x.var(2, keepdims=True) + 0.1)
case("layer_norm", [x, scale, bias], normal * scale + bias)
parts = [uniform(3), uniform(3), uniform(3), uniform(3, low=0.5)]
s, b, m, v = (p.reshape(1, 3, 1) for p in parts)
case("batch_norm", [x, *parts], (x - m) / np.sqrt(v + 0.1) * s + b)


def pool(x, kernel, stride, before, after, ceil, reduce, padding):
    """One axis at a time is enough: both pools are separable where padding is alike on all windows."""
    for axis in (2, 3):
        size = x.shape[axis]
        room = size + before + after - kernel
        count = (-(-room // stride) if ceil else room // stride) + 1
        if ceil and (count - 1) * stride >= size + before:
            count -= 1
        extra = max(0, (count - 1) * stride + kernel - size - before)
        x = np.pad(x, [(before, extra) if a == axis else (0, 0) for a in range(4)], constant_values=padding)
        x = np.stack([reduce(np.take(x, range(o * stride, o * stride + kernel), axis), axis) for o in range(count)], axis)
    return x


x = uniform(1, 2, 5, 6)
case("max_pool", [x], pool(x, 3, 2, 1, 1, False, np.max, -np.inf))
case("max_pool_ceil", [x], pool(x, 2, 2, 0, 0, True, np.max, -np.inf))
case("average_pool", [x], pool(x, 3, 2, 1, 1, False, np.nanmean, np.nan))
case("average_pool_include", [x], pool(x, 3, 2, 1, 1, False, np.mean, 0))
case("average_pool_ceil", [x], pool(x, 2, 2, 0, 0, True, np.nanmean, np.nan))

suite.write()
