"""Times a compiled model and onnxruntime side by side, in turns in one process, with the same number of threads.

    python bench/peers.py MODEL.onnx LIBRARY.so DATA_DIRECTORY [ROUNDS]

LIBRARY is what tensorc makes of MODEL; DATA_DIRECTORY has input_0.pb or input_0.npy, and output_0 likewise. Wants numpy, onnx and
onnxruntime. Prints for one thread and for two the least and the median time of each in milliseconds, and checks that the
outputs agree.
"""

import ctypes
import os
import statistics
import sys
import time

import numpy
import onnxruntime

from suite.peer import tensors


class Tensor(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p), ("capacity", ctypes.c_uint64), ("element_type", ctypes.c_int32),
        ("rank", ctypes.c_int32), ("dimensions", ctypes.POINTER(ctypes.c_int64)), ("strides", ctypes.c_void_p),
    ]


class Error(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint64), ("code", ctypes.c_int32), ("argument", ctypes.c_int32), ("needed", ctypes.c_uint64),
        ("id", ctypes.c_char * 64), ("node", ctypes.c_char * 256), ("text", ctypes.c_char * 1024),
    ]


class Call(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint64), ("inputs", ctypes.POINTER(Tensor)), ("outputs", ctypes.POINTER(Tensor)),
        ("input_count", ctypes.c_uint32), ("output_count", ctypes.c_uint32), ("workspace", ctypes.c_void_p),
        ("workspace_size", ctypes.c_uint64), ("threads", ctypes.c_int32), ("flags", ctypes.c_uint32),
        ("allocate", ctypes.c_void_p), ("allocator_context", ctypes.c_void_p),
    ]


class Functions(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint64), ("abi_version", ctypes.c_uint32), ("reserved", ctypes.c_uint32)] + [
        (name, ctypes.c_void_p) for name in ("describe", "create", "output_bounds", "workspace_size", "run", "destroy")
    ]


ELEMENT_TYPES = {"float64": 1, "float32": 2, "int32": 7, "int64": 8, "bool": 13}


class Library:
    """A compiled library with one set of inputs, called at a number of threads."""

    def __init__(self, path, inputs, outputs, threads):
        library = ctypes.CDLL(path)
        library.tensorc_library_v1.restype = ctypes.POINTER(Functions)
        table = library.tensorc_library_v1().contents
        pointers = [ctypes.c_void_p] * 3
        self.error = Error(size=ctypes.sizeof(Error))
        create = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)(table.create)
        self.model = create(None, ctypes.addressof(self.error))
        self.run_function = ctypes.CFUNCTYPE(ctypes.c_int32, *pointers)(table.run)
        measure = ctypes.CFUNCTYPE(ctypes.c_int32, *pointers[:2], ctypes.c_void_p, ctypes.c_void_p)(table.workspace_size)
        self.arrays = [numpy.ascontiguousarray(x) for x in inputs]
        self.outputs = [numpy.zeros_like(y) for y in outputs]
        self.tensors = [self.tensors_of(self.arrays), self.tensors_of(self.outputs)]
        self.call = Call(
            size=ctypes.sizeof(Call), inputs=self.tensors[0], outputs=self.tensors[1], input_count=len(inputs),
            output_count=len(outputs), threads=threads)
        needed = ctypes.c_uint64()
        self.check(measure(self.model, ctypes.addressof(self.call), ctypes.addressof(needed), ctypes.addressof(self.error)))
        self.workspace = numpy.zeros(needed.value + 64, dtype=numpy.uint8)
        self.call.workspace = (self.workspace.ctypes.data + 63) // 64 * 64
        self.call.workspace_size = needed.value

    @staticmethod
    def tensors_of(arrays):
        tensors = (Tensor * len(arrays))()
        for tensor, array in zip(tensors, arrays):
            sizes = (ctypes.c_int64 * array.ndim)(*array.shape)
            tensor.data, tensor.capacity, tensor.rank = array.ctypes.data, array.nbytes, array.ndim
            tensor.element_type = ELEMENT_TYPES[array.dtype.name]
            tensor.dimensions = ctypes.cast(sizes, ctypes.POINTER(ctypes.c_int64))
        return tensors

    def check(self, code):
        if code:
            raise SystemExit(f"{self.error.id.decode()}: {self.error.text.decode()}")

    def run(self):
        self.check(self.run_function(self.model, ctypes.addressof(self.call), ctypes.addressof(self.error)))


def timed(function, seconds):
    """The least time of a call in milliseconds over a short while."""
    least, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        function()
        least = min(least, time.perf_counter() - start)
    return least * 1e3


def main():
    model, library, data = sys.argv[1:4]
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 10
    inputs, expected = tensors(data), tensors(data, "output")
    for threads in (1, 2):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        feeds = {value.name: array for value, array in zip(session.get_inputs(), inputs)}
        ours = Library(os.path.abspath(library), inputs, expected, threads)
        ours.run()
        error = max(float(numpy.abs(a - b).max()) for a, b in zip(ours.outputs, expected))
        times = {"tensorc": [], "onnxruntime": []}
        for _ in range(rounds):
            times["tensorc"].append(timed(ours.run, 0.1))
            times["onnxruntime"].append(timed(lambda: session.run(None, feeds), 0.1))
        print(f"{threads} threads, greatest difference {error:.1e}:", end="")
        for name, values in times.items():
            print(f"  {name} {min(values):.3f} (median {statistics.median(values):.3f}) ms", end="")
        print(flush=True)


if __name__ == "__main__":
    main()
