"""Prints where a compiled model spends its time, kernel by kernel.

    python bench/profile.py LIBRARY.c DATA_DIRECTORY [THREADS]

LIBRARY.c is what `tensorc compile -o LIBRARY.c` wrote, with its header and weights beside it. A copy is made in which the first
thread notes the time after every call and barrier of the steps; it is compiled with the flags in the file's first comment
(CC, by default clang) and run on the data. A barrier's time is shown with the calls before it.
"""

import collections
import ctypes
import os
import re
import subprocess
import sys
import tempfile

import peers

CLOCK = """
#include <time.h>
static double profile_last, profile_time[MARKS];
static double profile_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}
static void profile_mark(int thread, int mark) {
  if (thread != 0) return;
  double now = profile_now();
  if (mark >= 0 && (profile_time[mark] == 0 || now - profile_last < profile_time[mark])) profile_time[mark] = now - profile_last;
  profile_last = profile_now();
}
__attribute__((visibility("default"))) double profile_result(int mark) { return profile_time[mark]; }
"""


def instrumented(text):
    """The C with marks, and what each mark follows."""
    start = re.search(r"static void \w+_body\(int thread.*?\{\n", text, re.S)
    end = text.index("\n}\n", start.end())
    body, names = text[start.end() : end], []

    call = r"^ *(?P<name>\w+_k_\w+|tc_barrier)\((?:[^;]|\n)*?\);"
    turn = r"^(?P<margin> *)for \(int part = tc_begin.*\n(?:(?P=margin) .*\n)*(?P=margin)\}"

    def marked(text, name):
        names.append(name)
        return f"{text}\n  profile_mark(thread, {len(names) - 1});"

    def replaced(match):
        if match.group("name"):
            return marked(match.group(0), match.group("name"))
        # A turn ends with waiting for the parts of other threads.
        calls = re.sub(call, lambda inner: marked(inner.group(0), inner.group("name")), match.group(0), flags=re.M)
        return marked(calls, "tc_barrier")

    body = re.sub(f"{turn}|{call}", replaced, body, flags=re.M)
    first = re.search(r"^ *(?:for \(int part = tc_begin|\w+_k_\w+\(|tc_barrier\()", body, re.M)
    body = body[: first.start()] + "  profile_mark(thread, -1);\n" + body[first.start() :]
    clock = CLOCK.replace("MARKS", str(len(names) + 1))
    return text[: start.start()] + clock + text[start.start() : start.end()] + body + text[end:], names


def main():
    path, data = sys.argv[1:3]
    threads = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    text, names = instrumented(open(path).read())
    directory = os.path.dirname(os.path.abspath(path))
    flags = re.search(r"\*   cc (.*?) \\\n", text).group(1).split()
    with tempfile.TemporaryDirectory() as place:
        source, library = os.path.join(place, "profile.c"), os.path.join(place, "profile.so")
        open(source, "w").write(text)
        command = [os.environ.get("CC", "clang"), *flags, "-fPIC", "-DTENSORC_SHARED", "-fvisibility=hidden", "-shared", "-I", directory]
        subprocess.run([*command, source, "-o", library, "-lm"], check=True, cwd=directory)
        inputs, outputs = peers.read(data, "input"), peers.read(data, "output")
        model = peers.Library(library, inputs, outputs, threads)
        for _ in range(300):
            model.run()
        result = ctypes.CDLL(library).profile_result
        result.restype = ctypes.c_double
        times = [result(mark) for mark in range(len(names))]
    waiting = sum(t for t, name in zip(times, names) if name == "tc_barrier")
    kernels = collections.OrderedDict()
    for t, name in zip(times, names):
        if name != "tc_barrier":
            known = kernels.setdefault(name, [0, 0.0])
            known[0] += 1
            known[1] += t
    for name, (count, total) in sorted(kernels.items(), key=lambda item: -item[1][1]):
        print(f"{total:9.1f} us  {count:3d} x  {name}")
    print(f"{sum(times):9.1f} us  in all, {waiting:.1f} at barriers")


main()
