"""A process that takes training steps as it is told to: a sample with --timed (samples/timing), or a peer (turns.py)."""

import os
import subprocess
import time
from pathlib import Path


class Process:
    """Begins when told to, takes steps when told to, says the milliseconds of one."""

    def __init__(self, words, environment=None):
        self.process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8", env={**os.environ, **(environment or {})})
        self.times = []
        self.expect("begun")
        self.start = self.peak()
        begun = time.monotonic()
        self.go_on()
        self.expect("ready")
        self.first = time.monotonic() - begun

    def expect(self, word):
        line = self.process.stdout.readline()
        if line.strip() != word:
            raise RuntimeError(f"said {line!r} for {word!r}")

    def go_on(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def steps(self):
        self.go_on()
        self.times.append(float(self.process.stdout.readline()))

    def peak(self):
        """Bytes of the greatest resident set so far."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

    def end(self):
        self.process.stdin.close()
        self.process.wait()
