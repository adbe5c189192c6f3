#!/usr/bin/env python3
"""Runs the pages of docs/tutorial in their order, in one folder, and prints the seconds of each.

A block ```file=NAME becomes a file, ```sh a script of the shell, and ```output what the commands since the last one printed,
standard error included; a line of three dots stands for any further lines.

    TENSORC=PATH    the command; .build/release/tensorc unless given
    SCRATCH=DIR     where Swift packages are built; .build/samples-tutorial unless given
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(\S+)\n(.*?)^```$", re.M | re.S)


def run(page, place, environment):
    printed, commands = "", 0
    for kind, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        if kind.startswith("file="):
            path = place / kind[len("file="):]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif kind == "sh":
            outcome = subprocess.run(["bash", "-e", "-c", text], cwd=place, env=environment, encoding="utf-8",
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if outcome.returncode:
                sys.exit(f"{page.name}: error: this ended with {outcome.returncode}:\n{text}{outcome.stdout}")
            # What is made where there is no data is a remark.
            printed += "".join(line for line in outcome.stdout.splitlines(True) if not line.startswith("note: "))
            commands += 1
        elif kind == "output":
            wanted, dots, _ = text.partition("...\n")
            if not (printed.startswith(wanted) if dots else printed == wanted):
                sys.exit(f"{page.name}: error: the page shows\n{text}but what is printed is\n{printed}")
            printed = ""
        elif kind not in ("swift", "c", "python"):
            sys.exit(f"{page.name}: error: there is no block of the kind '{kind}'")
    if printed:
        sys.exit(f"{page.name}: error: the page does not show what is printed:\n{printed}")
    if not commands:
        sys.exit(f"{page.name}: error: the page has no command")


def main():
    command = Path(os.environ.get("TENSORC", ROOT / ".build/release/tensorc")).resolve()
    with tempfile.TemporaryDirectory() as place:
        place = Path(place)
        tools = place / "tools"
        tools.mkdir()
        (tools / "tensorc").symlink_to(command)
        python = ROOT / ".venv/bin"
        environment = {**os.environ, "REPOSITORY": str(ROOT), "PATH": f"{tools}:{python}:{os.environ['PATH']}",
                       "SCRATCH": os.environ.get("SCRATCH", str(ROOT / ".build/samples-tutorial")), "PIP_NO_INDEX": "1"}
        work = place / "work"
        work.mkdir()
        for page in sorted((ROOT / "docs/tutorial").glob("[0-9]*.md")):
            start = time.monotonic()
            run(page, work, environment)
            print(f"tutorial: {page.name:24} {time.monotonic() - start:5.1f} s", flush=True)


main()
