// What a user of this module needs of the others: `Tensor`, shapes, types, functions and diagnostics; arrays in memory.
@_exported import TensorIR
@_exported import TensorOps

@_exported import struct TensorRuntime.HostArray
@_exported import protocol TensorRuntime.HostElement
@_exported import class TensorRuntime.Ranks
@_exported import struct TensorRuntime.RuntimeError
