"""Makes the models whose shapes follow from data: what is found, parts by operands, loops that end or grow by themselves.

    python3 make_onnx_sizes.py          as make_onnx_nodes.py, whose layout the files share
"""
import numpy as np
from onnx import TensorProto, helper

from make_onnx_nodes import Theme

info = helper.make_tensor_value_info
node = helper.make_node


def found():
    t = Theme("found", 17)
    x = t.input("x", np.array([[0, 1.5, 0, -2], [3, 0, 0, 1.5], [-2, 0, 1.5, 0]], np.float32), ["n", 4])
    mask = t.input("mask", np.array([True, False, True]), ["n"])
    none = t.input("none", np.zeros((3,), bool), ["n"])
    places = t.node("NonZero", x)
    t.node("Transpose", places)
    t.node("NonZero", none)
    t.node("NonZero", t.node("Shape", places, keep=False))
    row = t.node("Gather", places, t.const(0), axis=0, keep=False)
    t.node("ReduceSum", t.node("Gather", x, row, axis=0, keep=False), keepdims=0)
    t.node("Compress", x, mask, axis=0)
    t.node("Compress", x, none, axis=0)
    t.node("Compress", x, t.node("Greater", t.node("Gather", x, t.const(0), axis=0, keep=False), t.const(0, np.float32),
                                 keep=False), axis=1)
    t.node("Compress", x, mask)
    # A shape that is known when it runs goes on through the graph.
    kept = t.node("Compress", x, mask, axis=0, keep=False)
    t.node("Shape", kept)
    t.node("MatMul", kept, t.weights(4, 2))
    t.node("Softmax", kept, axis=0)
    t.node("Concat", kept, x, axis=0)
    t.node("Reshape", kept, t.const([-1, 2]))
    flat = t.input("flat", np.array([3, 1, 1, 7, 3, 3, -2], np.int64), ["m"])
    t.node("Unique", flat, outputs=4)
    t.node("Unique", flat, outputs=4, sorted=0)
    t.node("Unique", x, outputs=4)
    boxes = t.floats("boxes", (2, 8, 4), ["b", "k", 4], low=0, high=1)
    scores = t.floats("scores", (2, 3, 8), ["b", "c", "k"], low=0, high=1)
    most = t.input("most", np.array([4]))
    t.node("NonMaxSuppression", boxes, scores, most, t.const([0.3], np.float32), t.const([0.4], np.float32))
    t.node("NonMaxSuppression", boxes, scores, t.const([3]), t.const([0.6], np.float32))
    t.node("NonMaxSuppression", boxes, scores, t.const([8]), center_point_box=1)
    t.node("NonMaxSuppression", boxes, scores)
    t.write()


def parts():
    """Places and extents that are inputs."""
    t = Theme("parts", 18)
    x = t.floats("x", (4, 6), ["n", 6])
    two, three, minus = (t.input(name, np.array([value])) for name, value in [("two", 2), ("three", 3), ("minus", -5)])
    far = t.const([2 ** 63 - 1])
    zero = t.const([0])
    for start, end in [(two, far), (zero, three), (minus, three), (minus, t.const([-1])), (three, two), (far, far)]:
        t.node("Slice", x, start, end, t.const([1]))
    t.node("Slice", x, three, t.const([-(2 ** 63)]), t.const([1]), t.const([-1]))
    t.node("Slice", x, far, two, t.const([1]), t.const([-2]))
    t.node("Slice", x, t.node("Concat", two, zero, axis=0, keep=False),
           t.node("Concat", far, three, axis=0, keep=False), t.const([0, 1]), t.const([1, 2]))
    t.node("Slice", x, two, t.node("Add", two, t.const([1]), keep=False), zero)
    limit, step = t.input("limit", np.array(17)), t.input("step", np.array(-3))
    t.node("Range", t.const(0), limit, t.const(1))
    t.node("Range", limit, t.const(1), step)
    t.node("Range", t.const(0), limit, step)
    real = t.input("real", np.array(2.3, np.float32))
    t.node("Range", t.const(0, np.float32), real, t.const(0.5, np.float32))
    t.node("Tile", x, t.node("Concat", two, three, axis=0, keep=False))
    t.node("Tile", x, t.node("Concat", t.const([1]), two, axis=0, keep=False))
    t.node("Expand", t.node("Unsqueeze", x, t.const([0]), keep=False),
           t.node("Concat", three, t.const([1, 1]), axis=0, keep=False))
    t.node("ConstantOfShape", t.node("Concat", two, t.const([3]), three, axis=0, keep=False))
    t.node("Reshape", x, t.node("Concat", two, t.const([-1]), three, axis=0, keep=False))
    t.node("TopK", x, two, axis=1, outputs=2)
    t.node("TopK", x, three, axis=0, largest=0, outputs=2)
    pads = t.input("pads", np.array([1, 2, 0, 3]))
    crop = t.input("crop", np.array([-1, 2, 1, -3]))
    for mode in ["constant", "edge", "reflect"]:
        t.node("Pad", x, pads, mode=mode)
    t.node("Pad", x, crop, t.const(1.5, np.float32))
    t.node("OneHot", t.const([0, 2, 1]), three, t.const([0, 1], np.float32))
    # Arithmetic on extents that no dimension follows.
    height = t.node("Gather", t.node("Shape", x, keep=False), t.const([0]), keep=False)
    scaled = t.node("Mul", t.node("Cast", height, to=TensorProto.FLOAT, keep=False), t.const(0.7, np.float32), keep=False)
    less = t.node("Cast", t.node("Floor", scaled, keep=False), to=TensorProto.INT64, keep=False)
    t.node("Slice", x, zero, less, zero)
    t.node("ConstantOfShape", less)
    t.write()


def growing():
    t = Theme("growing", 17)
    x = t.floats("x", (3, 2), ["n", 2])
    flag, off = t.input("flag", np.array(True)), t.input("off", np.array(False))
    count = t.input("count", np.array(4))
    yes, always = t.const(True, bool), t.const(2 ** 31 - 1)
    start = t.input("start", np.array(8, np.float32))
    half, limit, axis = t.const(0.5, np.float32), t.const(1, np.float32), t.const([0])

    def body(nodes, inputs, outputs):
        return helper.make_graph(nodes, "body", [info("i", TensorProto.INT64, []), info("c", TensorProto.BOOL, [])] + inputs,
                                 outputs)

    halving = body([node("Mul", ["a", half], ["b"]), node("Greater", ["b", limit], ["on"]), node("Identity", ["b"], ["s"])],
                   [info("a", TensorProto.FLOAT, [])],
                   [info(n, k, []) for n, k in [("on", TensorProto.BOOL), ("b", TensorProto.FLOAT), ("s", TensorProto.FLOAT)]])
    for trips in [always, "", count, t.const(20)]:
        t.node("Loop", trips, yes, start, body=halving, outputs=2)
    t.node("Loop", always, off, start, body=halving, outputs=2)
    # A number of trips from data, and nothing else that ends it.
    counting = body([node("Identity", ["c"], ["on"]), node("Add", ["a", half], ["b"]), node("Identity", ["b"], ["s"])],
                    [info("a", TensorProto.FLOAT, [])],
                    [info(n, k, []) for n, k in [("on", TensorProto.BOOL), ("b", TensorProto.FLOAT), ("s", TensorProto.FLOAT)]])
    t.node("Loop", count, "", start, body=counting, outputs=2)
    # A cache that grows by a row, with attention to all of it.
    cache = body(
        [node("Identity", ["c"], ["on"]), node("ReduceMean", ["k"], ["q"], axes=[0]), node("Concat", ["k", "q"], ["k2"], axis=0),
         node("MatMul", ["k2", "k2t"], ["w"]), node("Softmax", ["w"], ["p"], axis=0), node("Transpose", ["q"], ["k2t"]),
         node("ReduceSum", ["p"], ["s"], keepdims=0)],
        [info("k", TensorProto.FLOAT, ["past", 2])],
        [info("on", TensorProto.BOOL, []), info("k2", TensorProto.FLOAT, ["now", 2]), info("s", TensorProto.FLOAT, [])])
    cache.node.sort(key=lambda n: ["on", "q", "k2", "k2t", "w", "p", "s"].index(n.output[0]))
    for trips in [count, t.const(12), always]:
        ends = cache
        if trips == always:
            ends = helper.make_graph(
                [n for n in cache.node if n.output[0] != "on"]
                + [node("Shape", ["k2"], ["size"]), node("Gather", ["size", axis], ["rows"]),
                   node("Squeeze", ["rows"], ["r"]), node("Less", ["r", t.const(9)], ["on"])],
                "body", cache.input, cache.output)
        t.node("Loop", trips, yes, x, body=ends, outputs=2)
    # Decoded numbers put one behind the other.
    tokens = body(
        [node("ReduceMax", ["ids"], ["m"], axes=[0]), node("Add", ["m", axis], ["m1"]), node("Concat", ["ids", "m1"], ["ids2"], axis=0),
         node("Less", ["i", count], ["on"])],
        [info("ids", TensorProto.INT64, ["len"])],
        [info("on", TensorProto.BOOL, []), info("ids2", TensorProto.INT64, ["len2"])])
    t.node("Loop", always, yes, t.const([5]), body=tokens)
    # Branches that differ in an extent.
    for condition in [flag, off]:
        t.node("If", condition,
               then_branch=helper.make_graph([node("Concat", [x, x], ["a"], axis=0)], "then", [], [info("a", TensorProto.FLOAT, None)]),
               else_branch=helper.make_graph([node("Neg", [x], ["b"])], "else", [], [info("b", TensorProto.FLOAT, None)]))
        t.node("If", condition,
               then_branch=helper.make_graph([node("NonZero", [x], ["a"])], "then", [], [info("a", TensorProto.INT64, None)]),
               else_branch=helper.make_graph([node("ConstantOfShape", [t.const([2, 1])], ["e"]), node("Cast", ["e"], ["b"], to=TensorProto.INT64)],
                                             "else", [], [info("b", TensorProto.INT64, None)]))
    t.write()


def chosen():
    """What only a run tells: what the numbers of a shape stand for, which axes are combined, of which shape the elements are that
    a loop stacks."""
    t = Theme("chosen", 18)
    x = t.floats("x", (2, 3, 4), ["n", 3, 4])
    for place, shape in enumerate([[4, 2, 3], [2, -1, 6], [0, 0, 4, 1], [-1], [0, -1], [1, -1, 0], [-1, 0, 2, 2]]):
        t.node("Reshape", x, t.input(f"shape{place}", np.array(shape)))
    none = t.input("none", np.zeros((0, 3, 4), np.float32), ["m", 3, 4])
    t.node("Reshape", none, t.input("zeros", np.array([3, 4, 0])), allowzero=1)
    t.node("Reshape", none, t.input("copied", np.array([0, 12])))
    two = t.input("two", np.array([2]))
    t.node("Reshape", x, t.node("Concat", two, t.const([-1]), two, axis=0, keep=False))
    t.node("Reshape", x, t.node("Concat", t.const([0]), t.node("Neg", t.node("Sub", two, t.const([1]), keep=False), keep=False),
                                axis=0, keep=False))
    first, both, last = (t.input(n, np.array(v)) for n, v in [("first", [0]), ("both", [-1, 0]), ("last", [-2])])
    whole = t.input("whole", np.arange(-8, 16, dtype=np.int32).reshape(2, 3, 4), ["n", 3, 4])
    for op, axes, keeps in [("ReduceSum", first, 1), ("ReduceMean", both, 0), ("ReduceLogSumExp", first, 0), ("ReduceL2", last, 1)]:
        t.node(op, x, axes, keepdims=keeps)
    t.node("ReduceMax", whole, last, keepdims=0)
    rows = t.input("rows", np.array([[1, 0, 2], [0, 1, 1], [1, 0, 2], [0, 1, 0], [0, 1, 1], [1, 0, 2]], np.int64), ["r", 3])
    for axis in [0, 1, -1]:
        for order in [0, 1]:
            t.node("Unique", rows, outputs=4, axis=axis, sorted=order)
    t.node("Unique", x, outputs=4, axis=1)
    t.node("Unique", t.node("Concat", x, x, axis=2, keep=False), outputs=4, axis=2)
    # Each trip takes a slice of as many elements as it finds.
    i0 = t.const([0])
    count = t.input("count", np.array(3))
    start = t.const([1.5], np.float32)
    line = t.input("line", np.array([1, 2, 3, 4, 5], np.float32), ["l"])
    unsqueezed = [node("Unsqueeze", ["i", i0], ["from"]), node("Add", ["from", two], ["to"])]
    stacking = helper.make_graph(
        unsqueezed + [node("Slice", [line, "from", "to"], ["part"]), node("Identity", ["c"], ["on"]),
                      node("ReduceSum", ["part"], ["s"], keepdims=1), node("Add", ["a", "s"], ["b"])],
        "body", [info("i", TensorProto.INT64, []), info("c", TensorProto.BOOL, []), info("a", TensorProto.FLOAT, [1])],
        [info("on", TensorProto.BOOL, []), info("b", TensorProto.FLOAT, [1]), info("part", TensorProto.FLOAT, [None]),
         info("s", TensorProto.FLOAT, [1])])
    for trips in [count, t.const(4)]:
        t.node("Loop", trips, t.const(True, bool), start, body=stacking, outputs=3)
    t.write()


def stacks():
    """Lists that loops carry, pick from and give, as long as the run finds."""
    t = Theme("stacks", 17)
    x, start = t.floats("x", (12, 3), ["n", 3]), t.floats("start", (3,))
    count, place = t.input("count", np.array(9)), t.input("place", np.array(-2))
    yes, twenty = t.const(True, bool), t.const(20)
    kinds = {"on": (TensorProto.BOOL, []), "b": (TensorProto.FLOAT, [3]), "r": (TensorProto.FLOAT, [3]), "size": (TensorProto.INT64, [])}

    def sequence(name):
        return helper.make_value_info(name, helper.make_sequence_type_proto(
            helper.make_tensor_type_proto(TensorProto.FLOAT, ["rows"] if name == "wide" else [3])))

    def loop(nodes, carried, given, trips=twenty, **rest):
        """A loop of these nodes: carried names with what they are at first, and the names that the body gives."""
        inputs = [info("i", TensorProto.INT64, []), info("c", TensorProto.BOOL, [])]
        inputs += [info("a", TensorProto.FLOAT, [3]) if name == "a" else sequence(name) for name in carried]
        results = [info(n, *kinds[n]) if n in kinds else sequence(n) for n in given]
        body = helper.make_graph([node("Identity", ["c"], ["on"])] + nodes, "body", inputs, results)
        return t.node("Loop", trips, yes, *carried.values(), body=body, outputs=len(given) - 1, keep=False)

    step = [node("Tanh", ["a"], ["t"]), node("Mul", ["t", t.weights(3)], ["b"])]
    append = step + [node("SequenceInsert", ["l", "b"], ["m"])]
    empty = t.node("SequenceEmpty", keep=False)
    some = t.node("SequenceConstruct", start, start, keep=False)
    for first in [empty, some]:
        for trips in [twenty, count]:
            last, grown = loop(append, {"a": start, "l": first}, ["on", "b", "m"], trips)
            t.outputs.append(last)
            t.node("ConcatFromSequence", grown, axis=0, new_axis=1)
            t.node("ConcatFromSequence", grown, axis=0)
            t.node("SequenceLength", grown)
            t.node("SequenceAt", grown, t.const(-1))
            t.node("SequenceAt", grown, place)
            t.node("ConcatFromSequence", t.node("SequenceErase", grown, place, keep=False), axis=-1, new_axis=1)
            t.node("ConcatFromSequence", t.node("SequenceInsert", grown, start, place, keep=False), axis=0, new_axis=1)
    # In front, and one taken off the end.
    front = step + [node("SequenceInsert", ["l", "b", t.const(0)], ["m"])]
    t.node("ConcatFromSequence", loop(front, {"a": start, "l": some}, ["on", "b", "m"])[1], axis=1, new_axis=1)
    queue = append[:-1] + [node("SequenceInsert", ["l", "b"], ["longer"]), node("SequenceErase", ["longer", t.const(0)], ["m"])]
    t.node("ConcatFromSequence", loop(queue, {"a": start, "l": some}, ["on", "b", "m"])[1], axis=0, new_axis=1)
    # What stands in a list that the loop only reads, by the number of the trip.
    rows = t.node("SplitToSequence", x, axis=0, keepdims=0, keep=False)
    read = [node("SequenceAt", [rows, "i"], ["row"]), node("Add", ["a", "row"], ["b"]), node("Tanh", ["b"], ["r"])]
    t.outputs += loop(read, {"a": start}, ["on", "b", "r"], t.const(12))
    pairs = t.node("SequenceConstruct", *[t.weights(3) for _ in range(10)], keep=False)
    read = [node("SequenceAt", [pairs, "i"], ["row"]), node("Add", ["a", "row"], ["b"])]
    t.outputs.append(loop(read, {"a": start}, ["on", "b"], t.const(10)))
    # A loop that puts in some only, and one that reads what it put in.
    then = helper.make_graph([node("SequenceInsert", ["l", "b"], ["more"])], "then", [], [sequence("more")])
    other = helper.make_graph([node("Identity", ["l"], ["same"])], "other", [], [sequence("same")])
    chosen = step + [node("ReduceSum", ["b"], ["sum"], keepdims=0), node("Greater", ["sum", t.const(0, np.float32)], ["positive"]),
                     node("If", ["positive"], ["m"], then_branch=then, else_branch=other)]
    t.node("ConcatFromSequence", loop(chosen, {"a": start, "l": some}, ["on", "b", "m"])[1], axis=0, new_axis=1)
    again = [node("SequenceLength", ["l"], ["size"]), node("Sub", ["size", t.const(2)], ["two"]),
             node("SequenceAt", ["l", "two"], ["older"]), node("Add", ["a", "older"], ["sum"]), node("Tanh", ["sum"], ["b"]),
             node("SequenceInsert", ["l", "b"], ["m"])]
    t.node("ConcatFromSequence", loop(again, {"a": start, "l": some}, ["on", "b", "m"])[1], axis=0, new_axis=1)
    # Element by element.
    grown = loop(append, {"a": start, "l": some}, ["on", "b", "m"])[1]
    double = helper.make_graph([node("Add", ["e", "e"], ["d"])], "double", [info("e", TensorProto.FLOAT, [3])],
                               [info("d", TensorProto.FLOAT, [3])])
    t.node("ConcatFromSequence", t.node("SequenceMap", grown, body=double, keep=False), axis=0, new_axis=1)
    t.write()


def ranks():
    """Nodes whose rank depends on an extent, behind which the ranks meet again."""
    t = Theme("ranks", 18)
    for name, extent in [("one", 1), ("three", 3)]:
        x = t.floats(name, (2, extent, 4), ["n", name, 4])
        size = t.node("Gather", t.node("Shape", x, keep=False), t.const(1), keep=False)
        less = helper.make_graph([node("Squeeze", [x, t.const([1])], ["less"])], "less", [], [info("less", TensorProto.FLOAT, None)])
        same = helper.make_graph([node("Identity", [x], ["same"])], "same", [], [info("same", TensorProto.FLOAT, None)])
        y = t.node("If", t.node("Equal", size, t.const(1), keep=False), then_branch=less, else_branch=same, keep=False)
        t.node("Reshape", t.node("Relu", y, keep=False), t.const([-1, 4]))
        t.node("ReduceSum", t.node("MatMul", y, t.weights(4, 5), keep=False), keepdims=0)
    z = t.floats("z", (3, 5), ["b", 5])
    t.node("ReduceMax", t.node("Squeeze", t.node("Unsqueeze", z, t.const([1]), keep=False), keep=False), t.const([-1]), keepdims=0)
    t.node("Reshape", t.node("Squeeze", z, keep=False), t.const([-1]))
    t.write()


if __name__ == "__main__":
    stacks()
    chosen()
    ranks()
    found()
    parts()
    growing()
