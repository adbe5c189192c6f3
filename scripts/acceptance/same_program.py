#!/usr/bin/env python3
"""Whether two files of emitted C are one program: all but what values in the workspace are called, and where lines break.

    same_program.py A.c B.c      exit 0 if they are, 1 with the first difference if not

Of two values of one name the second is printed in a text under a number, so that it comes back without its name.
"""

import re
import sys


def tokens(path):
    with open(path) as file:
        text = file.read()
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    text = re.sub(r"//[^\n]*", " ", text)
    words = re.findall(r'"(?:[^"\\]|\\.)*"|\w+|[^\w\s]', text)
    places = set(re.findall(r"void \*const (\w+) = ", text))
    numbers = {}
    return [f"place{numbers.setdefault(word, len(numbers))}" if word in places else word for word in words]


first, second = (tokens(path) for path in sys.argv[1:3])
if first != second:
    for position, (a, b) in enumerate(zip(first, second)):
        if a != b:
            print(" ".join(first[max(0, position - 8) : position + 8]), file=sys.stderr)
            print(" ".join(second[max(0, position - 8) : position + 8]), file=sys.stderr)
            break
    sys.exit(1)
