"""Makes the models of operators that came late to ONNX's own domain, and of tensors stored in few bits.

    python3 make_onnx_newer.py          as make_onnx_nodes.py, whose layout the files share
"""
import numpy as np
from onnx import TensorProto, helper

from make_onnx_nodes import Theme


class Newer(Theme):
    def __init__(self, name, opset, format=11):
        super().__init__(name, opset)
        self.format = format

    def stored(self, kind, values):
        """A constant of an element type that NumPy has not."""
        name = f"c{len(self.constants)}"
        values = np.asarray(values, np.float32)
        self.constants.append(helper.make_tensor(name, kind, values.shape, values.ravel()))
        return name


def attention():
    t = Newer("attention", 24)
    q, k, v = (t.floats(n, (2, h, s, 4), ["b", h, s, 4]) for n, h, s in [("q", 4, 3), ("k", 2, 5), ("v", 2, 5)])
    flat = [t.floats(n, (2, s, h), ["b", s, h]) for n, s, h in [("fq", 3, 16), ("fk", 5, 8), ("fv", 5, 8)]]
    t.node("Attention", q, k, v)
    t.node("Attention", q, k, v, is_causal=1, scale=0.3)
    t.node("Attention", *flat, q_num_heads=4, kv_num_heads=2, softcap=1.5)
    mask = t.const(t.random.random((3, 5)) < 0.6, np.bool_)
    t.node("Attention", q, k, v, mask)
    t.node("Attention", q, k, v, t.weights(2, 1, 3, 5), is_causal=1)
    # A query that may attend to nothing, and a mask that ends before the keys do.
    t.node("Attention", q, k, v, t.const([[0, 0, 0, 0, 0], [1, 0, 0, 0, 1], [0, 1, 1, 1, 1]], np.bool_))
    t.node("Attention", q, k, v, t.weights(3, 4))
    past = [t.floats(n, (2, 2, 2, 4), ["b", 2, "p", 4]) for n in ("pk", "pv")]
    t.node("Attention", q, k, v, "", *past, is_causal=1, outputs=3)
    for mode in range(4):
        t.node("Attention", q, k, v, mask, "", "", "", qk_matmul_output_mode=mode, outputs=4,
               softcap=2.0 if mode else 0.0)
    t.node("Attention", q, k, v, "", "", "", t.const([5, 4]), is_causal=1)
    t.write(reference=True)
    t = Newer("rotary", 24)
    x, flat = t.floats("x", (2, 3, 4, 8), ["b", 3, "s", 8]), t.floats("flat", (2, 4, 24), ["b", "s", 24])
    places = t.input("places", np.array([[0, 1, 2, 3], [5, 6, 9, 8]]), ["b", "s"])
    tables = [t.weights(10, 4), t.weights(10, 4)]
    t.node("RotaryEmbedding", x, *tables, places)
    t.node("RotaryEmbedding", flat, *tables, places, num_heads=3, interleaved=1)
    t.node("RotaryEmbedding", x, t.weights(2, 4, 4), t.weights(2, 4, 4))
    t.node("RotaryEmbedding", x, t.weights(10, 2), t.weights(10, 2), places, rotary_embedding_dim=4)
    for scale, axis in [((8,), -1), ((4, 8), 2), ((1,), 3)]:
        t.node("RMSNormalization", x, t.weights(*scale), axis=axis, epsilon=0.01)
    update = t.floats("update", (2, 3, 2, 8), ["b", 3, 2, 8])
    t.node("TensorScatter", x, update, t.const([1, 2]))
    t.node("TensorScatter", x, update, t.const([3, 0]), mode="circular")
    t.node("TensorScatter", x, update)
    t.node("Swish", x, alpha=0.5)
    t.write(reference=True)


def newer():
    t = Newer("newer", 26)
    x = t.floats("x", (3, 4), ["n", 4])
    whole = t.input("whole", np.array([[1, -2, 3, -4]], np.int32), ["rows", 4])
    for more in ({}, {"exclusive": 1}, {"reverse": 1}, {"exclusive": 1, "reverse": 1}):
        t.node("CumProd", x, t.const(1), **more)
    t.node("BitCast", x, to=TensorProto.INT32)
    t.node("BitCast", whole, to=TensorProto.UINT32)
    t.node("BitCast", t.const([1, 200, 255], np.uint8), to=TensorProto.INT8)
    for shape in ([2, 6], [7, 3], [4, 4]):
        t.node("CenterCropPad", t.floats(f"x{shape[0]}", (5, 5)), t.const(shape))
    t.node("CenterCropPad", x, t.const([9]), axes=[-1])
    t.write(reference=True)
    t = Newer("sampling16", 20)
    volume = t.floats("volume", (2, 2, 3, 4, 2), [2, 2, "d", "h", "w"])
    grid = t.floats("grid", (2, 2, 3, 2, 3), [2, "od", 3, 2, 3], low=-1.4, high=1.4)
    for mode in ["linear", "nearest"]:
        for padding in ["zeros", "border", "reflection"]:
            for aligned in [0, 1]:
                t.node("GridSample", volume, grid, mode=mode, padding_mode=padding, align_corners=aligned)
    image = t.floats("image", (2, 3, 9, 8), [2, 3, "y", "x"])
    regions = t.input("regions", np.array([[0, 0, 5, 5], [1.5, 2, 7.7, 3], [-3, -2, 12, 11], [2, 2, 2.1, 2.1]],
                                          np.float32), ["k", 4])
    images = t.input("images", np.array([0, 1, 1, 0]), ["k"])
    for mode in ["half_pixel", "output_half_pixel"]:
        t.node("RoiAlign", image, regions, images, output_height=2, output_width=3, sampling_ratio=0, spatial_scale=0.9,
               coordinate_transformation_mode=mode)
    t.node("RoiAlign", image, regions, images, output_height=2, output_width=2, mode="max")
    fixed = t.floats("fixed", (1, 2, 8, 7))
    for mode in ["linear", "cubic"]:
        for size in [[3, 4], [12, 5]]:
            for more in ({}, {"coordinate_transformation_mode": "align_corners"}, {"exclude_outside": 1}):
                t.node("Resize", fixed, "", "", t.const([1, 2, *size]), mode=mode, antialias=1, **more)
    t.write()


def newest():
    t = Newer("newest", 28, 13)
    q, k, v = (t.floats(n, (2, 4, s), ["b", "t", s]) for n, s in [("q", 12), ("k", 6), ("v", 8)])
    state = t.floats("state", (2, 2, 3, 4), ["b", 2, 3, 4])
    decay, heads, beta = t.weights(2, 4, 6), t.weights(2, 4, 2), t.weights(2, 4, 2)
    common = {"q_num_heads": 4, "kv_num_heads": 2, "outputs": 2}
    t.node("LinearAttention", q, k, v, update_rule="linear", **common)
    t.node("LinearAttention", q, k, v, state, decay, update_rule="gated", scale=0.4, **common)
    t.node("LinearAttention", q, k, v, state, "", beta, update_rule="delta", **common)
    t.node("LinearAttention", q, k, v, "", heads, t.weights(2, 4, 1), **common)
    x = t.floats("x", (2, 3, 4), ["b", 3, "s"])
    t.node("CausalConvWithState", x, t.weights(3, 1, 3), t.weights(3), activation="silu", outputs=2)
    t.node("CausalConvWithState", x, t.weights(3, 1, 3), "", t.weights(2, 3, 2), outputs=2)
    t.node("SwiGLU", x, x, alpha=0.5)
    t.node("Mod", x, t.const([0.7, -0.3, 1, 0.25], np.float32))
    t.write(reference=True)


FLOATS = ["FLOAT8E4M3FN", "FLOAT8E4M3FNUZ", "FLOAT8E5M2", "FLOAT8E5M2FNUZ"]


def stored():
    """Weights in few bits, and numbers that go through such types."""
    t = Newer("stored", 23, 11)
    hard = [0, -0.0, 1, -1.3, 17.25, 0.001, 0.0019, -0.013, 447, 463, 465, 1e4, -6e4, 1e6, np.inf, -np.inf, np.nan, 3e-6]
    x = t.input("x", np.array(hard, np.float32), ["n"])
    half = t.input("half", np.array(hard, np.float16), ["n"])
    for name in FLOATS:
        kind = getattr(TensorProto, name)
        for source in (x, half):
            for saturate in (0, 1):
                coded = t.node("Cast", source, to=kind, saturate=saturate, keep=False)
                t.node("Cast", coded, to=TensorProto.FLOAT)
        weights = t.stored(kind, t.random.uniform(-2, 2, (3, 4)))
        t.node("DequantizeLinear", weights, t.const(0.5, np.float32))
        t.node("DequantizeLinear", t.node("Transpose", weights, keep=False), t.const([1, 2, 3], np.float32), axis=1)
        coded = t.node("QuantizeLinear", x, t.const(0.7, np.float32), t.stored(kind, 0), keep=False)
        t.node("DequantizeLinear", coded, t.const(0.7, np.float32))
    finite = t.input("finite", np.array([0, 0.2, 0.25, 0.3, -0.75, 0.8, 1.3, 2.4, 2.5, -3.6, 4.9, 5, 7, -90], np.float32), ["m"])
    coded = t.node("Cast", finite, to=TensorProto.FLOAT4E2M1, keep=False)
    t.node("Cast", coded, to=TensorProto.FLOAT)
    weights = t.stored(TensorProto.FLOAT4E2M1, [[0.5, -1, 3], [6, 0, -4]])
    t.node("DequantizeLinear", weights, t.const([2, 3], np.float32), axis=0)
    t.node("Cast", weights, to=TensorProto.FLOAT)
    wide = t.const(t.random.integers(-8, 8, (4, 8)), np.int8)
    scales = t.const(t.random.uniform(0.5, 2, (4, 2)), np.float32)
    for kind in (TensorProto.INT4, TensorProto.UINT4):
        signed = kind == TensorProto.INT4
        codes = t.stored(kind, t.random.integers(-8 if signed else 0, 8 if signed else 16, (4, 8)))
        t.node("DequantizeLinear", codes, scales, axis=1, block_size=4)
        t.node("DequantizeLinear", codes, scales, t.stored(kind, t.random.integers(0, 8, (4, 2))), axis=1, block_size=4)
    t.node("Cast", wide, to=TensorProto.FLOAT)
    t.write(reference=True)


def blocks():
    """Products with weights of few bits that are dequantised, with a scale for each block or for each column."""
    t = Newer("blocks", 21, 10)
    x, one = t.floats("x", (3, 16), ["m", 16]), t.floats("one", (2, 1, 16), ["b", 1, 16])

    def weights(kind, shape, factors, axis, block=None, has_zero=True):
        low, high = {"INT4": (-8, 8), "UINT4": (0, 16), "INT8": (-128, 128), "UINT8": (0, 256)}[kind]
        codes = t.stored(getattr(TensorProto, kind), t.random.integers(low, high, shape))
        scale = t.const(t.random.uniform(0.1, 0.3, factors), np.float32)
        zero = [t.stored(getattr(TensorProto, kind), t.random.integers(low, high, factors))] if has_zero else []
        return t.node("DequantizeLinear", codes, scale, *zero, axis=axis, block_size=block, keep=False)

    for kind in ("INT4", "UINT4", "INT8", "UINT8"):
        for has_zero in (True, False):
            t.node("MatMul", x, weights(kind, (16, 5), (2, 5), 0, 8, has_zero))
            t.node("Gemm", x, weights(kind, (5, 16), (5, 2), 1, 8, has_zero), t.weights(5), transB=1, alpha=0.5, beta=2.0)
    for kind in ("INT4", "UINT4"):
        t.node("MatMul", one, weights(kind, (16, 6), (6,), 1))
        t.node("Gemm", x, weights(kind, (6, 16), (6,), 0), transB=1)
    # Blocks that lie across the sums, and scales of other blocks than products take.
    t.node("MatMul", x, weights("INT4", (16, 8), (16, 2), 1, 4))
    t.node("MatMul", x, weights("UINT4", (16, 5), (4, 5), 0, 4))
    # onnxruntime rounds the left operand of some of these to bytes.
    t.write(reference=True)


if __name__ == "__main__":
    for make in [attention, newer, newest, stored, blocks]:
        print(make.__name__)
        make()
