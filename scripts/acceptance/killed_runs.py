#!/usr/bin/env python3
"""Kills a training run (samples/cnn) at random moments by SIGKILL and lets it go on, until it ends: its last checkpoint
must have the same bytes as that of a run which nobody killed.

    scripts/acceptance/killed_runs.py [KILLS] [SEED]
"""

import os
import random
import signal
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import trained

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / ".build/release/cnn"


def write_data(folder, choose):
    """Two IDX files each of made-up pictures, whose label is a bright row."""
    for name, count in [("train", 700), ("t10k", 100)]:
        labels = [choose.randrange(10) for _ in range(count)]
        pictures = bytearray(choose.randrange(100) for _ in range(count * 784))
        for number, label in enumerate(labels):
            at = number * 784 + 28 * (2 * label + 4)
            pictures[at : at + 28] = bytes([250]) * 28
        (folder / f"{name}-images-idx3-ubyte").write_bytes(struct.pack(">HBBIII", 0, 8, 3, count, 28, 28) + pictures)
        (folder / f"{name}-labels-idx1-ubyte").write_bytes(struct.pack(">HBBI", 0, 8, 1, count) + bytes(labels))


def start(folder, output):
    words = [PROGRAM, "--data", folder, "--output", output, "--passes", "3", "--every", "2"]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")


def finish(process, what):
    text, _ = process.communicate()
    if process.returncode:
        sys.exit(f"{what} ended with {process.returncode}:\n{text}")


def main():
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(2**32)
    choose = random.Random(seed)
    with tempfile.TemporaryDirectory() as place:
        place = Path(place)
        write_data(place, random.Random(1))
        begun = time.monotonic()
        finish(start(place, place / "whole"), "the run that nobody killed")
        whole = time.monotonic() - begun
        trained.check(place, place / "whole", passes=3)
        for _ in range(kills):
            process = start(place, place / "killed")
            try:
                process.wait(choose.uniform(0.2, 1) * whole)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
            text, _ = process.communicate()
            if process.returncode not in (0, -signal.SIGKILL):
                sys.exit(f"seed {seed}: a run that went on ended with {process.returncode}:\n{text}")
        finish(start(place, place / "killed"), "the run after the last kill")
        left = sorted(os.listdir(place / "killed"))
        if left != sorted(os.listdir(place / "whole")):
            print(f"seed {seed}: killed runs left {left}")
        if (place / "killed/run.safetensors").read_bytes() != (place / "whole/run.safetensors").read_bytes():
            sys.exit(f"seed {seed}: the killed run ended with other bits")
    print(f"{kills} kills: the run ended with the same bytes")


if __name__ == "__main__":
    main()
