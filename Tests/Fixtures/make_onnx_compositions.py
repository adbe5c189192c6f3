"""Makes the models of operators that become several operations each: losses, quantised arithmetic, spectra, lists, loops.

    python3 make_onnx_compositions.py          as make_onnx_nodes.py, whose layout the files share
"""
import numpy as np
from onnx import TensorProto, helper, numpy_helper

from make_onnx_nodes import Theme


def losses():
    t = Theme("losses", 17)
    x = t.floats("x", (3, 5), ["n", 5])
    image = t.floats("image", (2, 4, 2, 3), [2, 4, "h", "w"])
    target = t.input("target", np.array([4, 0, 2]), ["n"])
    places = t.input("places", np.array([[[0, 1, 3], [2, 2, 1]], [[3, 0, 0], [1, 3, 2]]], np.int32), [2, "h", "w"])
    for op, outputs in [("SoftmaxCrossEntropyLoss", 2), ("NegativeLogLikelihoodLoss", 1)]:
        for reduction in ["mean", "sum", "none"]:
            t.node(op, x, target, reduction=reduction, outputs=outputs)
            t.node(op, image, places, t.weights(4), reduction=reduction, ignore_index=2, outputs=outputs)
        t.node(op, x, target, t.weights(5), outputs=outputs)
        t.node(op, x, target, ignore_index=-1, outputs=outputs)
    t.write(reference=True)


def statistics():
    """Normalisations with more results than one, and determinants."""
    t = Theme("statistics", 17)
    x = t.floats("x", (2, 3, 4), ["n", 3, 4])
    t.node("LayerNormalization", x, t.weights(4), t.weights(4), axis=-1, outputs=3)
    t.node("LayerNormalization", x, t.weights(3, 4), axis=1, epsilon=0.01, outputs=3)
    t.node("MeanVarianceNormalization", x, axes=[0, 2])
    zeros = t.input("zeros", np.array([[0, 0, 0], [0, -0.0, 0], [3, 0, 4], [1, 2, 0]], np.float32), ["rows", 3])
    for p in [1, 2]:
        t.node("LpNormalization", zeros, axis=1, p=p)
    t.node("LpNormalization", zeros, axis=0)
    variance = t.const([0.5, 1, 2], np.float32)
    t.node("BatchNormalization", x, t.weights(3), t.weights(3), t.weights(3), variance, training_mode=1, momentum=0.8,
           outputs=3)
    for size in [1, 2, 3, 5]:
        t.node("Det", t.floats(f"m{size}", (2, size, size), ["k", size, size]))
    t.node("Det", t.const([[0, 2], [3, 0]], np.float32))
    t.node("Det", t.const([[1, 2], [2, 4]], np.float32))
    t.write(reference=True)
    t = Theme("groups", 18)
    x = t.floats("x", (2, 6, 3), ["n", 6, "w"])
    t.node("GroupNormalization", x, t.const([1, 2, 3], np.float32), t.weights(3), num_groups=3)
    t.write(reference=True)


def quantised():
    t = Theme("quantised", 19)
    x = t.floats("x", (3, 4), ["n", 4], low=-4, high=4)
    half = t.input("half", np.array([0.5, 1.5, 2.5, -0.5, -1.5, 300, -300], np.float32), ["k"])
    q = t.input("q", t.random.integers(0, 256, (3, 4)).astype(np.uint8), ["n", 4])
    s = t.input("s", t.random.integers(-128, 128, (4, 5)).astype(np.int8), [4, "m"])
    one, zero, signed = t.const(1, np.float32), t.const(128, np.uint8), t.const(-3, np.int8)
    t.node("QuantizeLinear", half, one)
    t.node("QuantizeLinear", half, one, zero)
    t.node("QuantizeLinear", half, t.const(0.7, np.float32), signed)
    t.node("QuantizeLinear", x, t.const([0.1, 0.2, 0.3, 0.4], np.float32), t.const([1, 2, 3, 4], np.uint8), axis=-1)
    t.node("DequantizeLinear", q, t.const(0.2, np.float32), zero)
    t.node("DequantizeLinear", q, t.const([0.1, 0.2, 0.3, 0.4], np.float32), t.const([1, 2, 3, 4], np.uint8))
    t.node("DynamicQuantizeLinear", x, outputs=3)
    t.node("DynamicQuantizeLinear", t.const([2, 3, 4], np.float32), outputs=3)
    t.node("MatMulInteger", q, s)
    t.node("MatMulInteger", q, s, t.const(7, np.uint8), signed)
    scales = [t.const(v, np.float32) for v in (0.02, 0.03, 0.9)]
    t.node("QLinearMatMul", q, scales[0], zero, s, scales[1], signed, scales[2], t.const(100, np.uint8))
    image = t.input("image", t.random.integers(0, 256, (1, 2, 4, 5)).astype(np.uint8), [1, 2, "h", "w"])
    filters = t.const(t.random.integers(0, 256, (3, 2, 2, 2)), np.uint8)
    t.node("ConvInteger", image, filters, t.const(9, np.uint8), t.const(5, np.uint8), pads=[1, 0, 0, 1])
    t.node("QLinearConv", image, scales[0], zero, filters, t.const([0.01, 0.02, 0.03], np.float32),
           t.const([100, 120, 140], np.uint8), scales[2], t.const(30, np.uint8), t.const([10, -500, 90], np.int32),
           strides=[2, 1])
    t.write()


def signals():
    t = Theme("signals", 17)
    x = t.floats("x", (2, 6, 1), ["n", 6, 1])
    pairs = t.floats("pairs", (2, 5, 2), ["n", 5, 2])
    for op in ["HannWindow", "HammingWindow", "BlackmanWindow"]:
        t.node(op, t.const(8))
        t.node(op, t.const(7), periodic=0)
    t.node("DFT", x, axis=1)
    t.node("DFT", x, axis=1, onesided=1)
    t.node("DFT", x, t.const(8), axis=1)
    t.node("DFT", x, t.const(4), axis=1)
    t.node("DFT", pairs, axis=1)
    t.node("DFT", pairs, axis=1, inverse=1)
    signal = t.floats("signal", (2, 20, 1), [2, 20, 1])
    t.node("STFT", signal, t.const(4), t.weights(8))
    t.node("STFT", signal, t.const(3), "", t.const(5), onesided=0)
    t.node("MelWeightMatrix", t.const(8), t.const(64), t.const(8000), t.const(0, np.float32), t.const(3000, np.float32))
    lines = t.floats("lines", (4, 3, 2), ["t", "b", 2])
    lengths = t.input("lengths", np.array([4, 1, 3]), ["b"])
    t.node("ReverseSequence", lines, lengths)
    t.node("ReverseSequence", lines, t.const([2, 3, 1, 0][:4]), batch_axis=0, time_axis=1)
    words = t.input("words", np.array([[1, 2, 3, 1, 2, 3], [7, 8, 7, 8, 3, 1]], np.int32), ["n", 6])
    for mode in ["TF", "IDF", "TFIDF"]:
        t.node("TfIdfVectorizer", words, mode=mode, min_gram_length=1, max_gram_length=2, max_skip_count=1,
               ngram_counts=[0, 3], ngram_indexes=[0, 2, 1, 3, 4], pool_int64s=[1, 7, 8, 1, 2, 7, 3],
               weights=[0.5, 2.0, 3.0, 0.25, 4.0])
    t.write()


def spectra():
    """From half a spectrum back to a real signal, which onnxruntime does not do."""
    t = Theme("spectra", 20)
    x = t.floats("x", (2, 6, 1), ["n", 6, 1])
    pairs = t.floats("pairs", (2, 5, 2), ["n", 5, 2])
    half = t.node("DFT", x, onesided=1, keep=False)
    t.node("DFT", half, onesided=1, inverse=1)
    for length in [8, 7, 4, 11]:
        t.node("DFT", pairs, t.const(length), onesided=1, inverse=1)
    t.node("DFT", pairs, onesided=1, inverse=1)
    t.write(reference=True)


def nibbles():
    """Integers of 4 bits, of which floats out of range keep the low bits."""
    t = Theme("nibbles", 21)
    x = t.input("x", np.concatenate([np.arange(-20, 40), [2.7, -2.7, 1000.5]]).astype(np.float32), ["n"])
    half = t.input("half", np.arange(-9, 16).astype(np.float16), ["m"])
    i = t.input("i", np.arange(-20, 40), ["k"])
    for kind, wide in [(TensorProto.UINT4, TensorProto.UINT8), (TensorProto.INT4, TensorProto.INT8)]:
        for source in [x, half, i]:
            t.node("Cast", t.node("Cast", source, to=kind, keep=False), to=wide)
    t.write(reference=True)


def equations():
    t = Theme("equations", 17)
    a, b = t.floats("a", (2, 3, 3), ["n", 3, 3]), t.floats("b", (3, 4), [3, "k"])
    c = t.floats("c", (4, 2), ["k", 2])
    for equation, operands in [
            ("...ii->...i", (a,)), ("nii->n", (a,)), ("...ij,jk->...ik", (a, b)), ("nij,jk,kl->nil", (a, b, c)),
            ("...ij->...ji", (a,)), ("...i,...i->...", (a, a)), ("nij,nij,nij->n", (a, a, a)), ("nii,ik->kn", (a, b))]:
        t.node("Einsum", *operands, equation=equation)
    t.write()


def value(name, kind=TensorProto.FLOAT, shape=None):
    return helper.make_tensor_value_info(name, kind, shape)


def loops():
    t = Theme("loops", 17)
    x = t.floats("x", (2, 3), ["n", 3])
    body = helper.make_graph(
        [helper.make_node("Cast", ["trip"], ["f"], to=TensorProto.FLOAT), helper.make_node("Add", ["state", "f"], ["next"]),
         helper.make_node("Mul", ["next", "x"], ["seen"]), helper.make_node("Less", ["trip", "last"], ["goes_on"])],
        "body", [value("trip", TensorProto.INT64, []), value("on", TensorProto.BOOL, []), value("state")],
        [value("goes_on", TensorProto.BOOL, []), value("next"), value("seen", shape=[2, 3])],
        [numpy_helper.from_array(np.array(2, np.int64), "last")])
    t.node("Loop", t.const(5), t.const(True, bool), x, body=body, outputs=2)
    t.node("Loop", t.const(2), "", x, body=body, outputs=2)
    t.node("Loop", "", t.const(True, bool), x, body=body, outputs=2)
    t.node("Loop", t.const(0), "", x, body=body, outputs=2)
    step = helper.make_graph(
        [helper.make_node("Add", ["sum", "element"], ["total"]), helper.make_node("Identity", ["total"], ["out"])],
        "step", [value("sum", shape=[3]), value("element", shape=[3])], [value("total"), value("out", shape=[3])])
    rows = t.floats("rows", (4, 3))
    start = t.const([1, 2, 3], np.float32)
    t.node("Scan", start, rows, body=step, num_scan_inputs=1, outputs=2)
    t.node("Scan", start, rows, body=step, num_scan_inputs=1, scan_input_directions=[1], scan_output_directions=[1],
           scan_output_axes=[1], outputs=2)
    # The condition comes with the call.
    flag = t.input("flag", np.array(False), [])
    yes = helper.make_graph([helper.make_node("Abs", ["x"], ["yes"])], "yes", [], [value("yes")])
    no = helper.make_graph([helper.make_node("Neg", ["x"], ["no"])], "no", [], [value("no")])
    t.node("If", flag, then_branch=yes, else_branch=no)
    # Structure that is worked out in floats.
    half = t.node("Floor", t.node("Mul", t.const(7, np.float32), t.const(0.5, np.float32), keep=False), keep=False)
    t.node("Range", t.const(0), t.node("Cast", half, to=TensorProto.INT64, keep=False), t.const(1))
    t.write()


def graph(name, nodes, inputs, outputs, initializers=()):
    return helper.make_graph(nodes, name, inputs, outputs, list(initializers))


def control():
    """Branches on data, loops whose length the model's inputs decide, and both inside each other."""
    t = Theme("control", 17)
    node = helper.make_node

    def scalar(number, name, kind=np.float32):
        return numpy_helper.from_array(np.array(number, kind), name)

    x = t.floats("x", (5, 4), ["t", 4])
    h = t.floats("h", (4,))
    flag, count = t.input("flag", np.array(True), []), t.input("count", np.array(3, np.int64), [])
    far = t.input("far", np.array([99]), [1])
    # What is not taken would gather out of range.
    gather = graph("far", [node("Gather", ["h", "far"], ["picked"])], [], [value("picked", shape=[1])])
    first = graph("near", [node("Gather", ["h", "zero"], ["near"])], [], [value("near", shape=[1])],
                  [scalar([0], "zero", np.int64)])
    t.node("If", flag, then_branch=first, else_branch=gather)
    # A branch in a branch, both with names from outside.
    inner = graph("inner", [node("ReduceMax", ["x"], ["top"], keepdims=0), node("Greater", ["top", "far_up"], ["high"]),
                            node("If", ["high"], ["nested"],
                                 then_branch=graph("a", [node("Neg", ["x"], ["a"])], [], [value("a")]),
                                 else_branch=graph("b", [node("Abs", ["x"], ["b"])], [], [value("b")]))],
                  [], [value("nested")], [scalar(1e3, "far_up")])
    other = graph("other", [node("Identity", ["x"], ["same"])], [], [value("same")])
    t.node("If", flag, then_branch=inner, else_branch=other)
    trip, on = value("trip", TensorProto.INT64, []), value("on", TensorProto.BOOL, [])
    goes_on = value("goes_on", TensorProto.BOOL, [])
    keep = node("Identity", ["on"], ["goes_on"])
    step = graph("step", [node("Gather", ["x", "trip"], ["row"]), node("MatMul", ["state", "w"], ["turned"]),
                          node("Add", ["turned", "row"], ["sum"]), node("Tanh", ["sum"], ["next"]),
                          node("Identity", ["next"], ["seen"]), keep],
                 [trip, on, value("state", shape=[4])], [goes_on, value("next", shape=[4]), value("seen", shape=[4])],
                 [numpy_helper.from_array(t.random.uniform(-1, 1, (4, 4)).astype(np.float32), "w")])
    length = t.node("Gather", t.node("Shape", x, keep=False), t.const(0), keep=False)
    t.node("Loop", length, "", h, body=step, outputs=2)
    # So many trips are not written out.
    many = graph("many", [node("Mul", ["state", "half"], ["less"]), node("Add", ["less", "h"], ["next"]), keep],
                 [trip, on, value("state", shape=[4])], [goes_on, value("next", shape=[4])], [scalar(0.5, "half")])
    t.node("Loop", t.const(40), "", h, body=many)
    t.node("Loop", count, "", h, body=many)
    t.node("Loop", count, flag, h, body=many)
    # Two values that change places, until one is small.
    until = graph("until", [node("Mul", ["one", "half"], ["new"]), node("ReduceMax", ["new"], ["top"], keepdims=0),
                            node("Greater", ["top", "least"], ["goes_on"]), node("Identity", ["other"], ["moved"])],
                  [trip, on, value("other", shape=[4]), value("one", shape=[4])],
                  [goes_on, value("new", shape=[4]), value("moved", shape=[4])],
                  [scalar(0.5, "half"), scalar(0.01, "least")])
    t.node("Loop", t.const(2147483647), t.const(True, bool), h, h, body=until, outputs=2)
    # A loop and a branch in a loop.
    turn = graph("turn", [node("Sin", ["old"], ["new"]), node("Identity", ["on2"], ["on3"])],
                 [value("trip2", TensorProto.INT64, []), value("on2", TensorProto.BOOL, []), value("old", shape=[4])],
                 [value("on3", TensorProto.BOOL, []), value("new", shape=[4])])
    both = graph("both", [node("Loop", ["trip", "", "state"], ["turned"], body=turn),
                          node("Less", ["trip", "two"], ["early"]),
                          node("If", ["early"], ["next"],
                               then_branch=graph("c", [node("Add", ["turned", "h"], ["c"])], [], [value("c")]),
                               else_branch=graph("d", [node("Sub", ["turned", "state"], ["d"])], [], [value("d")])),
                          keep],
                 [trip, on, value("state", shape=[4])], [goes_on, value("next", shape=[4])], [scalar(2, "two", np.int64)])
    t.node("Loop", length, "", h, body=both)
    walk = graph("walk", [node("Add", ["total", "element"], ["more"]), node("Mul", ["more", "element2"], ["out"])],
                 [value("total", shape=[4]), value("element", shape=[4]), value("element2", shape=[4])],
                 [value("more", shape=[4]), value("out", shape=[4])])
    turned = t.node("Transpose", x, perm=[1, 0], keep=False)
    t.node("Scan", h, x, turned, body=walk, num_scan_inputs=2, scan_input_axes=[0, 1], outputs=2)
    t.node("Scan", h, x, turned, body=walk, num_scan_inputs=2, scan_input_axes=[0, 1], scan_input_directions=[1, 0],
           scan_output_directions=[1], scan_output_axes=[1], outputs=2)
    t.write()


def lists():
    t = Theme("lists", 17)
    x, y = t.floats("x", (2, 3), ["n", 3]), t.floats("y", (2, 3), ["n", 3])
    both = t.node("SequenceConstruct", x, y, keep=False)
    t.node("SequenceLength", both)
    t.node("SequenceAt", both, t.const(-1))
    t.node("ConcatFromSequence", both, axis=1)
    t.node("ConcatFromSequence", both, axis=-1, new_axis=1)
    three = t.node("SequenceInsert", both, x, t.const(1), keep=False)
    t.node("ConcatFromSequence", t.node("SequenceErase", three, t.const(0), keep=False), axis=0)
    t.node("ConcatFromSequence", t.node("SequenceErase", three, keep=False), axis=0)
    parts = t.node("SplitToSequence", x, axis=1, keep=False)
    t.node("ConcatFromSequence", parts, axis=0)
    t.node("SequenceAt", t.node("SplitToSequence", x, axis=1, keepdims=0, keep=False), t.const(2))
    t.node("SequenceAt", t.node("SplitToSequence", x, t.const([1, 2]), axis=1, keep=False), t.const(1))
    t.node("SequenceAt", t.node("SplitToSequence", x, t.const(2), axis=1, keep=False), t.const(1))
    empty = t.node("SequenceEmpty", keep=False)
    t.node("SequenceAt", t.node("SequenceInsert", empty, y, keep=False), t.const(0))
    double = helper.make_graph([helper.make_node("Add", ["e", "e"], ["d"])], "double", [value("e")], [value("d")])
    t.node("SequenceAt", t.node("SequenceMap", both, body=double, keep=False), t.const(1))
    t.write()


def functions():
    """A function that the model brings along, with an attribute, a default and an input that a call leaves out."""
    t = Theme("functions", 17)
    x = t.floats("x", (2, 3), ["n", 3])
    scaled = helper.make_node("Elu", ["a"], ["scaled"])
    attribute = scaled.attribute.add()
    attribute.name, attribute.ref_attr_name, attribute.type = "alpha", "slope", 1
    function = helper.make_function(
        "local", "Bend", ["a", "b"], ["c"], [scaled, helper.make_node("Add", ["scaled", "b"], ["c"])],
        [helper.make_opsetid("", 17)], attribute_protos=[helper.make_attribute("slope", 0.5)])
    twice = helper.make_function(
        "local", "Twice", ["a"], ["c"],
        [helper.make_node("Bend", ["a", "a"], ["b"], domain="local", slope=2.0),
         helper.make_node("Bend", ["b", "a"], ["c"], domain="local")],
        [helper.make_opsetid("", 17), helper.make_opsetid("local", 1)])
    t.functions = [function, twice]
    t.node("Bend", x, x, domain="local")
    t.node("Bend", x, t.const([1, 2, 3], np.float32), domain="local", slope=3.0)
    t.node("Twice", x, domain="local")
    t.write()


def training():
    t = Theme("training", 17)
    domain = "ai.onnx.preview.training"
    for step in (0, 3):
        rate, time = t.const(0.1, np.float32), t.const(step)
        x, g, v, h = (t.floats(f"{name}{step}", (4,)) for name in "xgvh")
        h = t.node("Abs", h, keep=False)
        t.node("Adagrad", rate, time, x, g, h, domain=domain, decay_factor=0.1, epsilon=1e-3, norm_coefficient=0.01,
               outputs=2)
        t.node("Adam", rate, time, x, g, v, h, domain=domain, alpha=0.8, beta=0.9, epsilon=1e-3,
               norm_coefficient=0.01, norm_coefficient_post=0.02, outputs=3)
        for mode in ["standard", "nesterov"]:
            t.node("Momentum", rate, time, x, g, v, domain=domain, alpha=0.9, beta=0.5, norm_coefficient=0.01,
                   mode=mode, outputs=2)
        t.node("Momentum", rate, time, x, v, g, h, v, h, domain=domain, alpha=0.9, beta=0.5, norm_coefficient=0.0,
               mode="standard", outputs=4)
    t.write(reference=True)


if __name__ == "__main__":
    makers = [losses, statistics, quantised, signals, spectra, nibbles, equations, loops, control, lists, functions, training]
    for make in makers:
        print(make.__name__)
        make()
