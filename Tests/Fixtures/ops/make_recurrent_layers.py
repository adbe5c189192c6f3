"""Writes recurrent_layers.json: recurrent layers step by step in NumPy, as ONNX defines them, and their parts.

    python make_recurrent_layers.py
"""

import numpy as np

from fixture import Suite, generator, typed

random = generator(13)
suite = Suite("recurrent_layers")
GATES = {"lstm": 4, "gru": 3, "rnn": 1}
PANEL = 16


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def step(op, x, h, c, w, r, b, p, after):
    """The next state of one direction; b has the biases of the inputs and of the state, one behind the other."""
    n = h.shape[1]
    bw, br = b[: len(b) // 2], b[len(b) // 2:]
    own, back = x @ w.T + bw, h @ r.T + br

    def gate(number, extra=0):
        part = slice(number * n, (number + 1) * n)
        return own[:, part] + back[:, part] + extra

    if op == "rnn":
        return np.tanh(gate(0)), c
    if op == "lstm":
        pi, po, pf = p[:n], p[n:2 * n], p[2 * n:]
        i, f, z = sigmoid(gate(0, pi * c)), sigmoid(gate(2, pf * c)), np.tanh(gate(3))
        cell = f * c + i * z
        return sigmoid(gate(1, po * cell)) * np.tanh(cell), cell
    z, reset = sigmoid(gate(0)), sigmoid(gate(1))
    part = slice(2 * n, 3 * n)
    if after:
        new = np.tanh(own[:, part] + reset * back[:, part])
    else:
        new = np.tanh(own[:, part] + (reset * h) @ r[part].T + br[part])
    return (1 - z) * new + z * h, c


def layer(op, x, w, r, b, lengths, h0, c0, p, direction, after):
    steps, batch, hidden = x.shape[0], x.shape[1], r.shape[2]
    count = w.shape[0]
    y = np.zeros((steps, count, batch, hidden))
    last, cells = np.zeros((count, batch, hidden)), np.zeros((count, batch, hidden))
    for d in range(count):
        h = np.zeros((batch, hidden)) if h0 is None else h0[d]
        c = np.zeros((batch, hidden)) if c0 is None else c0[d]
        peep = np.zeros(3 * hidden) if p is None else p[d]
        biases = np.zeros(2 * w.shape[1]) if b is None else b[d]
        for row in range(batch):
            own, cell = h[row:row + 1], c[row:row + 1]
            length = steps if lengths is None else lengths[row]
            order = range(length)
            for t in reversed(order) if direction == "reverse" or d == 1 else order:
                own, cell = step(op, x[t, row:row + 1], own, cell, w[d], r[d], biases, peep, after)
                y[t, d, row] = own[0]
            last[d, row], cells[d, row] = own[0], cell[0]
    return y, last, cells


def layers():
    cases = [
        ("forward", 3, 2, 2, 3, "", None), ("forward", 2, 1, 3, 2, "bh", None), ("reverse", 3, 2, 2, 2, "bhcp", None),
        ("bidirectional", 3, 2, 2, 3, "bhcp", None), ("bidirectional", 4, 3, 1, 2, "bh", [2, 4, 1]),
        ("reverse", 3, 3, 2, 2, "b", [3, 0, 1]), ("forward", 0, 2, 2, 2, "h", None), ("forward", 2, 0, 2, 2, "b", None),
        ("forward", 2, 1, 1, 17, "b", None),
    ]
    for op, gates in GATES.items():
        for after in (False, True) if op == "gru" else (False,):
            for type in ("f64", "f32", "f16", "bf16"):
                for number, (direction, steps, batch, inputs, hidden, given, lengths) in enumerate(cases):
                    if type != "f64" and number not in (0, 3):
                        continue
                    one(op, gates, after, type, direction, steps, batch, inputs, hidden, given, lengths)


def one(op, gates, after, type, direction, steps, batch, inputs, hidden, given, lengths):
    count = 2 if direction == "bidirectional" else 1

    def some(letter, *shape):
        return typed(type, random.uniform(-0.8, 0.8, shape)) if letter in given else None

    def values(x):
        return None if x is None else x.values.astype(np.float64)

    given += "xwr"
    parts = {
        "x": some("x", steps, batch, inputs), "w": some("w", count, gates * hidden, inputs),
        "r": some("r", count, gates * hidden, hidden), "b": some("b", count, 2 * gates * hidden),
        "lengths": None if lengths is None else np.array(lengths, np.int32),
        "h": some("h", count, batch, hidden), "c": some("c", count, batch, hidden), "p": some("p", count, 3 * hidden),
    }
    keys = list(parts) if op == "lstm" else list(parts)[:6]
    if op != "lstm":
        parts["c"] = parts["p"] = None
    y, h, c = layer(
        op, values(parts["x"]), values(parts["w"]), values(parts["r"]), values(parts["b"]), lengths, values(parts["h"]),
        values(parts["c"]), values(parts["p"]), direction, after)
    attributes = {"direction": direction, "hidden": hidden}
    if op == "gru":
        attributes["linearBeforeReset"] = after
    results = [typed(type, part) for part in ([y, h, c] if op == "lstm" else [y, h])]
    suite.case(op, attributes, [parts[key] for key in keys], results)


def panels():
    """Blocks of rows for each gate, sixteen units of every gate side by side, zeros where there are none."""
    for type in ("f64", "f32", "f16", "i8", "u64"):
        for hidden, first, count, gates, rows, rest in ((3, 0, 2, 2, 6, (2,)), (5, 1, 2, 3, 17, ()), (17, 0, 1, 1, 17, (2,))):
            x = typed(type, random.integers(0, 9, (2, rows, *rest)))
            padded = -(-hidden // PANEL) * PANEL
            result = np.zeros((2, padded // PANEL, gates, PANEL, *rest), x.values.dtype)
            for gate in range(count):
                for unit in range(hidden):
                    result[:, unit // PANEL, gate, unit % PANEL] = x.values[:, (first + gate) * hidden + unit]
            attributes = {"hidden": hidden, "first": first, "count": count, "gates": gates}
            suite.case("gate_panels", attributes, [x], typed(type, result.reshape(2, padded * gates, *rest)))


def packed(values, hidden):
    """[…, gates, hidden] as […, panels, gates, 16], zeros behind the last unit."""
    padded = -(-hidden // PANEL) * PANEL
    values = np.pad(values, [(0, 0)] * (values.ndim - 1) + [(0, padded - hidden)])
    split = values.reshape(*values.shape[:-1], padded // PANEL, PANEL)
    return np.moveaxis(split, -2, -3)


def sequences():
    """The steps alone, with what the gates get from the input made here."""
    cells = [("lstm", "lstm", False), ("gru", "gru", False), ("gru_reset_after", "gru", True), ("rnn", "rnn", False)]
    for type in ("f64", "f32", "f16", "bf16"):
        for direction, steps, batch, inputs, hidden, lengths in (
            ("bidirectional", 3, 2, 2, 3, [3, 1]), ("reverse", 2, 1, 2, 17, None), ("forward", 2, 2, 1, 2, None)):
            for cell, op, after in cells:
                if type == "f64" or direction == "forward":
                    sequence(type, cell, op, after, direction, steps, batch, inputs, hidden, lengths)


def sequence(type, cell, op, after, direction, steps, batch, inputs, hidden, lengths):
    gates, count = GATES[op], 2 if direction == "bidirectional" else 1

    def some(*shape):
        return typed(type, random.uniform(-0.8, 0.8, shape)).values.astype(np.float64)

    given = some(steps, batch, count, gates, hidden)
    r, h0 = some(count, gates * hidden, hidden), some(count, batch, hidden)
    c0, p, inner = some(count, batch, hidden), some(count, 3 * hidden), some(count, hidden)
    # The input as the layer's own formula takes it: one input that is 1, for each step a bias of its own.
    biases = np.zeros((count, 2 * gates * hidden))
    if after:
        biases[:, 5 * hidden:] = inner
    y, last, cells = stepwise(op, given, r, biases, lengths, h0, c0, p, direction, after)
    panels = -(-hidden // PANEL)
    weights = packed(r.reshape(count, gates, hidden, hidden).transpose(0, 3, 1, 2), hidden)
    # From [count, k, panels, gates, 16].
    weights = np.moveaxis(weights, 1, 2).reshape(count, panels, hidden, gates * PANEL)
    extra = packed(p.reshape(count, 3, hidden), hidden) if op == "lstm" else packed(inner[:, None], hidden)
    operands = [
        typed(type, packed(given, hidden).reshape(steps, batch, -1)), typed(type, weights),
        None if lengths is None else np.array(lengths, np.int32), typed(type, h0),
        typed(type, c0) if op == "lstm" else None,
        typed(type, extra.reshape(count, -1)) if op == "lstm" or after else None,
    ]
    results = [typed(type, part) for part in ([y, last, cells] if op == "lstm" else [y, last])]
    suite.case("recurrent_sequence", {"cell": cell, "direction": direction, "hidden": hidden}, operands, results)


def stepwise(op, given, r, biases, lengths, h0, c0, p, direction, after):
    """The layer where every step and row gets its own numbers instead of a product with an input."""
    steps, batch, count, gates, hidden = given.shape
    y, last, cells = np.zeros((steps, count, batch, hidden)), h0.copy(), c0.copy()
    for d in range(count):
        for row in range(batch):
            order = range(steps if lengths is None else lengths[row])
            for t in reversed(order) if direction == "reverse" or d == 1 else order:
                w = given[t, row, d].reshape(gates * hidden, 1)
                last[d, row], cells[d, row] = (part[0] for part in step(
                    op, np.ones((1, 1)), last[d, row:row + 1], cells[d, row:row + 1], w, r[d], biases[d], p[d], after))
                y[t, d, row] = last[d, row]
    return y, last, cells


layers()
panels()
sequences()
suite.write()
