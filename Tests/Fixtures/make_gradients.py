"""Makes gradients.json: gradients of 300 small functions and, of the smooth ones, of their gradients along a direction, by JAX in f64.

    pip install jax==0.10.2 && python make_gradients.py

A case is an operation by its name in Tests/TensorsTests/JaxGradientTests.swift, its operands, weights w, and the gradients of
sum(w * operation) with respect to each operand; with directions v also those of sum(v * gradient). Operands are multiples of
1/64, apart from each other and from kinks, so that they are short in the file and exact.
"""
import json
import os

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.scipy import special

jax.config.update("jax_enable_x64", True)
RANDOM = np.random.default_rng(2026)
SHAPES = [(5,), (2, 3), (2, 1, 3), (1, 4)]


def numbers(shape, low=-2.0, high=2.0):
    """Different multiples of 1/64, none of them 0, half, one or two."""
    grid = np.arange(int(np.ceil(low * 64)), int(high * 64) + 1)
    grid = grid[grid % 32 != 0]
    count = int(np.prod(shape))
    return RANDOM.choice(grid, count, replace=count > len(grid)).reshape(shape) / 64


UNARY = {  # name: function, range, whether it is smooth
    "exp": (jnp.exp, -2, 2, True), "log": (jnp.log, 0.2, 3, True), "sqrt": (jnp.sqrt, 0.2, 3, True),
    "tanh": (jnp.tanh, -2, 2, True), "sigmoid": (jax.nn.sigmoid, -3, 3, True), "sin": (jnp.sin, -3, 3, True),
    "cos": (jnp.cos, -3, 3, True), "tan": (jnp.tan, -1.2, 1.2, True), "asin": (jnp.arcsin, -0.9, 0.9, True),
    "acos": (jnp.arccos, -0.9, 0.9, True), "atan": (jnp.arctan, -2, 2, True), "sinh": (jnp.sinh, -2, 2, True),
    "cosh": (jnp.cosh, -2, 2, True), "asinh": (jnp.arcsinh, -2, 2, True), "acosh": (jnp.arccosh, 1.2, 4, True),
    "atanh": (jnp.arctanh, -0.9, 0.9, True), "erf": (special.erf, -2, 2, True), "log1p": (jnp.log1p, -0.8, 3, True),
    "expm1": (jnp.expm1, -2, 2, True), "log2": (jnp.log2, 0.2, 3, True), "log10": (jnp.log10, 0.2, 3, True),
    "rsqrt": (lax.rsqrt, 0.2, 3, True), "reciprocal": (jnp.reciprocal, 0.3, 3, True), "square": (jnp.square, -2, 2, True),
    "gelu": (lambda x: jax.nn.gelu(x, approximate=False), -3, 3, True), "gelu_tanh": (jax.nn.gelu, -3, 3, True),
    "silu": (jax.nn.silu, -3, 3, True), "softplus": (jax.nn.softplus, -3, 3, True), "mish": (jax.nn.mish, -3, 3, True),
    "log_sigmoid": (jax.nn.log_sigmoid, -3, 3, True), "softsign": (jax.nn.soft_sign, 0.1, 3, True),
    "relu": (jax.nn.relu, -2, 2, False), "abs": (jnp.abs, -2, 2, False), "elu": (jax.nn.elu, -2, 2, False),
    "selu": (jax.nn.selu, -2, 2, False), "leaky_relu": (jax.nn.leaky_relu, -2, 2, False),
    "hard_swish": (jax.nn.hard_swish, -2.9, 2.9, False), "clip": (lambda x: jnp.clip(x, -1.01, 0.76), -2, 2, False),
    "floor_stays": (jnp.floor, -2, 2, False),
}
BINARY = {
    "add": (jnp.add, -2, 2, True), "subtract": (jnp.subtract, -2, 2, True), "multiply": (jnp.multiply, -2, 2, True),
    "divide": (jnp.divide, 0.3, 2, True), "power": (jnp.power, 0.3, 2, True), "atan2": (jnp.arctan2, 0.3, 2, True),
    "hypot": (jnp.hypot, 0.3, 2, True), "maximum": (jnp.maximum, -2, 2, False), "minimum": (jnp.minimum, -2, 2, False),
    "remainder": (jnp.remainder, 0.3, 2, False),
}
PAIRS = [((5,), (5,)), ((2, 3), (3,)), ((2, 1, 3), (4, 1)), ((), (2, 2))]
ROWS = {  # over the last axis of a matrix, and over the first
    "sum": (jnp.sum, True), "mean": (jnp.mean, True), "product": (jnp.prod, True), "max": (jnp.max, False),
    "min": (jnp.min, False), "log_sum_exp": (special.logsumexp, True), "variance": (jnp.var, True),
    "softmax": (jax.nn.softmax, True), "log_softmax": (jax.nn.log_softmax, True), "cumulative_sum": (jnp.cumsum, True),
    "cumulative_product": (jnp.cumprod, True), "sort": (jnp.sort, False), "flip": (jnp.flip, False),
    "norm": (lambda x, axis: jnp.linalg.norm(x, axis=axis), True),
}


def normalised(x, scale, bias):
    centred = x - x.mean(-1, keepdims=True)
    return centred * lax.rsqrt((centred**2).mean(-1, keepdims=True) + 1e-5) * scale + bias


def convolved(x, w, strides, padding, dilation=None, groups=1):
    layout = ("NCH", "OIH", "NCH") if x.ndim == 3 else ("NCHW", "OIHW", "NCHW")
    return lax.conv_general_dilated(
        x, w, strides, padding, rhs_dilation=dilation, dimension_numbers=layout, feature_group_count=groups)


def pooled(x, start, combine):
    return lax.reduce_window(x, start, combine, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")


INDICES = np.array([2, 0, 2])
MASK = np.array([[True, False, True], [False, True, True]])
LABELS = np.array([2, 0, 1])
OTHERS = {  # name: function, shapes of the operands, whether it is smooth
    "matmul": (jnp.matmul, [(3, 4), (4, 2)], True), "matmul_batched": (jnp.matmul, [(2, 3, 4), (2, 4, 2)], True),
    "matmul_broadcast": (jnp.matmul, [(2, 3, 4), (4, 2)], True),
    "matmul_transposed": (lambda a, b: a @ b.T, [(3, 4), (2, 4)], True),
    "outer": (jnp.outer, [(3,), (4,)], True), "dot": (jnp.dot, [(5,), (5,)], True),
    "layer_norm": (normalised, [(3, 5), (5,), (5,)], True),
    "convolution_1d": (lambda x, w: convolved(x, w, [2], [(1, 2)]), [(2, 3, 7), (4, 3, 3)], True),
    "convolution_2d": (lambda x, w: convolved(x, w, [1, 1], [(1, 1), (1, 1)]), [(1, 2, 4, 5), (3, 2, 3, 3)], True),
    "convolution_dilated": (
        lambda x, w: convolved(x, w, [1, 1], [(0, 0), (0, 0)], [2, 1]), [(1, 2, 6, 4), (2, 2, 3, 2)], True),
    "convolution_grouped": (
        lambda x, w: convolved(x, w, [1, 1], [(0, 0), (0, 0)], groups=2), [(1, 4, 3, 4), (4, 2, 2, 2)], True),
    "max_pool": (lambda x: pooled(x, -jnp.inf, lax.max), [(1, 2, 4, 6)], False),
    "average_pool": (lambda x: pooled(x, 0.0, lax.add) / 4, [(1, 2, 4, 6)], True),
    "gather": (lambda x: jnp.take(x, INDICES, axis=0), [(3, 4)], True),
    "index_add": (lambda x, y: jnp.asarray(x).at[INDICES].add(y), [(3, 2), (3, 2)], True),
    "select": (lambda x, y: jnp.where(MASK, x, y), [(2, 3), (2, 3)], True),
    "concat": (lambda x, y: jnp.concatenate([x, y], 1), [(2, 3), (2, 1)], True),
    "stack": (lambda x, y: jnp.stack([x, y]), [(2, 3), (2, 3)], True),
    "transpose": (lambda x: x.transpose(2, 0, 1), [(2, 3, 2)], True), "reshape": (lambda x: x.reshape(3, 4), [(2, 6)], True),
    "tile": (lambda x: jnp.tile(x, (2, 2)), [(2, 3)], True), "roll": (lambda x: jnp.roll(x, 2, 1), [(2, 5)], True),
    "pad": (lambda x: jnp.pad(x, ((1, 2), (0, 1))), [(2, 3)], True), "tril": (jnp.tril, [(4, 4)], True),
    "diagonal": (jnp.diagonal, [(3, 3)], True), "broadcast": (lambda x: jnp.broadcast_to(x, (2, 3, 4)), [(3, 1)], True),
    "slice": (lambda x: x[1:3, :2], [(4, 3)], True),
    "cross_entropy": (
        lambda x: -jnp.take_along_axis(jax.nn.log_softmax(x), LABELS[:, None], 1).mean(), [(3, 4)], True),
    "mean_squared_error": (lambda x, y: jnp.mean((x - y) ** 2), [(2, 3), (2, 3)], True),
    "determinant": (jnp.linalg.det, [(3, 3)], True),
    "attention": (
        lambda q, k, v: jax.nn.softmax(q @ k.swapaxes(-1, -2) / jnp.sqrt(4.0), axis=-1) @ v,
        [(2, 3, 4), (2, 5, 4), (2, 5, 2)], True),
}


def case(name, function, operands, smooth):
    operands = [np.asarray(o) for o in operands]
    weights = numbers(function(*operands).shape, -1, 1)
    places = tuple(range(len(operands)))
    gradient = jax.grad(lambda *o: jnp.sum(weights * function(*o)), places)
    result = {"op": name, "operands": [tensor(o) for o in operands], "weights": tensor(weights),
              "gradients": [flat(g) for g in gradient(*operands)]}
    if smooth:
        directions = [numbers(o.shape, -1, 1) for o in operands]
        along = jax.grad(lambda *o: sum(jnp.sum(v * g) for v, g in zip(directions, gradient(*o))), places)
        result["directions"] = [flat(v) for v in directions]
        result["second"] = [flat(g) for g in along(*operands)]
    return result


def tensor(array):
    return {"shape": list(array.shape), "values": flat(array)}


def flat(array):
    return [float(f"{float(value):.12g}") for value in np.asarray(array).ravel()]


def main():
    cases = []
    for name, (function, low, high, smooth) in UNARY.items():
        cases += [case(name, function, [numbers(shape, low, high)], smooth) for shape in SHAPES]
    for name, (function, low, high, smooth) in BINARY.items():
        cases += [case(name, function, [numbers(shape, low, high) for shape in pair], smooth) for pair in PAIRS]
    for name, (function, smooth) in ROWS.items():
        for axis, suffix in [(1, "_last"), (0, "_first")]:
            low = 0.3 if name in ("product", "cumulative_product") else -2
            for shape in [(3, 4), (4, 2)]:
                over = (lambda f, a: lambda x: f(x, axis=a))(function, axis)
                cases.append(case(name + suffix, over, [numbers(shape, low)], smooth))
    for name, (function, shapes, smooth) in OTHERS.items():
        for _ in range(2):
            cases.append(case(name, function, [numbers(shape) for shape in shapes], smooth))
    place = os.path.join(os.path.dirname(os.path.abspath(__file__)), "gradients.json")
    with open(place, "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
    print(len(cases), "cases,", len({c["op"] for c in cases if "second" in c}), "operations with second derivatives")


if __name__ == "__main__":
    main()
