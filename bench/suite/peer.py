"""A process that times one model in one runtime: python peer.py RUNTIME MODEL DATA THREADS SECONDS. Prints one line of JSON."""

import json
import os
import statistics
import sys
import time

import numpy


def tensors(folder, stem="input"):
    """The tensors STEM_0, STEM_1 … of a data directory."""
    import onnx
    from onnx import numpy_helper

    found = []
    while True:
        path = os.path.join(folder, f"{stem}_{len(found)}")
        if os.path.exists(path + ".npy"):
            found.append(numpy.load(path + ".npy"))
        elif os.path.exists(path + ".pb"):
            found.append(numpy_helper.to_array(onnx.load_tensor(path + ".pb")))
        else:
            return found


def onnxruntime(model, arrays, threads):
    """All graph optimisations; inputs and outputs bound beforehand."""
    import onnxruntime as runtime

    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    session = runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    binding = session.io_binding()
    for value, array in zip(session.get_inputs(), arrays):
        binding.bind_cpu_input(value.name, numpy.ascontiguousarray(array))
    for value in session.get_outputs():
        binding.bind_output(value.name)
    return lambda: session.run_with_iobinding(binding)


def openvino(model, arrays, threads):
    """In f32, for latency; OpenVINO's default is bf16 where the processor has it."""
    import openvino as runtime

    core = runtime.Core()
    settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    request = core.compile_model(model, "CPU", settings).create_infer_request()
    for place, array in enumerate(arrays):
        request.set_input_tensor(place, runtime.Tensor(numpy.ascontiguousarray(array)))
    return request.infer


def main():
    name, model, data, threads, seconds = sys.argv[1:6]
    run = {"onnxruntime": onnxruntime, "openvino": openvino}[name](model, tensors(data), int(threads))
    for _ in range(5):
        run()
    times = []
    until = time.perf_counter() + float(seconds)
    while time.perf_counter() < until or len(times) < 5:
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1e3)
    print(json.dumps({"median_ms": statistics.median(times), "min_ms": min(times)}))


if __name__ == "__main__":
    main()
