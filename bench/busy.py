"""How calls fare where more threads want to run than there are processors.

    python bench/busy.py MODEL DATA [--copies 8] [--hogs 0] [--runs 100] [--threads 2] [COMMAND …]

First one process times the model alone, then `copies` of them at once, beside `hogs` processes that only count. Each COMMAND (by
default .build/release/tensorc) is timed in turn. The fair share of a call is its time alone times the threads that want to run
by then over those that wanted to before; printed are the medians of the processes and the slowest tenth of their calls, over it.
"""

import argparse
import json
import subprocess
import sys


def started(command, arguments):
    line = [command, "bench", arguments.model, "--data", arguments.data, "--threads", str(arguments.threads)]
    line += ["--runs", str(arguments.runs), "--json"]
    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def times(process):
    output = process.communicate()[0]
    if process.returncode != 0:
        sys.exit(f"busy: {process.args[0]} ended with {process.returncode}")
    return json.loads(output.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("data")
    parser.add_argument("commands", nargs="*", default=[".build/release/tensorc"])
    for name, value in [("--copies", 8), ("--hogs", 0), ("--runs", 100), ("--threads", 2)]:
        parser.add_argument(name, type=int, default=value)
    arguments = parser.parse_intermixed_args()
    print(f"{'command':40}{'alone, ms':>12}{'fair, ms':>12}{'median / fair':>16}{'slowest tenth / fair':>24}")
    for command in arguments.commands:
        times(started(command, arguments))  # compiles, if it must
        alone = times(started(command, arguments))["median_ms"]
        fair = alone * (arguments.copies + arguments.hogs / arguments.threads)
        hogs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(arguments.hogs)]
        try:
            found = [times(process) for process in [started(command, arguments) for _ in range(arguments.copies)]]
        finally:
            for hog in hogs:
                hog.kill()
        medians, slow = (sorted(one[key] / fair for one in found) for key in ("median_ms", "p90_ms"))
        print(f"{command[-38:]:40}{alone:12.3f}{fair:12.2f}{medians[len(medians) // 2]:16.2f}{slow[-1]:24.2f}", flush=True)


main()
