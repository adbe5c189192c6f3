#!/usr/bin/env python3
"""Writes the PNG files that ImagesTests reads, by zlib and struct alone:

    python3 Tests/Fixtures/make_png.py
"""

import struct
import zlib
from pathlib import Path

FOLDER = Path(__file__).parent / "png"


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def write(name, width, height, colour, rows, *extra):
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    packed = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))
    (FOLDER / name).write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(extra) + chunk(b"IDAT", packed) + chunk(b"IEND", b""))


# Three channels side by side: pixel p of channel c is 40 p + c.
write("colours.png", 3, 2, 2, [[40 * (row * 3 + column) + c for column in range(3) for c in range(3)] for row in range(2)])
write("palette.png", 2, 1, 3, [[1, 0]], chunk(b"PLTE", bytes([10, 20, 30, 200, 100, 50])))
