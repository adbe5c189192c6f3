"""Times compiled models, onnxruntime and OpenVINO (if installed) side by side, with the same number of threads.

    python bench/peers.py MODEL.onnx LIBRARY.so[,LIBRARY.so…] DATA_DIRECTORY [ROUNDS]

A LIBRARY is what tensorc makes of MODEL; DATA_DIRECTORY has input_0.pb or input_0.npy, and output_0 likewise. Wants numpy, onnx and
onnxruntime. Each runtime has a process of its own, because threads of one that still spin take the other's processor, and they run in
short turns in random order, so that a busy neighbour meets all alike. Prints for one thread and for two the least time of all calls,
the fast tenth and the median of the turns' medians in milliseconds, and our outputs' greatest difference from those of the data.
"""

import ctypes
import importlib.util
import json
import os
import random
import statistics
import subprocess
import sys
import time

import numpy

from suite import peer


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


def serve(name, model, data, threads):
    """Answers each line, a number of seconds, by the times of the calls that it made for so long."""
    inputs, difference = peer.tensors(data), None
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    if name in ("onnxruntime", "openvino"):
        run = getattr(peer, name)(model, inputs, threads)
        run()
    else:
        expected = peer.tensors(data, "output")
        library = Library(os.path.abspath(name), inputs, expected, threads)
        run = library.run
        run()
        difference = max(float(numpy.abs(a - b).max()) for a, b in zip(library.outputs, expected))
    print(json.dumps(difference), flush=True)
    for line in sys.stdin:
        times, until = [], time.perf_counter() + float(line)
        while not times or time.perf_counter() < until:
            start = time.perf_counter()
            run()
            times.append((time.perf_counter() - start) * 1e3)
        print(json.dumps(times), flush=True)


class Runtime:
    """A runtime in its process, and the times of its turns."""

    def __init__(self, name, model, data, threads):
        command = [sys.executable, __file__, "--serve", name, model, data, str(threads)]
        self.name, self.turns = os.path.basename(name), []
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        first = self.process.stdout.readline()
        self.runs, self.difference = bool(first), json.loads(first or "null")

    def turn(self, seconds):
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        self.turns.append(json.loads(self.process.stdout.readline() or "[]"))
        if not self.turns[-1]:
            raise SystemExit(f"{self.name} ended with {self.process.wait()} in a turn")

    def row(self):
        if not self.runs:
            return f"{self.name:24}cannot run it"
        self.process.stdin.close()
        self.process.wait()
        times = sorted(time for turn in self.turns for time in turn)
        median = statistics.median(statistics.median(turn) for turn in self.turns)
        return f"{self.name:24}{times[0]:10.3f}{times[len(times) // 10]:10.3f}{median:10.3f}"


def main():
    model, libraries, data = sys.argv[1:4]
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 20
    others = [name for name in ("onnxruntime", "openvino") if importlib.util.find_spec(name)]
    for threads in (1, 2):
        ours = [Runtime(name, model, data, threads) for name in libraries.split(",")]
        for runtime in ours:
            if not runtime.runs:
                raise SystemExit(f"{runtime.name} ended with {runtime.process.wait()}")
        runtimes = ours + [Runtime(name, model, data, threads) for name in others]
        for _ in range(rounds):
            able = [runtime for runtime in runtimes if runtime.runs]
            for runtime in random.sample(able, len(able)):
                time.sleep(0.02)  # by then the threads of the one before sleep
                runtime.turn(0.1)
        print(f"{threads} threads, ms{'':11}{'least':>10}{'tenth':>10}{'median':>10}")
        for runtime in runtimes:
            note = "" if runtime.difference is None else f"   greatest difference {runtime.difference:.1e}"
            print(runtime.row() + note, flush=True)


if __name__ == "__main__":
    serve(*sys.argv[2:5], int(sys.argv[5])) if sys.argv[1:2] == ["--serve"] else main()
