"""Makes the models of what early opsets say otherwise, and what NumPy makes of them: runtimes of today no longer take them.

    python3 make_onnx_history.py          as make_onnx_nodes.py, whose layout the files share
"""
import numpy as np
from onnx import numpy_helper

from make_onnx_nodes import Theme


class History(Theme):
    """Nodes with the results that the standard's text gives them."""

    def __init__(self, name, opset):
        super().__init__(name, opset)
        self.expected = {}

    def old(self, op, *inputs, makes, keep=True, **attributes):
        results = makes if isinstance(makes, tuple) else (makes,)
        names = self.node(op, *inputs, keep=keep, outputs=len(results), **attributes)
        self.expected.update(zip([names] if isinstance(names, str) else names, results))
        return names

    def constant(self, values):
        name = f"k{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(values, name))
        return name

    def results(self, model, reference):
        return [self.expected[name] for name in self.outputs]


def rows(b, axis, rank):
    """b with its axes from `axis` of a tensor of a rank on."""
    return b.reshape(b.shape + (1,) * (rank - axis - b.ndim))


def broadcasting():
    """Every operator that broadcast from an axis on before opset 7, on constants, which shapes are made of, and on data."""
    t = History("old6", 6)
    a, b = np.array([[9, 2], [3, 8]]), np.array([3, 2])
    sizes = {"Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Div": np.floor_divide}
    truths = {"Equal": np.equal, "Less": np.less, "Greater": np.greater}
    logic = {"And": np.logical_and, "Or": np.logical_or, "Xor": np.logical_xor}
    x = t.input("x", a.astype(np.float32), ["n", 2])
    n = t.input("ints", a, ["n", 2])
    for axis in [0, 1, -1]:
        beside = rows(b, axis % 2, 2)
        how = {"broadcast": 1, "axis": axis}
        for op, function in {**sizes, **truths}.items():
            result = function(a, beside)
            t.old(op, t.const(a), t.const(b), makes=result, **how)
            t.old(op, n, t.const(b), makes=result, **how)
            if op not in ["Div", "Equal"]:
                floats = result if op in truths else result.astype(np.float32)
                t.old(op, x, t.const(b, np.float32), makes=floats, **how)
        for op, function in logic.items():
            yes, no = a > 5, b > 2
            t.old(op, t.const(yes, bool), t.const(no, bool), makes=function(yes, rows(no, axis % 2, 2)), **how)
        t.old("Pow", x, t.const(b, np.float32), makes=np.power(a, beside).astype(np.float32), **how)
    # Without an axis the last ones are meant, as NumPy has it; a scalar goes anywhere.
    t.old("Add", t.const(a), t.const(b), makes=a + b, broadcast=1)
    t.old("Add", t.const(a), t.const(7), makes=a + 7, broadcast=1, axis=0)
    wide = t.random.uniform(-1, 1, (2, 3, 4, 5)).astype(np.float32)
    w = t.input("wide", wide, ["n", 3, 4, 5])
    middle = t.random.uniform(-1, 1, (3, 4)).astype(np.float32)
    t.old("Mul", w, t.constant(middle), makes=wide * middle[:, :, None], broadcast=1, axis=1)
    slopes = np.array([0.5, 2, 3], np.float32)
    t.old("PRelu", w, t.constant(slopes), makes=np.where(wide < 0, wide * slopes[:, None, None], wide))
    t.write()


def first():
    """The first versions: attributes that say nothing now, and others than today's."""
    t = History("old1", 1)
    x = np.abs(t.random.uniform(0.25, 2, (2, 3, 4, 4))).astype(np.float32)
    name, none = t.input("x", x, ["n", 3, 4, 4]), {"consumed_inputs": [0]}
    simple = {"Abs": np.abs, "Ceil": np.ceil, "Floor": np.floor, "Exp": np.exp, "Log": np.log, "Neg": np.negative,
              "Sqrt": np.sqrt, "Tanh": np.tanh, "Reciprocal": lambda v: 1 / v, "Relu": lambda v: v, "Elu": lambda v: v,
              "LeakyRelu": lambda v: v, "Sigmoid": lambda v: 1 / (1 + np.exp(-v)),
              "HardSigmoid": lambda v: np.clip(0.2 * v + 0.5, 0, 1), "Selu": lambda v: np.float32(1.0507) * v,
              "Max": lambda v: v, "Min": lambda v: v, "Sum": lambda v: v, "Mean": lambda v: v}
    for op, function in simple.items():
        t.old(op, name, makes=function(x).astype(np.float32), **none)
    t.old("Clip", name, makes=np.clip(x, 0.5, 1), min=0.5, max=1.0, **none)
    t.old("Reshape", name, makes=x.reshape(2, 48), shape=[0, -1], **none)
    t.old("Dropout", name, makes=(x, np.ones_like(x)), is_test=1, ratio=0.3, **none)
    t.old("Cast", name, makes=x.astype(np.int32), to="INT32")
    t.old("Cast", t.const([1, 0, 2]), makes=np.array([True, False, True]), to="BOOL")
    t.old("Cast", t.const([1, 300]), makes=np.array([1, 300], np.int16), to="INT16")
    pair = np.array([[1, 2]])
    t.old("Concat", t.const(pair), t.const(pair), makes=np.array([[1, 2, 1, 2]]))
    t.old("Tile", name, t.const([2]), t.const([1]), makes=np.tile(x, (1, 2, 1, 1)))
    t.old("Split", name, t.const([1, 2]), makes=(x[:, :1], x[:, 1:]), axis=1)
    t.old("Pad", name, makes=np.pad(x, [(0, 0), (0, 1), (2, 0), (0, 0)], constant_values=1.5),
          paddings=[0, 0, 2, 0, 0, 1, 0, 0], value=1.5)
    t.old("Upsample", name, makes=x.repeat(2, 2).repeat(3, 3), height_scale=2.0, width_scale=3.0, mode="nearest")
    halves = x.reshape(2, 3, 2, 2, 2, 2)
    t.old("LpPool", name, makes=np.sqrt((halves ** 2).sum(axis=(3, 5))), p=2.0, kernel_shape=[2, 2], strides=[2, 2])
    t.old("GlobalLpPool", name, makes=np.sqrt((x ** 2).sum(axis=(2, 3), keepdims=True)), p=2.0)
    t.old("TopK", name, makes=(-np.sort(-x, axis=1)[:, :2], np.argsort(-x, axis=1, kind="stable")[:, :2]), k=2, axis=1)
    scale, bias, mean, variance = (np.array(v, np.float32) for v in ([1, 2, 3], [4, 5, 6], [0.5, 1, 2], [2, 1, 0.5]))
    factors = [t.constant(v) for v in (scale, bias, mean, variance)]
    scale, bias, mean, variance = (v[:, None, None] for v in (scale, bias, mean, variance))
    t.old("BatchNormalization", name, *factors, makes=(x - mean) / np.sqrt(variance + 0.25) * scale + bias, is_test=1,
          spatial=1, epsilon=0.25, momentum=0.8, consumed_inputs=[0, 0, 0, 1, 1])
    own, deviation = x.mean(axis=(2, 3), keepdims=True), x.var(axis=(2, 3), keepdims=True)
    t.old("InstanceNormalization", name, *factors[:2], makes=(x - own) / np.sqrt(deviation + 0.25) * scale + bias,
          epsilon=0.25, **none)
    matrix, row = x[0, 0], np.array([1, 2, 3, 4], np.float32)
    t.old("Gemm", t.input("m", matrix, [4, 4]), t.constant(matrix), t.constant(row), makes=matrix @ matrix + row,
          broadcast=1)
    t.write()


if __name__ == "__main__":
    for make in [broadcasting, first]:
        make()
