"""Writes contractions.json: matrix products and convolutions, by NumPy.

    python make_contractions.py
"""

import functools
import itertools

import numpy as np

from fixture import FLOATS, Suite, any_numbers, floats, generator, typed, wide

random = generator(10)
operand = functools.partial(any_numbers, random)
suite = Suite("contractions")


def swapped(x, swap):
    return np.swapaxes(x, -1, -2) if swap else x


def products():
    types = FLOATS + ("i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64")
    shapes = [
        ((2, 3), (3, 4), False, False), ((3, 2), (3, 4), True, False), ((2, 3), (4, 3), False, True),
        ((3, 2), (4, 3), True, True), ((2, 1, 3, 4), (5, 4, 2), False, False), ((1, 17), (17, 1), False, False),
        ((2, 0), (0, 3), False, False), ((0, 3), (3, 2), False, False), ((2, 2, 3), (3, 2), False, False),
    ]
    for number, type in enumerate(types):
        for step in range(len(shapes) if type == "f64" else 3):
            a, b, left, right = shapes[(number + 3 * step) % len(shapes) if type != "f64" else step]
            x, y = operand(type, a), operand(type, b)
            with np.errstate(over="ignore"):
                result = np.matmul(swapped(wide(x), left), swapped(wide(y), right))
            suite.case("matmul", {"transposeLeft": left, "transposeRight": right}, [x, y], typed(type, result))


def byte_products():
    for a, b in [((3, 5), (5, 4)), ((1, 8), (8, 17)), ((2, 1, 3, 7), (4, 7, 2)), ((2, 0), (0, 3)), ((0, 3), (3, 2)), ((4, 600), (600, 2))]:
        x, y = random.integers(0, 256, a).astype(np.uint8), random.integers(-128, 128, b).astype(np.int8)
        suite.case("matmul_integer", {}, [x, y], np.matmul(x.astype(np.int32), y.astype(np.int32)))


def byte_convolutions():
    for x_shape, w_shape, strides, dilations in [
        ((2, 5, 9), (3, 5, 3), [2], [1]), ((1, 8, 6, 7), (5, 8, 3, 2), [1, 2], [2, 1]), ((1, 3, 5, 4), (17, 3, 1, 1), [1, 1], [1, 1]),
        ((1, 2, 4, 4, 3), (2, 2, 2, 1, 2), [1, 1, 1], [1, 1, 1]), ((2, 520, 2), (2, 520, 2), [1], [1]),
    ]:
        x, w = random.integers(0, 256, x_shape).astype(np.uint8), random.integers(-128, 128, w_shape).astype(np.int8)
        sums = convolve(x.astype(np.int64), w.astype(np.int64), strides, dilations)
        suite.case("convolution_integer", {"strides": strides, "dilations": dilations}, [x, w], sums.astype(np.int32))


def few_bits():
    for rows, k, n, bits, block, hasZeros in [
        ((3,), 64, 5, 4, 16, False), ((1,), 32, 9, 4, 32, True), ((2, 2), 48, 3, 8, 16, False), ((5,), 32, 4, 2, 16, True),
        ((0,), 8, 2, 4, 8, False),
    ]:
        codes = random.integers(-(1 << (bits - 1)), 1 << (bits - 1), (n, k))
        raw = (codes & ((1 << bits) - 1)).reshape(n, -1, 8 // bits)
        packed = (raw << (np.arange(8 // bits) * bits)).sum(axis=-1).astype(np.uint8)
        x = floats("f32", random.uniform(-2, 2, (*rows, k)))
        scales = floats("f32", random.uniform(0.1, 2, (n, k // block)))
        zeros = floats("f32", random.uniform(-3, 3, (n, k // block)))
        weights = (codes - (np.repeat(zeros, block, 1) if hasZeros else 0)) * np.repeat(scales, block, 1)
        parts = [typed("f32", x), packed, typed("f32", scales)] + ([typed("f32", zeros)] if hasZeros else [])
        suite.case("matmul_n_bits", {"bits": bits, "block": block}, parts, typed("f32", x @ weights.T))


def convolve(x, w, strides, dilations):
    """Sums over windows, one output position after the other."""
    spatial = range(len(strides))
    extents = [(x.shape[a + 2] - (w.shape[a + 2] - 1) * dilations[a] - 1) // strides[a] + 1 for a in spatial]
    result = np.zeros((x.shape[0], w.shape[0], *extents), x.dtype)
    for place in np.ndindex(*extents):
        window = x[(slice(None), slice(None)) + tuple(
            slice(place[a] * strides[a], place[a] * strides[a] + (w.shape[a + 2] - 1) * dilations[a] + 1, dilations[a]) for a in spatial)]
        result[(slice(None), slice(None)) + place] = np.tensordot(window, w, (list(range(1, x.ndim)), list(range(1, x.ndim))))
    return result


def pairs():
    for a, b in [((3, 5), (5, 4)), ((2, 1, 3, 7), (4, 7, 2)), ((2, 0), (0, 3)), ((0, 3), (3, 2)), ((2, 33), (33, 1))]:
        x, y = (typed("bf16", random.uniform(-2, 2, shape)) for shape in (a, b))
        suite.case("matmul_bf16", {}, [x, y], typed("f32", np.matmul(wide(x), wide(y))))
    for x_shape, w_shape, strides, dilations in [
        ((2, 5, 9), (3, 5, 3), [2], [1]), ((1, 4, 6, 7), (5, 4, 3, 2), [1, 2], [2, 1]), ((1, 2, 4, 4, 3), (2, 2, 2, 1, 2), [1, 1, 1], [1, 1, 1]),
        ((0, 2, 4), (3, 2, 2), [1], [1]), ((2, 3, 4, 4), (4, 3, 1, 1), [1, 1], [1, 1]),
    ]:
        x, w = (typed("bf16", random.uniform(-2, 2, shape)) for shape in (x_shape, w_shape))
        sums = convolve(wide(x), wide(w), strides, dilations)
        suite.case("convolution_bf16", {"strides": strides, "dilations": dilations}, [x, w], typed("f32", sums))


def attended(q, k, v, bias, mask, scale, hidden):
    scores = np.matmul(q, np.swapaxes(k, -1, -2)) * scale
    if bias is not None:
        scores = scores + bias
    if mask is not None:
        scores = np.where(mask, hidden, scores)
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True)) if scores.shape[-1] else scores
    return np.matmul(powers / powers.sum(axis=-1, keepdims=True), v)


def attentions():
    # q, k, v, bias, mask, scale, hidden
    cases = [
        ((3, 4), (5, 4), (5, 2), None, None, 0.5, -np.inf), ((2, 3, 4), (2, 5, 4), (2, 5, 2), (3, 5), None, 0.25, -np.inf),
        ((2, 2, 3, 4), (2, 1, 6, 4), (1, 6, 3), None, (2, 1, 1, 6), 1.0, -1e4),
        ((2, 3), (4, 3), (4, 1), (4,), (2, 4), -2.0, 0.5), ((1, 2, 1), (3, 2, 1), (2, 2), (1,), None, 1.0, -np.inf),
        ((2, 3), (0, 3), (0, 2), None, None, 1.0, -np.inf), ((0, 3), (2, 3), (2, 2), None, None, 1.0, -np.inf),
    ]
    for type in FLOATS:
        for q, k, v, bias, mask, scale, hidden in cases:
            parts = [typed(type, random.uniform(-2, 2, shape)) for shape in (q, k, v)]
            added = None if bias is None else typed(type, random.uniform(-2, 2, bias))
            hides = None if mask is None else random.random(mask) < 0.4
            result = attended(*map(wide, parts), None if added is None else wide(added), hides, scale, hidden)
            suite.case("attention", {"scale": scale, "hidden": hidden}, [*parts, added, hides], typed(type, result))


def convolved(x, w, bias, strides, before, after, dilations, groups):
    """Cross-correlation by its definition, one output at a time."""
    axes = len(strides)
    x = np.pad(x, [(0, 0), (0, 0), *zip(before, after)])
    spans = [(w.shape[axis + 2] - 1) * dilations[axis] + 1 for axis in range(axes)]
    sizes = [(x.shape[axis + 2] - spans[axis]) // strides[axis] + 1 for axis in range(axes)]
    result = np.zeros((x.shape[0], w.shape[0], *sizes))
    per, filters = w.shape[1], w.shape[0] // groups
    for place in itertools.product(*map(range, sizes)):
        window = x[(..., *(slice(p * s, p * s + span, d) for p, s, span, d in zip(place, strides, spans, dilations)))]
        for group in range(groups):
            part = window[:, group * per:(group + 1) * per]
            own = w[group * filters:(group + 1) * filters]
            result[(slice(None), slice(group * filters, (group + 1) * filters), *place)] = np.tensordot(
                part, own, [list(range(1, axes + 2)), list(range(1, axes + 2))])
    return result if bias is None else result + bias.reshape([-1] + [1] * axes)


def convolutions():
    # x, w, bias, strides, before, after, dilations, groups
    cases = [
        ((1, 2, 7), (3, 2, 3), True, [1], [0], [0], [1], 1), ((2, 4, 6), (4, 2, 3), False, [2], [2], [1], [1], 2),
        ((1, 3, 5, 4), (2, 3, 3, 2), True, [1, 2], [1, 0], [0, 2], [2, 1], 1),
        ((2, 4, 3, 3), (5, 4, 1, 1), False, [1, 1], [0, 0], [0, 0], [1, 1], 1),
        ((1, 3, 4, 4), (3, 1, 3, 3), True, [1, 1], [1, 1], [1, 1], [1, 1], 3),
        ((1, 3, 5, 5), (6, 1, 2, 2), True, [2, 2], [0, 1], [1, 0], [1, 2], 3),
        ((1, 2, 3, 4, 3), (2, 2, 2, 3, 2), False, [1, 2, 1], [0, 1, 0], [1, 1, 0], [1, 1, 2], 1),
        ((0, 2, 4), (3, 2, 2), True, [1], [0], [0], [1], 1), ((1, 1, 1), (1, 1, 1), True, [3], [1], [1], [1], 1),
    ]
    for type in FLOATS:
        for number, (x, w, bias, strides, before, after, dilations, groups) in enumerate(cases):
            if type != "f64" and number % 2 == (type == "f16"):
                continue
            parts = [operand(type, x), operand(type, w)] + ([operand(type, (w[0],))] if bias else [])
            result = convolved(
                wide(parts[0]), wide(parts[1]), wide(parts[2]) if bias else None, strides, before, after, dilations, groups)
            attributes = {"strides": strides, "before": before, "after": after, "dilations": dilations, "groups": groups}
            suite.case("convolution", attributes, parts, typed(type, result))


def winograd():
    """The convolution by its definition, of whole numbers, so that every transform of the filters is one too."""
    lines = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])
    for shape, filters, kernel, strides in [
        ((1, 16, 4, 4), 2, [], []), ((2, 16, 5, 3), 1, [], []), ((1, 16, 3, 6), 3, [], []), ((0, 16, 4, 4), 1, [], []),
        ((1, 16, 5, 3, 4), 2, [2], [2]), ((1, 16, 3, 5, 5), 1, [3], [1]),
    ]:
        x = random.integers(-3, 4, shape).astype(np.float64)
        w = 4.0 * random.integers(-2, 3, (filters, 16, *kernel, 3, 3))
        u = np.einsum("ir,octrs,js->ijtco", lines, w.reshape(filters, 16, -1, 3, 3), lines).reshape(16, -1, filters)
        result = convolve(x, w, [*strides, 1, 1], [1] * (len(shape) - 2))
        attributes = {"kernel": kernel, "strides": strides, "dilations": [1] * len(kernel)}
        suite.case("winograd_convolution", attributes, [x, u], result)


def causal():
    """Queries that are the last of the keys, and see none behind their own place."""
    for q, k in [((2, 3, 4), (2, 3, 4)), ((2, 4), (5, 4))]:
        x, y, z = (random.uniform(-2, 2, shape) for shape in (q, k, k))
        rows, columns = q[-2], k[-2]
        behind = np.arange(columns)[None, :] > np.arange(rows)[:, None] + columns - rows
        scores = np.where(behind, -np.inf, 0.5 * x @ np.swapaxes(y, -1, -2))
        powers = np.exp(scores - scores.max(-1, keepdims=True))
        attributes = {"scale": 0.5, "hidden": -1e9, "causal": True}
        suite.case("attention", attributes, [x, y, z], powers / powers.sum(-1, keepdims=True) @ z)


def filter_gradients():
    """Sums of products of tiles by the transforms' definition, of whole numbers; for one part also from the gradient's own definition."""
    before = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]])
    after = np.array([[1, 0], [1, 1], [1, -1], [0, -1]])
    back = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])
    for (n, h, w), parts in [((1, 4, 4), 1), ((2, 5, 4), 1), ((1, 3, 5), 2), ((2, 6, 7), 3), ((0, 4, 4), 1)]:
        x = random.integers(-3, 4, (n, 16, h, w)).astype(np.float64)
        y = random.integers(-2, 3, (n, 16, h - 2, w - 2)).astype(np.float64)
        down, across = (h - 1) // 2, (w - 1) // 2
        beyond = [(0, 2 * down + 2 - h), (0, 2 * across + 2 - w)]
        images = np.pad(x, [(0, 0), (0, 0), *beyond], "edge")
        cotangents = np.pad(y, [(0, 0), (0, 0), *beyond])
        tiles = [(i, 2 * j, 2 * k) for i in range(n) for j in range(down) for k in range(across)]
        result = np.zeros((parts, 16, 16, 16))
        for part in range(parts):
            for i, j, k in tiles[len(tiles) * part // parts:len(tiles) * (part + 1) // parts]:
                inputs = before @ images[i, :, j:j + 4, k:k + 4] @ before.T
                spread = after @ cotangents[i, :, j:j + 2, k:k + 2] @ after.T
                result[part] += np.einsum("cp,op->pco", inputs.reshape(16, 16), spread.reshape(16, 16))
        gradient = np.einsum("ir,ijco,js->ocrs", back, result.sum(0).reshape(4, 4, 16, 16), back)
        for r in range(3):
            for s in range(3):
                assert np.array_equal(
                    gradient[:, :, r, s], np.einsum("nohw,nchw->oc", y, x[:, :, r:r + h - 2, s:s + w - 2]))
        suite.case("winograd_filter_gradient", {"parts": parts}, [x, y], result)


def few_channels():
    """Gradients of filters by their definition, of whole numbers."""
    for (n, c, h, w), filters, kernel, strides, parts in [
        ((1, 1, 5, 6), 16, [3, 3], [1, 1], 1), ((2, 3, 7, 8), 16, [3, 2], [2, 1], 3), ((2, 2, 6, 9), 32, [1, 5], [1, 2], 5),
        ((0, 1, 4, 4), 16, [3, 3], [1, 1], 2), ((1, 4, 8, 8), 16, [4, 4], [4, 4], 1),
    ]:
        down, across = ((size - k) // s + 1 for size, k, s in zip((h, w), kernel, strides))
        x = random.integers(-3, 4, (n, c, h, w)).astype(np.float64)
        y = random.integers(-2, 3, (n, filters, down, across)).astype(np.float64)
        result = np.zeros((parts, c, *kernel, filters))
        lines = [(i, j) for i in range(n) for j in range(down)]
        for part in range(parts):
            for i, j in lines[len(lines) * part // parts:len(lines) * (part + 1) // parts]:
                for r in range(kernel[0]):
                    for s in range(kernel[1]):
                        read = x[i, :, j * strides[0] + r, s:s + (across - 1) * strides[1] + 1:strides[1]]
                        result[part, :, r, s] += read @ y[i, :, j].T
        attributes = {"kernel": kernel, "strides": strides, "parts": parts}
        suite.case("filter_gradient", attributes, [x, y], result.reshape(parts, -1, filters))


products()
convolutions()
byte_products()
attentions()
byte_convolutions()
few_bits()
pairs()
winograd()
causal()
filter_gradients()
few_channels()
suite.write()
