"""The models' data sets, for the scripts of this folder.

    .venv/bin/python scripts/acceptance/data.py DIR        writes every data set as DIR/MODEL/test_data_set_K/*.npy
"""

import json
import os
import re
import sys
from pathlib import Path

try:
    import numpy as np
    import onnx
    from onnx import numpy_helper
except ImportError as problem:
    sys.exit(f"{sys.argv[0]}: {problem}. Run `make setup`, then use .venv/bin/python.")

ROOT = Path(__file__).resolve().parents[2]
MODELS = ["magika", "efficientnet-lite0", "silero-vad-static", "silero-vad-sequence"]
OUT = ROOT / os.environ.get("OUT", ".build/acceptance")

sys.path.insert(0, str(ROOT / "python"))

import tensorc


def folder(model):
    return ROOT / ".models" / model


def case(model):
    """What scripts/models.py says about a model: tolerances, sizes."""
    path = folder(model) / "case.json"
    if not path.is_file():
        sys.exit(f"{sys.argv[0]}: error: no {path.relative_to(ROOT)}: run 'make models'")
    return json.loads(path.read_text())


def library(model):
    path = OUT / "native" / (re.sub(r"\W", "_", model) + ".so")
    if not path.is_file():
        sys.exit(f"{sys.argv[0]}: error: no {path.relative_to(ROOT)}: run scripts/acceptance/compile.sh")
    return path


def call(model, inputs, threads=0):
    """The outputs of a loaded model, in order."""
    return list(model.run(*inputs, threads=threads).values())


def data_sets(model):
    found = sorted(folder(model).glob("test_data_set_*"))
    if len(found) < 2:
        sys.exit(f"{sys.argv[0]}: error: {model} has {len(found)} data sets: run 'make models'")
    return found


def read(directory, kind):
    """The tensors input_K or output_K of a directory, in order."""
    count = len(list(directory.glob(f"{kind}_*.pb")))
    if count == 0:
        sys.exit(f"{sys.argv[0]}: error: no {kind}_0.pb in {directory.relative_to(ROOT)}: run 'make models'")
    return [numpy_helper.to_array(onnx.load_tensor(directory / f"{kind}_{index}.pb")) for index in range(count)]


def difference(found, expected, rtol, atol):
    """Why two lists of arrays disagree, or None."""
    for index, (one, other) in enumerate(zip(found, expected, strict=True)):
        if one.shape != other.shape or one.dtype != other.dtype:
            return f"output {index} is {one.dtype}{list(one.shape)}, not {other.dtype}{list(other.shape)}"
        exact = one.dtype.kind != "f"
        if not (np.array_equal(one, other) if exact else np.allclose(one, other, rtol, atol, equal_nan=True)):
            return f"output {index} is off by up to {np.max(np.abs(one - other))}"
    return None


def main(destination):
    for model in MODELS:
        for source in data_sets(model):
            target = Path(destination) / model / source.name
            target.mkdir(parents=True, exist_ok=True)
            for kind in ("input", "output"):
                for index, array in enumerate(read(source, kind)):
                    np.save(target / f"{kind}_{index}.npy", np.ascontiguousarray(array).reshape(array.shape))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
