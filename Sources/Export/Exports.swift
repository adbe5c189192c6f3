@_exported import Tensors

@_exported import struct TensorONNX.OnnxExport
@_exported import struct TensorONNX.OnnxExportOptions
