"""Kernels as models of one node, so that they are timed as models are: products, convolutions, rows and attention."""

import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

RANDOM = np.random.default_rng(1)


class Kernel:
    """A model being made: what is given is an input, what is a weight is a constant."""

    def __init__(self, name, work):
        self.name, self.work = name, work
        self.nodes, self.inputs, self.constants, self.arrays = [], [], [], []

    def given(self, *shape):
        self.arrays.append(RANDOM.standard_normal(shape).astype(np.float32))
        self.inputs.append(helper.make_tensor_value_info(f"x{len(self.inputs)}", TensorProto.FLOAT, shape))
        return self.inputs[-1].name

    def weight(self, *shape):
        name = f"w{len(self.constants)}"
        scale = 1 / np.sqrt(np.prod(shape[1:]) if len(shape) > 1 else 1)
        self.constants.append(numpy_helper.from_array((RANDOM.standard_normal(shape) * scale).astype(np.float32), name))
        return name

    def constant(self, array):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def node(self, kind, *inputs, **attributes):
        name = f"y{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=f"{kind}_{name}", **attributes))
        return name

    def write(self, folder):
        """Writes model.onnx and one data set into a folder of its name."""
        output = helper.make_tensor_value_info(self.nodes[-1].output[0], TensorProto.FLOAT, None)
        graph = helper.make_graph(self.nodes, "kernel", self.inputs, [output], self.constants)
        place = os.path.join(folder, self.name.replace(" ", "_"))
        os.makedirs(os.path.join(place, "test_data_set_0"), exist_ok=True)
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8),
                  os.path.join(place, "model.onnx"))
        for number, array in enumerate(self.arrays):
            np.save(os.path.join(place, "test_data_set_0", f"input_{number}.npy"), array)
        return place


def matmul(m, k, n):
    kernel = Kernel(f"matmul {m}x{k}x{n}", 2 * m * k * n)
    kernel.node("Add", kernel.node("MatMul", kernel.given(m, k), kernel.weight(k, n)), kernel.weight(n))
    return kernel


def convolution(size, channels, filters, side, stride=1, groups=1):
    result = (size + stride - 1) // stride
    work = 2 * result * result * filters * channels // groups * side * side
    kind = f" groups {groups}" if groups > 1 else ""
    kernel = Kernel(f"conv {side}x{side} {size} {channels}-{filters} stride {stride}{kind}", work)
    before = (side - 1) // 2
    y = kernel.node(
        "Conv", kernel.given(1, channels, size, size), kernel.weight(filters, channels // groups, side, side),
        kernel.weight(filters), strides=[stride, stride], pads=[before] * 4, group=groups)
    kernel.node("Relu", y)
    return kernel


def softmax(rows, length):
    kernel = Kernel(f"softmax {rows}x{length}", 0)
    kernel.node("Softmax", kernel.given(rows, length), axis=-1)
    return kernel


def layer_norm(rows, length):
    kernel = Kernel(f"layer norm {rows}x{length}", 0)
    kernel.node("LayerNormalization", kernel.given(rows, length), kernel.weight(length), kernel.weight(length))
    return kernel


def attention(heads, length, width):
    kernel = Kernel(f"attention {heads}x{length}x{width}", 4 * heads * length * length * width)
    q, v = kernel.given(1, heads, length, width), kernel.given(1, heads, length, width)
    scores = kernel.node("MatMul", q, kernel.given(1, heads, width, length))
    kernel.node("MatMul", kernel.node("Softmax", scores, axis=-1), v)
    return kernel


def all_kernels():
    return [
        matmul(64, 64, 64), matmul(256, 256, 256), matmul(1024, 1024, 1024), matmul(128, 384, 1536), matmul(1, 4096, 4096),
        convolution(56, 64, 64, 3), convolution(28, 128, 128, 3), convolution(14, 256, 256, 3), convolution(224, 3, 64, 7, 2),
        convolution(56, 64, 256, 1), convolution(14, 512, 512, 1), convolution(56, 144, 144, 3, 1, 144),
        convolution(28, 232, 232, 1, 1, 4), softmax(1024, 512), layer_norm(512, 768), attention(8, 256, 64),
    ]
