"""Reads the tensors of a PyTorch file in the format used before version 1.6, without PyTorch.

Such a file is a run of pickles (a magic number, a protocol number, facts about the machine, the object, the list of
storage keys) followed by the storages: for each key an element count and the raw elements. Only the three names that
a plain state dictionary needs are allowed, so a file cannot run code.
"""

import collections
import pickle
import struct

import numpy as np

ELEMENTS = {
    "FloatStorage": np.dtype("<f4"),
    "DoubleStorage": np.dtype("<f8"),
    "LongStorage": np.dtype("<i8"),
    "IntStorage": np.dtype("<i4"),
}


class View(collections.namedtuple("View", "storage offset shape strides")):
    """A tensor before its storage has been read."""


def _view(storage, offset, shape, strides, *_unused):
    return View(storage, offset, tuple(shape), tuple(strides))


class _StateUnpickler(pickle.Unpickler):
    def __init__(self, stream):
        super().__init__(stream)
        self.element_of = {}

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _view
        if module == "torch" and name in ELEMENTS:
            return ELEMENTS[name]
        raise pickle.UnpicklingError(f"{module}.{name} is not allowed in a weight file")

    def persistent_load(self, reference):
        _kind, element, key = reference[:3]
        self.element_of[key] = element
        return key


def read(path):
    """The state dictionary in `path`, as a dictionary of numpy arrays."""
    with open(path, "rb") as stream:
        for _header in range(3):
            _StateUnpickler(stream).load()
        unpickler = _StateUnpickler(stream)
        state = unpickler.load()
        storages = {}
        for key in _StateUnpickler(stream).load():
            (count,) = struct.unpack("<q", stream.read(8))
            element = unpickler.element_of[key]
            storages[key] = np.frombuffer(stream.read(count * element.itemsize), element)
    return {name: _array(view, storages[view.storage]) for name, view in state.items()}


def _array(view, storage):
    flat = storage[view.offset :]
    byte_strides = [stride * flat.itemsize for stride in view.strides]
    return np.array(np.lib.stride_tricks.as_strided(flat, view.shape, byte_strides), order="C")
