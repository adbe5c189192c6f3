"""Makes models of grouped convolutions, to be timed by bench/peers.py: a ShuffleNet-like one (grouped 1x1 convolutions,
channel shuffles, depthwise convolutions) and two ResNeXt-like ones (32 groups of 4 and of 16 channels).

    python bench/grouped.py FOLDER
    for name in shuffle resnext-4 resnext-16; do
      tensorc compile FOLDER/$name/model.onnx -o FOLDER/$name/model.so
      python bench/peers.py FOLDER/$name/model.onnx FOLDER/$name/model.so FOLDER/$name/data
    done

Wants numpy, onnx and onnxruntime. Weights and inputs are random, the same in every run; outputs are onnxruntime's.
"""

import pathlib
import sys

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper


class Blocks:
    """A chain of residual blocks over [1, channels, size, size]."""

    def __init__(self, channels, size):
        self.channels, self.size = channels, size
        self.nodes, self.initializers, self.last = [], [], "x"
        self.random = numpy.random.default_rng(1)

    def constant(self, value):
        name = f"c{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(value, name))
        return name

    def node(self, kind, *inputs, **attributes):
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def convolution(self, x, filters, channels, kernel, groups):
        shape = (filters, channels // groups, kernel, kernel)
        weights = self.random.standard_normal(shape) / numpy.sqrt(numpy.prod(shape[1:]))
        bias = self.random.standard_normal(filters)
        arguments = [self.constant(array.astype(numpy.float32)) for array in (weights, bias)]
        return self.node(
            "Conv", x, *arguments, group=groups, kernel_shape=[kernel] * 2, pads=[kernel // 2] * 4)

    def shuffled(self, x, channels, groups):
        def sizes(*shape):
            return self.constant(numpy.array(shape, dtype=numpy.int64))

        apart = self.node("Reshape", x, sizes(1, groups, channels // groups, self.size, self.size))
        turned = self.node("Transpose", apart, perm=[0, 2, 1, 3, 4])
        return self.node("Reshape", turned, sizes(1, channels, self.size, self.size))

    def close(self, x):
        self.last = self.node("Relu", self.node("Add", x, self.last))

    def shuffle_block(self, groups=3):
        inner = self.channels // 4
        x = self.node("Relu", self.convolution(self.last, inner, self.channels, 1, groups))
        x = self.convolution(self.shuffled(x, inner, groups), inner, inner, 3, inner)
        self.close(self.convolution(x, self.channels, inner, 1, groups))

    def resnext_block(self, groups=32):
        inner = self.channels // 2
        x = self.node("Relu", self.convolution(self.last, inner, self.channels, 1, 1))
        x = self.node("Relu", self.convolution(x, inner, inner, 3, groups))
        self.close(self.convolution(x, self.channels, inner, 1, 1))

    def save(self, folder):
        shape = [1, self.channels, self.size, self.size]
        values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("x", self.last)]
        graph = helper.make_graph(self.nodes, "blocks", values[:1], values[1:], self.initializers)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        data = folder / "data"
        data.mkdir(parents=True, exist_ok=True)
        onnx.save(model, folder / "model.onnx")
        x = self.random.standard_normal(shape).astype(numpy.float32)
        session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
        numpy.save(data / "input_0.npy", x)
        numpy.save(data / "output_0.npy", session.run(None, {"x": x})[0])


def main():
    folder = pathlib.Path(sys.argv[1])
    for name, channels, size, count, block in [
        ("shuffle", 240, 28, 8, Blocks.shuffle_block),
        ("resnext-4", 256, 56, 3, Blocks.resnext_block),
        ("resnext-16", 1024, 14, 4, Blocks.resnext_block),
    ]:
        blocks = Blocks(channels, size)
        for _ in range(count):
            block(blocks)
        blocks.save(folder / name)


if __name__ == "__main__":
    main()
