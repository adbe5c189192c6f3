"""Formulas of windows and layers, spelt out in loops over NumPy arrays."""

import itertools

import numpy as np


def assigned(x, place, values):
    out = x.copy()
    out[place] = values
    return out


def per_axis(value, count):
    return [value] * count if isinstance(value, int) else list(value)


def convolution(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Cross-correlation of [n, c, spatial…] with [o, c/groups, kernel…]."""
    rank = x.ndim - 2
    stride, padding, dilation = (per_axis(v, rank) for v in (stride, padding, dilation))
    x = np.pad(x, [(0, 0), (0, 0)] + [(p, p) for p in padding])
    kernel = weight.shape[2:]
    sizes = [(x.shape[a + 2] - dilation[a] * (kernel[a] - 1) - 1) // stride[a] + 1 for a in range(rank)]
    out = np.zeros((x.shape[0], weight.shape[0], *sizes))
    inputs, outputs = weight.shape[1], weight.shape[0] // groups
    for channel in range(weight.shape[0]):
        first = channel // outputs * inputs
        for place in np.ndindex(*sizes):
            spans = [slice(p * s, p * s + d * (k - 1) + 1, d) for p, s, d, k in zip(place, stride, dilation, kernel)]
            patch = x[(slice(None), slice(first, first + inputs), *spans)]
            out[(slice(None), channel, *place)] = (patch * weight[channel]).sum(axis=tuple(range(1, rank + 2)))
    return out if bias is None else out + bias.reshape(1, -1, *[1] * rank)


def transposed_convolution(x, weight, bias=None, stride=1, padding=0, extra=0, dilation=1, groups=1):
    """Each input element spreads its filter, [c, o/groups, kernel…], over the result, whose margins are then cut."""
    rank = x.ndim - 2
    stride, padding, extra, dilation = (per_axis(v, rank) for v in (stride, padding, extra, dilation))
    kernel = weight.shape[2:]
    outputs = weight.shape[1]
    full = [
        (x.shape[a + 2] - 1) * stride[a] + dilation[a] * (kernel[a] - 1) + 1 + extra[a] for a in range(rank)]
    out = np.zeros((x.shape[0], outputs * groups, *full))
    for channel in range(x.shape[1]):
        first = channel // (x.shape[1] // groups) * outputs
        for place in np.ndindex(*x.shape[2:]):
            spans = [slice(p * s, p * s + d * (k - 1) + 1, d) for p, s, d, k in zip(place, stride, dilation, kernel)]
            value = x[(slice(None), channel, *place)].reshape(-1, 1, *[1] * rank)
            out[(slice(None), slice(first, first + outputs), *spans)] += value * weight[channel]
    out = out[(slice(None), slice(None), *[slice(p, n - p) for p, n in zip(padding, full)])]
    return out if bias is None else out + bias.reshape(1, -1, *[1] * rank)


def adjoint(function, x, cotangent):
    """The transpose of a linear function, column by column: the gradient with respect to x."""
    base = function(np.zeros_like(x))
    out = np.zeros_like(x)
    for place in np.ndindex(*x.shape):
        unit = np.zeros_like(x)
        unit[place] = 1
        out[place] = ((function(unit) - base) * cotangent).sum()
    return out


def window_places(shape, kernel, stride, padding, dilation=1):
    """For each result place the input places of its window that exist, and the count with padding."""
    rank = len(shape)
    kernel, stride, padding, dilation = (per_axis(v, rank) for v in (kernel, stride, padding, dilation))
    sizes = [
        (shape[a] + 2 * padding[a] - dilation[a] * (kernel[a] - 1) - 1) // stride[a] + 1 for a in range(rank)]
    for place in np.ndindex(*sizes):
        taps = [
            tuple(p * s + k * d - m for p, s, k, d, m in zip(place, stride, tap, dilation, padding))
            for tap in np.ndindex(*kernel)]
        inside = [t for t in taps if all(0 <= i < n for i, n in zip(t, shape))]
        yield sizes, place, inside


def average_pool(x, kernel, stride, padding, count_padding):
    out = None
    for sizes, place, inside in window_places(x.shape[2:], kernel, stride, padding):
        if out is None:
            out = np.zeros((*x.shape[:2], *sizes))
        count = np.prod(per_axis(kernel, x.ndim - 2)) if count_padding else len(inside)
        out[(slice(None), slice(None), *place)] = sum(x[(slice(None), slice(None), *t)] for t in inside) / count
    return out


def max_pool(x, kernel, stride, padding, dilation):
    """Maxima and their flat positions in the plane without padding; of equal ones the first."""
    out = positions = None
    for sizes, place, inside in window_places(x.shape[2:], kernel, stride, padding, dilation):
        if out is None:
            out, positions = np.zeros((*x.shape[:2], *sizes)), np.zeros((*x.shape[:2], *sizes), dtype=np.int64)
        for image in np.ndindex(*x.shape[:2]):
            best = max(inside, key=lambda t: x[(*image, *t)])
            out[(*image, *place)] = x[(*image, *best)]
            positions[(*image, *place)] = np.ravel_multi_index(best, x.shape[2:])
    return out, positions


def max_pool_gradient(x, positions, cotangent):
    out = np.zeros(x.shape)
    for image in np.ndindex(*x.shape[:2]):
        np.add.at(out[image].reshape(-1), positions[image].reshape(-1), cotangent[image].reshape(-1))
    return out


def adaptive_average_pool(x, sizes):
    out = np.zeros((*x.shape[:2], *sizes))
    for place in np.ndindex(*sizes):
        spans = [slice(i * n // o, -(-(i + 1) * n // o)) for i, o, n in zip(place, sizes, x.shape[2:])]
        out[(slice(None), slice(None), *place)] = x[(slice(None), slice(None), *spans)].mean(
            axis=tuple(range(2, x.ndim)))
    return out


def cubic(distance, a=-0.75):
    d = abs(distance)
    if d <= 1:
        return ((a + 2) * d - (a + 3)) * d * d + 1
    return (((d - 5) * d + 8) * d - 4) * a if d < 2 else 0.0


def interpolation_matrix(size, result, mode):
    """The weights of one axis, [result, size]; corners are aligned where the mode is not nearest."""
    out = np.zeros((result, size))
    for i in range(result):
        if mode == "nearest":
            out[i, i * size // result] = 1
            continue
        place = i * (size - 1) / max(result - 1, 1)
        low = int(np.floor(place))
        taps = [0, 1] if mode == "linear" else [-1, 0, 1, 2]
        for tap in taps:
            weight = 1 - abs(place - low - tap) if mode == "linear" else cubic(place - low - tap)
            out[i, min(max(low + tap, 0), size - 1)] += weight
    return out


def interpolate(x, sizes, mode):
    rows, columns = (interpolation_matrix(n, o, mode) for n, o in zip(x.shape[2:], sizes))
    return np.einsum("ah,nchw,bw->ncab", rows, x, columns)


def bilinear(plane, y, x):
    """The value of a plane between its elements; zero outside."""
    total = 0.0
    low_y, low_x = int(np.floor(y)), int(np.floor(x))
    for i, j in itertools.product([low_y, low_y + 1], [low_x, low_x + 1]):
        if 0 <= i < plane.shape[0] and 0 <= j < plane.shape[1]:
            total += plane[i, j] * (1 - abs(y - i)) * (1 - abs(x - j))
    return total


def deformable_convolution(x, offset, weight, mask, bias, padding):
    """One group of weights and one of offsets, stride 1; offsets are pairs (y, x) for each tap."""
    n, channels = x.shape[:2]
    kh, kw = weight.shape[2:]
    oh, ow = offset.shape[2:]
    out = np.zeros((n, weight.shape[0], oh, ow))
    for b, i, j in np.ndindex(n, oh, ow):
        for tap, (u, v) in enumerate(np.ndindex(kh, kw)):
            y = i - padding + u + offset[b, 2 * tap, i, j]
            z = j - padding + v + offset[b, 2 * tap + 1, i, j]
            values = np.array([bilinear(x[b, c], y, z) for c in range(channels)]) * mask[b, tap, i, j]
            out[b, :, i, j] += weight[:, :, u, v] @ values
    return out + bias.reshape(1, -1, 1, 1)


def slope(function, x, cotangent, step=1e-6):
    """A gradient by central differences in f64."""
    out = np.zeros_like(x)
    for place in np.ndindex(*x.shape):
        up, down = x.copy(), x.copy()
        up[place] += step
        down[place] -= step
        out[place] = ((function(up) - function(down)) * cotangent).sum() / (2 * step)
    return out


def unfolded(x, kernel, stride, padding):
    x = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    oh, ow = ((n - k) // stride + 1 for n, k in zip(x.shape[2:], kernel))
    columns = [
        x[:, :, i * stride : i * stride + kernel[0], j * stride : j * stride + kernel[1]].reshape(x.shape[0], -1)
        for i in range(oh) for j in range(ow)]
    return np.stack(columns, 2)


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def grid_sample(x, grid):
    """Bilinear, zeros outside, corners not aligned."""
    n, c, h, w = x.shape
    out = np.zeros((n, c, *grid.shape[1:3]))
    for b, k, i, j in np.ndindex(*out.shape):
        gx, gy = grid[b, i, j]
        out[b, k, i, j] = bilinear(x[b, k], ((gy + 1) * h - 1) / 2, ((gx + 1) * w - 1) / 2)
    return out


def ctc_loss(logs, targets, input_lengths, target_lengths, blank=0):
    """The negative logarithm of the sum over all alignments, each enumerated. For tiny cases."""
    steps, batch, classes = logs.shape
    losses = []
    for b in range(batch):
        wanted = list(targets[b, : target_lengths[b]])
        total = 0.0
        for path in itertools.product(range(classes), repeat=int(input_lengths[b])):
            merged = [label for label, _ in itertools.groupby(path)]
            if [label for label in merged if label != blank] == wanted:
                total += np.exp(sum(logs[t, b, label] for t, label in enumerate(path)))
        losses.append(-np.log(total) if total else np.inf)
    return np.array(losses)
