#!/usr/bin/env python3
"""Holds the rule for the extents that Resize and Upsample make to onnxruntime.

    .venv/bin/python scripts/check_resize_extents.py

The rule: floor(extent · scale), both in f32 and the product rounded to f32. All extents up to 256 are tried with all
scales k / n up to 48 / 24, and with the scales that lead from one extent to another. The importer's own numbers are held
to the rule by Tests/ONNXTests/ScaledExtentTests.swift.
"""

import sys

import numpy as np
import onnxruntime
from onnx import TensorProto, helper

LONGEST = 256


def session():
    """A model that resizes [1, 1, h, w] by scales that come with the call."""
    node = helper.make_node("Resize", ["x", "", "scales"], ["y"], mode="nearest")
    graph = helper.make_graph(
        [node], "extents",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, "h", "w"]),
         helper.make_tensor_value_info("scales", TensorProto.FLOAT, [4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1, "a", "b"])])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options)


def rule(extent, scale):
    return int(np.floor(np.float32(extent) * np.float32(scale)))


def tried():
    """Pairs of an extent and a scale."""
    for divisor in range(1, 25):
        for multiple in range(1, 49):
            scale = np.float32(multiple) / np.float32(divisor)
            for extent in range(1, LONGEST + 1):
                yield extent, scale
    for extent in range(1, LONGEST + 1):
        for size in [1, 3, 8, 17, 31, 63, 100, 224, 255]:
            yield extent, np.float32(size) / np.float32(extent)


def main():
    resize = session()
    count, wrong = 0, []
    x = {extent: np.zeros((1, 1, 1, extent), np.float32) for extent in range(1, LONGEST + 1)}
    for extent, scale in tried():
        if rule(extent, scale) == 0:
            continue
        made = resize.run(None, {"x": x[extent], "scales": np.array([1, 1, 1, scale], np.float32)})[0].shape[3]
        count += 1
        if made != rule(extent, scale):
            wrong.append((extent, float(scale), made, rule(extent, scale)))
    for extent, scale, made, expected in wrong[:10]:
        print(f"{extent} · {scale} is {made} in onnxruntime, {expected} by the rule", file=sys.stderr)
    print(f"{count - len(wrong)} of {count} extents are those of onnxruntime {onnxruntime.__version__}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
