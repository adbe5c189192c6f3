#!/usr/bin/env python3
"""Makes thirty small files of ten types, and asks the `magika` package what each is.

    .venv/bin/python scripts/make_type_files.py [DIR]          DIR is .models/type-files

DIR/files/ gets the files, some with awkward edges: blanks around the content, fewer bytes than the model wants, more
than one block. DIR/expected.json gets, for each, the label and score that the package reports, the tokens it feeds
the model and the scores that the model gives (both null where the model is not asked). Random content is seeded.
"""

import gzip
import io
import json
import os
import random
import shutil
import sqlite3
import struct
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path

try:
    import numpy as np
    from magika import Magika
except ImportError as problem:
    sys.exit(f"make_type_files.py: {problem}. Run `make setup`, then use .venv/bin/python.")

ROOT = Path(__file__).resolve().parent.parent
RNG = random.Random(20)
WORDS = "river stone walks under green light while every small engine hums along the narrow coast".split()
STAMP = (2024, 1, 1, 0, 0, 0)


def sentence(count):
    return " ".join(RNG.choice(WORDS) for _ in range(count)).capitalize() + "."


def noise(count):
    return RNG.randbytes(count)


def python(count):
    lines = ['"""Totals of readings."""', "", "import math", "from dataclasses import dataclass", ""]
    for index in range(count):
        word = RNG.choice(WORDS)
        lines += [
            "",
            "@dataclass",
            f"class {word.title()}{index}:",
            "    values: list[float]",
            "",
            "    def spread(self) -> float:",
            "        mean = sum(self.values) / len(self.values)",
            f"        return math.sqrt(sum((v - mean) ** 2 for v in self.values)) + {index}",
            "",
            "",
            f"def {word}_{index}(x, *, scale=1.0):",
            "    if x is None:",
            f"        raise ValueError('{word} is missing')",
            "    return [scale * item for item in x]",
        ]
    return "\n".join(lines).encode() + b"\n"


def c_source(count):
    lines = ["#include <stdio.h>", "#include <stdlib.h>", "#include <string.h>", ""]
    for index in range(count):
        word = RNG.choice(WORDS)
        lines += [
            f"static int {word}_{index}(const char *text, size_t length) {{",
            "  int total = 0;",
            "  for (size_t i = 0; i < length; i++) {",
            f"    total += text[i] == '{word[0]}';",
            "  }",
            "  return total;",
            "}",
            "",
        ]
    lines += ["int main(int argc, char **argv) {", '  printf("%d\\n", argc);', "  return EXIT_SUCCESS;", "}"]
    return "\n".join(lines).encode() + b"\n"


def json_text(count):
    records = [{"id": n, "name": RNG.choice(WORDS), "tags": RNG.sample(WORDS, 3), "on": n % 2 == 0} for n in range(count)]
    return json.dumps({"version": 2, "records": records}, indent=2).encode()


def html(count):
    items = "\n".join(f"    <p class='note'>{sentence(12)}</p>" for _ in range(count))
    head = '<!DOCTYPE html>\n<html lang="en">\n<head>\n  <meta charset="utf-8">\n  <title>Notes</title>\n</head>\n'
    return f"{head}<body>\n  <div>\n{items}\n  </div>\n</body>\n</html>\n".encode()


def shell(count):
    lines = ["#!/bin/sh", "set -eu", ""]
    for index in range(count):
        word = RNG.choice(WORDS)
        lines += [f'{word}_{index}() {{', f'  for file in "$1"/*.{word}; do', '    [ -f "$file" ] || continue']
        lines += ['    echo "$file" | sed -e "s/a/b/" >>"$log"', "  done", "}", ""]
    return "\n".join([*lines, 'log=$(mktemp)', 'trap \'rm -f "$log"\' EXIT', 'cat "$log"']).encode() + b"\n"


def png(width, height):
    rows = b"".join(b"\0" + noise(3 * width) for _ in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def zip_file(count):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for index in range(count):
            archive.writestr(zipfile.ZipInfo(f"notes/{index}.bin", STAMP), noise(40 + 300 * index))
    return buffer.getvalue()


def sqlite(count):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "db")
        connection = sqlite3.connect(path)
        connection.execute("create table reading (id integer primary key, word text, value real)")
        rows = [(index, RNG.choice(WORDS), RNG.random()) for index in range(count)]
        connection.executemany("insert into reading values (?, ?, ?)", rows)
        connection.commit()
        connection.close()
        return Path(path).read_bytes()


def text(count):
    return "\n\n".join(sentence(40) for _ in range(count)).encode() + b"\n"


def gz(data):
    return gzip.compress(data, mtime=0)


# Three of each; among them content inside blanks, content too short for the model, and content beyond one block.
FILES = {
    "python": [python(1), b"\n\n   \t" + python(3) + b"\n" * 300, python(30)],
    "c": [c_source(1), c_source(4), b"\r\n" * 40 + c_source(60)],
    "json": [json_text(1), json_text(6), json_text(200)],
    "html": [html(1), html(5) + b" " * 2000, html(120)],
    "shell": [shell(1), shell(3), shell(80)],
    "png": [png(2, 2), png(24, 24), png(100, 90)],
    "zip": [zip_file(1), zip_file(3), zip_file(12)],
    "gzip": [gz(b"a"), gz(text(9)), gz(noise(9000))],
    "sqlite": [sqlite(0), sqlite(12), sqlite(900)],
    "text": [b"short", b" " * 5000 + b"far in" + b"\n" * 5000, text(20)],
}


def tokens(detector, path):
    """What the package feeds the model for a file, or None where it does not ask the model."""
    outcome, features = detector._get_result_or_features_from_path(path)
    return None if features is None else features.beg + features.end


def main():
    destination = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / ".models" / "type-files")
    scratch = destination.with_name(f".part-{destination.name}-{os.getpid()}")
    shutil.rmtree(scratch, ignore_errors=True)
    (scratch / "files").mkdir(parents=True)
    detector = Magika()
    expected = []
    for kind, contents in FILES.items():
        for index, content in enumerate(contents):
            path = scratch / "files" / f"{kind}-{index}"
            path.write_bytes(content)
            answer = detector.identify_path(path).prediction
            fed = tokens(detector, path)
            scores = None
            if fed is not None:
                model_input = {"bytes": np.array([fed], np.int32)}
                scores = detector._onnx_session.run(["target_label"], model_input)[0][0].tolist()
            case = {"file": path.name, "label": str(answer.output.label), "score": answer.score}
            expected.append(case | {"description": answer.output.description, "tokens": fed, "scores": scores})
    (scratch / "expected.json").write_text(json.dumps(expected))
    shutil.rmtree(destination, ignore_errors=True)
    scratch.rename(destination)
    labels = sorted({case["label"] for case in expected})
    print(f"{len(expected)} files of {len(labels)} types in {destination.name}: {', '.join(labels)}")


if __name__ == "__main__":
    main()
