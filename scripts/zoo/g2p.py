"""Spelling to phonemes (English) as ONNX: a GRU reads the letters, a loop writes phonemes until the end mark."""

import numpy as np
from onnx import TensorProto

from .graph import Graph

WIDTH = 256
START, END = 2, 3
LONGEST = 20


def _update_first(gates):
    """The file stores the gates as reset, update, new; ONNX wants update, reset, new."""
    reset, update, new = np.split(gates, 3)
    return np.concatenate([update, reset, new])


def _decoder():
    """One step: embed the last phoneme, run a GRU cell written out, pick the likeliest next phoneme."""
    g = Graph("step_")
    x = g.add("Gather", ["phoneme_table", "last"], axis=0)
    from_input = g.add("Add", [g.add("MatMul", [x, "step_w"]), "step_wb"])
    from_state = g.add("Add", [g.add("MatMul", ["state", "step_r"]), "step_rb"])
    input_reset, input_update, input_new = g.add("Split", [from_input], ["xr", "xz", "xn"], axis=1)
    state_reset, state_update, state_new = g.add("Split", [from_state], ["hr", "hz", "hn"], axis=1)
    reset = g.add("Sigmoid", [g.add("Add", [input_reset, state_reset])])
    update = g.add("Sigmoid", [g.add("Add", [input_update, state_update])])
    fresh = g.add("Tanh", [g.add("Add", [input_new, g.add("Mul", [reset, state_new])])])
    keep = g.add("Mul", [update, "state"])
    take = g.add("Mul", [g.add("Sub", ["one", update]), fresh])
    g.add("Add", [take, keep], "next_state")
    scores = g.add("Add", [g.add("MatMul", ["next_state", "score_w"]), "score_b"])
    g.add("ArgMax", [scores], "next", axis=1, keepdims=0)
    g.add("Squeeze", [g.add("Not", [g.add("Equal", ["next", "end"])]), "first_axis"], "go_on")
    g.add("Squeeze", ["next", "first_axis"], "written")
    state, index = (TensorProto.FLOAT, [1, WIDTH]), (TensorProto.INT64, [1])
    return g.proto(
        "decoder",
        [("step", TensorProto.INT64, []), ("going", TensorProto.BOOL, []), ("state", *state), ("last", *index)],
        [("go_on", TensorProto.BOOL, []), ("next_state", *state), ("next", *index), ("written", TensorProto.INT64, [])],
    )


def build(source, destination):
    w = np.load(source)
    g = Graph()
    constants = {
        "letter_table": w["enc_emb"],
        "W": _update_first(w["enc_w_ih"])[None],
        "R": _update_first(w["enc_w_hh"])[None],
        "B": np.concatenate([_update_first(w["enc_b_ih"]), _update_first(w["enc_b_hh"])])[None],
        "phoneme_table": w["dec_emb"],
        "step_w": w["dec_w_ih"].T,
        "step_r": w["dec_w_hh"].T,
        "step_wb": w["dec_b_ih"],
        "step_rb": w["dec_b_hh"],
        "score_w": w["fc_w"].T,
        "score_b": w["fc_b"],
        "longest": np.int64(LONGEST),
        "yes": np.bool_(True),
        "start": np.array([START], np.int64),
        "end": np.array([END], np.int64),
        "first_axis": np.array([0], np.int64),
        "second_axis": np.array([1], np.int64),
        "one": np.float32(1),
    }
    for name, value in constants.items():
        g.constant(name, value)
    letters = g.add("Unsqueeze", [g.add("Gather", ["letter_table", "chars"], axis=0), "second_axis"])
    g.add("GRU", [letters, "W", "R", "B"], ["", "read"], hidden_size=WIDTH, linear_before_reset=1)
    state = g.add("Squeeze", ["read", "first_axis"])
    outputs = ["last_state", "last_phoneme", "phonemes"]
    g.add("Loop", ["longest", "yes", state, "start"], outputs, body=_decoder())
    g.save(destination, "g2p_en", [("chars", TensorProto.INT64, ["letters"])], [("phonemes", TensorProto.INT64, ["count"])])
