"""Writes reductions.json: sums, products, means, extrema and their places, softmax and normalisations, by NumPy and SciPy.

    python make_reductions.py
"""

import functools

import numpy as np
import scipy.special

from fixture import DTYPES, FLOATS, Suite, any_numbers, generator, typed, wide

random = generator(8)
operand = functools.partial(any_numbers, random)
suite = Suite("reductions")
INTEGERS = [type for type in DTYPES if type not in FLOATS and type != "bool"]
# Shapes and the axes to combine: one, several, all, none, of nothing, extents of 1.
CASES = [
    ((7,), (0,)), ((3, 5), (0,)), ((3, 5), (1,)), ((2, 3, 4), (0, 2)), ((2, 3, 4), (0, 1, 2)), ((3,), ()), ((), ()),
    ((0, 3), (0,)), ((0, 3), (1,)), ((1, 4, 1), (0, 2)), ((2, 1, 2, 1, 2, 1, 1, 2), (1, 2, 7)),
]


def arithmetic():
    for number, type in enumerate(FLOATS + tuple(INTEGERS)):
        cases = CASES if type == "f64" else [CASES[(number + step) % len(CASES)] for step in (0, 4, 7)]
        for place, (shape, axes) in enumerate(cases):
            x, keep = operand(type, shape), place % 2 == 1
            attributes = {"axes": list(axes), "keepAxes": keep}
            for name, f in {"sum": np.sum, "product": np.prod}.items():
                # NumPy sums narrow integers in 64 bits, which wrap to the same low bits.
                dtype = None if type in FLOATS else DTYPES[type]
                with np.errstate(over="ignore"):
                    suite.case(name, attributes, [x], typed(type, f(wide(x), axis=axes, keepdims=keep, dtype=dtype)))
            if type in FLOATS:
                with np.errstate(all="ignore"):
                    mean = wide(x).sum(axis=axes, keepdims=keep) / np.prod([shape[axis] for axis in axes], dtype=float)
                suite.case("mean", attributes, [x], typed(type, mean))


def extrema():
    for number, type in enumerate(FLOATS + tuple(INTEGERS)):
        for place in range(5):
            shape, axes = CASES[(number + place) % len(CASES)]
            x, keep = operand(type, shape), place % 2 == 0
            attributes = {"axes": list(axes), "keepAxes": keep}
            for name, f, info in (("max", np.max, "min"), ("min", np.min, "max")):
                least = {"max": -np.inf, "min": np.inf}[name] if type in FLOATS else getattr(np.iinfo(DTYPES[type]), info)
                # The identity of nothing is the end of the range.
                result = f(wide(x), axis=axes, keepdims=keep, initial=least)
                suite.case(name, attributes, [x], typed(type, result))
    special = np.array([[np.nan, 1, 2], [np.inf, -np.inf, 0], [-np.inf, -np.inf, -np.inf], [3, 3, np.nan]])
    for type in FLOATS:
        x = typed(type, special)
        for name, f in {"max": np.max, "min": np.min}.items():
            suite.case(name, {"axes": [1], "keepAxes": False}, [x], typed(type, f(x.values, axis=1)))
            suite.case(name, {"axes": [0, 1], "keepAxes": True}, [x], typed(type, [[np.nan]]))


def sums_of_what_is_not_finite():
    x = np.array([[np.inf, 1.0], [np.inf, -np.inf], [np.nan, 1.0], [-np.inf, 0.0]])
    with np.errstate(all="ignore"):
        for name, f in {"sum": np.sum, "product": np.prod, "mean": np.mean}.items():
            suite.case(name, {"axes": [1], "keepAxes": False}, [x], f(x, axis=1))


def truths():
    for name, f in {"all": np.all, "any": np.any}.items():
        for place, (shape, axes) in enumerate(CASES):
            x = random.random(shape) < (0.8 if name == "all" else 0.2)
            suite.case(name, {"axes": list(axes), "keepAxes": place % 2 == 0}, [x], f(x, axis=axes, keepdims=place % 2 == 0))


def places():
    """NumPy's first; its last is the first of the reversed axis. NaN counts as the greatest and as the least."""
    for type in FLOATS + tuple(INTEGERS):
        few = {"low": 0, "high": 3} if type.startswith("u") else {"low": -1, "high": 2}
        for shape, axis, last, keep in (((3, 5), 1, False, False), ((4, 2, 3), 0, True, True), ((7,), 0, True, False)):
            x = typed(type, random.integers(size=shape, **few))
            for name, f in {"arg_max": np.argmax, "arg_min": np.argmin}.items():
                found = f(np.flip(wide(x), axis) if last else wide(x), axis=axis, keepdims=keep)
                result = shape[axis] - 1 - found if last else found
                suite.case(name, {"axis": axis, "keepAxes": keep, "selectLast": last}, [x], result.astype(np.int64))
    x = np.array([[1, np.nan, np.nan, 2], [np.inf, np.inf, 0, -np.inf], [0.0, -0.0, 0.0, -0.0]])
    for name, first, last in (("arg_max", [1, 0, 0], [2, 1, 3]), ("arg_min", [1, 3, 0], [2, 3, 3])):
        suite.case(name, {"axis": 1, "keepAxes": False, "selectLast": False}, [x], np.array(first))
        suite.case(name, {"axis": 1, "keepAxes": False, "selectLast": True}, [x], np.array(last))


def softmaxes():
    for type in FLOATS:
        for shape, axis in (((3, 5), 1), ((4, 2, 3), 0), ((7,), 0), ((2, 1), 1), ((0, 3), 1), ((2, 0), 1)):
            x = typed(type, random.uniform(-3, 3, shape))
            for name, f in {"softmax": scipy.special.softmax, "log_softmax": scipy.special.log_softmax}.items():
                result = f(wide(x), axis) if wide(x).size else wide(x)
                suite.case(name, {"axis": axis}, [x], typed(type, result))
    large = np.array([[1000.0, 1001, 999], [-1000, -1000, -1000], [0, 700, -700]])
    suite.case("softmax", {"axis": 1}, [large], scipy.special.softmax(large, 1))
    suite.case("log_softmax", {"axis": 1}, [large], scipy.special.log_softmax(large, 1))


def normalisations():
    for type in FLOATS:
        # The axes from one on, scaled and shifted over the axes that they have.
        for shape, axis, epsilon, scale, bias in (
            ((3, 5), 1, 0.1, (5,), (5,)), ((2, 3, 4), 1, 0.01, (3, 4), (3, 1)), ((2, 3, 4), 2, 0.5, (), None),
            ((7,), 0, 1.0, (7,), ()), ((0, 3), 1, 0.1, (3,), None),
        ):
            parts = [typed(type, random.uniform(-2, 2, size)) for size in (shape, scale)]
            if bias is not None:
                parts.append(typed(type, random.uniform(-2, 2, bias)))
            x, axes = wide(parts[0]), tuple(range(axis, len(shape)))
            normal = (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + epsilon)
            result = normal * wide(parts[1]) + (wide(parts[2]) if bias is not None else 0)
            suite.case("layer_norm", {"axis": axis, "epsilon": epsilon}, parts, typed(type, result))
        for shape, epsilon in (((2, 3), 0.1), ((2, 3, 4), 0.01), ((1, 2, 2, 3), 1e-5), ((0, 3, 2), 0.5)):
            channels = [typed(type, random.uniform(low, 2, shape[1])) for low in (-2, -2, -2, 0.5)]
            x = typed(type, random.uniform(-2, 2, shape))
            s, b, m, v = (wide(part).reshape([-1] + [1] * (len(shape) - 2)) for part in channels)
            result = (wide(x) - m) / np.sqrt(v + epsilon) * s + b
            suite.case("batch_norm", {"epsilon": epsilon}, [x, *channels], typed(type, result))


with np.errstate(all="ignore"):
    arithmetic()
    extrema()
    sums_of_what_is_not_finite()
    truths()
    places()
    softmaxes()
    normalisations()
suite.write()
