"""Makes the models that the importer's tests run, and what onnxruntime computes for them.

    python3 make_onnx_nodes.py          needs numpy, onnx and onnxruntime

Each theme is one model of many independent nodes, NAME.onnx, beside NAME.data.onnx: a model without nodes whose
initialisers are the inputs and the expected outputs by name. Dimensions of inputs are symbolic where the theme says so.
"""
import os
import numpy as np
import onnx
import onnx.reference
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "onnx")


class Theme:
    def __init__(self, name, opset):
        self.name, self.opset = name, opset
        self.nodes, self.inputs, self.constants, self.outputs, self.data = [], [], [], [], {}
        self.functions = []
        # The versions of operators of other domains than ONNX's own, where they are not 1; and of the file's format.
        self.versions, self.format = {}, 8
        self.random = np.random.default_rng(sum(name.encode()))

    def input(self, name, array, dims=None):
        array = np.asarray(array)
        kind = helper.np_dtype_to_tensor_dtype(array.dtype)
        self.inputs.append(helper.make_tensor_value_info(name, kind, dims or list(array.shape)))
        self.data[name] = array
        return name

    def floats(self, name, shape, dims=None, low=-2.0, high=2.0):
        return self.input(name, self.random.uniform(low, high, shape).astype(np.float32), dims)

    def const(self, value, kind=np.int64):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value, kind), name))
        return name

    def weights(self, *shape):
        return self.const(self.random.uniform(-1, 1, shape), np.float32)

    def node(self, op, *inputs, keep=True, outputs=1, **attributes):
        stem = f"{op}_{len(self.nodes)}"
        names = [stem] if outputs == 1 else [f"{stem}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(op, list(inputs), names, name=stem, **attributes))
        if keep:
            self.outputs += names
        return names[0] if outputs == 1 else names

    def write(self, reference=False):
        """With `reference`, onnx's reference evaluator says what is right, where onnxruntime has no kernel."""
        empty = [helper.make_empty_tensor_value_info(name) for name in self.outputs]
        graph = helper.make_graph(self.nodes, self.name, self.inputs, empty, self.constants)
        opsets = [helper.make_opsetid("", self.opset)]
        opsets += [helper.make_opsetid(domain, self.versions.get(domain, 1)) for domain in sorted({n.domain for n in self.nodes} - {""})]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=self.format, functions=self.functions)
        data = dict(self.data)
        data.update(zip(self.outputs, self.results(model, reference)))
        tensors = [numpy_helper.from_array(np.asarray(value), name) for name, value in data.items()]
        holder = helper.make_model(
            helper.make_graph([], "data", [], [], tensors), opset_imports=[helper.make_opsetid("", self.opset)],
            ir_version=8)
        os.makedirs(HERE, exist_ok=True)
        onnx.save(model, os.path.join(HERE, f"{self.name}.onnx"))
        onnx.save(holder, os.path.join(HERE, f"{self.name}.data.onnx"))

    def results(self, model, reference):
        if reference:
            results = onnx.reference.ReferenceEvaluator(model).run(self.outputs, self.data)
            # It lets NumPy widen what it computes with Python's numbers; the themes hold floats of 32 bits.
            return [r.astype(np.float32) if r.dtype == np.float64 else r for r in results]
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(model.SerializeToString(), options)
        return session.run(self.outputs, self.data)


def arithmetic():
    t = Theme("arithmetic", 17)
    x, y = t.floats("x", (3, 4), ["n", 4]), t.floats("y", (4,), low=0.5)
    i, j = t.input("i", np.array([-7, 7, -5, 6], np.int64)), t.input("j", np.array([3, -3, 5, 4], np.int64))
    for op in ["Add", "Sub", "Mul", "Div", "Max", "Min", "Sum", "Mean"]:
        t.node(op, x, y)
    for op in ["Add", "Sub", "Mul", "Div", "Mod"]:
        t.node(op, i, j)
    t.node("Max", x, y, x)
    t.node("Mean", x, y, y)
    t.node("Mod", i, j, fmod=1)
    t.node("Mod", x, y, fmod=1)
    t.node("Pow", y, x)
    t.node("Pow", x, t.const(2, np.float32))
    t.node("Pow", y, t.const(3))
    for op in ["Neg", "Abs", "Sign", "Exp", "Sin", "Cos", "Tan", "Sinh", "Cosh", "Erf", "Floor", "Ceil", "Round"]:
        t.node(op, x)
    for op in ["Sqrt", "Log", "Reciprocal"]:
        t.node(op, y)
    t.node("Clip", x, t.const(-1, np.float32), t.const(1, np.float32))
    t.node("Clip", x, "", t.const(0.5, np.float32))
    t.node("Clip", x, t.node("Identity", t.node("Abs", t.const(-0.5, np.float32), keep=False), keep=False))
    t.node("Cast", x, to=TensorProto.INT32)
    t.node("Cast", i, to=TensorProto.FLOAT)
    t.node("Cast", i, to=TensorProto.BOOL)
    t.node("CastLike", i, x)
    t.write()


def activations():
    t = Theme("activations", 17)
    x = t.floats("x", (2, 5), ["n", 5], low=-4, high=4)
    for op in ["Relu", "Sigmoid", "Tanh", "HardSigmoid", "HardSwish", "LeakyRelu", "Elu", "Selu", "Celu", "Softplus",
               "Softsign", "ThresholdedRelu", "Shrink"]:
        t.node(op, x)
    t.node("HardSigmoid", x, alpha=0.3, beta=0.4)
    t.node("LeakyRelu", x, alpha=0.2)
    t.node("Elu", x, alpha=0.7)
    t.node("Selu", x, alpha=1.5, gamma=0.9)
    t.node("Celu", x, alpha=2.0)
    t.node("Shrink", x, lambd=1.0, bias=0.5)
    t.node("PRelu", x, t.weights(5))
    t.write()
    t = Theme("activations20", 20)
    x = t.floats("x", (2, 5), ["n", 5], low=-4, high=4)
    t.node("Gelu", x)
    t.node("Gelu", x, approximate="tanh")
    t.node("Mish", x)
    t.write()


def logic():
    t = Theme("logic", 17)
    x, y = t.floats("x", (2, 3), ["n", 3]), t.input("y", np.array([[0.5, np.inf, -np.inf]], np.float32))
    p, q = t.input("p", np.array([True, False, True])), t.input("q", np.array([True, True, False]))
    for op in ["Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"]:
        t.node(op, x, y)
    for op in ["And", "Or", "Xor", "Equal"]:
        t.node(op, p, q)
    t.node("Not", p)
    t.node("IsNaN", t.node("Mul", y, t.const(0, np.float32), keep=False))
    t.node("IsInf", y)
    t.node("IsInf", y, detect_negative=0)
    t.node("Where", p, x, y)
    t.write()


def shapes():
    t = Theme("shapes", 18)
    x = t.floats("x", (2, 3, 4), ["n", 3, "m"])
    y = t.floats("y", (1, 4, 1), [1, "k", 1])
    s = t.node("Shape", x)
    t.node("Size", x)
    t.node("Shape", x, start=1, end=-1)
    n = t.node("Gather", s, t.const(0), keep=False)
    m = t.node("Gather", s, t.const([-1]), keep=False)
    row = t.node("Concat", t.node("Unsqueeze", n, t.const([0]), keep=False), t.const([-1]), axis=0, keep=False)
    t.node("Reshape", x, row)
    t.node("Reshape", x, t.node("Concat", t.const([-1]), m, axis=0, keep=False))
    t.node("Reshape", x, t.const([0, -1]))
    t.node("Reshape", x, t.const([3, -1, 2]))
    t.node("Reshape", x, t.node("Concat", t.node("Mul", m, t.const([3]), keep=False), t.const([-1]), axis=0, keep=False))
    t.node("Squeeze", y, t.const([0, -1]))
    t.node("Unsqueeze", x, t.const([0, -1]))
    for axis in [0, 1, 2, -1, 3]:
        t.node("Flatten", x, axis=axis)
    t.node("Transpose", x, perm=[2, 0, 1])
    t.node("Transpose", x)
    t.node("Expand", y, t.const([2, 1, 3]))
    t.node("Expand", y, t.node("Concat", t.const([5]), t.const([1]), m, axis=0, keep=False))
    t.node("Tile", x, t.const([2, 1, 3]))
    t.node("Concat", x, x, axis=-1)
    t.node("Split", x, t.const([1, 2]), axis=1, outputs=2)
    t.node("Split", x, axis=2, num_outputs=3, outputs=3)
    t.node("Pad", x, t.const([0, 1, 0, 0, 0, 2]), t.const(1.5, np.float32))
    t.node("Pad", x, t.const([0, 1, 2, 0, 1, 1]), mode="reflect")
    t.node("Pad", x, t.const([1, -1]), "", t.const([1]), mode="edge")
    t.node("DepthToSpace", t.node("Reshape", x, t.const([1, -1, 1, 3]), keep=False), blocksize=2)
    t.node("DepthToSpace", t.node("Reshape", x, t.const([1, -1, 1, 3]), keep=False), blocksize=2, mode="CRD")
    t.node("SpaceToDepth", t.node("Reshape", x, t.const([1, 1, 6, -1]), keep=False), blocksize=2)
    t.write()


def slices():
    t = Theme("slices", 17)
    x = t.floats("x", (5, 6), ["n", "m"])
    last = np.iinfo(np.int64).max
    cases = [([1], [4], [0], [1]), ([-3], [last], [0], [1]), ([0], [-1], [1], [2]), ([-100], [100], [1], [1]),
             ([-1], [-last - 1], [1], [-1]), ([4], [0], [0], [-2]), ([1, 0], [3, 2], [1, 0], [1, 1]),
             ([3], [2], [0], [1]), ([2], [1000], [0], [3]), ([10], [last], [0], [1])]
    for starts, ends, axes, steps in cases:
        t.node("Slice", x, t.const(starts), t.const(ends), t.const(axes), t.const(steps))
    t.node("Slice", x, t.const([1, 1]), t.const([3, 3]))
    n = t.node("Shape", x, start=0, end=1, keep=False)
    t.node("Slice", x, t.node("Sub", n, t.const([2]), keep=False), n, t.const([0]))
    t.node("Slice", x, t.node("Neg", t.node("Div", n, t.const([2]), keep=False), keep=False), n, t.const([1]))
    t.write()


def sizes():
    """Arithmetic on shapes that ends in tensors."""
    t = Theme("sizes", 17)
    x = t.floats("x", (4, 6), ["n", "m"])
    s = t.node("Shape", x, keep=False)
    n, m = (t.node("Gather", s, t.const(i), keep=False) for i in (0, 1))
    for op in ["Add", "Sub", "Mul", "Div", "Mod", "Min", "Max", "Equal", "Less"]:
        t.node(op, n, m)
    t.node("Neg", n)
    t.node("ReduceProd", s, keepdims=0)
    t.node("Cast", s, to=TensorProto.FLOAT)
    t.node("Where", t.node("Equal", s, t.const([-1, -1]), keep=False), t.const([7, 7]), s)
    t.node("Where", t.node("Greater", s, t.const([4, 5]), keep=False), s, t.const([1, 2]))
    t.node("Range", t.const(0), n, t.const(1))
    t.node("Range", n, t.const(-2), t.const(-1))
    t.node("Range", t.const(1, np.float32), t.const(2, np.float32), t.const(0.25, np.float32))
    t.node("ConstantOfShape", s, value=numpy_helper.from_array(np.array([3], np.int32)))
    t.node("ConstantOfShape", s)
    t.node("Expand", t.node("Unsqueeze", n, t.const([0]), keep=False), t.const([3]))
    t.node("Transpose", t.node("Reshape", t.node("Concat", s, s, axis=0, keep=False), t.const([2, 2]), keep=False))
    t.node("Slice", s, t.const([-1]), t.const([-9]), t.const([0]), t.const([-1]))
    t.node("EyeLike", x, k=1)
    t.node("Trilu", x, t.const(1))
    t.node("Trilu", x, upper=0)
    t.node("OneHot", t.const([1, -1, 0]), t.const(4), t.const([-1, 2], np.float32))
    t.node("OneHot", t.const([1, 2]), n, t.const([0, 1], np.float32), axis=0)
    t.node("Constant", value_float=2.5)
    t.node("Constant", value_ints=[3, 1])
    t.write()


def reductions():
    for opset in (11, 18):
        t = Theme(f"reductions{opset}", opset)
        x = t.floats("x", (2, 3, 4), ["n", 3, "m"], low=0.5)
        for op in ["Sum", "Mean", "Prod", "Max", "Min", "L1", "L2", "SumSquare", "LogSum", "LogSumExp"]:
            if opset == 11:
                t.node(f"Reduce{op}", x, axes=[-1])
                t.node(f"Reduce{op}", x, axes=[0, 2], keepdims=0)
            else:
                t.node(f"Reduce{op}", x, t.const([1]), keepdims=0)
                t.node(f"Reduce{op}", x)
        if opset == 18:
            t.node("ReduceSum", x, noop_with_empty_axes=1)
        t.node("ArgMax", x, axis=1)
        t.node("ArgMin", x, axis=-1, keepdims=0)
        t.write()


def normalisation():
    for opset in (11, 17):
        t = Theme(f"normalisation{opset}", opset)
        x = t.floats("x", (2, 3, 4), ["n", 3, "m"])
        for op in ["Softmax", "LogSoftmax"]:
            t.node(op, x)
            t.node(op, x, axis=1)
        if opset == 11:
            t.node("Softmax", x, axis=0)
            t.node("Dropout", x, ratio=0.4)
        else:
            t.node("Hardmax", x, axis=1)
            t.node("Dropout", x, t.const(0.4, np.float32))
            z = t.floats("z", (2, 3, 4), ["n", "k", 4])
            t.node("LayerNormalization", z, t.weights(4), t.weights(4), epsilon=0.01)
            t.node("LayerNormalization", z, t.weights(4))
            t.node("LpNormalization", x, axis=1)
            t.node("LpNormalization", x, axis=2, p=1)
        variance = t.const([0.5, 1, 2], np.float32)
        t.node("BatchNormalization", x, t.weights(3), t.weights(3), t.weights(3), variance, epsilon=0.01)
        t.node("InstanceNormalization", x, t.weights(3), t.weights(3))
        t.write()


def contractions():
    t = Theme("contractions", 17)
    a, b = t.floats("a", (2, 3, 4), ["n", "m", 4]), t.floats("b", (4, 5), [4, "k"])
    v = t.floats("v", (4,))
    t.node("MatMul", a, b)
    t.node("MatMul", a, v)
    t.node("MatMul", v, b)
    t.node("MatMul", v, v)
    g = t.floats("g", (4, 3), [4, "m"])
    t.node("Gemm", g, b, transA=1)
    t.node("Gemm", g, t.weights(5, 4), t.weights(5), transA=1, transB=1, alpha=0.5, beta=2.0)
    t.node("Gemm", t.weights(2, 4), b, t.weights(2, 1))
    for equation, operands in [
            ("nmi,ik->nmk", (a, b)), ("nmi,ik->knm", (a, b)), ("nmi,ik", (a, b)), ("nmi,i->mn", (a, v)),
            ("i,j->ij", (v, v)), ("nmi->i", (a,)), ("nmi->min", (a,)), ("nmi,nmi->nm", (a, a)), ("nai,nbi->nab", (a, a)),
            ("nmi,im->n", (a, g))]:
        t.node("Einsum", *operands, equation=equation)
    d = t.floats("d", (1, 2, 3, 4), [1, "t", 3, 4])
    t.node("Einsum", d, t.weights(3, 4, 5), equation="btgi,gih->btgh")
    t.write()


def windows():
    t = Theme("windows", 17)
    x = t.floats("x", (2, 4, 7, 8), ["n", 4, "h", "w"])
    w = t.weights(6, 4, 3, 3)
    t.node("Conv", x, w)
    t.node("Conv", x, w, t.weights(6), pads=[1, 0, 1, 2], strides=[2, 1])
    t.node("Conv", x, t.weights(4, 2, 3, 2), group=2, dilations=[2, 1], kernel_shape=[3, 2])
    t.node("Conv", x, t.weights(4, 1, 3, 3), group=4, auto_pad="SAME_UPPER", strides=[2, 2])
    t.node("Conv", x, w, auto_pad="SAME_LOWER")
    t.node("Conv", x, w, auto_pad="VALID", strides=[3, 3])
    fixed = t.floats("fixed", (1, 2, 9))
    t.node("Conv", fixed, t.weights(3, 2, 4), auto_pad="SAME_LOWER", strides=[2])
    t.node("MaxPool", x, kernel_shape=[2, 3], strides=[2, 2])
    t.node("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1)
    t.node("MaxPool", x, kernel_shape=[2, 2], auto_pad="SAME_UPPER", strides=[2, 2])
    t.node("AveragePool", x, kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    t.node("AveragePool", x, kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1, strides=[2, 2])
    t.node("GlobalAveragePool", x)
    t.node("GlobalMaxPool", x)
    t.write()


def recurrent():
    t = Theme("recurrent", 17)
    x = t.floats("x", (3, 2, 4), ["steps", "batch", 4])
    lengths = t.input("lengths", np.array([3, 2], np.int32), ["batch"])
    for op, gates in [("LSTM", 4), ("GRU", 3), ("RNN", 1)]:
        outputs = 3 if op == "LSTM" else 2
        one = [t.weights(1, gates * 5, 4), t.weights(1, gates * 5, 5), t.weights(1, gates * 10)]
        two = [t.weights(2, gates * 5, 4), t.weights(2, gates * 5, 5), t.weights(2, gates * 10)]
        t.node(op, x, *one[:2], hidden_size=5, outputs=outputs)
        t.node(op, x, *two, lengths, hidden_size=5, direction="bidirectional", outputs=outputs)
        t.node(op, x, *one, "", t.weights(1, 2, 5), hidden_size=5, direction="reverse", outputs=outputs)
    one = [t.weights(1, 15, 4), t.weights(1, 15, 5), t.weights(1, 30)]
    t.node("GRU", x, *one, hidden_size=5, linear_before_reset=1, outputs=2)
    t.write()


def indexing():
    t = Theme("indexing", 17)
    x = t.floats("x", (3, 4), ["n", 4])
    i = t.input("i", np.array([[0, -1], [2, 1]], np.int64), ["k", 2])
    t.node("Gather", x, i)
    t.node("Gather", x, i, axis=1)
    t.node("Gather", x, t.const(-2), axis=1)
    t.node("Gather", t.const(np.arange(12).reshape(4, 3)), i)
    t.write()


def branches():
    t = Theme("branches", 17)
    x = t.floats("x", (2, 3), ["n", 3])

    def branch(op):
        out = helper.make_empty_tensor_value_info(f"inner_{op}")
        return helper.make_graph([helper.make_node(op, ["x"], [f"inner_{op}"], name=op)], op, [], [out])

    t.node("If", t.const(True, bool), then_branch=branch("Abs"), else_branch=branch("Neg"))
    is_two = t.node("Equal", t.node("Size", t.node("Shape", x, keep=False), keep=False), t.const(3), keep=False)
    t.node("If", is_two, then_branch=branch("Abs"), else_branch=branch("Neg"))
    t.write()


def old():
    """What opset 9 says otherwise."""
    t = Theme("old", 9)
    x = t.floats("x", (2, 3, 4), ["n", 3, 4])
    t.node("Clip", x, min=-1.0, max=0.5)
    t.node("Slice", x, starts=[0, -2], ends=[1, 2147483647], axes=[0, 2])
    t.node("Pad", x, pads=[0, 1, 0, 0, 0, 2], value=2.0)
    t.node("Squeeze", t.node("Unsqueeze", x, axes=[0, 2]), axes=[0])
    t.node("Split", x, axis=2, split=[1, 3], outputs=2)
    t.node("Softmax", x)
    t.write()


def older():
    """What opsets 8 and 11 say otherwise, and a margin that is computed."""
    t = Theme("old8", 8)
    x = t.floats("x", (2, 3, 4), ["n", 3, 4])
    places = [t.const(t.random.uniform(0.5, 2, (3, 4)), np.float32) for _ in range(4)]
    t.node("BatchNormalization", x, *places, epsilon=0.25, spatial=0)
    t.node("BatchNormalization", x, *[t.weights(3) for _ in range(3)], t.const([0.5, 1, 2], np.float32))
    t.write()
    t = Theme("old11", 11)
    x = t.floats("x", (2, 3, 4), ["n", 3, 4])
    for axis in [0, 1, 2, -1]:
        t.node("Hardmax", x, axis=axis)
    t.node("Hardmax", x)
    value = t.floats("v", ())
    t.node("Pad", x, t.const([0, 1, 0, 2, 0, 3]), value)
    t.node("Pad", x, t.const([0, -1, 0, 1, 0, -2]), t.node("Neg", value, keep=False))
    t.node("Pad", x, t.const([0, 1, 0, 0, 0, 1]), value, mode="edge")
    t.write()


if __name__ == "__main__":
    for make in [arithmetic, activations, logic, shapes, slices, sizes, reductions, normalisation, contractions, windows,
                 recurrent, indexing, branches, old, older]:
        make()
