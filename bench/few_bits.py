"""Makes models of one product with weights of few bits (`MatMulNBits`, as quantisers of large models write them), to be timed by
bench/peers.py: rows by 4,096 × 4,096 and the like.

    python bench/few_bits.py FOLDER
    for place in FOLDER/*; do
      tensorc compile $place/model.onnx -o $place/model.so
      python bench/peers.py $place/model.onnx $place/model.so $place/data
    done

Wants numpy, onnx and onnxruntime, whose outputs stand beside.
"""

import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

# rows, k, n, bits, block, whether blocks have zero points
CASES = [
    (1, 4096, 4096, 4, 32, False), (1, 4096, 4096, 4, 128, True), (1, 4096, 11008, 4, 32, False),
    (1, 4096, 32000, 4, 32, False), (1, 4096, 4096, 8, 32, False), (16, 2048, 2048, 4, 32, False),
    (128, 2048, 2048, 4, 32, False),
]


def write(folder, rows, k, n, bits, block, zeros):
    random = np.random.default_rng(7)
    blocks = k // block
    tensors = [
        numpy_helper.from_array(random.integers(0, 256, (n, blocks, block * bits // 8)).astype(np.uint8), "weights"),
        numpy_helper.from_array(random.uniform(0.002, 0.02, n * blocks).astype(np.float32), "scales"),
    ]
    if zeros:
        tensors.append(numpy_helper.from_array(random.integers(0, 256, n * blocks * bits // 8).astype(np.uint8), "zeros"))
    node = helper.make_node(
        "MatMulNBits", ["x"] + [tensor.name for tensor in tensors], ["y"], domain="com.microsoft", K=k, N=n, bits=bits, block_size=block)
    graph = helper.make_graph(
        [node], "product", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [rows, k])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [rows, n])], tensors)
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)], ir_version=10)
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    onnx.save(model, folder / "model.onnx")
    x = random.standard_normal((rows, k)).astype(np.float32)
    np.save(data / "input_0.npy", x)
    np.save(data / "output_0.npy", onnxruntime.InferenceSession(str(folder / "model.onnx")).run(None, {"x": x})[0])


def main(folder):
    for rows, k, n, bits, block, zeros in CASES:
        name = f"{rows}x{k}x{n}-{bits}-bits-blocks-of-{block}" + ("-zeros" if zeros else "")
        write(pathlib.Path(folder) / name, rows, k, n, bits, block, zeros)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
