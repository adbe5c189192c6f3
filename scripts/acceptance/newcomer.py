#!/usr/bin/env python3
"""Goes the way of README.md as a newcomer does, in a clone of what is committed, and prints the seconds of each step.

The README's own blocks are run: the commands that make a library of a model and call it from C, the package that has its
model compiled as it is built, and the Python. The command is the one that is built already, for a clone of its own would
build for minutes; `make fresh` does that.

    TENSORC=PATH    the command; .build/release/tensorc unless given
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv/bin/python"


def block(readme, start):
    """The first fenced block that begins with the words, without its fences."""
    for text in re.findall(r"^```\w+\n(.*?)^```$", readme, re.M | re.S):
        if text.startswith(start):
            return text
    sys.exit(f"newcomer: error: the README has no block that begins with '{start}'")


def commands(readme, start):
    """The lines of the indented block that begins with the words, without remarks and what stands in DIR."""
    lines = readme.splitlines()
    first = next((at for at, line in enumerate(lines) if line.startswith("    " + start)), None)
    if first is None:
        sys.exit(f"newcomer: error: the README has no command '{start}'")
    found = []
    for line in lines[first:]:
        if not line.startswith("    "):
            return found
        found.append(line.split("  #")[0].strip())
    return found


class Steps:
    """The steps, each with its seconds."""

    def __init__(self, environment):
        self.environment = environment

    def run(self, name, place, *scripts):
        start, printed = time.monotonic(), ""
        for script in scripts:
            outcome = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", script], cwd=place, env=self.environment,
                                     encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if outcome.returncode:
                sys.exit(f"newcomer: error: {name}: this ended with {outcome.returncode}:\n{script}\n{outcome.stdout}")
            printed += outcome.stdout
        print(f"newcomer: {name:34} {time.monotonic() - start:5.1f} s", flush=True)
        return printed


def require(text, words, name):
    if words not in text:
        sys.exit(f"newcomer: error: {name} does not print '{words}':\n{text}")


def main():
    command = Path(os.environ.get("TENSORC", ROOT / ".build/release/tensorc")).resolve()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    environment = {**os.environ, "TENSORC_COMMAND": str(command), "PIP_NO_INDEX": "1", "PIP_QUIET": "1",
                   "PATH": f"{PYTHON.parent}:{os.environ['PATH']}"}
    steps = Steps(environment)
    with tempfile.TemporaryDirectory() as place:
        place = Path(place)
        clone, app = place / "tensorc", place / "app"
        steps.run("a clone", place, f"git clone --quiet '{ROOT}' tensorc")
        # What the README's first command would build.
        (clone / ".build/release").mkdir(parents=True)
        (clone / ".build/release/tensorc").symlink_to(command)

        steps.run("a model", clone, "python samples/plugin/make_model.py model.onnx >expected")
        lines = [line for line in commands(readme, "swift build -c release --product tensorc")[1:] if "DIR" not in line]
        require(steps.run("a C library, called from C", clone, *lines), "scores: f32[2, 10] ", "samples/c")
        steps.run("compared with onnxruntime", clone,
                  f"TENSORC_PYTHON='{PYTHON}' .build/release/tensorc verify model.onnx --reference onnxruntime")

        (app / "Sources/Models/include").mkdir(parents=True)
        (app / "Sources/App").mkdir()
        (app / "Sources/Models/models.c").touch()
        (app / "Sources/Models/include/models.h").touch()
        (app / "Package.swift").write_text(block(readme, "// swift-tools-version"), encoding="utf-8")
        call = block(readme, "let scores = try await")
        (app / "Sources/App/main.swift").write_text(
            f"let pixels = [Float](repeating: 1, count: 128)\n{call}print(scores.count)\n", encoding="utf-8")
        (clone / "model.onnx").rename(app / "Sources/Models/model.onnx")
        found = steps.run("a package with its model built in", app, "swift build --quiet", "env -i .build/debug/App")
        require(found, "20\n", "the package")

        call = block(readme, "import numpy, tensorc")
        (clone / "call.py").write_text(call + "print(y.shape)\n", encoding="utf-8")
        found = steps.run("Python", clone, "python -m pip --disable-pip-version-check install --target site --no-deps ./python",
                          "PYTHONPATH=site python call.py")
        require(found, "(2, 10)\n", "Python")


main()
