"""Writes the files under archives/ with NumPy and safetensors: python make_archives.py (the tests need neither).

Each holds `counting` (f32 0…5 as 2x3), `long` (i64, i mod 17 for 5,000 elements, which deflate makes small), `scalar` (f64 2.5)
and `empty` (u8, 0x3).
"""

import pathlib

import numpy as np
from safetensors.numpy import save_file

target = pathlib.Path(__file__).parent / "archives"
target.mkdir(exist_ok=True)
tensors = {
    "counting": np.arange(6, dtype=np.float32).reshape(2, 3),
    "long": np.arange(5000, dtype=np.int64) % 17,
    "scalar": np.float64(2.5),
    "empty": np.zeros((0, 3), np.uint8),
}
np.savez(target / "stored.npz", **{name: value for name, value in tensors.items() if name != "long"})
np.savez_compressed(target / "deflated.npz", **tensors)
random = np.random.default_rng(1).integers(0, 256, 700, dtype=np.uint8)
np.savez_compressed(target / "random.npz", random=random)
np.save(target / "random.npy", random)
save_file({name: np.asarray(value) for name, value in tensors.items()}, target / "model.safetensors", {"maker": "a test"})
