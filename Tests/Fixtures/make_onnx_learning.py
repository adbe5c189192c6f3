"""Makes the models of ai.onnx.ml's operators on numbers, against onnxruntime; make_onnx_contrib.py calls it."""
import numpy as np

from make_onnx_nodes import Theme

LEARNING = "ai.onnx.ml"


class Trees:
    """Random trees as the lists of attributes that TreeEnsembleRegressor and TreeEnsembleClassifier take."""

    def __init__(self, random, features, depth, trees, modes, missing=False):
        self.random, self.features, self.modes, self.missing = random, features, modes, missing
        self.nodes, self.leaves = [], []
        for tree in range(trees):
            self.count = 0
            self.grow(tree, depth)

    def grow(self, tree, depth):
        own = self.count
        self.count += 1
        if depth == 0 or (own and self.random.random() < 0.2):
            self.nodes.append((tree, own, 0, 0.0, "LEAF", 0, 0, 0))
            self.leaves.append((tree, own))
            return own
        place = len(self.nodes)
        self.nodes.append(None)
        low, high = self.grow(tree, depth - 1), self.grow(tree, depth - 1)
        mode = self.modes[self.random.integers(len(self.modes))]
        value = float(np.float32(np.round(self.random.uniform(-1, 1), 1)))
        tracks = int(self.random.integers(2)) if self.missing else 0
        self.nodes[place] = (tree, own, int(self.random.integers(self.features)), value, mode, low, high, tracks)
        return own

    def attributes(self, prefix, targets, positive=False):
        lists = list(zip(*self.nodes))
        names = ["treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids",
                 "missing_value_tracks_true"]
        result = {f"nodes_{name}": list(values) for name, values in zip(names, lists)}
        result["nodes_hitrates"] = [1.0] * len(self.nodes)
        entries = [(tree, node, target, float(np.float32(self.random.uniform(0 if positive else -1, 1))))
                   for tree, node in self.leaves for target in targets]
        for name, values in zip(["treeids", "nodeids", "ids", "weights"], zip(*entries)):
            result[f"{prefix}_{name}"] = list(values)
        return result


ALL = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"]


def trees(t, x, gaps):
    leq = ["BRANCH_LEQ"]
    for count, modes, depth, source, more in [
        (1, leq, 3, x, {}), (5, ALL, 4, x, {"base_values": [0.5, -0.5]}), (4, leq, 3, gaps, {}),
        (3, leq, 2, x, {"aggregate_function": "AVERAGE"}), (3, leq, 2, x, {"aggregate_function": "MIN"}),
        (3, leq, 2, x, {"aggregate_function": "MAX"}), (3, leq, 2, x, {"post_transform": "SOFTMAX"}),
        (3, leq, 2, x, {"post_transform": "LOGISTIC"}), (1, leq, 0, x, {}),
    ]:
        forest = Trees(t.random, 4, depth, count, modes, missing=source == gaps)
        t.node("TreeEnsembleRegressor", source, domain=LEARNING, n_targets=2, **forest.attributes("target", [0, 1]), **more)
    for classes, used, positive, more in [
        (3, [0, 1, 2], True, {}), (3, [0, 1, 2], False, {"post_transform": "SOFTMAX", "base_values": [0.1, 0.2, 0.3]}),
        (2, [0], False, {"post_transform": "LOGISTIC"}), (2, [0], True, {}), (2, [1], True, {}),
        (2, [0], False, {"post_transform": "LOGISTIC", "base_values": [0.25]}), (2, [0, 1], False, {}),
        (4, [0, 1, 2, 3], False, {"post_transform": "LOGISTIC"}),
    ]:
        forest = Trees(t.random, 4, 3, 3, leq)
        t.node("TreeEnsembleClassifier", x, domain=LEARNING, classlabels_int64s=[7 + 2 * i for i in range(classes)],
               outputs=2, **forest.attributes("class", used, positive), **more)


def machines(t, x):
    kernels = {"kernel_params": [0.5, 0.1, 3.0]}
    for kernel in ["LINEAR", "POLY", "RBF", "SIGMOID"]:
        t.node("SVMRegressor", x, domain=LEARNING, kernel_type=kernel, n_supports=3, coefficients=[1.0, -1.0, 0.5],
               support_vectors=list(t.random.uniform(-1, 1, 12)), rho=[0.3], **kernels)
    t.node("SVMRegressor", x, domain=LEARNING, kernel_type="RBF", n_supports=2, coefficients=[1.0, -1.0], one_class=1,
           support_vectors=list(t.random.uniform(-1, 1, 8)), rho=[0.1], **kernels)
    three = {"vectors_per_class": [1, 2, 1], "coefficients": list(t.random.uniform(-1, 1, 8)), "rho": [0.3, 0.1, -0.2],
             "support_vectors": list(t.random.uniform(-1, 1, 16)), "classlabels_ints": [4, 5, 6]}
    two = {"vectors_per_class": [1, 2], "coefficients": [1.0, -0.5, -0.5], "rho": [0.2], "classlabels_ints": [4, 5],
           "support_vectors": list(t.random.uniform(-1, 1, 12))}
    for more in ({}, {"prob_a": [-1.0, -2.0, -0.5], "prob_b": [0.1, 0.2, 0.3]}):
        t.node("SVMClassifier", x, domain=LEARNING, kernel_type="RBF", outputs=2, **three, **kernels, **more)
    for more in ({}, {"post_transform": "LOGISTIC"}, {"prob_a": [-1.0], "prob_b": [0.1]}):
        t.node("SVMClassifier", x, domain=LEARNING, kernel_type="LINEAR", outputs=2, **two, **kernels, **more)
    t.node("SVMClassifier", x, domain=LEARNING, kernel_type="LINEAR", outputs=2, rho=[0.1], classlabels_ints=[4, 5, 6],
           coefficients=list(t.random.uniform(-1, 1, 12)), **kernels)


def learning():
    t = Theme("learning", 17)
    t.versions[LEARNING] = 4
    x = t.floats("x", (6, 4), ["n", 4], low=-1.5, high=1.5)
    holes = t.random.uniform(-1.5, 1.5, (5, 4)).astype(np.float32)
    holes[t.random.random((5, 4)) < 0.4] = np.nan
    gaps = t.input("gaps", holes, ["m", 4])
    whole = t.input("whole", np.array([[1, -1, 5], [2, 9, -1]]), ["rows", 3])
    trees(t, x, gaps)
    machines(t, x)
    for norm in ["MAX", "L1", "L2"]:
        t.node("Normalizer", x, domain=LEARNING, norm=norm)
    t.node("Scaler", x, domain=LEARNING, offset=[0.5], scale=[2.0])
    t.node("Scaler", whole, domain=LEARNING, offset=[0.5, 1.0, 2.0], scale=[2.0, 1.0, 0.5])
    t.node("Imputer", gaps, domain=LEARNING, imputed_value_floats=[1.0, 2.0, 3.0, 4.0], replaced_value_float=float("nan"))
    t.node("Imputer", whole, domain=LEARNING, imputed_value_int64s=[7], replaced_value_int64=-1)
    t.node("Binarizer", x, domain=LEARNING, threshold=0.25)
    t.node("OneHotEncoder", whole, domain=LEARNING, cats_int64s=[1, 2, 5], zeros=1)
    t.node("LabelEncoder", whole, domain=LEARNING, keys_int64s=[5, 1, 9], values_int64s=[50, 10, 90], default_int64=-3)
    t.node("LabelEncoder", gaps, domain=LEARNING, keys_floats=[float("nan"), 1.0], values_floats=[0.5, 2.5])
    t.node("ArrayFeatureExtractor", x, t.const([2, 0]), domain=LEARNING)
    t.node("FeatureVectorizer", x, x, domain=LEARNING, inputdimensions=[4, 4])
    coefficients = [float(v) for v in t.random.uniform(-1, 1, 12)]
    t.node("LinearRegressor", x, domain=LEARNING, coefficients=coefficients[:4], intercepts=[0.25])
    t.node("LinearRegressor", x, domain=LEARNING, coefficients=coefficients[:8], targets=2, post_transform="SOFTMAX")
    labels = {"classlabels_ints": [5, 6, 8]}
    for post in ["NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO"]:
        t.node("LinearClassifier", x, domain=LEARNING, coefficients=coefficients, intercepts=[0.1, -0.1, 0.0],
               post_transform=post, outputs=2, **labels)
        t.node("LinearClassifier", x, domain=LEARNING, coefficients=coefficients[:4], intercepts=[0.1],
               post_transform=post, outputs=2, classlabels_ints=[5, 6])
    t.write()
