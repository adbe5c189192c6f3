"""Makes the model of products of quantised matrices, against onnxruntime.

    python3 make_onnx_bytes.py        as make_onnx_nodes.py, whose layout the files share
"""
import numpy as np
import onnxruntime

from make_onnx_nodes import Theme


class Unfused(Theme):
    """Node by node, as ONNX defines them: onnxruntime's own products of bytes refuse some zero points. With several threads
    it quantises the state of a recurrent layer for some rows of the batch at a time, by as many scales as threads share it.
    """

    def results(self, model, reference):
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.intra_op_num_threads = 1
        return onnxruntime.InferenceSession(model.SerializeToString(), options).run(self.outputs, self.data)


def byte_products():
    t = Unfused("byte_products", 17)

    def codes(kind, *shape):
        limits = np.iinfo(kind)
        return t.random.integers(limits.min, limits.max + 1, shape).astype(kind)

    # Codes of either sign on either side; zero points of none, one, and one for each row or column.
    given = {}
    for kind in (np.uint8, np.int8):
        name = np.dtype(kind).name
        given[kind] = t.input(f"left_{name}", codes(kind, 3, 7), ["n", 7])
        stack = t.input(f"stack_{name}", codes(kind, 2, 3, 7), ["b", 3, 7])
        for other in (np.uint8, np.int8):
            weights, zeros = t.const(codes(other, 7, 5), other), t.const(codes(other, 5), other)
            t.node("MatMulInteger", given[kind], weights)
            t.node("MatMulInteger", given[kind], weights, t.const(codes(kind, 1)[0], kind), t.const(codes(other, 1)[0], other))
            t.node("MatMulInteger", stack, weights, t.const(codes(kind, 1)[0], kind), zeros)
    computed = t.input("right", codes(np.uint8, 2, 7, 5), ["b", 7, 5])
    t.node("MatMulInteger", "stack_uint8", computed, t.const(3, np.uint8), t.const(200, np.uint8))
    # Quantised while it runs.
    x = t.floats("x", (3, 7), ["n", 7])
    quantised = t.node("DynamicQuantizeLinear", x, outputs=3, keep=False)
    sums = t.node("MatMulInteger", quantised[0], t.const(codes(np.int8, 7, 40), np.int8), quantised[2], keep=False)
    t.node("Mul", t.node("Cast", sums, to=1, keep=False), quantised[1])
    # Dequantised operands.
    scale, zero = t.const(0.02, np.float32), t.const(117, np.uint8)
    back = t.node("DequantizeLinear", t.node("QuantizeLinear", x, scale, zero, keep=False), scale, zero, keep=False)
    signed = t.const(-5, np.int8)
    other = t.node("DequantizeLinear", t.node("QuantizeLinear", x, scale, signed, keep=False), scale, signed, keep=False)
    for shape, axis, transposed in [((7, 6), None, 0), ((7, 6), 1, 0), ((7, 6), 0, 0), ((6, 7), 0, 1), ((6, 7), None, 1)]:
        count = 1 if axis is None else shape[axis]
        scales = t.random.uniform(0.01, 0.02, count).astype(np.float32)
        kind = np.int8 if axis is not None else np.uint8
        parts = [t.const(scales if axis is not None else scales[0], np.float32),
                 t.const(codes(kind, count) if axis is not None else codes(kind, 1)[0], kind)]
        more = {} if axis is None else {"axis": axis}
        weights = t.node("DequantizeLinear", t.const(codes(kind, *shape), kind), *parts, keep=False, **more)
        for left in (back, other):
            if transposed:
                t.node("Gemm", left, weights, t.weights(6), transB=1, alpha=0.5, beta=2.0)
            else:
                t.node("MatMul", left, weights)
    # In a loop over steps, by weights whose zero is not 0.
    t.versions["com.microsoft"] = 1
    steps = t.floats("steps", (4, 2, 6), ["steps", 2, 6])
    for kind in (np.uint8, np.int8):
        factors = [t.const(t.random.uniform(0.01, 0.02, 2), np.float32), t.const([115, 12], kind)]
        weights = [t.const(codes(kind, 2, size, 20), kind) for size in (6, 5)]
        t.node("DynamicQuantizeLSTM", steps, *weights, t.weights(2, 40), "", "", "", "", *factors, *factors,
               hidden_size=5, direction="bidirectional", outputs=3, domain="com.microsoft")
    t.write()


if __name__ == "__main__":
    byte_products()
