"""Writes indexing.json: elements picked and put by index, by plain loops over NumPy arrays.

    python make_indexing.py
"""

import functools
import itertools

import numpy as np

from fixture import DTYPES, FLOATS, Suite, generator, small_numbers, typed

random = generator(32)
data = functools.partial(small_numbers, random)
suite = Suite("indexing")
TYPES = list(DTYPES)


def indices(extent, *shape, type="i64"):
    return typed(type, random.integers(-extent, extent, shape))


def gather_elements(type, shape, count, axis, index_type="i64"):
    x, i = data(type, *shape), indices(shape[axis], *count, type=index_type)
    result = np.empty(count, x.values.dtype)
    for place in np.ndindex(*count):
        source = list(place)
        source[axis] = i.values[place]
        result[place] = x.values[tuple(source)]
    suite.case("gather_elements", {"axis": axis}, [x, i], typed(type, result))


def tuples(extents, *shape):
    if not extents:
        return typed("i64", np.zeros((*shape, 0)))
    return typed("i64", np.stack([random.integers(-e, e, shape) for e in extents], -1))


def gather_nd(type, shape, count, picked, batch=0):
    x = data(type, *shape)
    i = tuples(shape[batch:batch + picked], *shape[:batch], *count)
    lead = i.values.shape[:-1]
    result = np.empty(lead + tuple(shape[batch + picked:]), x.values.dtype)
    for place in np.ndindex(*lead):
        result[place] = x.values[place[:batch] + tuple(i.values[place])]
    suite.case("gather_nd", {"batchDimensions": batch}, [x, i], typed(type, result))


def combined(type, reduction, old, new):
    if reduction == "replace":
        return new
    if type == "bool":
        return {"add": old | new, "multiply": old & new, "maximum": old | new, "minimum": old & new}[reduction]
    f = {"add": np.add, "multiply": np.multiply, "maximum": np.maximum, "minimum": np.minimum}[reduction]
    with np.errstate(all="ignore"):
        return f(old, new)


def wide(type, x):
    """Floats are combined in f64 and rounded once."""
    return x.values.astype(np.float64) if type in FLOATS else x.values.copy()


def scatter_elements(type, reduction, shape, count, axis, index_type="i64"):
    x, i, v = data(type, *shape), indices(shape[axis], *count, type=index_type), data(type, *count)
    result, values = wide(type, x), wide(type, v)
    for place in np.ndindex(*count):
        target = list(place)
        target[axis] = i.values[place]
        target = tuple(target)
        result[target] = combined(type, reduction, result[target], values[place])
    suite.case("scatter_elements", {"axis": axis, "reduction": reduction}, [x, i, v], typed(type, result))


def scatter_nd(type, reduction, shape, count, picked, batch=0):
    x = data(type, *shape)
    i = tuples(shape[batch:batch + picked], *shape[:batch], *count)
    lead = i.values.shape[:-1]
    v = data(type, *lead, *shape[batch + picked:])
    result, values = wide(type, x), wide(type, v)
    for place in np.ndindex(*lead):
        target = place[:batch] + tuple(i.values[place])
        result[target] = combined(type, reduction, result[target], values[place])
    suite.case("scatter_nd", {"reduction": reduction, "batchDimensions": batch}, [x, i, v], typed(type, result))


def scatter_slices(type, reduction, shape, count, axis, index_type="i64"):
    x, i = data(type, *shape), indices(shape[axis], *count, type=index_type)
    v = data(type, *shape[:axis], *count, *shape[axis + 1:])
    result, values = wide(type, x), wide(type, v)
    for place in np.ndindex(*count):
        target = (slice(None),) * axis + (i.values[place],)
        source = (slice(None),) * axis + place
        result[target] = combined(type, reduction, result[target], values[source])
    suite.case("scatter_slices", {"axis": axis, "reduction": reduction}, [x, i, v], typed(type, result))


def slice_assign(type, shape, starts, steps, count):
    x, v = data(type, *shape), data(type, *count)
    result = x.values.copy()
    for place in np.ndindex(*count):
        result[tuple(a + p * s for a, p, s in zip(starts, place, steps))] = v.values[place]
    suite.case("slice_assign", {"starts": starts, "steps": steps}, [x, v], typed(type, result))


REDUCTIONS = ("replace", "add", "multiply", "maximum", "minimum")
for type in TYPES:
    gather_elements(type, (3, 5), (3, 4), 1)
    gather_nd(type, (3, 4, 2), (5,), 2)
    slice_assign(type, (5, 6), [1, 4], [2, -2], (2, 2))
    suite.case("stop_gradient", {}, [x := data(type, 2, 3)], x)
    for number, reduction in enumerate(REDUCTIONS):
        scatter_elements(type, reduction, (3, 4), (3, 6), 1)
        if (number + TYPES.index(type)) % 2:
            scatter_nd(type, reduction, (3, 4, 2), (5,), 2)
        else:
            scatter_slices(type, reduction, (2, 4, 2), (5,), 1)
gather_elements("f32", (4,), (7,), 0, "i32")
gather_elements("f64", (2, 3, 4), (1, 5, 3), 1)
gather_elements("f32", (2, 3, 4), (2, 3, 0), 2)
gather_elements("i64", (1, 2, 1, 2, 1, 1, 3, 2), (1, 2, 1, 1, 1, 1, 4, 2), 6)
gather_nd("f32", (5,), (3,), 1)
gather_nd("f32", (2, 3, 4), (2,), 1, batch=1)
gather_nd("f32", (2, 3, 4), (), 1, batch=2)
gather_nd("f32", (2, 3), (4,), 0)
scatter_elements("f32", "add", (4, 3), (6, 2), 0, "i32")
scatter_elements("f64", "replace", (2, 3, 4), (1, 5, 3), 1)
scatter_elements("f64", "add", (2, 3), (0, 3), 0)
scatter_nd("f32", "add", (3, 4, 5), (3, 2), 1, batch=1)
scatter_nd("f32", "minimum", (2, 3, 4), (), 1, batch=2)
scatter_nd("f64", "replace", (5,), (7,), 1)
scatter_slices("f32", "add", (4, 3), (2, 3), 0, "i32")
scatter_slices("f32", "maximum", (5,), (), 0)
scatter_slices("f64", "multiply", (2, 3, 2), (4,), 2)
slice_assign("f32", (7,), [6], [-3], (3,))
slice_assign("f32", (4, 3), [0, 0], [1, 1], (4, 3))
slice_assign("f32", (4, 3), [2, 1], [1, 1], (0, 2))
slice_assign("i32", (), [], [], ())
suite.write()
