"""The same bits at 1, 2 and 4 threads and on every run, and right answers for two callers at once."""

import sys
import threading

import data

THREADS = (1, 2, 4)
CALLERS = 2
RUNS = 3


def bits(arrays):
    return [array.tobytes() for array in arrays]


def directories(name):
    """The data sets, and the sizes that do not take long."""
    sizes = [data.folder(name) / "sizes" / str(size) for size in data.case(name)["sizes"] if size <= 7 or size == 100]
    return data.data_sets(name) + sizes


def check_threads(name, model, inputs, where):
    """Gives the bits that every number of threads produces; None where they differ."""
    expected = bits(data.call(model, inputs, threads=1))
    for threads in THREADS:
        for _ in range(RUNS):
            if bits(data.call(model, inputs, threads=threads)) != expected:
                print(f"determinism.py: error: {name}, {where}: other bits at {threads} threads", file=sys.stderr)
                return None
    return expected


def check_callers(name, model, inputs, expected, where):
    """Each caller has a thread of its own, and runs with two threads while the other does."""
    wrong = []

    def call():
        for _ in range(RUNS):
            if bits(data.call(model, inputs, threads=2)) != expected:
                wrong.append(where)

    callers = [threading.Thread(target=call) for _ in range(CALLERS)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    if wrong:
        print(f"determinism.py: error: {name}, {where}: {CALLERS} callers at once get other bits", file=sys.stderr)
    return not wrong


def main():
    failures = 0
    for name in data.MODELS:
        case = data.case(name)
        model = data.tensorc.load(data.library(name))
        for directory in directories(name):
            where = f"{directory.parent.name}/{directory.name}"
            inputs = data.read(directory, "input")
            problem = data.difference(data.call(model, inputs), data.read(directory, "output"), case["rtol"], case["atol"])
            if problem:
                print(f"determinism.py: error: {name}, {where}: {problem}", file=sys.stderr)
            expected = check_threads(name, model, inputs, where)
            fine = not problem and expected and check_callers(name, model, inputs, expected, where)
            failures += not fine
        print(f"{name:22} threads {', '.join(map(str, THREADS))}; {CALLERS} callers", flush=True)
    if failures:
        sys.exit(f"determinism.py: error: {failures} data sets failed")


if __name__ == "__main__":
    main()
