"""A peer's side of bench/training/pictures.py: says when it begins and when it is ready, and the milliseconds of a step for each line
of the input."""

import sys
import time

STEPS = {"mlp": 200, "cnn": 10}


def begin():
    print("begun", flush=True)
    sys.stdin.readline()


def serve(network, step):
    """Takes steps as asked for; `step` ends when all is computed."""
    step()
    print("ready", flush=True)
    while sys.stdin.readline():
        begun = time.monotonic()
        for _ in range(STEPS[network]):
            step()
        print((time.monotonic() - begun) * 1000 / STEPS[network], flush=True)
