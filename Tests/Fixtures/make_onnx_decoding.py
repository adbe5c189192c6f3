"""Makes small decoders with a cache of keys and values, and what onnxruntime decodes with them.

    python3 make_onnx_decoding.py       as make_onnx_nodes.py, whose layout the files share

decoder         one token: its logits, and the cache grown by a row (`past` is symbolic); the data hold the logits and the
                caches of 200 calls, each of which takes the last one's cache and the token that its logits favour
decoding        the same as a Loop with an early exit, and beam search as a Loop with TopK and Gather
"""
import os

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from make_onnx_nodes import HERE, Theme

info, node = helper.make_tensor_value_info, helper.make_node
FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
VOCABULARY, WIDTH, HEADS = 29, 16, 2
DEPTH = WIDTH // HEADS
STEPS = 200


class Weights:
    """One decoder layer; initialisers by name."""

    def __init__(self):
        random = np.random.default_rng(7)

        def matrix(*shape, scale):
            return random.normal(0, scale, shape).astype(np.float32)

        self.arrays = {
            "embedding": matrix(VOCABULARY, WIDTH, scale=1), "places": matrix(512, WIDTH, scale=1.2),
            "wq": matrix(WIDTH, WIDTH, scale=0.35), "wk": matrix(WIDTH, WIDTH, scale=0.35), "wv": matrix(WIDTH, WIDTH, scale=0.35),
            "up": matrix(WIDTH, 2 * WIDTH, scale=0.3), "down": matrix(2 * WIDTH, WIDTH, scale=0.3),
            "head": matrix(WIDTH, VOCABULARY, scale=0.6),
            "apart": np.array([0, 1, HEADS, DEPTH]), "joined": np.array([0, 1, WIDTH]),
            "axis0": np.array([0]), "axis1": np.array([1]), "two": np.array(2), "root": np.float32(DEPTH ** -0.5),
        }

    def initialisers(self):
        return [numpy_helper.from_array(np.asarray(value), name) for name, value in self.arrays.items()]


def layer(token, past, prefix=""):
    """Nodes from tokens [rows] and a cache (keys and values of [rows, heads, past, depth]) to logits [rows, vocabulary] and the
    cache of one more row."""
    p, (keys, values) = prefix, past
    nodes = [
        node("Shape", [keys], [p + "size"]), node("Gather", [p + "size", "two"], [p + "place"], axis=0),
        node("Gather", ["embedding", token], [p + "e"], axis=0), node("Gather", ["places", p + "place"], [p + "pe"], axis=0),
        node("Add", [p + "e", p + "pe"], [p + "x0"]), node("Unsqueeze", [p + "x0", "axis1"], [p + "x"]),
    ]
    for each in "qkv":
        nodes += [node("MatMul", [p + "x", "w" + each], [p + each + "0"]), node("Reshape", [p + each + "0", "apart"], [p + each + "1"]),
                  node("Transpose", [p + each + "1"], [p + each], perm=[0, 2, 1, 3])]
    nodes += [
        node("Concat", [keys, p + "k"], [p + "keys"], axis=2), node("Concat", [values, p + "v"], [p + "values"], axis=2),
        node("Transpose", [p + "keys"], [p + "kt"], perm=[0, 1, 3, 2]), node("MatMul", [p + "q", p + "kt"], [p + "s0"]),
        node("Mul", [p + "s0", "root"], [p + "s"]), node("Softmax", [p + "s"], [p + "w"], axis=-1),
        node("MatMul", [p + "w", p + "values"], [p + "c0"]), node("Transpose", [p + "c0"], [p + "c1"], perm=[0, 2, 1, 3]),
        node("Reshape", [p + "c1", "joined"], [p + "c"]), node("Add", [p + "x", p + "c"], [p + "h"]),
        node("MatMul", [p + "h", "up"], [p + "u0"]), node("Relu", [p + "u0"], [p + "u"]),
        node("MatMul", [p + "u", "down"], [p + "d"]), node("Add", [p + "h", p + "d"], [p + "y"]),
        node("MatMul", [p + "y", "head"], [p + "l0"]), node("Squeeze", [p + "l0", "axis1"], [p + "logits"]),
    ]
    return nodes, p + "logits", (p + "keys", p + "values")


def save(model, name, data):
    holder = helper.make_model(
        helper.make_graph([], "data", [], [], [numpy_helper.from_array(np.asarray(v), k) for k, v in data.items()]),
        opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, os.path.join(HERE, f"{name}.onnx"))
    onnx.save(holder, os.path.join(HERE, f"{name}.data.onnx"))


def decoder():
    nodes, logits, (keys, values) = layer("token", ("past_keys", "past_values"))
    nodes += [node("Identity", [a], [b]) for a, b in [(logits, "scores"), (keys, "new_keys"), (values, "new_values")]]
    cache = [1, HEADS, "past", DEPTH]
    graph = helper.make_graph(
        nodes, "decoder", [info("token", INT64, [1]), info("past_keys", FLOAT, cache), info("past_values", FLOAT, cache)],
        [info("scores", FLOAT, [1, VOCABULARY]), info("new_keys", FLOAT, [1, HEADS, "now", DEPTH]),
         info("new_values", FLOAT, [1, HEADS, "now", DEPTH])], Weights().initialisers())
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    token = np.array([1])
    state = [np.zeros((1, HEADS, 0, DEPTH), np.float32)] * 2
    tokens, scores = [], []
    for _ in range(STEPS):
        tokens.append(token)
        found, *state = session.run(None, {"token": token, "past_keys": state[0], "past_values": state[1]})
        scores.append(found)
        token = found.argmax(axis=1)
    # The rows of a cache never change, so the last one holds those of all.
    save(model, "decoder", {
        "tokens": np.concatenate(tokens), "scores": np.concatenate(scores), "keys": state[0], "values": state[1]})


def body(nodes, inputs, outputs):
    return helper.make_graph(nodes, "body", [info("i", INT64, []), info("goes", BOOL, [])] + inputs, outputs)


def greedy(t):
    """Until a token comes up or the trips are over."""
    nodes, logits, (keys, values) = layer("token", ("past_k", "past_v"))
    nodes += [
        node("ArgMax", [logits], ["next"], axis=1, keepdims=0), node("Equal", ["next", "last"], ["at_end"]), node("Not", ["at_end"], ["on0"]),
        node("Squeeze", ["on0", "axis0"], ["on"]), node("Concat", ["ids", "next"], ["ids2"], axis=0),
        node("Identity", [logits], ["each"]),
    ]
    cache = [info(n, FLOAT, [1, HEADS, None, DEPTH]) for n in ["past_k", "past_v"]]
    return body(nodes, [info("token", INT64, [1])] + cache + [info("ids", INT64, ["length"])],
                [info("on", BOOL, []), info("next", INT64, [1]), info(keys, FLOAT, [1, HEADS, None, DEPTH]),
                 info(values, FLOAT, [1, HEADS, None, DEPTH]), info("ids2", INT64, ["longer"]), info("each", FLOAT, [1, VOCABULARY])])


def beams(width):
    """The `width` best continuations of all, each with the cache of the one it continues."""
    nodes, logits, (keys, values) = layer("token", ("past_k", "past_v"), "b_")
    nodes += [
        node("LogSoftmax", [logits], ["lp"], axis=1), node("Unsqueeze", ["score", "axis1"], ["sc"]), node("Add", ["lp", "sc"], ["all"]),
        node("Reshape", ["all", "flat"], ["line"]), node("TopK", ["line", "width"], ["score2", "at"], axis=0),
        node("Div", ["at", "vocabulary"], ["from"]), node("Mod", ["at", "vocabulary"], ["next"]),
        node("Gather", [keys, "from"], ["k2"], axis=0), node("Gather", [values, "from"], ["v2"], axis=0),
        node("Gather", ["ids", "from"], ["old"], axis=0), node("Unsqueeze", ["next", "axis1"], ["col"]),
        node("Concat", ["old", "col"], ["ids2"], axis=1), node("Identity", ["goes"], ["on"]), node("Identity", ["from"], ["parents"]),
    ]
    cache = [info(n, FLOAT, [width, HEADS, None, DEPTH]) for n in ["past_k", "past_v"]]
    return body(nodes, [info("token", INT64, [width])] + cache + [info("score", FLOAT, [width]), info("ids", INT64, [width, None])],
                [info("on", BOOL, []), info("next", INT64, [width])] + [info(n, FLOAT, [width, HEADS, None, DEPTH]) for n in ["k2", "v2"]]
                + [info("score2", FLOAT, [width]), info("ids2", INT64, [width, None]), info("parents", INT64, [width])])


def decoding():
    t = Theme("decoding", 17)
    t.constants += Weights().initialisers()
    width = 4
    for name, value in [("flat", [-1]), ("width", [width]), ("vocabulary", VOCABULARY)]:
        t.constants.append(numpy_helper.from_array(np.array(value), name))
    trips, start = t.input("trips", np.array(STEPS)), t.input("start", np.array([1]))
    yes = t.const(True, bool)
    # The tokens that the decoder favours; one that comes late and one that never does end it.
    seen = numpy_helper.to_array(onnx.load(os.path.join(HERE, "decoder.data.onnx")).graph.initializer[0])[1:]
    late = max(set(seen.tolist()), key=lambda token: seen.tolist().index(token))
    never = next(token for token in range(VOCABULARY) if token not in seen)
    for name, token in [("late", late), ("never", never)]:
        t.input(name, np.array([token]))
    empty = t.const(np.zeros((1, HEADS, 0, DEPTH)), np.float32)
    none = t.const(np.zeros(0), np.int64)
    for last in ["late", "never"]:
        graph = greedy(t)
        for each in graph.node:
            each.input[:] = [last if n == "last" else n for n in each.input]
        t.node("Loop", trips, yes, start, empty, empty, none, body=graph, outputs=5)
    starts = t.const([1] * width)
    scores = t.const([0, -1e9, -1e9, -1e9], np.float32)
    wide = t.const(np.zeros((width, HEADS, 0, DEPTH)), np.float32)
    t.node("Loop", t.const(40), yes, starts, wide, wide, scores, t.const(np.zeros((width, 0)), np.int64), body=beams(width), outputs=6)
    t.node("Loop", trips, yes, starts, wide, wide, scores, t.const(np.zeros((width, 0)), np.int64), body=beams(width), outputs=6)
    t.write()


if __name__ == "__main__":
    decoder()
    decoding()
