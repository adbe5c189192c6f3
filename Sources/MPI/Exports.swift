@_exported import TensorRuntime
