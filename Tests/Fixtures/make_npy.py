"""Writes the .npy files under npy/, with NumPy and ml_dtypes (for bfloat16): python make_npy.py

Every file NAME.npy of a plain type holds 2x3 elements 0..5 of that type (bool: index odd), so the reader's tests can
state what they expect without a second copy of the data.
"""

import pathlib

import ml_dtypes
import numpy as np

target = pathlib.Path(__file__).parent / "npy"
target.mkdir(exist_ok=True)

types = {
    "f64": "<f8", "f32": "<f4", "f16": "<f2",
    "i8": "i1", "i16": "<i2", "i32": "<i4", "i64": "<i8",
    "u8": "u1", "u16": "<u2", "u32": "<u4", "u64": "<u8",
}
for name, descriptor in types.items():
    np.save(target / f"{name}.npy", np.arange(6).astype(descriptor).reshape(2, 3))
np.save(target / "bool.npy", (np.arange(6) % 2 == 1).reshape(2, 3))

# NumPy has no bfloat16: ml_dtypes saves it as two opaque bytes of native order, a plain view as two of no order.
np.save(target / "bf16.npy", np.arange(6).astype(ml_dtypes.bfloat16).reshape(2, 3))
np.save(target / "opaque.npy", np.arange(6).astype(ml_dtypes.bfloat16).view("V2").reshape(2, 3))

np.save(target / "scalar.npy", np.float32(2.5))
np.save(target / "empty.npy", np.zeros((2, 0, 3), "<f4"))
np.save(target / "fortran.npy", np.asfortranarray(np.arange(24, dtype="<i4").reshape(2, 3, 4)))
np.save(target / "big_endian.npy", np.arange(6, dtype=">f4").reshape(2, 3))
np.save(target / "complex.npy", np.zeros(2, "<c8"))
np.save(target / "structured.npy", np.zeros(2, [("a", "<f4"), ("b", "<i4")]))
np.save(target / "text.npy", np.array(["a", "bc"]))
for major in (2, 3):
    with open(target / f"version{major}.npy", "wb") as file:
        np.lib.format.write_array(file, np.arange(6, dtype="<f4").reshape(2, 3), version=(major, 0))
