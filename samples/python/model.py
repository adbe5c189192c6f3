"""Loads a library compiled by tensorc and calls it on numpy arrays, through ctypes alone.

    python3 model.py LIB.so [SYMBOL=SIZE | FILE.npy]...

Inputs are read from the files, in the order of the model's inputs; those that are left over are filled with ones,
their symbolic sizes taken from the arguments, or else 2. As a module:

    model = Model("mlp.so")
    outputs = model(numpy.ones((2, 784), numpy.float32))
"""

import ctypes
import sys
from ctypes import POINTER, Structure, byref, c_char, c_char_p, c_int32, c_int64, c_uint32, c_uint64, c_void_p

import numpy

ABI_VERSION = 1
OK = 0
# By element type; numpy has no bfloat16, and none of the 4-bit ones.
TYPES = [None, "f8", "f4", "f2", None, "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?", None, None]


class Tensor(Structure):
    _fields_ = [("data", c_void_p), ("capacity", c_uint64), ("element_type", c_int32), ("rank", c_int32),
                ("dimensions", POINTER(c_int64)), ("strides", POINTER(c_int64))]


class Error(Structure):
    _fields_ = [("size", c_uint64), ("code", c_int32), ("argument", c_int32), ("needed", c_uint64),
                ("id", c_char * 64), ("node", c_char * 256), ("text", c_char * 1024)]


class Call(Structure):
    _fields_ = [("size", c_uint64), ("inputs", POINTER(Tensor)), ("outputs", POINTER(Tensor)),
                ("input_count", c_uint32), ("output_count", c_uint32), ("workspace", c_void_p),
                ("workspace_size", c_uint64), ("threads", c_int32), ("flags", c_uint32), ("allocate", c_void_p),
                ("allocator_context", c_void_p)]


class Dimension(Structure):
    _fields_ = [("size", c_int64), ("formula", c_char_p), ("symbol", c_int32), ("reserved", c_int32)]


class Value(Structure):
    _fields_ = [("name", c_char_p), ("element_type", c_int32), ("rank", c_int32), ("dimensions", POINTER(Dimension)),
                ("flags", c_uint32), ("reserved", c_uint32)]


class Description(Structure):
    _fields_ = [("size", c_uint64), ("abi_version", c_uint32), ("thread_mode", c_int32), ("tool_version", c_char_p),
                ("model_name", c_char_p), ("target", c_char_p), ("inputs", POINTER(Value)),
                ("outputs", POINTER(Value)), ("symbols", c_void_p), ("donations", c_void_p),
                ("input_count", c_uint32), ("output_count", c_uint32), ("symbol_count", c_uint32),
                ("donation_count", c_uint32)]


class Library(Structure):
    _fields_ = [("size", c_uint64), ("abi_version", c_uint32), ("reserved", c_uint32),
                ("describe", ctypes.CFUNCTYPE(POINTER(Description))),
                ("create", ctypes.CFUNCTYPE(c_void_p, c_void_p, POINTER(Error))),
                ("output_bounds", ctypes.CFUNCTYPE(c_int32, c_void_p, POINTER(Call), POINTER(Error))),
                ("workspace_size", ctypes.CFUNCTYPE(c_int32, c_void_p, POINTER(Call), POINTER(c_uint64),
                                                      POINTER(Error))),
                ("run", ctypes.CFUNCTYPE(c_int32, c_void_p, POINTER(Call), POINTER(Error))),
                ("destroy", ctypes.CFUNCTYPE(None, c_void_p))]


class Model:
    """A compiled model. Calling it takes numpy arrays and returns a list of them."""

    def __init__(self, path):
        entry = ctypes.CDLL(path).tensorc_library_v1
        entry.restype = POINTER(Library)
        self.library = entry().contents
        if self.library.abi_version != ABI_VERSION:
            raise RuntimeError(f"{path} speaks version {self.library.abi_version} of the ABI: compile the model again")
        description = self.library.describe().contents
        self.inputs = [description.inputs[i] for i in range(description.input_count)]
        self.outputs = [description.outputs[i] for i in range(description.output_count)]
        self.error = Error(size=ctypes.sizeof(Error))
        self.model = self.library.create(None, byref(self.error))
        if not self.model:
            self._fail()

    def __call__(self, *arrays, threads=0):
        if len(arrays) != len(self.inputs):
            raise ValueError(f"the model takes {len(self.inputs)} inputs, but {len(arrays)} were given")
        arrays = [numpy.ascontiguousarray(array) for array in arrays]
        for array, value in zip(arrays, self.inputs):
            expected = numpy.dtype(TYPES[value.element_type] or "V")
            if array.dtype != expected or array.ndim != value.rank:
                raise TypeError(f"the input '{value.name.decode()}' takes {expected} of rank {value.rank}, "
                                f"not {array.dtype} of rank {array.ndim}")
        inputs = (Tensor * max(1, len(arrays)))(*map(tensor_of, arrays))
        outputs = (Tensor * max(1, len(self.outputs)))(*[
            Tensor(element_type=value.element_type, rank=value.rank, dimensions=(c_int64 * max(1, value.rank))())
            for value in self.outputs])
        call = Call(size=ctypes.sizeof(Call), inputs=inputs, outputs=outputs, input_count=len(arrays),
                    output_count=len(self.outputs), threads=threads)

        self._check(self.library.output_bounds(self.model, byref(call), byref(self.error)))
        results = [self._place(output, value) for output, value in zip(outputs, self.outputs)]
        needed = c_uint64()
        self._check(self.library.workspace_size(self.model, byref(call), byref(needed), byref(self.error)))
        workspace = numpy.empty(needed.value, numpy.uint8)
        call.workspace, call.workspace_size = workspace.ctypes.data, needed.value
        self._check(self.library.run(self.model, byref(call), byref(self.error)))
        # The exact sizes may be smaller than the bounds.
        return [result[:numpy.prod(shape_of(output), dtype=int)].reshape(shape_of(output))
                for result, output in zip(results, outputs)]

    def _place(self, output, value):
        shape = shape_of(output)
        if any(size < 0 for size in shape):
            raise NotImplementedError(f"the size of '{value.name.decode()}' has no bound, which this sample wants")
        result = numpy.empty(numpy.prod(shape, dtype=int), TYPES[value.element_type])
        output.data, output.capacity = result.ctypes.data, result.nbytes
        return result

    def _check(self, code):
        if code != OK:
            self._fail()

    def _fail(self):
        node = self.error.node.decode()
        place = f"node '{node}': " if node else ""
        raise RuntimeError(f"{place}{self.error.text.decode()} [{self.error.id.decode()}]")


def tensor_of(array):
    dimensions = (c_int64 * max(1, array.ndim))(*array.shape)
    element_type = TYPES.index("?" if array.dtype == bool else array.dtype.str[1:])
    return Tensor(array.ctypes.data, array.nbytes, element_type, array.ndim, dimensions, None)


def shape_of(tensor):
    return tuple(tensor.dimensions[i] for i in range(tensor.rank))


def make_input(value, sizes):
    shape = [value.dimensions[i] for i in range(value.rank)]
    shape = [d.size if d.size >= 0 else sizes.get(d.formula.decode(), 2) for d in shape]
    return numpy.ones(shape, TYPES[value.element_type])


def main(path, *arguments):
    model = Model(path)
    sizes = {name: int(size) for name, size in (argument.split("=") for argument in arguments if "=" in argument)}
    arrays = [numpy.load(argument) for argument in arguments if "=" not in argument]
    arrays += [make_input(value, sizes) for value in model.inputs[len(arrays):]]
    for value, result in zip(model.outputs, model(*arrays)):
        print(f"{value.name.decode()}: {result.dtype}{list(result.shape)}", *result.ravel()[:8])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except (OSError, RuntimeError, TypeError, ValueError) as error:
        sys.exit(f"error: {error}")
