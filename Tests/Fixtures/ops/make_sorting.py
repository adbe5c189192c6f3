"""Writes sorting.json: orders and running reductions, by NumPy.

    python make_sorting.py
"""

import numpy as np

from fixture import DTYPES, FLOATS, Suite, generator, typed

random = generator(31)
suite = Suite("sorting")
TYPES = list(DTYPES)


def data(type, *shape):
    """Numbers of which some are equal."""
    if type == "bool":
        return typed(type, random.integers(0, 2, shape))
    if type in FLOATS:
        return typed(type, np.round(random.uniform(-3, 3, shape) * 4) / 4)
    return typed(type, random.integers(0 if type.startswith("u") else -9, 9, shape))


def order(values, axis, descending):
    """The stable order; NaN is the greatest."""
    if values.size == 0:
        return np.zeros(values.shape, np.int64)
    moved = np.moveaxis(values, axis, -1)
    if values.dtype.kind == "f":
        nan = np.isnan(moved)
        keys = np.where(nan, np.inf, moved)
        # A rank is one number for equal elements; NaN comes behind infinity.
        ranks = np.array([np.searchsorted(np.unique(row), row) for row in keys.reshape(-1, keys.shape[-1])]).reshape(keys.shape)
        ranks = np.where(nan, keys.shape[-1] + 1, ranks)
    else:
        ranks = np.array([np.searchsorted(np.unique(row), row) for row in moved.reshape(-1, moved.shape[-1])]).reshape(moved.shape)
    places = np.argsort(-ranks if descending else ranks, axis=-1, kind="stable") if moved.size else ranks.astype(np.int64)
    return np.moveaxis(places, -1, axis).astype(np.int64)


def sorts(type, x, axis, descending):
    places = order(x.values, axis, descending)
    attributes = {"axis": axis, "descending": descending}
    suite.case("arg_sort", attributes, [x], places)
    suite.case("sort", attributes, [x], typed(type, np.take_along_axis(x.values, places, axis)))


def top(type, x, count, axis, largest):
    places = np.take(order(x.values, axis, largest), range(count), axis)
    values = typed(type, np.take_along_axis(x.values, places, axis))
    attributes = {"count": count, "axis": axis, "largest": largest}
    suite.case("top_k", attributes, [x], [values, places])
    suite.case("arg_top_k", attributes, [x], places)


SPECIAL = [1.5, np.nan, -0.0, 0.0, -np.inf, 2, np.inf, -np.nan, -1, 0.0, -0.0, 1.5]
for type in TYPES:
    sorts(type, data(type, 3, 7), 1, False)
    sorts(type, data(type, 5, 2), 0, True)
    top(type, data(type, 2, 9), 4, 1, True)
    top(type, data(type, 6), 3, 0, False)
for type in FLOATS:
    for descending in (False, True):
        sorts(type, typed(type, SPECIAL), 0, descending)
        top(type, typed(type, SPECIAL), 5, 0, descending)
sorts("f32", data("f32", 2, 0), 1, False)
sorts("f32", data("f32", 1), 0, False)
sorts("f32", data("f32", 2, 3, 2), 1, True)
sorts("u64", typed("u64", np.array([2**63, 1, 2**64 - 1, 0, 2**63 - 1], np.uint64)), 0, False)
sorts("i64", typed("i64", np.array([-(2**63), 1, 2**63 - 1, 0, -1])), 0, True)


def running(x, axis, exclusive, reverse, step, first):
    """A running reduction in f64, or in the integer type."""
    moved = np.moveaxis(x, axis, 0)
    moved = moved[::-1] if reverse else moved
    result = np.empty_like(moved)
    state = np.full(moved.shape[1:], first, x.dtype)
    for place in range(len(moved)):
        before = state
        with np.errstate(all="ignore"):
            state = step(state, moved[place])
        result[place] = before if exclusive else state
    return np.moveaxis(result[::-1] if reverse else result, 0, axis)


def scans(type, x, axis, exclusive, reverse):
    isFloat = type in FLOATS
    values = x.values.astype(np.float64) if isFloat else x.values
    least = -np.inf if isFloat else np.iinfo(x.values.dtype).min
    most = np.inf if isFloat else np.iinfo(x.values.dtype).max
    for name, step, first in (
        ("cumulative_sum", np.add, 0), ("cumulative_product", np.multiply, 1), ("cumulative_max", np.maximum, least),
        ("cumulative_min", np.minimum, most),
    ):
        attributes = {"axis": axis, "exclusive": exclusive, "reverse": reverse}
        # Which of two zeros is the greater is left open.
        result = running(values, axis, exclusive, reverse, step, first)
        suite.case(name, attributes, [x], typed(type, result), signed_zeros=False)


for type in TYPES:
    if type == "bool":
        continue
    scans(type, data(type, 2, 5), 1, False, False)
    scans(type, data(type, 4, 2), 0, True, True)
for exclusive in (False, True):
    for reverse in (False, True):
        scans("f64", typed("f64", random.uniform(-2, 2, (2, 3, 4))), 1, exclusive, reverse)
        scans("f32", typed("f32", [1, 2, np.nan, 3, -np.inf, 1]), 0, exclusive, reverse)
        scans("i32", data("i32", 0), 0, exclusive, reverse)

for type in FLOATS:
    for axis, reverse, shape in ((0, False, (5,)), (1, True, (2, 4)), (0, False, (3, 2)), (1, False, (2, 0)), (2, True, (1, 2, 3))):
        a, b = (typed(type, random.uniform(-1.5, 1.5, shape)) for _ in range(2))
        x, y = (np.moveaxis(v.values.astype(np.float64), axis, 0) for v in (a, b))
        x, y = (x[::-1], y[::-1]) if reverse else (x, y)
        h, state = np.zeros_like(x), np.zeros(x.shape[1:])
        for place in range(len(x)):
            state = x[place] * state + y[place]
            h[place] = state
        h = np.moveaxis(h[::-1] if reverse else h, 0, axis)
        suite.case("linear_scan", {"axis": axis, "reverse": reverse}, [a, b], typed(type, h))

suite.write()
