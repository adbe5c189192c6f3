import TensorIR

/// Values put into a copy of a tensor along an axis, at an index for each (ONNX `ScatterElements`, NumPy's
/// `put_along_axis`, Burn's `scatter`): value [i, j, k] for axis 1 goes to `x[i, indices[i, j, k], k]`.
///
/// x, the indices (i32 or i64) and the values have one rank; the values have the indices' shape, which on the other axes may
/// be smaller than x's. See ``ScatterOp`` for order and range of indices, ``ScatterReduction`` for values that meet.
public struct ScatterElements: ScatterOp {
  public static let name = "scatter_elements"
  public static let summary =
    "A copy of the first tensor with values put or combined along an axis, at an index for each."
  public var axis: Int
  public var reduction: ScatterReduction

  public init(axis: Int, reduction: ScatterReduction = .replace) {
    self.axis = axis
    self.reduction = reduction
  }

  public var slabAxes: Int { axis }
  public func pickedAxes(_ indices: TensorType) -> Int { 1 }
  public var takesElements: Bool { true }
  public var gather: any TensorOp { GatherElements(axis: axis) }

  public func valueShape(
    _ x: TensorType, _ indices: TensorType, _ context: inout InferenceContext
  ) throws -> [Dimension] {
    try GatherElements.check(x, indices, axis, name, &context)
    return indices.shape
  }

  public func places(_ x: [Int], _ indices: ReferenceTensor) throws -> [Int] {
    try GatherElements.places(x, indices, axis, name)
  }
}

extension Tensor {
  /// A copy with values put along an axis at an index for each: value [i, j] along axis 1 goes to `[i, indices[i, j]]`. The
  /// indices and the values have this tensor's rank; negative indices count from the end, as does a negative axis.
  /// - Parameter reduction: how values combine with what is there; of several that replace one element, the last stays.
  public func putAlong(
    _ indices: Tensor, values: Tensor, axis: Int, reduction: ScatterReduction = .replace
  ) -> Tensor {
    .one(ScatterElements(axis: normalised(axis), reduction: reduction), self, indices.asIndices, values)
  }
}
