import TensorIR
import TensorOps
import TensorRuntime

/// The elements of several tensors, of any types, computed in one evaluation: what they share is computed once.
///
///     let arrays = try transaction([loss, accuracy, labels])
///
/// - Returns: the elements, tensor by tensor in their order, shared with the tensors.
/// - Throws: what is wrong with the shapes, types or data that led here.
public func transaction(_ tensors: [Tensor]) throws -> [HostArray] { try tensors.arrays() }
