"""Quantises minilm-l3 (.models/minilm-l3, of `make models`) by onnxruntime in four ways, to be timed by bench/peers.py: while
it runs, with signed and unsigned weights; and by calibration, as QDQ and as QLinear operators.

    python bench/quantised.py FOLDER
    for name in dynamic-i8 dynamic-u8 qdq qlinear; do
      tensorc compile FOLDER/$name/model.onnx -o FOLDER/$name/model.so
      python bench/peers.py FOLDER/$name/model.onnx FOLDER/$name/model.so FOLDER/$name/data
    done

Wants numpy, onnx and onnxruntime. Inputs are those of the model's first data set; outputs are onnxruntime's.
"""

import pathlib
import shutil
import sys

import onnx
import onnxruntime
from onnx import numpy_helper
from onnxruntime.quantization import (
    CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static)

SOURCE = pathlib.Path(__file__).resolve().parents[1] / ".models" / "minilm-l3"
DATA = SOURCE / "test_data_set_0"


def inputs(path):
    names = [value.name for value in onnxruntime.InferenceSession(str(path)).get_inputs()]
    return {name: numpy_helper.to_array(onnx.load_tensor(DATA / f"input_{k}.pb")) for k, name in enumerate(names)}


class OneSet(CalibrationDataReader):
    def __init__(self):
        self.sets = iter([inputs(SOURCE / "model.onnx")])

    def get_next(self):
        return next(self.sets, None)


def main(folder):
    if not DATA.is_dir():
        sys.exit(f"quantised.py: error: there is no {DATA}: run 'make models'")
    source = str(SOURCE / "model.onnx")
    ways = {
        "dynamic-i8": lambda path: quantize_dynamic(source, path, weight_type=QuantType.QInt8),
        "dynamic-u8": lambda path: quantize_dynamic(source, path, weight_type=QuantType.QUInt8),
        "qdq": lambda path: quantize_static(source, path, OneSet(), quant_format=QuantFormat.QDQ),
        "qlinear": lambda path: quantize_static(source, path, OneSet(), quant_format=QuantFormat.QOperator),
    }
    for name, quantise in ways.items():
        place = pathlib.Path(folder) / name
        data = place / "data"
        data.mkdir(parents=True, exist_ok=True)
        quantise(str(place / "model.onnx"))
        given = inputs(place / "model.onnx")
        for file in DATA.glob("input_*.pb"):
            shutil.copy(file, data)
        results = onnxruntime.InferenceSession(str(place / "model.onnx")).run(None, given)
        for k, result in enumerate(results):
            onnx.save_tensor(numpy_helper.from_array(result), data / f"output_{k}.pb")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
