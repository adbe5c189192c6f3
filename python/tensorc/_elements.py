"""Element types as NumPy arrays."""

import numpy

try:
    from ml_dtypes import bfloat16
except ImportError:
    bfloat16 = numpy.uint16

# By the number of the C interface.
NAMES = ("", "f64", "f32", "f16", "bf16", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "bool", "i4", "u4")
TYPES = {
    "f64": "f8", "f32": "f4", "f16": "f2", "bf16": bfloat16, "i8": "i1", "i16": "i2", "i32": "i4", "i64": "i8",
    "u8": "u1", "u16": "u2", "u32": "u4", "u64": "u8", "bool": "?", "i4": "i1", "u4": "u1",
}


def dtype(name):
    """The NumPy type that stands for an element type."""
    return numpy.dtype(TYPES[name])


def byte_count(name, count):
    """The bytes of a dense tensor of so many elements."""
    return (count + 1) // 2 if name in ("i4", "u4") else count * dtype(name).itemsize


def stored(name, array):
    """The elements as the library reads them: contiguous, two of four bits to a byte, the earlier in the lower half."""
    if name not in ("i4", "u4"):
        return numpy.ascontiguousarray(array)
    low, high = (-8, 7) if name == "i4" else (0, 15)
    if array.size and (array.min() < low or array.max() > high):
        raise ValueError(f"{name} holds numbers from {low} to {high}")
    nibbles = numpy.append(array.ravel().view(numpy.uint8) & 15, numpy.zeros(array.size % 2, numpy.uint8))
    return nibbles[0::2] | nibbles[1::2] << 4


def loaded(name, storage, shape):
    """An array of the elements in a buffer of bytes."""
    count = int(numpy.prod(shape, dtype=numpy.int64))
    storage = storage[: byte_count(name, count)]
    if name not in ("i4", "u4"):
        return storage.view(dtype(name)).reshape(shape)
    nibbles = numpy.stack([storage & 15, storage >> 4], axis=1).ravel()[:count]
    if name == "i4":
        nibbles = (nibbles ^ 8).astype(numpy.int8) - numpy.int8(8)
    return nibbles.reshape(shape)
