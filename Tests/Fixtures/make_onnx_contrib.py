"""Makes the models of operators of other domains: com.microsoft and ai.onnx.ml, against onnxruntime.

    python3 make_onnx_contrib.py        as make_onnx_nodes.py, whose layout the files share
"""
import numpy as np

from make_onnx_nodes import Theme

MICROSOFT = "com.microsoft"
LEARNING = "ai.onnx.ml"


class Contrib(Theme):
    """A theme whose nodes are of one domain."""

    def __init__(self, name, domain, opset=17, version=1):
        super().__init__(name, opset)
        self.domain = domain
        self.versions[domain] = version

    def own(self, op, *inputs, **attributes):
        return self.node(op, *inputs, domain=self.domain, **attributes)

    def some(self, *shape, low=-1.0, high=1.0):
        return self.const(self.random.uniform(low, high, shape), np.float32)

    def codes(self, kind, *shape):
        limits = np.iinfo(kind)
        return self.const(self.random.integers(limits.min, limits.max + 1, shape), kind)


def fused():
    t = Contrib("fused", MICROSOFT)
    image = t.floats("image", (1, 3, 5, 6), [1, 3, "h", "w"])
    filters = t.some(4, 3, 3, 3)
    t.own("FusedConv", image, filters, t.some(4), activation="Relu", pads=[1, 1, 1, 1])
    t.own("FusedConv", image, filters, activation="Clip", activation_params=[-0.5, 0.75], strides=[2, 1])
    t.own("FusedConv", image, filters, activation="LeakyRelu", activation_params=[0.2], auto_pad="SAME_UPPER")
    t.own("FusedConv", image, filters, activation="HardSigmoid", activation_params=[0.3, 0.4])
    t.own("FusedConv", image, filters, activation="Tanh")
    t.own("FusedConv", image, t.some(3, 1, 1, 1), "", image, activation="Sigmoid", group=3)
    x, stack = t.floats("x", (3, 4), ["n", 4]), t.floats("stack", (2, 3, 4), ["b", 3, 4])
    t.own("FusedMatMul", x, t.some(5, 4), transB=1, alpha=0.5)
    t.own("FusedMatMul", x, t.some(3, 5), transA=1)
    t.own("FusedMatMul", stack, t.some(2, 5, 4), transB=1)
    t.own("FusedMatMul", stack, t.some(3, 4, 2), transBatchA=1, transA=0)
    t.own("FusedMatMul", stack, t.some(5, 2, 4), transBatchB=1, transB=1)
    for activation, more in [("Relu", {}), ("LeakyRelu", {"activation_alpha": 0.3}), ("Elu", {"activation_alpha": 0.7}),
                             ("Sigmoid", {}), ("HardSigmoid", {"activation_alpha": 0.1, "activation_beta": 0.6})]:
        t.own("FusedGemm", x, t.some(5, 4), t.some(5), transB=1, alpha=0.5, beta=2.0, activation=activation, **more)
    for op in ["Gelu", "FastGelu", "QuickGelu"]:
        t.own(op, x)
    t.own("FastGelu", x, t.some(4))
    t.own("BiasGelu", x, t.some(4))
    t.own("QuickGelu", x, alpha=1.2)
    for simple in [False, True]:
        op = "SkipSimplifiedLayerNormalization" if simple else "SkipLayerNormalization"
        scales = [t.some(4)] + ([] if simple else [t.some(4)])
        t.own(op, stack, t.some(2, 3, 4), *scales, epsilon=1e-5)
        t.nodes.append(_four(op, t, stack, [t.some(2, 3, 4), *scales, t.some(4)]))
        t.own(op, stack, t.some(3, 4), *scales, epsilon=1e-5)
    t.own("SkipLayerNormalization", stack, t.some(2, 3, 4), t.some(4), epsilon=1e-5)
    t.node("SimplifiedLayerNormalization", stack, t.some(4), axis=-1, epsilon=1e-5, stash_type=1)
    words = t.input("words", np.array([[1, 0, 3], [2, 2, 4]], np.int32), ["rows", 3])
    kinds = t.input("kinds", np.array([[0, 1, 1], [1, 0, 0]], np.int32), ["rows", 3])
    mask = t.input("mask", np.array([[1, 1, 0], [1, 1, 1]], np.int32), ["rows", 3])
    tables = [t.some(5, 8), t.some(6, 8), t.some(2, 8), t.some(8), t.some(8)]
    t.own("EmbedLayerNormalization", words, kinds, *tables, mask, epsilon=1e-5, outputs=2)
    t.own("EmbedLayerNormalization", words, "", tables[0], tables[1], "", *tables[3:], "",
          t.const([[2, 1, 0]], np.int32), epsilon=1e-5, outputs=2)
    t.write()


def _four(op, t, x, rest):
    """A node whose first and fourth results are asked for."""
    from onnx import helper

    stem = f"{op}_{len(t.nodes)}"
    t.outputs += [stem, f"{stem}_sum"]
    return helper.make_node(op, [x, *rest], [stem, "", "", f"{stem}_sum"], name=stem, domain=MICROSOFT, epsilon=1e-5)


def contrib_attention():
    t = Contrib("contrib_attention", MICROSOFT)
    x = t.floats("x", (2, 3, 8), ["b", 3, 8])
    weights, bias = t.some(8, 24), t.some(24)
    t.own("Attention", x, weights, bias, num_heads=2)
    t.own("Attention", x, weights, bias, num_heads=2, unidirectional=1, scale=0.4)
    t.own("Attention", x, weights, bias, t.input("ends", np.array([2, 3], np.int32), ["b"]), num_heads=2)
    fixed = t.floats("fixed", (2, 3, 8))
    t.own("Attention", fixed, weights, bias, t.const([2, 3, 1, 0], np.int32), num_heads=2)
    t.own("Attention", x, weights, bias, t.const([[1, 1, 0], [0, 1, 1]], np.int32), num_heads=2)
    t.own("Attention", x, weights, bias, t.const(np.tril(np.ones((2, 3, 3))), np.int32), num_heads=2,
          mask_filter_value=-5000.0)
    past = t.floats("past", (2, 2, 2, 2, 4), [2, "b", 2, "p", 4])
    t.own("Attention", x, weights, bias, "", past, num_heads=2, unidirectional=1, outputs=2)
    t.own("Attention", x, t.some(8, 20), t.some(20), "", "", t.some(2, 2, 3, 3), num_heads=2, qkv_hidden_sizes=[8, 8, 4])
    q, k, v = (t.floats(f"{n}m", (2, s, 8), ["b", s, 8]) for n, s in [("q", 3), ("k", 4), ("v", 4)])
    t.own("MultiHeadAttention", q, k, v, num_heads=2)
    t.own("MultiHeadAttention", q, k, v, t.some(24), t.const([[1, 1, 0, 1], [0, 1, 1, 1]], np.int32), t.some(2, 2, 3, 4),
          num_heads=2, scale=0.3)
    keys = [t.floats(f"{n}p", (2, 2, 2, 4), ["b", 2, "p", 4]) for n in "kv"]
    t.own("MultiHeadAttention", q, t.floats("kn", (2, 3, 8), ["b", 3, 8]), t.floats("vn", (2, 3, 8), ["b", 3, 8]), "", "", "",
          *keys, num_heads=2, unidirectional=1, outputs=3)
    heads = [t.floats(f"{n}h", (2, 2, 4, 4), ["b", 2, 4, 4]) for n in "kv"]
    t.own("MultiHeadAttention", q, *heads, num_heads=2)
    t.write()


def contrib_rotary():
    t = Contrib("contrib_rotary", MICROSOFT)
    flat, heads = t.floats("flat", (2, 3, 16), ["b", "s", 16]), t.floats("heads", (2, 2, 3, 8), ["b", 2, "s", 8])
    tables = [t.some(10, 4), t.some(10, 4)]
    places = t.input("places", np.array([[0, 1, 2], [4, 5, 9]]), ["b", "s"])
    for x in (flat, heads):
        t.own("RotaryEmbedding", x, places, *tables)
        t.own("RotaryEmbedding", x, t.const([3]), *tables, interleaved=1)
    half = [t.some(10, 2), t.some(10, 2)]
    t.own("RotaryEmbedding", flat, places, *half, num_heads=2, rotary_embedding_dim=4)
    # Decoders: first all steps of a prompt, then one more; rows of the batch end at different places.
    rope = {"do_rotary": 1, "num_heads": 4, "kv_num_heads": 2}
    q, k, v = [t.floats(name, (2, 3, size), ["b", 3, size]) for name, size in [("q", 64), ("k", 32), ("v", 32)]]
    tables = [t.some(10, 8), t.some(10, 8)]
    ends, total = t.const([2, 2], np.int32), t.const(3, np.int32)
    t.own("GroupQueryAttention", q, k, v, "", "", ends, total, *tables, outputs=3, **rope)
    t.own("GroupQueryAttention", q, k, v, "", "", ends, total, num_heads=4, kv_num_heads=2, scale=0.3, softcap=2.0,
          local_window_size=2, outputs=3)
    past = [t.floats(f"past{n}", (2, 2, 5, 16), ["b", 2, 5, 16]) for n in "kv"]
    one = [t.floats(f"{n}1", (2, 1, s), ["b", 1, s]) for n, s in [("q", 64), ("k", 32), ("v", 32)]]
    t.own("GroupQueryAttention", *one, *past, t.const([5, 3], np.int32), t.const(6, np.int32), *tables, outputs=3,
          rotary_interleaved=1, **rope)
    t.own("GroupQueryAttention", t.floats("all", (2, 1, 128), ["b", 1, 128]), "", "", *past, t.const([5, 4], np.int32),
          t.const(6, np.int32), *tables, outputs=3, smooth_softmax=1, **rope)
    t.write()


def contrib_quantised():
    t = Contrib("contrib_quantised", MICROSOFT)
    codes = t.input("codes", t.random.integers(0, 256, (2, 3, 4, 4)).astype(np.uint8), ["n", 3, "h", "w"])
    signed = t.input("signed", t.random.integers(-128, 128, (3, 4)).astype(np.int8), ["k", 4])
    s = [t.const(v, np.float32) for v in (0.021, 0.013, 0.037)]
    z, y = [t.const(v, np.uint8) for v in (120, 10, 133)], [t.const(v, np.int8) for v in (-3, 5, 7)]
    other = t.codes(np.uint8, 3, 1, 4)
    for op in ["QLinearAdd", "QLinearMul"]:
        t.own(op, codes, s[0], z[0], other, s[1], z[1], s[2], z[2])
        t.own(op, signed, s[0], y[0], t.codes(np.int8, 4), s[1], y[1], s[2], y[2])
    t.own("QLinearConcat", s[2], z[2], codes, s[0], z[0], codes, s[1], z[1], axis=1)
    t.own("QLinearSigmoid", codes, s[0], z[0], t.const(1 / 256, np.float32), t.const(0, np.uint8))
    t.own("QLinearLeakyRelu", signed, s[0], y[0], s[1], y[1], alpha=0.3)
    t.own("QLinearSoftmax", signed, s[0], y[0], t.const(1 / 256, np.float32), t.const(-128, np.int8), axis=-1, opset=13)
    t.own("QLinearAveragePool", codes, s[0], z[0], s[1], z[1], kernel_shape=[2, 2], strides=[1, 2], pads=[0, 1, 1, 0])
    t.own("QLinearAveragePool", codes, s[0], z[0], s[1], z[1], kernel_shape=[2, 2], count_include_pad=1, pads=[1, 1, 0, 0])
    t.own("QLinearGlobalAveragePool", codes, s[0], z[0], s[1], z[1])
    last = t.input("last", t.random.integers(0, 256, (2, 4, 4, 3)).astype(np.uint8), ["n", 4, 4, 3])
    t.own("QLinearGlobalAveragePool", last, s[0], z[0], s[1], z[1], channels_last=1)
    condition = t.input("condition", np.array([True, False, True, False]))
    t.own("QLinearWhere", condition, signed, s[0], y[0], t.codes(np.int8, 4), s[1], y[1], s[2], y[2])
    a = t.input("a", t.random.integers(0, 256, (3, 4)).astype(np.uint8), ["k", 4])
    b = t.codes(np.int8, 4, 5)
    row = t.some(5, low=0.01, high=0.05)
    t.own("MatMulIntegerToFloat", a, b, s[0], row, z[0], t.codes(np.int8, 5), t.some(5))
    t.own("MatMulIntegerToFloat", a, b, s[0], s[1])
    x = t.floats("x", (3, 4), ["k", 4])
    t.own("DynamicQuantizeMatMul", x, b, row, t.codes(np.int8, 5), t.some(5))
    t.own("DynamicQuantizeMatMul", x, b, s[1])
    t.own("QGemm", a, s[0], z[0], b, row, t.const([0, 0, 0, 0, 0], np.int8), t.const([10, -20, 30, 0, 5], np.int32), s[2], z[2])
    t.own("QGemm", a, s[0], z[0], t.codes(np.int8, 5, 4), s[1], y[1], "", transB=1, alpha=0.5)
    for bits, block, more in [(4, 16, 0), (4, 32, 1), (8, 16, 1)]:
        rows, columns = 40, 6
        blocks = -(-rows // block)
        w = t.const(t.random.integers(0, 256, (columns, blocks, block * bits // 8)), np.uint8)
        scales = t.some(columns, blocks, low=0.01, high=0.1)
        zero = [t.const(t.random.integers(0, 256, (columns, -(-blocks * bits // 8))), np.uint8)] if more else []
        wide = t.floats(f"wide{bits}_{block}", (2, 3, rows), ["m", 3, rows])
        t.own("MatMulNBits", wide, w, scales, *zero, K=rows, N=columns, bits=bits, block_size=block, accuracy_level=1)
    t.own("GatherBlockQuantized", t.codes(np.uint8, 7, 16), t.const([[0, 6], [3, -1]]), t.some(7, 2), bits=4, block_size=16,
          quantize_axis=1, gather_axis=0)
    t.write()


def recurrent_loops():
    t = Theme("recurrent_loops", 17)
    x = t.floats("x", (4, 2, 3), ["steps", "batch", 3])
    lengths = t.input("lengths", np.array([4, 2], np.int32), ["batch"])
    usual = {"LSTM": ["Sigmoid", "Tanh", "Tanh"], "GRU": ["Sigmoid", "Tanh"], "RNN": ["Tanh"]}
    others = {"LSTM": ["HardSigmoid", "Relu", "Softsign"], "GRU": ["HardSigmoid", "LeakyRelu"], "RNN": ["Affine"]}
    for op, gates in [("LSTM", 4), ("GRU", 3), ("RNN", 1)]:
        outputs = 3 if op == "LSTM" else 2
        one = [t.weights(1, gates * 5, 3), t.weights(1, gates * 5, 5), t.weights(1, gates * 10)]
        two = [t.weights(2, gates * 5, 3), t.weights(2, gates * 5, 5), t.weights(2, gates * 10)]
        factors = {"activation_alpha": [0.3, 0.2][:1 + (op == "GRU")], "activation_beta": [0.4]}
        t.node(op, x, *one, hidden_size=5, activations=others[op], outputs=outputs, **factors)
        t.node(op, x, *two, lengths, hidden_size=5, activations=usual[op] + others[op], direction="bidirectional",
               outputs=outputs, **factors)
        t.node(op, x, *one, lengths, t.weights(1, 2, 5), hidden_size=5, clip=0.3, direction="reverse", outputs=outputs)
    one = [t.weights(1, 15, 3), t.weights(1, 15, 5), t.weights(1, 30)]
    t.node("GRU", x, *one, hidden_size=5, linear_before_reset=1, activations=["Tanh", "Sigmoid"], outputs=2)
    one = [t.weights(1, 20, 3), t.weights(1, 20, 5), t.weights(1, 40)]
    t.node("LSTM", x, *one, lengths, t.weights(1, 2, 5), t.weights(1, 2, 5), t.weights(1, 15), hidden_size=5, clip=0.5,
           outputs=3)
    t.node("LSTM", x, *one, hidden_size=5, input_forget=1, outputs=3)
    t.write()
    t = Contrib("contrib_recurrent", MICROSOFT)
    x = t.floats("x", (4, 1, 6), ["steps", "batch", 6])
    for directions, name in [(1, "forward"), (2, "bidirectional")]:
        scales = [t.some(directions, low=0.01, high=0.02), t.const([0] * directions, np.int8)]
        rows = [t.some(directions, 20, low=0.01, high=0.02), t.const([[0] * 20] * directions, np.int8)]
        weights = [t.codes(np.int8, directions, size, 20) for size in (6, 5)]
        for factors in (scales, rows):
            t.own("DynamicQuantizeLSTM", x, *weights, t.some(directions, 40), "", "", "", "", *factors, *factors,
                  hidden_size=5, direction=name, outputs=3)
    t.write()


if __name__ == "__main__":
    from make_onnx_learning import learning

    makers = [fused, contrib_attention, contrib_rotary, contrib_quantised, recurrent_loops, learning]
    for make in makers:
        print(make.__name__)
        make()
