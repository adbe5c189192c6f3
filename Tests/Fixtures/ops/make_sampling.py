"""Writes sampling.json: bins, resizing, grids, regions, windows laid side by side and transposed convolutions, by PyTorch
where it has them and by plain loops elsewhere.

    python make_sampling.py
"""

import functools
import itertools
import math

import numpy as np
import torch
import torch.nn.functional as F

from fixture import DTYPES, FLOATS, Suite, generator, small_numbers, typed

random = generator(33)
data = functools.partial(small_numbers, random)
suite = Suite("sampling")
# PyTorch computes in f64 as the evaluator does, adding in another order.
SUMS = 1e-13


def t(tensor, gradient=False):
    """In f64, for PyTorch."""
    return torch.tensor(tensor.values.astype(np.float64), requires_grad=gradient)


# The mean of two narrow floats lies halfway between neighbours; PyTorch's last bit of f64 then takes the wrong one.
HALFWAY = {"f32": 2**-23, "f16": 2**-10, "bf16": 2**-7}


def case(op, attributes, operands, result, type):
    tolerance = SUMS if type == "f64" else HALFWAY[type] if attributes.get("mode") == "linear" and "axes" in attributes else None
    suite.case(op, attributes, operands, typed(type, result.detach().numpy()), tolerance=tolerance, signed_zeros=False)


# Bins.
AVERAGE = {1: F.adaptive_avg_pool1d, 2: F.adaptive_avg_pool2d, 3: F.adaptive_avg_pool3d}
GREATEST = {1: F.adaptive_max_pool1d, 2: F.adaptive_max_pool2d, 3: F.adaptive_max_pool3d}
for type in ("f64", "f32", "bf16", "f16"):
    for shape, sizes in (((1, 2, 7), [3]), ((2, 1, 4), [6]), ((1, 1, 5, 4), [2, 3]), ((1, 2, 6, 6), [3, 2]), ((1, 1, 3, 4, 5), [2, 2, 3])):
        x = data(type, *shape)
        case("adaptive_average_pool", {"sizes": sizes}, [x], AVERAGE[len(sizes)](t(x), sizes), type)
        case("adaptive_max_pool", {"sizes": sizes}, [x], GREATEST[len(sizes)](t(x), sizes), type)


def interpolation(axes, sizes, mode, coordinates="halfPixel", rounding="preferFloor", scales=None, a=-0.75, outside=False,
                  region=(), extrapolation=0.0):
    attributes = {"axes": axes, "sizes": sizes}
    if scales:
        attributes["scales"] = scales
    return attributes | {
        "mode": mode, "coordinates": coordinates, "rounding": rounding, "cubicCoefficient": a, "excludeOutside": outside,
        "region": list(region), "extrapolation": extrapolation,
    }


MODES = {1: {"nearest": "nearest", "linear": "linear"}, 2: {"nearest": "nearest", "linear": "bilinear", "cubic": "bicubic"},
         3: {"nearest": "nearest", "linear": "trilinear"}}
for type in ("f64", "f32", "f16", "bf16"):
    for shape, sizes in (((1, 2, 5), [8]), ((1, 1, 7), [3]), ((1, 2, 3, 4), [5, 6]), ((1, 1, 6, 5), [3, 2]), ((1, 1, 2, 3, 2), [3, 2, 4])):
        axes = list(range(2, len(shape)))
        x = data(type, *shape)
        for mode, word in MODES[len(sizes)].items():
            for corners in ((False,) if mode == "nearest" else (False, True)):
                result = F.interpolate(t(x), sizes, mode=word, align_corners=None if mode == "nearest" else corners)
                how = "asymmetric" if mode == "nearest" else "alignCorners" if corners else "halfPixel"
                case("interpolate", interpolation(axes, sizes, mode, how, "floor" if mode == "nearest" else "preferFloor"),
                     [x], result, type)

# Grids.
for type in ("f64", "f32"):
    for mode, word in (("nearest", "nearest"), ("linear", "bilinear"), ("cubic", "bicubic")):
        for padding in ("zeros", "border", "reflection"):
            for corners in (False, True):
                x, grid = data(type, 1, 2, 3, 4), typed(type, random.uniform(-1.4, 1.4, (1, 2, 3, 2)))
                result = F.grid_sample(t(x), t(grid), word, padding, corners)
                case("grid_sample", {"mode": mode, "padding": padding, "alignCorners": corners}, [x, grid], result, type)

# Elements of planes, and weighted sums along an axis.
for type in DTYPES:
    x = data(type, 2, 3, 5)
    places = random.integers(-2, 7, (2, 4))
    picked = np.zeros((2, 3, 4), x.values.dtype)
    for b, p in np.ndindex(2, 4):
        if 0 <= places[b, p] < 5:
            picked[b, :, p] = x.values[b, :, places[b, p]]
    suite.case("gather_planes", {}, [x, places], typed(type, picked))
    if type == "bool":
        continue
    y = data(type, 2, 3, 4)
    added = np.zeros((2, 3, 5), np.float64 if type in FLOATS else y.values.dtype)
    with np.errstate(over="ignore"):
        for b, p in np.ndindex(2, 4):
            if 0 <= places[b, p] < 5:
                added[b, :, places[b, p]] += y.values[b, :, p]
    suite.case("gather_planes_gradient", {"extent": 5}, [y, places], typed(type, added), signed_zeros=False)
for type in ("f64", "f32"):
    for shape, axis in (((4, 3), 0), ((2, 5), 1), ((5,), 0), ((2, 3, 2), 1), ((2, 2, 4), 2)):
        n, m, taps = shape[axis], 3, 2
        x, weights = data(type, *shape), data(type, m, taps)
        places = random.integers(-1, n + 1, (m, taps))
        table = np.zeros((m, n))
        for i, k in np.ndindex(m, taps):
            if 0 <= places[i, k] < n:
                table[i, places[i, k]] += weights.values[i, k]
        forward = np.moveaxis(np.tensordot(table, x.values.astype(np.float64), (1, axis)), 0, axis)
        suite.case("resample", {"axis": axis}, [x, places, weights], typed(type, forward), tolerance=SUMS if type == "f64" else None)
        small = list(shape)
        small[axis] = m
        y = data(type, *small)
        back = np.moveaxis(np.tensordot(table.T, y.values.astype(np.float64), (1, axis)), 0, axis)
        suite.case("resample_gradient", {"axis": axis, "extent": n}, [y, places, weights], typed(type, back),
                   tolerance=SUMS if type == "f64" else None)


# Regions, by ONNX's definition.
def taps(first, last, bin, bins, samples, extent, scale, half):
    offset = 0.5 if half else 0.0
    start, end = first * scale - offset, last * scale - offset
    length = end - start if half else max(end - start, 1.0)
    for k in range(samples):
        place = start + bin * length / bins + (k + 0.5) * length / bins / samples
        if place < -1 or place > extent:
            yield [(0, 0.0), (0, 0.0)]
            continue
        place = min(max(place, 0.0), extent - 1.0)
        low = int(place)
        yield [(low, 1 - (place - low)), (min(low + 1, extent - 1), place - low)]


for type in ("f64", "f32"):
    for half, greatest, scale, samples in ((True, False, 1.0, 2), (False, False, 0.5, 2), (True, True, 1.0, 1), (False, True, 0.5, 3)):
        x = data(type, 2, 2, 4, 5)
        boxes, images = typed(type, [[0, 0, 4, 3], [1, 0.5, 3.5, 3], [-2, -1, 2, 6]]), np.array([0, 1, 1])
        result = np.zeros((3, 2, 2, 3))
        for r, c, i, j in np.ndindex(*result.shape):
            box = boxes.values[r].astype(np.float64)
            terms = [
                a[1] * b[1] * float(x.values[images[r], c, a[0], b[0]])
                for row in taps(box[1], box[3], i, 2, samples, 4, scale, half)
                for column in taps(box[0], box[2], j, 3, samples, 5, scale, half)
                for a in row for b in column
            ]
            result[r, c, i, j] = max(terms) if greatest else sum(terms) / samples**2
        suite.case("roi_align", {
            "height": 2, "width": 3, "samples": samples, "scale": scale, "halfPixel": half, "takesGreatest": greatest,
        }, [x, boxes, images], typed(type, result), tolerance=SUMS if type == "f64" else None, signed_zeros=False)


def window(kernel, strides, padding, dilations, ceil=False):
    return {"kernel": kernel, "strides": strides, "before": padding, "after": padding, "dilations": dilations, "ceilMode": ceil}


# Windows side by side, and back.
for type in DTYPES:
    for shape, kernel, strides, padding, dilations in (((1, 2, 5, 4), [2, 3], [2, 1], [1, 0], [1, 1]), ((2, 1, 4, 5), [2, 2], [1, 2], [0, 1], [2, 1])):
        x = data(type, *shape)
        columns = F.unfold(t(x), kernel, dilations, padding, strides)
        sizes = [(shape[2 + a] + 2 * padding[a] - dilations[a] * (kernel[a] - 1) - 1) // strides[a] + 1 for a in range(2)]
        whole = columns.reshape(shape[0], shape[1], *kernel, *sizes)
        w = window(kernel, strides, padding, dilations)
        suite.case("unfold", {"window": w}, [x], typed(type, whole.numpy()))
        if type == "bool":
            continue
        y = data(type, *whole.shape)
        back = F.fold(t(y).reshape(columns.shape), shape[2:], kernel, dilations, padding, strides).numpy()
        if type not in FLOATS:
            back = back.astype(np.int64).astype(DTYPES[type])
        suite.case("fold", {"window": w, "sizes": list(shape[2:])}, [y], typed(type, back), signed_zeros=False)

# Places of greatest elements: PyTorch's are flat in a plane.
for type in ("f64", "f32", "f16", "i32", "i8", "u8", "i64"):
    x = data(type, 2, 2, 5, 4)
    for ceil in (False, True):
        for dilation in (1, 2):
            w = window([2, 2], [2, 1], [1, 1], [dilation, 1], ceil)
            values, places = F.max_pool2d(t(x), (2, 2), (2, 1), 1, (dilation, 1), ceil, return_indices=True)
            suite.case("max_pool_indices", {"window": w, "overAll": False, "columnMajor": False}, [x], places.numpy())
            planes = (np.arange(4).reshape(2, 2, 1, 1)) * 20
            suite.case("max_pool_indices", {"window": w, "overAll": True, "columnMajor": False}, [x], places.numpy() + planes)
            turned = places.numpy() % 4 * 5 + places.numpy() // 4
            suite.case("max_pool_indices", {"window": w, "overAll": True, "columnMajor": True}, [x], turned + planes)
for type in DTYPES:
    x = data(type, 1, 2, 5)
    chosen = random.integers(-1, 4, (1, 2, 3)).astype(np.int32)
    found = np.zeros((1, 2, 3), x.values.dtype)
    for b, c, o in np.ndindex(1, 2, 3):
        place = o * 2 - 1 + chosen[b, c, o]
        if 0 <= chosen[b, c, o] < 3 and 0 <= place < 5:
            found[b, c, o] = x.values[b, c, place]
    suite.case("tap_values", {"window": window([3], [2], [1], [1])}, [x, chosen], typed(type, found))

# Transposed convolutions.
TRANSPOSED = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}
for type in ("f64", "f32", "f16", "bf16"):
    for xs, ws, stride, padding, output, groups, dilation, bias in (
        ((1, 2, 4), (2, 3, 3), [2], [1], [1], 1, [1], True), ((2, 2, 3), (2, 1, 2), [1], [0], [0], 2, [2], False),
        ((1, 2, 3, 2), (2, 2, 2, 3), [1, 2], [0, 1], [0, 1], 1, [1, 1], True),
        ((1, 4, 2, 2), (4, 1, 3, 2), [2, 2], [1, 0], [1, 0], 2, [1, 2], False),
        ((1, 1, 2, 2, 2), (1, 2, 2, 1, 2), [1, 2, 2], [0, 0, 1], [0, 1, 0], 1, [1, 1, 1], True),
    ):
        x, w = data(type, *xs), data(type, *ws)
        b = data(type, ws[1] * groups) if bias else None
        result = TRANSPOSED[len(stride)](t(x), t(w), t(b) if bias else None, stride, padding, output, groups, dilation)
        attributes = {"strides": stride, "before": padding, "after": padding, "dilations": dilation, "outputPadding": output, "groups": groups}
        case("transposed_convolution", attributes, [x, w] + ([b] if bias else []), result, type)


# Displaced taps, by the definition.
def bilinear(plane, y, x):
    top, left = math.floor(y), math.floor(x)
    total = 0.0
    for row, column in itertools.product((top, top + 1), (left, left + 1)):
        if 0 <= row < plane.shape[0] and 0 <= column < plane.shape[1]:
            total += (1 - abs(y - row)) * (1 - abs(x - column)) * plane[row, column]
    return total


for type in ("f64", "f32", "f16"):
    for xs, ws, strides, pads, dilations, groups, offset_groups, masked, biased in (
        ((1, 2, 4, 4), (2, 2, 2, 2), [1, 1], [0, 0], [1, 1], 1, 1, False, False),
        ((1, 2, 5, 4), (2, 2, 3, 2), [2, 1], [1, 0], [1, 2], 1, 2, True, True),
        ((2, 4, 3, 3), (4, 2, 2, 2), [1, 1], [1, 1], [1, 1], 2, 2, True, False),
    ):
        n, _, h, w_ = xs
        o, per_group, kh, kw = ws
        oh = (h + 2 * pads[0] - dilations[0] * (kh - 1) - 1) // strides[0] + 1
        ow = (w_ + 2 * pads[1] - dilations[1] * (kw - 1) - 1) // strides[1] + 1
        x, w = data(type, *xs), data(type, *ws)
        offsets = typed(type, random.uniform(-1.5, 1.5, (n, 2 * offset_groups * kh * kw, oh, ow)))
        mask = typed(type, random.uniform(0, 1, (n, offset_groups * kh * kw, oh, ow))) if masked else None
        bias = data(type, o) if biased else None
        result = np.zeros((n, o, oh, ow))
        for b, out, i, j in np.ndindex(*result.shape):
            group = out // (o // groups)
            for c in range(per_group):
                channel = group * per_group + c
                own = channel // (xs[1] // offset_groups)
                for a, e in np.ndindex(kh, kw):
                    k = (own * kh + a) * kw + e
                    y = i * strides[0] - pads[0] + a * dilations[0] + float(offsets.values[b, 2 * k, i, j])
                    z = j * strides[1] - pads[1] + e * dilations[1] + float(offsets.values[b, 2 * k + 1, i, j])
                    value = bilinear(x.values[b, channel].astype(np.float64), y, z) * float(w.values[out, c, a, e])
                    result[b, out, i, j] += value * (float(mask.values[b, k, i, j]) if masked else 1)
            result[b, out, i, j] += float(bias.values[out]) if biased else 0
        suite.case("deformable_convolution", {
            "strides": strides, "before": pads, "after": pads, "dilations": dilations, "groups": groups,
            "offsetGroups": offset_groups,
        }, [x, w, offsets, mask, bias], typed(type, result), tolerance=SUMS if type == "f64" else None)
suite.write()
