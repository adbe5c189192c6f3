#!/usr/bin/env python3
"""Runs tests and shows a line for each suite that ends, failures in full, and the sum; the log gets everything.

    python3 scripts/suites.py LOG COMMAND...

Exits as the command does. A test that has run for minutes while nothing else ended is named, so that a hang shows.
"""

import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path

# How Swift Testing begins its lines: what starts, what passed, what failed, what was skipped, further details.
STARTED, PASSED, FAILED, SKIPPED = "◇", "✔", "✘", "➜"
MARKS = (STARTED, PASSED, FAILED, SKIPPED)
SILENCE = 120  # seconds
# What Swift says when a process ends of itself. Told again at the end, below the long backtrace that follows it.
CRASH = ("Fatal error", "*** ", "💣", " crashed at ", " crashed:")


class Filter:
    """Decides line by line what is shown."""

    def __init__(self):
        self.in_failure = False
        self.in_start = False
        self.crash = []
        self.running = {}

    def shows(self, line):
        mark = line[:1]
        words = line[1:].strip()
        if mark not in MARKS and any(word in line for word in CRASH):
            self.crash.append(line.rstrip())
            return True
        # An argument of a test may take lines of its own.
        if self.in_start or mark == STARTED:
            self.in_start = not words.endswith("started.")
            if mark != STARTED:
                return False
        if mark in MARKS:
            self.in_failure = mark == FAILED
            self.note(mark, words)
            return mark in (FAILED, SKIPPED) or words.startswith(("Suite ", "Test run ")) and mark == PASSED
        # What follows a failure belongs to it; what follows anything else with an arrow is a detail.
        if mark == "↳":
            return self.in_failure
        # XCTest, of which there is none here, reports that it ran nothing.
        if line.startswith(("Test Suite '", "\t Executed 0 tests")):
            return False
        return self.in_failure or bool(words)

    def note(self, mark, words):
        if not words.startswith("Test ") or words.startswith(("Test case ", "Test run ")):
            return
        for end in (" started.", " passed after ", " failed after ", " with "):
            if end in words:
                name = words[len("Test ") : words.index(end)]
                if end == " started.":
                    self.running[name] = time.monotonic()
                elif end != " with " or " after " in words:
                    self.running.pop(name, None)
                return


def read(stream, lines):
    for line in stream:
        lines.put(line)
    lines.put(None)


def main(log, command):
    chosen = Filter()
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
                               errors="replace", env={**os.environ, "NO_COLOR": "1"})
    lines = queue.Queue()
    threading.Thread(target=read, args=(process.stdout, lines), daemon=True).start()
    with open(log, "w", encoding="utf-8") as whole:
        while True:
            try:
                line = lines.get(timeout=SILENCE)
            except queue.Empty:
                longest = sorted(chosen.running, key=chosen.running.get)[:3]
                print(f"  still running: {', '.join(longest) or 'no test'}", flush=True)
                continue
            if line is None:
                break
            whole.write(line)
            if chosen.shows(line):
                whole.flush()
                print(line, end="", flush=True)
    status = process.wait()
    if status:
        if chosen.crash:
            print("\n".join(["what it died of:", *chosen.crash[:10]]))
            print(f"tests that were running: {', '.join(sorted(chosen.running)) or 'none'}")
        print(f"the whole log: {log}", flush=True)
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2:]))
