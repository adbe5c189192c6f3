"""A small builder of ONNX graphs: nodes in order, names made on the way."""

import numpy as np
import onnx
from onnx import helper, numpy_helper

OPSET = 17
IR_VERSION = 8


class Graph:
    def __init__(self, prefix=""):
        """Names that are made start with `prefix`: a graph inside another must not use the names of the outer one."""
        self.prefix = prefix
        self.nodes = []
        self.constants = {}
        self._uses = {}

    def constant(self, name, value):
        """Adds an initialiser, once, and gives its name."""
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(np.array(value, order="C"), name)
        return name

    def add(self, op, inputs, outputs=None, **attributes):
        """Adds a node. Gives the name of its result, or the list of names when several were asked for."""
        if outputs is None:
            self._uses[op] = self._uses.get(op, 0) + 1
            outputs = f"{self.prefix}{op.lower()}_{self._uses[op]}"
        names = [outputs] if isinstance(outputs, str) else outputs
        label = next((f"node_{name}" for name in names if name), op)
        self.nodes.append(helper.make_node(op, inputs, names, name=label, **attributes))
        return outputs

    def proto(self, name, inputs, outputs):
        values = [[helper.make_tensor_value_info(*value) for value in values] for values in (inputs, outputs)]
        return helper.make_graph(self.nodes, name, values[0], values[1], list(self.constants.values()))

    def save(self, path, name, inputs, outputs):
        opsets = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(self.proto(name, inputs, outputs), opset_imports=opsets, ir_version=IR_VERSION)
        onnx.checker.check_model(model)
        onnx.save(model, path)
