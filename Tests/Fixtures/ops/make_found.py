"""Writes found.json: ops whose results are as long as the data say, by NumPy and by onnxruntime.

    python make_found.py
"""

import numpy as np
import onnxruntime
from onnx import TensorProto, helper

from fixture import DTYPES, FLOATS, Suite, generator, typed

random = generator(53)
suite = Suite("found")


def nonzero(type, values, count):
    """The first positions; zeros stand where there are fewer."""
    x = typed(type, values)
    places = np.array(np.nonzero(x.values), np.int64).reshape(np.ndim(values), -1)[:, :count]
    filled = np.pad(places, [(0, 0), (0, count - places.shape[1])])
    suite.case("nonzero", {"count": count}, [x], filled)


for type in DTYPES:
    low = 0 if type.startswith("u") or type == "bool" else -2
    nonzero(type, random.integers(low, 2, (3, 4)), 7)
nonzero("f32", np.array([np.nan, -0.0, 0.0, np.inf, 1e-40, -1]), 4)
nonzero("f64", random.integers(0, 2, (2, 3, 2)).astype(float), 12)
nonzero("f32", np.zeros((0, 3)), 2)
nonzero("i32", random.integers(0, 2, (2, 5)), 0)


def suppression(boxes, scores, most, overlap, least, rows, centred):
    """By onnxruntime; rows of zeros stand behind those that it gives."""
    info = helper.make_tensor_value_info
    names = ["boxes", "scores", "most", "overlap", "least"]
    feeds = dict(zip(names, [
        boxes.astype(np.float32), scores.astype(np.float32), np.array([most]), np.array([overlap], np.float32),
        np.array([least], np.float32)]))
    node = helper.make_node("NonMaxSuppression", names, ["y"], center_point_box=int(centred))
    inputs = [info(name, TensorProto.INT64 if name == "most" else TensorProto.FLOAT, value.shape)
              for name, value in feeds.items()]
    graph = helper.make_graph([node], "g", inputs, [info("y", TensorProto.INT64, None)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=8)
    found = onnxruntime.InferenceSession(model.SerializeToString()).run(None, feeds)[0]
    filled = np.pad(found[:rows], [(0, rows - min(len(found), rows)), (0, 0)])
    suite.case("non_max_suppression", {"rows": rows, "centred": centred},
               [typed("f32", boxes), typed("f32", scores), np.array(most), typed("f32", np.array(overlap)),
                typed("f32", np.array(least))], [filled, np.array(min(len(found), rows))])


for centred in [False, True]:
    for shape, most, overlap, least in [
            ((1, 1, 9), 3, 0.5, 0.0), ((2, 2, 7), 7, 0.1, 0.3), ((1, 3, 5), 0, 0.5, 0.0), ((2, 1, 12), 4, 0.0, 0.6)]:
        batches, classes, count = shape
        boxes = np.round(random.uniform(0, 1, (batches, count, 4)), 3)
        if centred:
            boxes[..., 2:] /= 2
        suppression(boxes, random.permutation(batches * classes * count).reshape(shape) / 40, most, overlap, least,
                    batches * classes * max(most, 1), centred)
# Boxes that are equal, that have no area and that only touch; equal scores.
boxes = np.array([[[0, 0, 1, 1], [0, 0, 1, 1], [1, 0, 2, 1], [3, 3, 3, 4], [1, 1, 0, 0], [0, 0, 1, 0.5]]], float)
suppression(boxes, np.full((1, 1, 6), 0.5), 6, 0.4, 0.1, 6, False)
suppression(boxes, np.array([[[0.5, 0.7, 0.2, 0.9, 0.7, 0.1]]]), 6, 0.6, 0.1, 6, False)
suite.write()
