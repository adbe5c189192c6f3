"""Makes the models of operators whose results depend on extents that are not known: resizing, `SAME` padding, `Squeeze`.

    python3 make_onnx_extents.py          as make_onnx_nodes.py, whose layout the files share
"""
import numpy as np
from onnx import TensorProto

from make_onnx_nodes import Theme


def resizing():
    t = Theme("resizing", 19)
    x = t.floats("x", (2, 2, 5, 6), ["n", 2, "h", "w"])
    fixed = t.floats("fixed", (1, 1, 10, 20))
    for scale in [0.7, 1.3, 2.6, 1 / 3]:
        for mode in ["nearest", "linear"]:
            # On extents that are not known 1.3 and 2.6 are refused: no fraction gives their products in 32 bits.
            for image in [x, fixed] if scale < 1 else [fixed]:
                t.node("Resize", image, "", t.const([1, 1, scale, scale], np.float32), mode=mode)
    # What is not resized stays in place, whatever the rule for coordinates says of it.
    for rounding in ["ceil", "floor", "round_prefer_ceil"]:
        for coordinates in ["tf_half_pixel_for_nn", "half_pixel", "asymmetric"]:
            rules = {"coordinate_transformation_mode": coordinates, "nearest_mode": rounding}
            t.node("Resize", x, "", t.const([1, 1, 3, 3], np.float32), **rules)
            t.node("Resize", x, "", "", t.const([2, 2, 5, 12]), **rules)
    empty = t.floats("empty", (0, 2, 4, 4), ["none", 2, 4, 4])
    t.node("Resize", empty, "", t.const([1, 1, 2, 2], np.float32), mode="linear")
    t.node("Resize", empty, "", "", t.const([2, 2]), axes=[2, 3])
    # Scales that are worked out from extents.
    part = t.node("Slice", t.node("Shape", x, keep=False), t.const([2]), t.const([4]), keep=False)
    sizes = t.node("Cast", t.const([8, 17]), to=TensorProto.FLOAT, keep=False)
    ratio = t.node("Div", sizes, t.node("Cast", part, to=TensorProto.FLOAT, keep=False), keep=False)
    scales = t.node("Concat", t.const([1, 1], np.float32), ratio, axis=0, keep=False)
    t.node("Resize", x, "", scales, coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    t.node("Resize", x, "", scales, mode="linear", coordinate_transformation_mode="asymmetric")
    t.write()


def integers():
    """Images of whole numbers, between whose elements the result is cut off."""
    t = Theme("resizing_integers", 19)
    for kind in [np.uint8, np.int8, np.int32]:
        low, high = (0, 256) if kind == np.uint8 else (-128, 128)
        name = np.dtype(kind).name
        image = t.input(f"image_{name}", t.random.integers(low, high, (1, 3, 6, 7)).astype(kind), [1, 3, f"h_{name}", "w"])
        volume = t.input(f"volume_{name}", t.random.integers(low, high, (1, 1, 3, 4, 5)).astype(kind))
        plane = t.input(f"plane_{name}", t.random.integers(low, high, (5, 6)).astype(kind))
        for coordinates in ["half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"]:
            rules = {"mode": "linear", "coordinate_transformation_mode": coordinates}
            t.node("Resize", image, "", "", t.const([1, 3, 9, 12]), **rules)
            t.node("Resize", image, "", t.const([1, 1, 0.7, 2.3], np.float32), **rules)
            t.node("Resize", volume, "", "", t.const([1, 1, 5, 3, 8]), **rules)
            t.node("Resize", plane, "", "", t.const([5, 11]), **rules)
        t.node("Resize", image, "", "", t.const([1, 3, 9, 12]))
    t.write()


def same():
    """`SAME` padding and results whose rank depends on an extent."""
    t = Theme("same", 17)
    x = t.floats("x", (2, 3, 5, 8), ["n", 3, "h", "w"])
    for mode in ["SAME_UPPER", "SAME_LOWER"]:
        for strides in [[2, 2], [1, 3], [3, 1]]:
            for counts in [0, 1]:
                t.node("AveragePool", x, kernel_shape=[3, 3], auto_pad=mode, strides=strides, count_include_pad=counts)
            t.node("AveragePool", x, kernel_shape=[2, 4], auto_pad=mode, strides=strides)
            t.node("ConvTranspose", x, t.weights(3, 2, 3, 3), auto_pad=mode, strides=strides)
            t.node("ConvTranspose", x, t.weights(3, 2, 3, 5), auto_pad=mode, strides=strides)
    y = t.floats("y", (1, 4, 1, 6), [1, "c", 1, "t"])
    t.node("Squeeze", y)
    t.node("Neg", t.node("Squeeze", t.node("Abs", t.floats("z", (4, 6), ["c", "t"]), keep=False), keep=False))
    t.write()


def whole_reductions():
    """Reductions of whole numbers, which cut off what they do not hold."""
    for opset in (13, 18):
        t = Theme(f"reductions_integers{opset}", opset)
        for kind in [np.int32, np.int64]:
            name = np.dtype(kind).name
            x = t.input(f"x_{name}", t.random.integers(-9, 10, (3, 4, 5)).astype(kind), ["n", 4, "m"])
            y = t.input(f"y_{name}", t.random.integers(1, 10, (3, 4, 5)).astype(kind), ["n", 4, "m"])
            for op in ["Sum", "Mean", "Max", "Min", "L1", "L2", "SumSquare"]:
                for axes in [[1], [0, 2]]:
                    if opset == 13 and op != "Sum":
                        t.node(f"Reduce{op}", x, axes=axes)
                    else:
                        t.node(f"Reduce{op}", x, t.const(axes), keepdims=0)
            if opset == 13:
                t.node("ReduceLogSum", y, axes=[1])
            else:
                t.node("ReduceLogSum", y, t.const([1]))
        t.write()


if __name__ == "__main__":
    for make in [resizing, integers, same, whole_reductions]:
        make()
