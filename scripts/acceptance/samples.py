#!/usr/bin/env python3
"""Runs the samples of training that no other script runs, on little, and looks at what they leave:

    scripts/acceptance/samples.py

  - samples/gpt on a text of its own, once as it is, once with a memory budget and once with checkpointed layers: the runs that
    are recomputed end with the same bits, in less memory, and the model has learnt the text's letters;
  - samples/vae on made-up pictures: the PNG files are read back by zlib alone;
  - samples/gru on short sequences: the loss is below that of the mean.
"""

import json
import re
import statistics
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import killed_runs

BUILD = Path(__file__).resolve().parents[2] / ".build/release"


def run(*words):
    outcome = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
    if outcome.returncode:
        sys.exit(f"samples: error: {Path(words[0]).name} ended with {outcome.returncode}:\n{outcome.stdout}")
    return outcome.stdout


def need(condition, text):
    if not condition:
        sys.exit(f"samples: error: {text}")


def tensors(path):
    """The tensors of a checkpoint, but for the run's own position."""
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    return {name: data[8 + size + entry["data_offsets"][0] : 8 + size + entry["data_offsets"][1]]
            for name, entry in header.items() if name != "__metadata__"}


def gpt(place):
    text = place / "text.txt"
    text.write_text("".join(f"{a} and {b} went to {c}.\n" for a in ("Adam", "Eve", "Seth", "Enos", "Cainan") for b in ("Abel", "Jared")
                            for c in ("the field", "Eden", "Nod", "the river") for _ in range(2)), encoding="utf-8")
    shape = ["--text", text, "--passes", "2", "--length", "32", "--batch", "16", "--size", "32", "--layers", "2", "--write", "60"]
    found = {}
    for name, options in (("plain", []), ("budget", ["--memory-budget", "70%"]), ("regions", ["--checkpoints"])):
        output = run(BUILD / "gpt", "--output", place / name, *shape, *options)
        memory = re.search(r"(\d+) bytes of workspace", output)
        need(memory, f"gpt does not tell its workspace:\n{output}")
        found[name] = (tensors(place / name / "run.safetensors"), int(memory[1]), (place / name / "written.txt").read_text())
    plain, most, written = found["plain"]
    for name in ("budget", "regions"):
        need(found[name][0] == plain, f"gpt: the run '{name}' ended with other bits than the plain one")
        need(found[name][1] < most, f"gpt: '{name}' takes {found[name][1]} bytes, and the plain run {most}")
    need(found["budget"][1] <= 0.7 * most + 4096, f"gpt: a budget of 70 % of {most} bytes was not kept: {found['budget'][1]}")
    # Of what it begins with the letters that the text has, and those that were asked for.
    length = sum(letter in text.read_text(encoding="utf-8") for letter in "In the beginning ") + 60
    need(len(written) == length and written == found["budget"][2], f"gpt wrote {len(written)} letters, not {length}: {written!r}")


def png(path):
    """Width, height and brightnesses of a grey PNG file."""
    data = path.read_bytes()
    need(data[:8] == b"\x89PNG\r\n\x1a\n", f"{path} is no PNG file")
    at, packed, header = 8, b"", None
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + size]
        need(struct.unpack(">I", data[at + 8 + size : at + 12 + size])[0] == zlib.crc32(kind + body), f"{path}: a wrong checksum")
        header = struct.unpack(">IIBBBBB", body) if kind == b"IHDR" else header
        packed += body if kind == b"IDAT" else b""
        at += 12 + size
    width, height, depth, colour, *_ = header
    need((depth, colour) == (8, 0), f"{path} is not grey")
    raw, rows, before = zlib.decompress(packed), [], bytes(width)
    for line in range(height):
        kind, values = raw[line * (width + 1)], bytearray(raw[line * (width + 1) + 1 : (line + 1) * (width + 1)])
        for x in range(width):
            a, b, c = values[x - 1] if x else 0, before[x], before[x - 1] if x else 0
            nearest = min((a, b, c), key=lambda value: abs(a + b - c - value))
            values[x] = (values[x] + (0, a, b, (a + b) // 2, nearest)[kind]) % 256
        rows.append(bytes(values))
        before = rows[-1]
    return width, height, rows


def picture(pixels, row, column):
    """The brightnesses of one picture of a sheet."""
    return [value for line in pixels[29 * row : 29 * row + 28] for value in line[29 * column : 29 * column + 28]]


def vae(place):
    import random

    killed_runs.write_data(place, random.Random(1))
    output = run(BUILD / "vae", "--data", place, "--output", place / "vae", "--passes", "4", "--examples", "700")
    losses = [float(loss) for loss in re.findall(r"validation loss ([\d.]+)", output)]
    need(len(losses) == 4 and losses[-1] < losses[0] < 600, f"vae did not learn: {losses}")
    sheets = {}
    for name, rows in (("again.png", 8), ("drawn.png", 10)):
        width, height, pixels = png(place / "vae" / name)
        need((width, height) == (290, 29 * rows), f"{name} has {width} times {height} pixels")
        need(not any(pixels[28]), f"{name} has no lines between the pictures")
        sheets[name] = [[picture(pixels, row, column) for column in range(10)] for row in range(rows)]
    again, drawn = sheets["again.png"], sheets["drawn.png"]
    # After one pass they are 0.002 and 106, after four 0.16 and 76; the pictures' mean is 57.
    likeness = statistics.mean(
        statistics.correlation(again[2 * row][column], again[2 * row + 1][column]) for row in range(4) for column in range(10))
    need(likeness > 0.1, f"again.png: what comes out correlates by {likeness:.3f} with what went in")
    brightness = statistics.mean(value for row in drawn for one in row for value in one)
    need(40 < brightness < 95, f"drawn.png is as bright as {brightness:.0f}")
    # The first picture, as the file has it.
    first = (place / "t10k-images-idx3-ubyte").read_bytes()[16 : 16 + 28]
    _, _, pixels = png(place / "vae/again.png")
    need(pixels[0][:28] == first, "the first row of again.png is not that of the first picture")


def gru(place):
    output = run(BUILD / "gru", "--output", place / "gru", "--passes", "4", "--examples", "2000", "--steps", "8", "--size", "16")
    losses = [float(loss) for loss in re.findall(r"validation loss ([\d.]+)", output)]
    # The variance of a sum of two uniform numbers is 1/6.
    need(len(losses) == 4 and losses[-1] < 0.15, f"gru did not learn: {losses}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        for sample in (gpt, vae, gru):
            place = Path(folder) / sample.__name__
            place.mkdir()
            sample(place)
    print("gpt, vae and gru: trained on little, same bits with less memory")


if __name__ == "__main__":
    main()
