"""EfficientNet-Lite0 (image classification, 1000 classes) as ONNX, from its PyTorch weights."""

import numpy as np
from onnx import TensorProto

from . import torchfile
from .graph import Graph

# One line a stage: repeats, kernel size, stride of the first block, expansion, channels in, channels out.
STAGES = [
    (1, 3, 1, 1, 32, 16),
    (2, 3, 2, 6, 16, 24),
    (2, 5, 2, 6, 24, 40),
    (3, 3, 2, 6, 40, 80),
    (3, 5, 1, 6, 80, 112),
    (4, 5, 2, 6, 112, 192),
    (1, 3, 1, 6, 192, 320),
]
IMAGE = 224
EPSILON = 1e-3


class Builder:
    def __init__(self, weights):
        self.weights = weights
        self.graph = Graph()
        self.size = IMAGE

    def weight(self, name):
        return self.graph.constant(name, self.weights[name])

    def convolution(self, x, name, kernel=1, stride=1, groups=1):
        """A convolution whose result has ceil(size / stride) rows; an odd pad goes to the end."""
        rows = -(-self.size // stride)
        pad = max((rows - 1) * stride + kernel - self.size, 0)
        before = pad // 2
        after = pad - before
        self.size = rows
        return self.graph.add(
            "Conv",
            [x, self.weight(f"{name}.weight")],
            kernel_shape=[kernel, kernel],
            strides=[stride, stride],
            pads=[before, before, after, after],
            group=groups,
        )

    def normalise(self, x, name, activate=True):
        statistics = [self.weight(f"{name}.{part}") for part in ("weight", "bias", "running_mean", "running_var")]
        x = self.graph.add("BatchNormalization", [x, *statistics], epsilon=EPSILON)
        if not activate:
            return x
        bounds = [self.graph.constant("zero", np.float32(0)), self.graph.constant("six", np.float32(6))]
        return self.graph.add("Clip", [x, *bounds])

    def block(self, x, name, kernel, stride, expansion, channels_in, channels_out):
        skip = x
        if expansion > 1:
            x = self.normalise(self.convolution(x, f"{name}._expand_conv"), f"{name}._bn0")
        wide = channels_in * expansion
        x = self.convolution(x, f"{name}._depthwise_conv", kernel, stride, groups=wide)
        x = self.normalise(x, f"{name}._bn1")
        x = self.normalise(self.convolution(x, f"{name}._project_conv"), f"{name}._bn2", activate=False)
        return self.graph.add("Add", [x, skip]) if stride == 1 and channels_in == channels_out else x

    def network(self, x):
        x = self.normalise(self.convolution(x, "_conv_stem", kernel=3, stride=2), "_bn0")
        index = 0
        for repeats, kernel, stride, expansion, channels_in, channels_out in STAGES:
            for _ in range(repeats):
                x = self.block(x, f"_blocks.{index}", kernel, stride, expansion, channels_in, channels_out)
                index, stride, channels_in = index + 1, 1, channels_out
        x = self.normalise(self.convolution(x, "_conv_head"), "_bn1")
        x = self.graph.add("Flatten", [self.graph.add("GlobalAveragePool", [x])], axis=1)
        return self.graph.add("Gemm", [x, self.weight("_fc.weight"), self.weight("_fc.bias")], "logits", transB=1)


def build(source, destination):
    weights = {name: value for name, value in torchfile.read(source).items() if value.dtype == "<f4"}
    builder = Builder(weights)
    builder.network("input")
    builder.graph.save(
        destination,
        "efficientnet_lite0",
        [("input", TensorProto.FLOAT, ["batch", 3, IMAGE, IMAGE])],
        [("logits", TensorProto.FLOAT, ["batch", 1000])],
    )
