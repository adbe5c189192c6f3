"""Makes recurrent.json: recurrent layers with small random numbers and what onnxruntime computes for them.

    python make_recurrent.py        needs onnx, onnxruntime and numpy
"""

import json
import pathlib

import numpy as np
import onnxruntime as ort
from onnx import TensorProto, helper

NAMES = ["X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"]
GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


def case(name, op, direction="forward", steps=4, batch=2, inputs=3, hidden=5, given=(), lengths=None, after=0):
    """One layer; `given` names the optional inputs that it has."""
    random = np.random.default_rng(sum(name.encode()))
    count, gates = (2 if direction == "bidirectional" else 1), GATES[op]

    def numbers(*shape):
        return np.round(random.uniform(-1, 1, shape), 2).astype(np.float32)

    shapes = {
        "X": (steps, batch, inputs), "W": (count, gates * hidden, inputs), "R": (count, gates * hidden, hidden),
        "B": (count, 2 * gates * hidden), "initial_h": (count, batch, hidden), "initial_c": (count, batch, hidden),
        "P": (count, 3 * hidden),
    }
    feeds = {key: numbers(*shape) for key, shape in shapes.items() if key in ("X", "W", "R") or key in given}
    if lengths is not None:
        feeds["sequence_lens"] = np.array(lengths, np.int32)
    names = NAMES if op == "LSTM" else NAMES[:6]
    results = ["Y", "Y_h", "Y_c"] if op == "LSTM" else ["Y", "Y_h"]
    attributes = {"hidden_size": hidden, "direction": direction}
    if op == "GRU":
        attributes["linear_before_reset"] = after
    node = helper.make_node(op, [key if key in feeds else "" for key in names], results, **attributes)
    infos = [
        helper.make_tensor_value_info(key, TensorProto.INT32 if key == "sequence_lens" else TensorProto.FLOAT, value.shape)
        for key, value in feeds.items()
    ]
    outputs = [helper.make_tensor_value_info(key, TensorProto.FLOAT, None) for key in results]
    model = helper.make_model(
        helper.make_graph([node], "layer", infos, outputs), opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    values = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, feeds)
    return {
        "name": name, "op": op, "direction": direction, "hidden": hidden, "linearBeforeReset": bool(after),
        "inputs": [tensor(feeds[key]) if key in feeds else None for key in names],
        "outputs": [tensor(value) for value in values],
    }


def tensor(value):
    return {"shape": list(value.shape), "values": [float(f"{x:.7g}") for x in value.ravel()]}


def main():
    biased, states = ("B",), ("B", "initial_h", "initial_c")
    cases = [
        case("lstm-bare", "LSTM"),
        case("lstm", "LSTM", given=states),
        case("lstm-reverse", "LSTM", "reverse", given=biased),
        case("lstm-bidirectional", "LSTM", "bidirectional", given=states),
        case("lstm-peepholes", "LSTM", "bidirectional", given=states + ("P",)),
        case("lstm-lengths", "LSTM", "bidirectional", batch=3, given=states, lengths=[2, 4, 1]),
        case("lstm-wide", "LSTM", steps=3, batch=1, inputs=2, hidden=17, given=biased),
        case("gru", "GRU", given=("B", "initial_h")),
        case("gru-bare", "GRU", "reverse"),
        case("gru-after", "GRU", given=("B", "initial_h"), after=1),
        case("gru-after-bare", "GRU", after=1),
        case("gru-bidirectional", "GRU", "bidirectional", given=biased, after=1),
        case("gru-lengths", "GRU", "bidirectional", batch=3, given=("B", "initial_h"), lengths=[4, 1, 3], after=1),
        case("gru-before-lengths", "GRU", "bidirectional", batch=3, given=("B", "initial_h"), lengths=[4, 1, 3]),
        case("gru-wide", "GRU", "bidirectional", steps=3, batch=7, inputs=2, hidden=17, given=biased),
        case("rnn", "RNN", "bidirectional", given=("B", "initial_h")),
        case("rnn-lengths", "RNN", "reverse", batch=3, given=("B",), lengths=[3, 1, 4]),
    ]
    lines = ",\n".join(json.dumps(item, separators=(",", ":")) for item in cases)
    pathlib.Path(__file__).with_name("recurrent.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
