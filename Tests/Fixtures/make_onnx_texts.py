"""Makes the model whose nodes work with text, as classifiers and encoders have it, against onnxruntime.

    python3 make_onnx_texts.py          as make_onnx_nodes.py, whose layout the files share
"""
import numpy as np
from onnx import TensorProto, helper

from make_onnx_learning import LEARNING, Trees
from make_onnx_nodes import Theme


def text(t, values):
    """A constant of text."""
    name = f"c{len(t.constants)}"
    values = np.asarray(values, object)
    encoded = [value.encode() for value in values.ravel()]
    t.constants.append(helper.make_tensor(name, TensorProto.STRING, values.shape, encoded))
    return name


def moves(t, scores):
    labels = text(t, ["cat", "dog", "emu"])
    best = t.node("ArgMax", scores, axis=1, keepdims=0)
    named = t.node("Gather", labels, best)
    t.node("Identity", named)
    t.node("Reshape", named, t.const([-1, 1]))
    t.node("Unsqueeze", named, t.const([0]))
    table = text(t, [["a", "b"], ["c", "a"], ["d", "b"]])
    t.node("Transpose", table, perm=[1, 0])
    # Not of whole rows: onnxruntime 1.23 to 1.32 copies the first text of each and leaves the others empty.
    t.node("Gather", table, t.const([1, 0, 1]), axis=1)
    t.node("Slice", named, t.const([0]), t.const([2]))
    t.node("Split", table, t.const([1, 1]), outputs=2, axis=1)
    rows = t.node("GatherND", table, t.const([[0, 1], [2, 0]]))
    t.node("Concat", named, rows, text(t, ["emu", "gnu"]), axis=0)
    other = t.node("Gather", text(t, ["emu", "yak", "cat"]), best)
    t.node("Where", t.node("Equal", best, t.const(1)), named, other)
    t.node("Equal", named, other)
    t.node("Equal", named, text(t, "dog"))
    t.node("Size", named)
    t.node("Shape", named)
    t.node("Constant", value_strings=["x", "y", "x"])
    t.node("Constant", value_string="alone")
    numbers = t.node("Gather", text(t, ["1.5", "-2e3", "7"]), best)
    t.node("Cast", numbers, to=TensorProto.FLOAT)
    t.node("Cast", t.node("Gather", text(t, ["9007199254740993", "-3", "7"]), best), to=TensorProto.INT64)
    t.node("Cast", named, to=TensorProto.STRING)
    t.node("ArrayFeatureExtractor", text(t, [["p", "q", "r"]]), best, domain=LEARNING)
    return best, named


def encoders(t, best, named):
    def own(op, *inputs, **attributes):
        return t.node(op, *inputs, domain=LEARNING, **attributes)

    own("LabelEncoder", named, keys_strings=["dog", "cat", "dog"], values_int64s=[4, 5, 6], default_int64=-7)
    own("LabelEncoder", named, keys_strings=["dog", "cat"], values_floats=[0.5, 1.5])
    own("LabelEncoder", named, keys_strings=["emu", "cat"], values_strings=["bird", "pet"])
    own("LabelEncoder", best, keys_int64s=[2, 0], values_strings=["two", "none"], default_string="two")
    own("LabelEncoder", best, keys_int64s=[2, 0, 2], values_int64s=[1, 2, 3])
    halves = t.node("Cast", best, to=TensorProto.FLOAT, keep=False)
    own("LabelEncoder", halves, keys_floats=[1.0, 0.0], values_strings=["one", "one"])
    own("CategoryMapper", named, cats_strings=["dog", "emu"], cats_int64s=[10, 20])
    own("CategoryMapper", best, cats_strings=["b", "a"], cats_int64s=[1, 2], default_string="?")
    own("OneHotEncoder", named, cats_strings=["emu", "dog"])
    own("OneHotEncoder", named, cats_strings=["dog", "cat", "emu"], zeros=0)


def classifiers(t, scores):
    forest = Trees(t.random, 3, 2, 3, ["BRANCH_LEQ"]).attributes("class", [0, 1, 2])
    label, _ = t.node(
        "TreeEnsembleClassifier", scores, domain=LEARNING, outputs=2, classlabels_strings=["low", "mid", "high"], **forest)
    t.node("Reshape", label, t.const([-1, 1]))
    weights = t.random.uniform(-1, 1, 9).astype(np.float32).tolist()
    t.node("LinearClassifier", scores, domain=LEARNING, outputs=2, classlabels_strings=["u", "v", "w"],
           coefficients=weights, intercepts=[0.1, 0.0, -0.1])


def texts():
    t = Theme("texts", 21)
    t.versions[LEARNING] = 3
    scores = t.floats("scores", (7, 3), ["n", 3])
    best, named = moves(t, scores)
    encoders(t, best, named)
    classifiers(t, scores)
    t.write()


if __name__ == "__main__":
    texts()
