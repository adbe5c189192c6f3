"""A compiled model, loaded with ctypes."""

import ctypes
import os
from ctypes import POINTER, byref, c_int64, c_uint64, sizeof

import numpy

from . import _abi, _elements


class TensorcError(RuntimeError):
    """A mistake that the library tells of: `id` is short and stable, `node` the place in the model or empty."""

    def __init__(self, id, text, node="", code=0, needed=0):
        super().__init__(f"node '{node}': {text} [{id}]" if node else f"{text} [{id}]")
        self.id, self.node, self.code, self.needed = id, node, code, needed


class Symbol:
    """A size that each call chooses; `maximum` is None where there is no limit."""

    def __init__(self, source):
        self.name = source.name.decode()
        self.minimum, self.divisor = source.minimum, source.divisor
        self.maximum = None if source.maximum == 2**63 - 1 else source.maximum
        self.is_computed = bool(source.flags & _abi.COMPUTED)

    def __repr__(self):
        return f"Symbol({self.name!r})"


class Value:
    """An input or output. Its shape has numbers, and the formulas of sizes that calls choose."""

    def __init__(self, source):
        self.name = source.name.decode()
        self.element_type = _elements.NAMES[source.element_type]
        self.number = source.element_type
        dimensions = [source.dimensions[axis] for axis in range(source.rank)]
        self.shape = tuple(d.size if d.size >= 0 else d.formula.decode() for d in dimensions)

    @property
    def dtype(self):
        """The type of the array."""
        return _elements.dtype(self.element_type)

    def __repr__(self):
        return f"{self.name}: {self.element_type}[{', '.join(map(str, self.shape))}]"


class _Memory:
    """What the library asks for during a run."""

    def __init__(self):
        self.blocks = {}
        self.callback = _abi.Allocate(self.allocate)

    def allocate(self, _, block, old_size, new_size):
        try:
            new = None
            if new_size:
                buffer = numpy.empty(new_size + 64, numpy.uint8)
                new = (buffer.ctypes.data + 63) & ~63
                self.blocks[new] = buffer
            if block:
                if new:
                    ctypes.memmove(new, block, min(old_size, new_size))
                del self.blocks[block]
            return new
        except MemoryError:
            return None


class Model:
    """A compiled model. Calling it takes arrays, in the order of the inputs or by their names."""

    def __init__(self, path):
        self.path = os.fspath(path)
        if not os.path.exists(self.path):
            raise FileNotFoundError(f"there is no library at '{self.path}': run 'tensorc compile' first")
        library = ctypes.CDLL(os.path.abspath(self.path))
        try:
            entry = library.tensorc_library_v1
        except AttributeError:
            raise TensorcError("not-a-library", f"'{self.path}' is no shared library of tensorc") from None
        entry.restype = POINTER(_abi.Library)
        self._functions = entry().contents
        description = self._functions.describe().contents
        if _abi.VERSION not in (self._functions.abi_version, description.abi_version):
            raise TensorcError("abi-version", f"'{self.path}' speaks another version of the ABI: compile the model again")
        self.name, self.target = description.model_name.decode(), description.target.decode()
        self.tool_version, self.is_parallel = description.tool_version.decode(), description.thread_mode != 0
        self.inputs = tuple(Value(description.inputs[i]) for i in range(description.input_count))
        self.outputs = tuple(Value(description.outputs[i]) for i in range(description.output_count))
        self.symbols = tuple(Symbol(description.symbols[i]) for i in range(description.symbol_count))
        error = _abi.Error(size=sizeof(_abi.Error))
        self._model = self._functions.create(None, byref(error))
        if not self._model:
            raise _failure(error)

    def __repr__(self):
        takes, gives = (", ".join(map(repr, values)) for values in (self.inputs, self.outputs))
        return f"Model({self.name!r}: ({takes}) -> ({gives}))"

    def __call__(self, *arrays, threads=0, **named):
        """The output, or a tuple of all where there are several or none."""
        results = self._run(arrays, named, threads)
        return results[0] if len(results) == 1 else tuple(results)

    def run(self, *arrays, threads=0, **named):
        """The outputs by name."""
        return dict(zip((value.name for value in self.outputs), self._run(arrays, named, threads)))

    def _ordered(self, arrays, named):
        names = [value.name for value in self.inputs]
        takes = ", ".join(map(repr, self.inputs)) or "no input"
        if len(arrays) > len(names):
            raise TypeError(f"the model takes {takes}, and {len(arrays)} arrays were given")
        given = dict(zip(names, arrays))
        for name, array in named.items():
            if name not in names:
                raise TypeError(f"the model has no input '{name}': it takes {takes}")
            if name in given:
                raise TypeError(f"the input '{name}' is given twice")
            given[name] = array
        missing = [name for name in names if name not in given]
        if missing:
            raise TypeError(f"the input '{missing[0]}' is missing: the model takes {takes}")
        return [_array(value, given[value.name]) for value in self.inputs]

    def _run(self, arrays, named, threads):
        arrays = self._ordered(arrays, named)
        kept = [_elements.stored(value.element_type, array) for value, array in zip(self.inputs, arrays)]
        inputs = (_abi.Tensor * max(1, len(kept)))(*[
            _abi.Tensor(data.ctypes.data, data.nbytes, value.number, array.ndim,
                        (c_int64 * max(1, array.ndim))(*array.shape), None)
            for value, array, data in zip(self.inputs, arrays, kept)])
        outputs = (_abi.Tensor * max(1, len(self.outputs)))(*[
            _abi.Tensor(None, 0, value.number, len(value.shape), (c_int64 * max(1, len(value.shape)))(), None)
            for value in self.outputs])
        memory = _Memory()
        call = _abi.Call(size=sizeof(_abi.Call), inputs=inputs, outputs=outputs, input_count=len(self.inputs),
                         output_count=len(self.outputs), threads=threads, allocate=memory.callback)
        return self._finish(call, outputs)

    def _finish(self, call, outputs):
        functions, error, needed = self._functions, _abi.Error(size=sizeof(_abi.Error)), c_uint64()
        _check(functions.output_bounds(self._model, byref(call), byref(error)), error)
        storages = []
        for value, output in zip(self.outputs, outputs):
            shape = [max(output.dimensions[axis], 0) for axis in range(output.rank)]
            count = int(numpy.prod(shape, dtype=numpy.int64))
            storages.append(_place(output, _elements.byte_count(value.element_type, count)))
        _check(functions.workspace_size(self._model, byref(call), byref(needed), byref(error)), error)
        workspace = numpy.empty(needed.value, numpy.uint8)
        call.workspace, call.workspace_size = workspace.ctypes.data, needed.value
        code = functions.run(self._model, byref(call), byref(error))
        # The size of an output may become known only now.
        while code == _abi.BUFFER_TOO_SMALL and error.argument >= len(self.inputs):
            number = error.argument - len(self.inputs)
            if error.needed <= storages[number].nbytes:
                break
            storages[number] = _place(outputs[number], error.needed)
            code = functions.run(self._model, byref(call), byref(error))
        _check(code, error)
        shapes = [tuple(output.dimensions[axis] for axis in range(output.rank)) for output in outputs]
        return [_elements.loaded(value.element_type, storage, shape)
                for value, storage, shape in zip(self.outputs, storages, shapes)]


def load(path):
    """Loads a library that `tensorc compile` made. It stays loaded until the process ends."""
    return Model(path)


def _array(value, given):
    if not isinstance(given, numpy.ndarray) and not isinstance(given, numpy.generic):
        given = numpy.asarray(given, value.dtype)
    array = numpy.asarray(given)
    if array.dtype != value.dtype:
        raise TypeError(f"the input {value!r} takes an array of {value.dtype}, and {array.dtype} was given")
    return array


def _place(tensor, byte_count):
    storage = numpy.empty(byte_count, numpy.uint8)
    tensor.data, tensor.capacity = storage.ctypes.data, byte_count
    return storage


def _check(code, error):
    if code != _abi.OK:
        raise _failure(error)


def _failure(error):
    text, name, node = (field.decode("utf-8", "replace") for field in (error.text, error.id, error.node))
    return TensorcError(name, text, node, error.code, error.needed)
