"""The cases in NumPy, onnxruntime, JAX and PyTorch, as their users would write them: each function prepares a case for one
and gives a function of no arguments that computes it once. Results go into memory that was allocated beforehand, except in
JAX, which has no way to say so."""

import numpy as np


def numpy_case(case, arrays, result, threads):
    """NumPy has one thread."""
    options, x = case.options, arrays[0]
    if case.operation == "chain":
        return lambda: numpy_chain(*arrays, result)
    if case.operation == "reduce":
        axis = options["axes"][0]
        reduce = {"sum": np.sum, "max": np.max, "mean": np.mean, "argmax": np.argmax}[options["kind"]]
        return lambda: reduce(x, axis=axis, out=result)
    if case.operation == "softmax":
        return lambda: numpy_softmax(x, options["axis"], result)
    if case.operation == "layer_norm":
        return lambda: numpy_layer_norm(*arrays, result)
    if case.operation == "transpose":
        return lambda: np.copyto(result, x.transpose(options["permutation"]))
    if case.operation == "gather":
        return lambda: np.take(x, arrays[1], axis=0, out=result, mode="clip")
    if case.operation == "gather_elements":
        return lambda: np.copyto(result, np.take_along_axis(x, arrays[1], axis=options["axis"]))
    if case.operation == "pool":
        return lambda: numpy_pool(x, options, result)
    return lambda: numpy_sort(x, result)


def numpy_chain(a, b, out):
    np.multiply(a, b, out=out)
    np.add(out, a, out=out)
    np.subtract(out, b, out=out)
    np.maximum(out, np.float32(-1), out=out)
    np.minimum(out, np.float32(1), out=out)
    np.absolute(out, out=out)
    np.multiply(out, a, out=out)
    np.add(out, b, out=out)


def numpy_softmax(x, axis, out):
    np.subtract(x, x.max(axis=axis, keepdims=True), out=out)
    np.exp(out, out=out)
    np.divide(out, out.sum(axis=axis, keepdims=True), out=out)


def numpy_layer_norm(x, scale, bias, out):
    np.subtract(x, x.mean(axis=-1, keepdims=True), out=out)
    deviation = np.sqrt(np.einsum("ij,ij->i", out, out) / np.float32(x.shape[-1]) + np.float32(1e-5))
    np.divide(out, deviation[:, None], out=out)
    np.multiply(out, scale, out=out)
    np.add(out, bias, out=out)


def numpy_pool(x, options, out):
    kernel, stride, pad = options["kernel"], options["stride"], options["pad"]
    is_max = options["kind"] == "max"
    combine = np.maximum if is_max else np.add
    out.fill(-np.inf if is_max else 0)
    extent, places = x.shape[2], out.shape[2]

    def span(tap):  # the outputs whose tap lies within, and where it lies
        first = max(0, -(-(pad - tap) // stride))
        last = min(places, (extent - 1 + pad - tap) // stride + 1)
        return slice(first, last), slice(first * stride + tap - pad, (last - 1) * stride + tap - pad + 1, stride)

    for row in range(kernel):
        for column in range(kernel):
            (to_row, from_row), (to_column, from_column) = span(row), span(column)
            part = out[:, :, to_row, to_column]
            combine(part, x[:, :, from_row, from_column], out=part)
    if not is_max:
        taps = np.zeros(places, np.float32)
        for tap in range(kernel):
            taps[span(tap)[0]] += 1
        np.divide(out, taps[:, None] * taps, out=out)


def numpy_sort(x, out):
    np.copyto(out, x)
    out.sort(axis=1)


def onnx_model(case, arrays):
    """The case as an ONNX model, whose result is `y`."""
    from onnx import TensorProto, helper, numpy_helper
    options, names = case.options, [name for name, _, _ in case.inputs()]
    constants, make = [], helper.make_node

    def constant(name, value):
        constants.append(numpy_helper.from_array(value, name))
        return name

    if case.operation == "chain":
        low, high = constant("low", np.float32(-1)), constant("high", np.float32(1))
        steps = [("Mul", "a", "b"), ("Add", "0", "a"), ("Sub", "1", "b"), ("Max", "2", low), ("Min", "3", high),
                 ("Abs", "4"), ("Mul", "5", "a"), ("Add", "6", "b")]
        nodes = [make(op, list(of), ["y" if place == 7 else str(place)]) for place, (op, *of) in enumerate(steps)]
    elif case.operation == "reduce" and options["kind"] == "argmax":
        nodes = [make("ArgMax", names, ["y"], axis=options["axes"][0], keepdims=0)]
    elif case.operation == "reduce":
        op = {"sum": "ReduceSum", "max": "ReduceMax", "mean": "ReduceMean"}[options["kind"]]
        nodes = [make(op, names + [constant("axes", np.array(options["axes"], np.int64))], ["y"], keepdims=0)]
    elif case.operation == "pool":
        op, pad = {"max": "MaxPool", "average": "AveragePool"}[options["kind"]], options["pad"]
        nodes = [make(op, names, ["y"], kernel_shape=[options["kernel"]] * 2, strides=[options["stride"]] * 2, pads=[pad] * 4)]
    elif case.operation == "sort":
        size = constant("k", np.array([case.shape[1]], np.int64))
        nodes = [make("TopK", names + [size], ["y", "places"], axis=1, largest=0, sorted=1)]
    else:
        op, attributes = {
            "softmax": ("Softmax", {"axis": options.get("axis")}), "layer_norm": ("LayerNormalization", {"axis": -1}),
            "transpose": ("Transpose", {"perm": options.get("permutation")}), "gather": ("Gather", {"axis": 0}),
            "gather_elements": ("GatherElements", {"axis": options.get("axis")}),
        }[case.operation]
        nodes = [make(op, names, ["y"], **attributes)]
    types = {np.dtype("float32"): TensorProto.FLOAT, np.dtype("int64"): TensorProto.INT64}
    inputs = [helper.make_tensor_value_info(name, types[a.dtype], a.shape) for name, a in zip(names, arrays)]
    graph = helper.make_graph(nodes, "g", inputs, [helper.make_empty_tensor_value_info("y")], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def onnxruntime_case(case, arrays, result, threads):
    """All graph optimisations, operands and result bound."""
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    model = onnx_model(case, arrays).SerializeToString()
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    binding = session.io_binding()
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in arrays + [result]]
    for (name, _, _), value in zip(case.inputs(), values):
        binding.bind_ortvalue_input(name, value)
    binding.bind_ortvalue_output("y", values[-1])

    def run():
        session.run_with_iobinding(binding)

    run.result = values[-1].numpy
    return run


def jax_case(case, arrays, result, threads):
    """Compiled by XLA for these shapes."""
    import jax
    import jax.numpy as jnp
    options, operation = case.options, case.operation
    kernel, stride, pad = (options.get(key) for key in ("kernel", "stride", "pad"))
    reduce = {"sum": jnp.sum, "max": jnp.max, "mean": jnp.mean, "argmax": jnp.argmax}.get(options.get("kind"))

    def chain(a, b):
        return jnp.abs(jnp.minimum(jnp.maximum(a * b + a - b, -1), 1)) * a + b

    def norm(x, scale, bias):
        centred = x - x.mean(-1, keepdims=True)
        return centred * jax.lax.rsqrt((centred * centred).mean(-1, keepdims=True) + 1e-5) * scale + bias

    def pool(x):
        sizes = (1, 1, kernel, kernel), (1, 1, stride, stride), ((0, 0), (0, 0), (pad, pad), (pad, pad))
        if options["kind"] == "max":
            return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, *sizes)
        return jax.lax.reduce_window(x, 0.0, jax.lax.add, *sizes) / jax.lax.reduce_window(
            jnp.ones(x.shape[2:]), 0.0, jax.lax.add, *(part[2:] for part in sizes))

    functions = {
        "chain": chain, "reduce": lambda x: reduce(x, axis=options["axes"][0]), "layer_norm": norm, "pool": pool,
        "softmax": lambda x: jax.nn.softmax(x, axis=options["axis"]),
        "transpose": lambda x: jnp.transpose(x, options["permutation"]),
        "gather": lambda x, i: jnp.take(x, i, axis=0, mode="clip"),
        "gather_elements": lambda x, i: jnp.take_along_axis(x, i, axis=options["axis"], mode="clip"),
        "sort": lambda x: jnp.sort(x, axis=1),
    }
    compiled, operands = jax.jit(functions[operation]), [jnp.asarray(array) for array in arrays]

    def run():
        return compiled(*operands).block_until_ready()

    run.result = lambda: np.asarray(run())
    return run


def torch_case(case, arrays, result, threads):
    """Eager, results given by `out` where PyTorch takes one."""
    import torch
    from torch.nn import functional
    torch.set_num_threads(threads)
    torch.set_grad_enabled(False)
    options, operation = case.options, case.operation
    operands, out = [torch.from_numpy(array) for array in arrays], torch.from_numpy(result)
    x = operands[0]
    kept = []

    def keep(value):
        kept[:] = [value]

    def chain():
        a, b = operands
        torch.mul(a, b, out=out).add_(a).sub_(b).clamp_(-1, 1).abs_().mul_(a).add_(b)

    def pool():
        function = functional.max_pool2d if options["kind"] == "max" else functional.avg_pool2d
        more = {} if options["kind"] == "max" else {"count_include_pad": False}
        keep(function(x, options["kernel"], options["stride"], options["pad"], **more))

    def reduce():
        kind, axis = options["kind"], options["axes"][0]
        function = {"sum": torch.sum, "max": torch.amax, "mean": torch.mean, "argmax": torch.argmax}[kind]
        function(x, dim=axis, out=out)

    functions = {
        "chain": chain, "reduce": reduce, "pool": pool, "softmax": lambda: torch.softmax(x, options["axis"], out=out),
        "layer_norm": lambda: keep(functional.layer_norm(x, x.shape[-1:], operands[1], operands[2])),
        "transpose": lambda: out.copy_(x.permute(options["permutation"])),
        "gather": lambda: torch.index_select(x, 0, operands[1], out=out),
        "gather_elements": lambda: torch.gather(x, options["axis"], operands[1], out=out),
        "sort": lambda: keep(torch.sort(x, dim=1)[0]),
    }
    run = functions[operation]

    def once():
        run()

    once.result = lambda: kept[0].numpy() if kept else result
    return once


ENGINES = {"numpy": numpy_case, "onnxruntime": onnxruntime_case, "jax": jax_case, "torch": torch_case}
