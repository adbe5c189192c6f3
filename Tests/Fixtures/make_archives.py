"""Writes the files under archives/, with NumPy and the safetensors library: python make_archives.py

counting: 2x3 elements 0..5, as in make_npy.py; long: 4,000 elements that compress into blocks of every kind.
"""

import io
import json
import pathlib
import struct
import zlib

import numpy as np
from safetensors.numpy import save_file

target = pathlib.Path(__file__).parent / "archives"
target.mkdir(exist_ok=True)

random = np.random.default_rng(1)
tensors = {
    "counting": np.arange(6, dtype="<f4").reshape(2, 3),
    "long": np.concatenate([np.arange(3000) // 7, random.integers(0, 1 << 30, 1000)]).astype("<i4"),
    "scalar": np.float64(2.5),
    "empty": np.zeros((2, 0, 3), "<u2"),
    "truth/table": np.array([True, False, True]),
}
np.savez(target / "stored.npz", **tensors)
np.savez_compressed(target / "deflated.npz", **tensors)
# One value over and over needs a code of few symbols; two bytes fit the fixed code best.
np.savez_compressed(target / "tiny.npz", zeros=np.zeros(500, "u1"), two=np.array([3, 4], "u1"))
save_file({name: np.asarray(value) for name, value in tensors.items()}, target / "plain.safetensors",
          metadata={"format": "np", "note": "a \"quoted\" line"})
(target / "long.json").write_text(json.dumps(tensors["long"].tolist(), separators=(",", ":")) + "\n")


def hostile(name, header, elements=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    (target / f"{name}.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + elements)


entry = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
hostile("gap", {"a": {**entry, "data_offsets": [4, 12]}}, bytes(12))
hostile("overlap", {"a": entry, "b": {**entry, "data_offsets": [4, 12]}}, bytes(12))
hostile("beyond", {"a": {**entry, "data_offsets": [0, 16]}}, bytes(8))
hostile("backwards", {"a": {**entry, "data_offsets": [8, 0]}}, bytes(8))
hostile("trailing", {"a": entry}, bytes(9))
hostile("short", {"a": {**entry, "shape": [3]}}, bytes(8))
hostile("overflow", {"a": {**entry, "shape": [1 << 40, 1 << 40]}}, bytes(8))
hostile("negative", {"a": {**entry, "shape": [-1, -2]}}, bytes(8))
hostile("type", {"a": {**entry, "dtype": "F99"}}, bytes(8))
hostile("list", b"[1, 2]")
hostile("cut", b'{"a": {"dtype"')
hostile("number", b'{"a": 3}')
(target / "huge.safetensors").write_bytes(struct.pack("<Q", 1 << 62) + b"{}")
(target / "long_header.safetensors").write_bytes(struct.pack("<Q", 50) + b"{}")


# Zip files in which entries share bytes. A stored entry may hold another with its record; several records of the
# directory may name one entry; an entry may reach into the directory.
def local(name, data):
    return struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 0, 0, 0x21, zlib.crc32(data), len(data), len(data),
                       len(name), 0) + name + data


def central(name, data, offset, extra=0):
    return struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 0, 0, 0x21, zlib.crc32(data), len(data) + extra,
                       len(data) + extra, len(name), 0, 0, 0, 0, 0, offset) + name


def zipped(name, entries, directory, count):
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, len(directory), len(entries), 0)
    (target / name).write_bytes(entries + directory + end)


array = io.BytesIO()
np.save(array, np.arange(6, dtype="<f4"))
array = array.getvalue()
one = local(b"a.npy", array)
zipped("shared.npz", one, central(b"a.npy", array, 0) + central(b"b.npy", array, 0), 2)
nest = local(b"b.npy", one)
zipped("nested.npz", nest, central(b"b.npy", one, 0) + central(b"a.npy", array, 35), 2)
zipped("directory.npz", one, central(b"a.npy", array, 0, extra=10), 1)
