"""Writes movement.json: constants, views, slices, pads and concatenations in every element type, by NumPy.

    python make_movement.py
"""

import itertools

import numpy as np

from fixture import DTYPES, FLOATS, Raw, Suite, generator, literal, typed

random = generator(9)
suite = Suite("movement")
TYPES = list(DTYPES)


def operand(type, shape):
    if type == "bool":
        return typed(type, random.random(shape) < 0.5)
    if type in FLOATS:
        return typed(type, np.where(random.random(shape) < 0.1, np.nan, random.uniform(-2, 2, shape)))
    info = np.iinfo(DTYPES[type])
    return typed(type, random.integers(info.min, info.max, shape, DTYPES[type], endpoint=True))


def moved(op, attributes, shape, f, types):
    """What only moves elements, in several types."""
    for type in types:
        x = operand(type, shape)
        suite.case(op, attributes, [x], typed(type, f(x.values)))


def several(start, count=4):
    """Some of the types, others in each case, so that an op meets all of them."""
    return [TYPES[(start * count + step) % len(TYPES)] for step in range(count)]


def made():
    for type in TYPES:
        x = operand(type, (2, 3))
        suite.case("constant", {"value": literal(type, x.values)}, [], x)
        value = 1.0 if type == "bool" else 2.0 if type not in FLOATS else -1.5
        suite.case("full", {"value": value, "elementType": type, "shape": [2, 3]}, [], typed(type, np.full((2, 3), value)))
        if type != "bool":
            for shape, axis in (((2, 3), 1), ((4,), 0), ((3, 0), 0)):
                result = np.broadcast_to(np.arange(shape[axis]).reshape([-1 if a == axis else 1 for a in range(len(shape))]), shape)
                suite.case("iota", {"elementType": type, "shape": list(shape), "axis": axis}, [], typed(type, result))
    for shape, value in (((), 3.25), ((0,), 1.0), ((1, 1, 2), -0.0)):
        suite.case("full", {"value": value, "elementType": "f32", "shape": list(shape)}, [], typed("f32", np.full(shape, value)))
    for values, shape in (([5, 7, 1], [3]), ([5], []), ([2, 3, 4, 5], [2, 2]), ([], [0]), ([2**40], [1])):
        suite.case("dimension_values", {"values": values, "shape": shape}, [], np.array(values, np.int64).reshape(shape))


def stored():
    for type in TYPES:
        suite.case("copy", {}, [x := operand(type, (3, 5))], x)
        suite.case("reorder", {"layout": Raw("layout(nhwc)")}, [x := operand(type, (2, 3, 2, 2))], x)
        # Sixteen channels stand together; those that are not there are zeros.
        x = operand(type, (1, 5, 2, 1))
        blocks = np.zeros((1, 4, 2, 2, 1), x.values.dtype)
        padded = np.concatenate([x.values, np.zeros((1, 3, 2, 1), x.values.dtype)], 1)
        blocks = padded.reshape(1, 2, 4, 2, 1).transpose(0, 1, 3, 4, 2)
        layout = Raw("layout(nChw4c)")
        suite.case("packed_constant", {"value": literal(type, blocks), "shape": [1, 5, 2, 1], "layout": layout}, [], x)
    suite.case("reorder", {"layout": Raw("layout(acb)")}, [x := operand("f32", (2, 3, 4))], x)


def reordered():
    for number, (old, new) in enumerate([((3, 1), (2, 3, 4)), ((), (2, 2)), ((1, 1), (0, 3)), ((5,), (5,)), ((2, 1, 1), (2, 3, 2))]):
        moved("broadcast_to", {"shape": list(new)}, old, lambda x: np.broadcast_to(x, new), several(number))
    for number, (old, new) in enumerate([((2, 6), (3, 4)), ((6,), (1, 6, 1)), ((1, 1), ()), ((0, 3), (3, 0, 2)), ((2, 3, 4), (24,))]):
        moved("reshape", {"shape": list(new)}, old, lambda x: x.reshape(new), several(number))
    for number, order in enumerate([[1, 0], [2, 0, 1], [0, 2, 1, 3], [], [4, 3, 2, 1, 0]]):
        shape = (2, 3, 4, 2, 1)[: len(order)]
        moved("transpose", {"permutation": order}, shape, lambda x: x.transpose(order), several(number))
    for number, (shape, axes) in enumerate([((3, 4), [1]), ((3, 4), [0, 1]), ((5,), [0]), ((2, 3), []), ((0, 2), [0]), ((2, 3, 2), [0, 2])]):
        moved("reverse", {"axes": axes}, shape, lambda x: np.flip(x, axes), several(number))


def cuts(starts, sizes, steps):
    """Which elements a slice takes on each axis."""
    return np.ix_(*([start + step * place for place in range(size)] for start, size, step in zip(starts, sizes, steps)))


def cut():
    cases = [
        ((4, 5), [1, 0], [2, 5], [1, 1]), ((5, 7), [4, 1], [3, 2], [-2, 3]), ((3,), [3], [0], [1]), ((9,), [8], [9], [-1]),
        ((2, 3, 4), [0, 2, 1], [1, 2, 2], [1, -2, 2]), ((0, 2), [0, 1], [0, 1], [1, 1]),
    ]
    for number, (shape, starts, sizes, steps) in enumerate(cases):
        taken = cuts(starts, sizes, steps)
        attributes = {"starts": starts, "sizes": sizes, "steps": steps}
        moved("slice", attributes, shape, lambda x: x[taken] if 0 not in sizes else np.zeros(sizes, x.dtype), several(number))

        def spread(x):
            result = np.zeros(shape, x.dtype)
            if 0 not in sizes:
                result[taken] = x
            return result

        attributes = {"starts": starts, "steps": steps, "shape": list(shape)}
        moved("slice_gradient", attributes, tuple(sizes), spread, several(number))


def padded():
    for number, (mode, shape, before, after) in enumerate([
        ("constant", (3, 4), [1, 0], [2, 3]), ("reflect", (3, 5), [2, 1], [2, 4]), ("edge", (3, 5), [2, 0], [1, 4]),
        ("constant", (0, 2), [0, 1], [2, 0]), ("edge", (1,), [3], [3]), ("reflect", (2, 2), [1, 1], [1, 1]),
    ]):
        value = 1.0 if number else 0.0
        attributes = {"before": before, "after": after, "mode": mode, "value": value}
        how = {"constant_values": value} if mode == "constant" else {}
        moved("pad", attributes, shape, lambda x: np.pad(x, list(zip(before, after)), mode, **how), several(number))
    # Negative margins cut off.
    attributes = {"before": [-1, 2], "after": [1, -2], "mode": "constant", "value": 3.0}
    moved("pad", attributes, (3, 5), lambda x: np.pad(x[1:, :3], ((0, 1), (2, 0)), constant_values=3), ["f32", "i8", "u64"])


def joined():
    for number, (axis, shapes) in enumerate([
        (0, [(2, 3), (1, 3), (0, 3)]), (1, [(2, 3), (2, 2)]), (0, [(4,)]), (2, [(1, 2, 1), (1, 2, 3), (1, 2, 1)]), (0, [(0,), (0,)]),
    ]):
        for type in several(number):
            parts = [operand(type, shape) for shape in shapes]
            suite.case("concat", {"axis": axis}, parts, typed(type, np.concatenate([part.values for part in parts], axis)))


def gathered():
    cases = [
        ((4, 3), 0, [[0, 3, -1], [2, 2, -4]]), ((3, 4, 2), 1, [1, -1]), ((3, 4), 1, -2), ((4, 2), 0, []), ((2, 3), 0, [[[1]]]),
    ]
    for number, (shape, axis, indices) in enumerate(cases):
        indices = np.array(indices, np.int32 if number % 2 else np.int64)
        for type in several(number):
            x = operand(type, shape)
            result = typed(type, np.take(x.values, indices, axis))
            suite.case("gather", {"axis": axis}, [x, indices], result)
            if type == "bool":
                continue
            # What flows back: NumPy's unbuffered addition, floats in f64.
            grown = typed(type, random.integers(0, 4, result.values.shape))
            wide = np.float64 if type in FLOATS else DTYPES[type]
            flat = np.zeros((shape[axis], *shape[:axis], *shape[axis + 1:]), wide)
            source = np.moveaxis(grown.values.astype(wide), list(range(axis, axis + indices.ndim)), list(range(indices.ndim)))
            np.add.at(flat, indices, source)
            result = typed(type, np.moveaxis(flat, 0, axis))
            suite.case("gather_gradient", {"axis": axis, "extent": shape[axis]}, [grown, indices], result)


made()
stored()
reordered()
cut()
padded()
joined()
gathered()
suite.write()
