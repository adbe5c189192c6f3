#!/usr/bin/env python3
"""A network that was trained here (samples/cnn, by killed_runs.py) elsewhere: its numbers as TensorBoard reads them, and itself
in onnxruntime, where it names as many pictures rightly as it did in training.
"""

import struct
import sys

import numpy as np
import onnxruntime

EXAMPLES, TESTS, BATCH = 700, 100, 128


def castagnoli(data):
    total = 0xFFFFFFFF
    for byte in data:
        total ^= byte
        for _ in range(8):
            total = total >> 1 ^ (0x82F63B78 if total & 1 else 0)
    total ^= 0xFFFFFFFF
    return ((total >> 15 | total << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    """The messages of a TFRecord file, each held to its sums."""
    at = 0
    while at < len(data):
        length = struct.unpack_from("<Q", data, at)[0]
        message = data[at + 12 : at + 12 + length]
        sums = struct.unpack_from("<I", data, at + 8)[0], struct.unpack_from("<I", data, at + 12 + length)[0]
        if sums != (castagnoli(data[at : at + 8]), castagnoli(message)):
            sys.exit(f"trained.py: error: the record at byte {at} of the event file is damaged")
        yield message
        at += length + 16


def fields(message):
    """The fields of a protobuf message: numbers, and what holds them."""

    def variable():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    at, found = 0, []
    while at < len(message):
        key = variable()
        kind = key & 7
        if kind == 0:
            value = variable()
        else:
            length = {1: 8, 5: 4}.get(kind) or variable()
            value = message[at : at + length]
            at += length
        found.append((key >> 3, value))
    return found


def scalars(path):
    """For each name, the numbers by their steps."""
    all_messages = [dict(fields(message)) for message in records(path.read_bytes())]
    if all_messages[0].get(3) != b"brain.Event:2":
        sys.exit("trained.py: error: the event file does not begin with its version")
    found = {}
    for event in all_messages[1:]:
        for _, entry in fields(event.get(5, b"")):
            entry = dict(fields(entry))
            found.setdefault(entry[1].decode(), {})[event[2]] = struct.unpack("<f", entry[2])[0]
    return found


def check(data, run, passes):
    """Holds what a run on a folder of pictures left to what it should be; ends the program where it is not."""
    files = list((run / "events").iterdir())
    numbers = scalars(files[0])
    steps = passes * -(-EXAMPLES // BATCH)
    for name in ["loss/training", "rate"]:
        if sorted(numbers.get(name, {})) != list(range(1, steps + 1)):
            sys.exit(f"trained.py: error: the event file has no {name} for each of {steps} steps")
    ends = [steps // passes * number for number in range(1, passes + 1)]
    for name in ["loss/pass", "loss/validation", "metrics/accuracy"]:
        if sorted(numbers.get(name, {})) != ends:
            sys.exit(f"trained.py: error: the event file has no {name} for each of {passes} passes")
    pixels = np.frombuffer((data / "t10k-images-idx3-ubyte").read_bytes()[16:], np.uint8)
    labels = np.frombuffer((data / "t10k-labels-idx1-ubyte").read_bytes()[8:], np.uint8)
    pictures = pixels.reshape(TESTS, 1, 28, 28).astype(np.float32) / 255
    session = onnxruntime.InferenceSession(run / "cnn.onnx", providers=["CPUExecutionProvider"])
    right = float((session.run(None, {"pictures": pictures})[0].argmax(1) == labels).mean())
    told = numbers["metrics/accuracy"][ends[-1]]
    if abs(right - told) > 1e-6:
        sys.exit(f"trained.py: error: {right} named rightly in onnxruntime, {told} in training")
    print(f"an event file with {len(numbers)} curves; {100 * right:.0f} % named rightly in onnxruntime as in training")
