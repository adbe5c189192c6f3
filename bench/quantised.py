"""Quantises trained models of .models (`make models`, ALL=1 for all) by onnxruntime, to be timed by bench/peers.py: by calibration,
as QDQ and as QLinear operators; minilm-l3, whose products are of matrices, while it runs too, with signed and unsigned weights.

    python bench/quantised.py FOLDER [MODEL ...]                 MODEL is minilm-l3 if none is named
    for place in FOLDER/*; do
      tensorc compile $place/model.onnx -o $place/model.so
      python bench/peers.py $place/model.onnx $place/model.so $place/data
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

MODELS = pathlib.Path(__file__).resolve().parents[1] / ".models"


def inputs(path, data):
    names = [value.name for value in onnxruntime.InferenceSession(str(path)).get_inputs()]
    return {name: numpy_helper.to_array(onnx.load_tensor(data / f"input_{k}.pb")) for k, name in enumerate(names)}


class OneSet(CalibrationDataReader):
    def __init__(self, given):
        self.sets = iter([given])

    def get_next(self):
        return next(self.sets, None)


def ways(model, source, data):
    """How a model is quantised: a name, and what writes it to a path. Convolutions get a scale for each channel."""
    channels = model != "minilm-l3"

    def static(format):
        return lambda path: quantize_static(
            source, path, OneSet(inputs(source, data)), quant_format=format, per_channel=channels)

    found = {"qdq": static(QuantFormat.QDQ), "qlinear": static(QuantFormat.QOperator)}
    if model == "minilm-l3":
        found["dynamic-i8"] = lambda path: quantize_dynamic(source, path, weight_type=QuantType.QInt8)
        found["dynamic-u8"] = lambda path: quantize_dynamic(source, path, weight_type=QuantType.QUInt8)
    return found


def main(folder, models):
    for model in models:
        source, data = str(MODELS / model / "model.onnx"), MODELS / model / "test_data_set_0"
        if not data.is_dir():
            sys.exit(f"quantised.py: error: there is no {data}: run 'make models ALL=1'")
        for name, quantise in ways(model, source, data).items():
            place = pathlib.Path(folder) / f"{model}-{name}"
            (place / "data").mkdir(parents=True, exist_ok=True)
            quantise(str(place / "model.onnx"))
            for file in data.glob("input_*.pb"):
                shutil.copy(file, place / "data")
            results = onnxruntime.InferenceSession(str(place / "model.onnx")).run(None, inputs(place / "model.onnx", data))
            for k, result in enumerate(results):
                onnx.save_tensor(numpy_helper.from_array(result), place / "data" / f"output_{k}.pb")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:] or ["minilm-l3"])
