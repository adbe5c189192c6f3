"""Writes pools.json: pools over windows and their gradients, by their definitions in NumPy.

    python make_pools.py
"""

import functools
import itertools

import numpy as np

from fixture import DTYPES, FLOATS, Suite, any_numbers, generator, typed, wide

random = generator(12)
operand = functools.partial(any_numbers, random)
suite = Suite("pools")


def window(kernel, strides=None, before=None, after=None, dilations=None, ceil=False):
    ones, zeros = [1] * len(kernel), [0] * len(kernel)
    return {
        "kernel": kernel, "strides": strides or ones, "before": before or zeros, "after": after or zeros,
        "dilations": dilations or ones, "ceilMode": ceil,
    }


CASES = [
    (window([3]), (2, 2, 7)),
    (window([3], [2], [1], [1], ceil=True), (1, 2, 6)),
    (window([2, 2], [2, 2]), (1, 2, 5, 4)),
    (window([3, 2], [2, 1], [1, 0], [1, 1], [1, 2]), (1, 2, 5, 4)),
    (window([3, 3], [2, 2], [1, 1], [0, 0], ceil=True), (1, 2, 4, 6)),
    (window([2, 1, 2], [1, 2, 2], [0, 0, 1], [1, 0, 0]), (1, 2, 3, 3, 4)),
    (window([2]), (0, 3, 4)),
    (window([1, 1]), (1, 1, 2, 3)),
]


def outputs(w, axis, extent):
    """How many windows start within the axis: a last one that is cut off counts with ceilMode, unless it only sees padding."""
    span = (w["kernel"][axis] - 1) * w["dilations"][axis] + 1
    room = extent + w["before"][axis] + w["after"][axis] - span
    count = room // w["strides"][axis] + 1
    if w["ceilMode"] and room % w["strides"][axis] and count * w["strides"][axis] < extent + w["before"][axis]:
        count += 1
    return count


def walk(w, shape):
    """For every output its index and its taps: their row-major number and the spatial place, inside or outside."""
    axes = range(len(w["kernel"]))
    sizes = [outputs(w, axis, shape[axis + 2]) for axis in axes]
    for output in itertools.product(*map(range, sizes)):
        taps = []
        for number, tap in enumerate(itertools.product(*map(range, w["kernel"]))):
            taps.append((number, tuple(
                output[axis] * w["strides"][axis] - w["before"][axis] + tap[axis] * w["dilations"][axis] for axis in axes)))
        yield output, taps


def inside(place, shape):
    return all(0 <= p < extent for p, extent in zip(place, shape[2:]))


def output_shape(w, shape):
    return (*shape[:2], *(outputs(w, axis, shape[axis + 2]) for axis in range(len(w["kernel"]))))


def maximum(x, w):
    """The greatest elements and their taps; NaN counts as the greatest, the first of equals is taken."""
    result = np.zeros(output_shape(w, x.shape), x.dtype)
    found = np.zeros(result.shape, np.int32)
    for output, taps in walk(w, x.shape):
        for row in itertools.product(range(x.shape[0]), range(x.shape[1])):
            best = None
            for number, place in taps:
                if not inside(place, x.shape):
                    continue
                value = x[row + place]
                if best is None or value > best[1] or (value != value and best[1] == best[1]):
                    best = (number, value)
            found[row + output], result[row + output] = best
    return result, found


def averages(w, shape, include):
    """For every output its taps inside and how many share it."""
    for output, taps in walk(w, shape):
        places = [place for _, place in taps if inside(place, shape)]
        # Padding counts, but what ceilMode adds behind it does not.
        padded = [
            place for _, place in taps
            if all(p < extent + after for p, extent, after in zip(place, shape[2:], w["after"]))]
        yield output, places, len(padded) if include else len(places)


def average(x, w, include):
    result = np.zeros(output_shape(w, x.shape))
    for output, places, count in averages(w, x.shape, include):
        result[(..., *output)] = sum(x[(..., *place)] for place in places) / count
    return result


def average_gradient(cotangent, w, shape, include):
    result = np.zeros(shape)
    for output, places, count in averages(w, shape, include):
        for place in places:
            result[(..., *place)] += cotangent[(..., *output)] / count
    return result


def maximum_gradient(cotangent, found, w, shape):
    result = np.zeros(shape)
    for output, taps in walk(w, shape):
        for number, place in taps:
            if inside(place, shape):
                hit = found[(..., *output)] == number
                result[(..., *place)] += np.where(hit, cotangent[(..., *output)], 0)
    return result


def maxima():
    for number, type in enumerate(type for type in DTYPES if type != "bool"):
        for step in range(len(CASES) if type in ("f64", "f32") else 2):
            w, shape = CASES[(number + 3 * step) % len(CASES)]
            x = operand(type, shape)
            result, found = maximum(x.values, w)
            suite.case("max_pool", {"window": w}, [x], typed(type, result))
            suite.case("max_pool_taps", {"window": w}, [x], found)
    # Integers that f64 takes for equal.
    for type, base in {"i64": 2**53, "u64": 2**63 + 2**53}.items():
        w, x = window([3], [1], [1], [1]), np.array([[[base, base + 1, base, base - 1, base + 3, base + 2]]], DTYPES[type])
        result, found = maximum(x, w)
        suite.case("max_pool", {"window": w}, [typed(type, x)], typed(type, result))
        suite.case("max_pool_taps", {"window": w}, [typed(type, x)], found)
    # Ties and NaN.
    w, x = window([3], [1], [1], [1]), np.array([[[1, 3, 3, np.nan, 2, np.nan, -np.inf, -np.inf, -np.inf]]])
    result, found = maximum(x, w)
    suite.case("max_pool", {"window": w}, [x], result)
    suite.case("max_pool_taps", {"window": w}, [x], found)


def means():
    for type in FLOATS:
        for number, (w, shape) in enumerate(CASES):
            for include in (False, True):
                attributes = {"window": w, "countIncludePad": include}
                x = operand(type, shape)
                suite.case("average_pool", attributes, [x], typed(type, average(wide(x), w, include)))
                if type != "f64" and number % 3:
                    continue
                cotangent = operand(type, output_shape(w, shape))
                result = average_gradient(wide(cotangent), w, shape, include)
                suite.case("average_pool_gradient", {**attributes, "shape": list(shape)}, [cotangent], typed(type, result))
            cotangent = operand(type, output_shape(w, shape))
            taps = random.integers(0, np.prod(w["kernel"]), cotangent.values.shape).astype(np.int32)
            result = maximum_gradient(wide(cotangent), taps, w, shape)
            suite.case("max_pool_gradient", {"window": w, "shape": list(shape)}, [cotangent, taps], typed(type, result))


maxima()
means()
suite.write()
