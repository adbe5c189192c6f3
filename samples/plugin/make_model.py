"""Makes the sample's ONNX model, a network of two layers with weights from a seed, and prints what it computes.

    python make_model.py scores.onnx

The numbers printed are NumPy's, for two rows of pixels: row r holds sin(64 r + i) at i.
"""

import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

generator = numpy.random.default_rng(7)
weights = {
    "w1": generator.normal(0, 0.2, (64, 32)),
    "b1": generator.normal(0, 0.2, 32),
    "w2": generator.normal(0, 0.2, (32, 10)),
    "b2": generator.normal(0, 0.2, 10),
}
weights = {name: array.astype(numpy.float32) for name, array in weights.items()}

graph = helper.make_graph(
    [
        helper.make_node("Gemm", ["pixels", "w1", "b1"], ["sum"], name="layer1"),
        helper.make_node("Relu", ["sum"], ["hidden"], name="relu"),
        helper.make_node("Gemm", ["hidden", "w2", "b2"], ["logits"], name="layer2"),
        helper.make_node("Softmax", ["logits"], ["scores"], name="softmax", axis=1),
    ],
    "scores",
    [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["batch", 64])],
    [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", 10])],
    [numpy_helper.from_array(array, name) for name, array in weights.items()],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
model.ir_version = 8
onnx.checker.check_model(model)
onnx.save(model, sys.argv[1])

pixels = numpy.sin(numpy.arange(128, dtype=numpy.float32)).reshape(2, 64)
hidden = numpy.maximum(pixels @ weights["w1"] + weights["b1"], 0)
logits = hidden @ weights["w2"] + weights["b2"]
exponentials = numpy.exp(logits - logits.max(1, keepdims=True))
scores = exponentials / exponentials.sum(1, keepdims=True)
for row in scores:
    print("scores", *(f"{score:.4f}" for score in row))
table = numpy.array([[1, 2, 6], [4, 4, 1]], numpy.float32)
mean = table.mean(1, keepdims=True)
print("centred", *(f"{number:.4f}" for number in (table - mean).ravel()))
print("means", *(f"{number:.4f}" for number in mean.ravel()))
# The cross entropy of the scores, taken as logits, with two labels, and its gradient.
labels = numpy.eye(10, dtype=numpy.float32)[[3, 7]]
shares = numpy.exp(scores) / numpy.exp(scores).sum(1, keepdims=True)
print("loss", f"{-numpy.log((shares * labels).sum(1)).mean():.4f}")
for row in (shares - labels) / 2:
    print("gradient", *(f"{number:.4f}" for number in row))
