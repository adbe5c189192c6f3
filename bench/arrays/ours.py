"""Compiles the cases with tensorc and calls the libraries through the C ABI, results in buffers of the caller's."""

import ctypes as c
import os
import subprocess

from cases import count


def text(case):
    """The case in the text form of the tensor IR."""
    inputs = case.inputs()
    names = [name for name, _, _ in inputs]
    parameters = ", ".join(f"%{name}: {spelt(shape, kind)}" for name, shape, kind in inputs)
    is_place = case.options.get("kind") == "argmax"
    result = spelt(case.result(), 0 if is_place else "f32")
    lines = body(case, names, result)
    return f"func @case({parameters}) -> {result} {{\n  " + "\n  ".join(lines) + "\n  return %y\n}\n"


def spelt(shape, kind):
    return f"{'f32' if kind == 'f32' else 'i64'}[{', '.join(map(str, shape))}]"


def body(case, names, result):
    options = case.options
    operands = ", ".join("%" + name for name in names)
    if case.operation == "chain":
        return chain(spelt(case.shape, "f32"))
    if case.operation == "reduce" and options["kind"] == "argmax":
        return [f"%y = arg_max {operands} {{axis: {options['axes'][0]}, keepAxes: false, selectLast: false}} : {result}"]
    if case.operation == "reduce":
        return [f"%y = {options['kind']} {operands} {{axes: {options['axes']}, keepAxes: false}} : {result}"]
    if case.operation == "layer_norm":
        return [f"%y = layer_norm {operands} {{axis: 1, epsilon: 1e-05}} : {result}"]
    if case.operation == "transpose":
        return [f"%y = transpose {operands} {{permutation: {options['permutation']}}} : {result}"]
    if case.operation == "pool":
        return [f"%y = {options['kind']}_pool {operands} {{{window(options)}}} : {result}"]
    if case.operation == "sort":
        return [f"%y = sort {operands} {{axis: 1, descending: false}} : {result}"]
    return [f"%y = {case.operation} {operands} {{axis: {options['axis']}}} : {result}"]


def chain(type):
    number = 'full {value: %s, elementType: f32, shape: []} : f32[]'
    return [
        f"%low = {number % '-1.0'}", f"%high = {number % '1.0'}",
        f"%0 = multiply %a, %b : {type}", f"%1 = add %0, %a : {type}", f"%2 = subtract %1, %b : {type}",
        f"%3 = maximum %2, %low : {type}", f"%4 = minimum %3, %high : {type}", f"%5 = absolute %4 : {type}",
        f"%6 = multiply %5, %a : {type}", f"%y = add %6, %b : {type}",
    ]


def window(options):
    two = lambda number: [number, number]
    parts = {
        "kernel": two(options["kernel"]), "strides": two(options["stride"]), "before": two(options["pad"]),
        "after": two(options["pad"]), "dilations": [1, 1], "ceilMode": "false",
    }
    inner = "window: {" + ", ".join(f"{key}: {value}" for key, value in parts.items()) + "}"
    return inner + (", countIncludePad: false" if options["kind"] == "average" else "")


def library(case, size, folder, tensorc):
    """The path of the library of a case; None where tensorc lacks the operation."""
    return compiled(f"{size}-{case.name}", text(case), folder, tensorc)


def compiled(name, source, folder, tensorc):
    """The path of the library of a text, compiled anew if tensorc is younger; None where it does not compile."""
    stem = os.path.join(folder, name.replace(" ", "-").replace(",", ""))
    path = stem + ".so"
    if os.path.exists(path) and os.path.getmtime(path) > os.path.getmtime(tensorc):
        return path
    os.makedirs(folder, exist_ok=True)
    with open(stem + ".tir", "w") as file:
        file.write(source)
    made = subprocess.run([tensorc, "compile", stem + ".tir", "-o", stem, "--emit", "so,c"], capture_output=True, text=True)
    if made.returncode != 0:
        print(f"{name}: {made.stderr.strip()}")
        return None
    return path


class Tensor(c.Structure):
    _fields_ = [("data", c.c_void_p), ("capacity", c.c_uint64), ("element_type", c.c_int32), ("rank", c.c_int32),
                ("dimensions", c.POINTER(c.c_int64)), ("strides", c.POINTER(c.c_int64))]


class Error(c.Structure):
    _fields_ = [("size", c.c_uint64), ("code", c.c_int32), ("argument", c.c_int32), ("needed", c.c_uint64),
                ("id", c.c_char * 64), ("node", c.c_char * 256), ("text", c.c_char * 1024)]


class Call(c.Structure):
    _fields_ = [("size", c.c_uint64), ("inputs", c.POINTER(Tensor)), ("outputs", c.POINTER(Tensor)),
                ("input_count", c.c_uint32), ("output_count", c.c_uint32), ("workspace", c.c_void_p),
                ("workspace_size", c.c_uint64), ("threads", c.c_int32), ("flags", c.c_uint32),
                ("allocate", c.c_void_p), ("allocator_context", c.c_void_p)]


class Library(c.Structure):
    _fields_ = [("size", c.c_uint64), ("abi_version", c.c_uint32), ("reserved", c.c_uint32)] + [
        (name, c.c_void_p) for name in ("describe", "create", "output_bounds", "workspace_size", "run", "destroy")]


def tensor(array, keep):
    dimensions = (c.c_int64 * max(array.ndim, 1))(*array.shape)
    keep.append(dimensions)
    element = 2 if array.dtype.itemsize == 4 else 8
    return Tensor(array.ctypes.data, array.nbytes, element, array.ndim, dimensions, None)


def prepare(arrays, results, path, threads):
    """A function of no arguments that runs the library at `path` once, into the arrays `results`."""
    import numpy
    table = c.CDLL(path).tensorc_library_v1
    table.restype = c.POINTER(Library)
    functions = table().contents
    error, keep = Error(size=c.sizeof(Error)), []
    function = c.CFUNCTYPE(c.c_int32, c.c_void_p, c.POINTER(Call), c.POINTER(Error))
    model = c.CFUNCTYPE(c.c_void_p, c.c_void_p, c.POINTER(Error))(functions.create)(None, c.byref(error))
    inputs = (Tensor * len(arrays))(*(tensor(array, keep) for array in arrays))
    outputs = (Tensor * len(results))(*(tensor(array, keep) for array in results))
    call = Call(c.sizeof(Call), inputs, outputs, len(arrays), len(results), None, 0, threads, 0, None, None)
    size = c.c_uint64()
    measure = c.CFUNCTYPE(c.c_int32, c.c_void_p, c.POINTER(Call), c.POINTER(c.c_uint64), c.POINTER(Error))
    if measure(functions.workspace_size)(model, c.byref(call), c.byref(size), c.byref(error)) != 0:
        raise RuntimeError(error.text.decode())
    workspace = numpy.zeros(size.value + 64, numpy.uint8)
    call.workspace, call.workspace_size = (workspace.ctypes.data + 63) // 64 * 64, size.value
    run_once, by_call, by_error = function(functions.run), c.byref(call), c.byref(error)

    def run():
        if run_once(model, by_call, by_error) != 0:
            raise RuntimeError(error.text.decode())

    run.keep = (keep, workspace, arrays, results)
    run()
    return run
