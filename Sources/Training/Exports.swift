@_exported import TensorLayers
