#!/usr/bin/env python3
"""Tries every attribute of every version of the ONNX operators that are imported, and names those that are refused.

    .venv/bin/python scripts/check_onnx_attributes.py [--list]

The operators, their versions and attributes are those of the onnx package. A node is made for each attribute, with its
default or a value below that changes nothing, and `tensorc inspect` reads them all, a model for each version. An attribute is
refused where the importer says that it is not supported. --list prints what is tried. TENSORC names the command.
"""

import collections
import glob
import os
import re
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TENSORC = os.environ.get("TENSORC", os.path.join(ROOT, ".build", "release", "tensorc"))

F, I, B, U = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL, TensorProto.UINT8
# The inputs that operators take: types and shapes; a list stands for a constant.
X, VECTOR, WEIGHTS = (F, [2, 4, 6, 6]), (F, [4]), (F, [4, 4, 3, 3])
INPUTS = {
    **dict.fromkeys(["Add", "Sub", "Mul", "Div", "Pow", "Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual", "PRelu",
                     "CastLike", "MatMul", "Max", "Min", "Sum", "Mean", "Concat"], [X, X]),
    **dict.fromkeys(["And", "Or", "Xor"], [(B, [2, 4]), (B, [2, 4])]),
    **dict.fromkeys(["BitwiseAnd", "BitwiseOr", "BitwiseXor", "BitShift"], [(U, [4]), (U, [4])]),
    "Not": [(B, [2])], "BitwiseNot": [(U, [4])], "Mod": [(I, [4]), (I, [4])],
    **dict.fromkeys(["Conv", "ConvTranspose"], [X, WEIGHTS]),
    "Gemm": [(F, [4, 4]), (F, [4, 4]), (F, [4, 4])], "Det": [(F, [4, 4])], "EyeLike": [(F, [4, 4])],
    "BatchNormalization": [X, VECTOR, VECTOR, VECTOR, VECTOR],
    "InstanceNormalization": [X, VECTOR, VECTOR], "GroupNormalization": [X, VECTOR, VECTOR],
    "LayerNormalization": [X, (F, [6])],
    **dict.fromkeys(["LSTM", "GRU", "RNN"], [(F, [3, 2, 4]), (F, [1, "gates", 4]), (F, [1, "gates", 4])]),
    "Gather": [X, (I, [2])], "GatherElements": [X, (I, [2, 4, 6, 6])], "GatherND": [X, (I, [2, 2])],
    **dict.fromkeys(["Scatter", "ScatterElements"], [X, (I, [2, 4, 6, 6]), X]),
    "ScatterND": [X, (I, [2, 2]), (F, [2, 6, 6])],
    "Col2Im": [(F, [1, 12, 12]), [4, 5], [2, 2]], "AffineGrid": [(F, [2, 2, 3]), [2, 1, 4, 5]],
    "Where": [(B, [2]), (F, [2]), (F, [2])], "Trilu": [X], "Expand": [X, [2, 4, 6, 6]], "Tile": [X, [1, 1, 1, 2]],
    "OneHot": [(I, [3]), [4], (F, [2])], "ConstantOfShape": [[2, 2]], "Range": [[0], [4], [1]], "CumSum": [X, [1]],
    "GridSample": [X, (F, [2, 3, 3, 2])], "RoiAlign": [X, (F, [2, 4]), (I, [2])],
    "MaxUnpool": [X, (I, [2, 4, 6, 6])], "Compress": [X, [1, 0]],
    "ReverseSequence": [(F, [3, 2, 4]), (I, [2])], "TfIdfVectorizer": [(I, [6])],
    "NegativeLogLikelihoodLoss": [(F, [3, 4]), (I, [3])], "SoftmaxCrossEntropyLoss": [(F, [3, 4]), (I, [3])],
    "QuantizeLinear": [X, (F, [])], "DequantizeLinear": [(U, [4]), (F, [])], "DynamicQuantizeLinear": [X],
    "MatMulInteger": [(U, [4, 4]), (U, [4, 4])], "ConvInteger": [(U, [1, 4, 6, 6]), (U, [4, 4, 3, 3])],
    "DFT": [(F, [2, 8, 1])], "STFT": [(F, [2, 16, 1]), [4], (F, [8])],
    **dict.fromkeys(["HannWindow", "HammingWindow", "BlackmanWindow"], [8]), "Bernoulli": [X],
    **dict.fromkeys(["RandomNormalLike", "RandomUniformLike", "Multinomial"], [(F, [2, 4])]),
    **dict.fromkeys(["RandomNormal", "RandomUniform", "Constant", "SequenceEmpty"], []),
}
# Values for what has no default, and such as fit the inputs above where the default does not.
VALUES = {
    "axes": [1], "perm": [0, 1, 2, 3], "to": 1, "shape": [2, -1], "kernel_shape": [3, 3], "pads": [0, 0, 0, 0],
    "strides": [1, 1], "dilations": [1, 1], "output_padding": [0, 0], "output_shape": [8, 8], "blocksize": 2,
    "consumed_inputs": [0], "direction": None, "starts": [0], "ends": [1], "split": None, "scales": [1.0, 1.0, 2.0, 2.0],
    "height_scale": 2.0, "width_scale": 2.0, "k": 1, "p": 2, "size": 3, "num_groups": 2, "hidden_size": 4,
    "equation": "nchw->nc", "paddings": [0] * 8, "to_string": "FLOAT", "seed": 1.0, "dtype": 1, "axis": 1, "min": 0.0,
    "max": 1.0, "value": None, "activations": None, "activation_alpha": [1.0], "activation_beta": [1.0], "clip": 0.0,
    "sampling_ratio": 2, "max_gram_length": 1, "max_skip_count": 0, "min_gram_length": 1, "mode": None,
    "ngram_counts": [0], "ngram_indexes": [0], "pool_int64s": [1], "weights": [1.0], "ignore_index": 1, "num_outputs": 1,
    "value_int": 1, "value_ints": [1], "value_float": 1.0, "value_floats": [1.0], "output_dtype": 0,
}
# Those that are refused with reason: graphs and text are tried elsewhere or not supported.
SKIPPED = {"If", "Loop", "Scan", "SequenceMap", "Optional", "OptionalGetElement", "OptionalHasElement", "SequenceAt",
           "SequenceConstruct", "SequenceEmpty", "SequenceErase", "SequenceInsert", "SequenceLength", "ConcatFromSequence",
           "SplitToSequence", "QLinearConv", "QLinearMatMul", "DeformConv", "MelWeightMatrix"}
TEXT = {"pool_strings", "value_string", "value_strings", "sparse_value"}


def operators():
    source = "".join(open(name).read() for name in glob.glob(os.path.join(ROOT, "Sources/ONNX/Operators/*.swift")))
    return set(re.findall(r'^    "(\w+)":', source, re.MULTILINE)) - SKIPPED


def value(operator, schema, name):
    """A value for an attribute; None where nothing is known that fits."""
    attribute = schema.attributes[name]
    kind = str(attribute.type).split(".")[-1]
    if attribute.default_value.name and name not in ["direction", "sampling_ratio", "activations"]:
        return helper.get_attribute_value(attribute.default_value)
    if name == "direction":
        return "LEFT" if operator == "BitShift" else "forward"
    if name == "to" and kind == "STRING":
        return "FLOAT"
    if name == "mode":
        return {"TfIdfVectorizer": "TF", "Upsample": "nearest", "Pad": "constant"}.get(operator, "nearest")
    if name == "value":
        return numpy_helper.from_array(np.array([1], np.float32))
    if name == "split":
        return [2]
    if name == "axes" and operator == "Resize":
        return [0, 1, 2, 3]
    if name == "pads" and operator == "Pad":
        return [0] * 8
    if name == "axis" and (operator.startswith("ArgM") or operator in ["LSTM", "GroupNormalization"]):
        return 0
    if name == "equation" and operator != "Einsum":
        return None
    if name == "size" and operator != "LRN":
        return None
    if name == "activations":
        return {"LSTM": ["Sigmoid", "Tanh", "Tanh"], "GRU": ["Sigmoid", "Tanh"], "RNN": ["Tanh"]}[operator]
    found = VALUES.get(name)
    return [float(v) for v in found] if kind == "FLOATS" and found else float(found) if kind == "FLOAT" and found else found


class Probe:
    """A model of one version with a node for each attribute."""

    def __init__(self, version):
        self.version, self.nodes, self.inputs, self.constants = version, [], {}, {}

    def operand(self, what, operator):
        if isinstance(what, (list, int)) and not isinstance(what, tuple):
            name = "c" + "_".join(map(str, np.ravel(what)))
            squeezed = np.array(what[0] if operator == "Range" else what, np.int64)
            if operator == "Compress":
                name, squeezed = name + "b", np.array(what, bool)
            if operator == "Range":
                name += "s"
            self.constants[name] = squeezed
            return name
        kind, shape = what
        gates = {"LSTM": 16, "GRU": 12, "RNN": 4}.get(operator, 0)
        shape = [gates if extent == "gates" else extent for extent in shape]
        name = f"x{kind}_" + "_".join(map(str, shape))
        self.inputs[name] = (kind, shape)
        return name

    def add(self, schema, name):
        attributes = {n: value(schema.name, schema, n) for n, a in schema.attributes.items() if a.required or n == name}
        if schema.name == "Upsample" and schema.since_version >= 9:
            inputs = [X, "scales"]
        elif schema.name == "Resize":
            inputs = [X, "scales"] if schema.since_version < 11 else [X, "", "scales"]
        elif schema.name in ["Slice", "Pad", "TopK", "Squeeze", "Unsqueeze", "Split"] or schema.name.startswith("Reduce"):
            inputs = [X] + INPUTS_BY_VERSION(schema)
        elif schema.name == "Reshape":
            inputs = [X] if schema.since_version < 5 else [X, [2, -1]]
        else:
            inputs = INPUTS.get(schema.name, [X])
        operands = []
        for what in inputs:
            if what == "":
                operands.append("")
            elif what == "scales":
                self.constants["scales"] = np.array([1, 1, 2, 2], np.float32)
                operands.append("scales")
            else:
                operands.append(self.operand(what, schema.name))
        if schema.name == "Squeeze":
            operands[0] = self.operand((F, [2, 1, 3]), "")
        if name in ["kernel_shape", "output_shape"] and attributes.get(name) is None:
            return
        if name and attributes.get(name) is None:
            return
        count = max(1, schema.min_output)
        label = f"{schema.name}|{self.version}|{name}"
        outputs = [f"{label}|{i}" for i in range(count)]
        attributes = {n: v for n, v in attributes.items() if v is not None}
        if "kernel_shape" in schema.attributes and schema.name not in ["Conv", "ConvTranspose", "ConvInteger"]:
            attributes["kernel_shape"] = [3, 3]
        if schema.name == "Reshape" and schema.since_version < 5:
            attributes["shape"] = [2, -1]
        if schema.name == "RoiAlign":
            attributes["sampling_ratio"] = 2
        if schema.name in ["LSTM", "GRU", "RNN"]:
            attributes["hidden_size"] = 4
        if schema.name in ["RandomNormal", "RandomUniform"]:
            attributes["shape"] = [2]
        if schema.name == "Constant" and name not in attributes:
            attributes["value"] = VALUES_FOR_CONSTANT
        if schema.name == "Split" and "num_outputs" in schema.attributes:
            attributes.update({} if len(operands) > 1 else {"num_outputs": 1})
        self.nodes.append(helper.make_node(schema.name, operands, outputs, name=label, **attributes))

    def refused(self):
        """The nodes whose attribute is not supported, and those that fail for another reason."""
        inputs = [helper.make_tensor_value_info(n, k, s) for n, (k, s) in self.inputs.items()]
        outputs = [helper.make_empty_tensor_value_info(n) for node in self.nodes for n in node.output]
        constants = [numpy_helper.from_array(v, n) for n, v in self.constants.items()]
        graph = helper.make_graph(self.nodes, "probe", inputs, outputs, constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.version)], ir_version=10)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "probe.onnx")
            onnx.save(model, path)
            result = subprocess.run([TENSORC, "inspect", path], capture_output=True, text=True, timeout=120)
        lines = re.findall(r"node '([^']*)' \([^)]*\): error: (.*)", result.stderr)
        if result.returncode and not lines:
            sys.exit(f"check_onnx_attributes.py: error: version {self.version}: {result.stderr[:500]}")
        return dict(lines)


VALUES_FOR_CONSTANT = numpy_helper.from_array(np.array([1], np.float32))


def INPUTS_BY_VERSION(schema):
    """The inputs after the first of operators whose attributes became inputs."""
    constants = {"Slice": [[0], [1]], "Pad": [[0] * 8], "TopK": [[1]], "Squeeze": [[1]], "Unsqueeze": [[0]]}
    if schema.name.startswith("Reduce"):
        return [] if "axes" in schema.attributes else [[1]]
    attribute = {"Slice": "starts", "Pad": "pads", "TopK": "k", "Squeeze": "axes", "Unsqueeze": "axes"}.get(schema.name)
    if attribute is None or attribute in schema.attributes or "paddings" in schema.attributes:
        return []
    return constants[schema.name]


def main():
    known = operators()
    by_version = collections.defaultdict(list)
    for schema in onnx.defs.get_all_schemas_with_history():
        if schema.domain == "" and schema.name in known and not schema.deprecated:
            by_version[schema.since_version].append(schema)
    tried, refused, failed = 0, [], []
    for version, schemas in sorted(by_version.items()):
        probe = Probe(version)
        for schema in sorted(schemas, key=lambda s: s.name):
            names = sorted(n for n in schema.attributes if n not in TEXT)
            if "--list" in sys.argv:
                print(version, schema.name, " ".join(names))
            for name in names:
                probe.add(schema, name)
        tried += len(probe.nodes)
        for node, message in probe.refused().items():
            own = re.match(r"its attribute '(\w+)' is not supported", message)
            (refused if own else failed).append(f"{node.replace('|', ' ')}: {message}")
    for line in failed:
        print(f"not tried: {line}")
    for line in refused:
        print(f"refused: {line}")
    print(f"{tried - len(failed)} attributes were tried, {len(refused)} are refused, {len(failed)} nodes fail otherwise")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
