import TensorIR

/// Slices put into a copy of a tensor at positions on an axis (Burn's `select_assign`, which adds; PyTorch's `index_add` and
/// `index_copy`; NumPy's `x[indices] = values`).
///
/// x is [outer…, n, inner…], the indices, i32 or i64, have any shape, the values are [outer…, indices…, inner…]: the shape
/// that ``Gather`` gives. See ``ScatterOp`` for order and range of indices, ``ScatterReduction`` for values that meet.
public struct ScatterSlices: ScatterOp {
  public static let name = "scatter_slices"
  public static let summary = "A copy of the first tensor with slices put or combined at positions along an axis."
  public var axis: Int
  public var reduction: ScatterReduction

  public init(axis: Int, reduction: ScatterReduction = .replace) {
    self.axis = axis
    self.reduction = reduction
  }

  public var slabAxes: Int { axis }
  public func pickedAxes(_ indices: TensorType) -> Int { 1 }
  public var gather: any TensorOp { Gather(axis: axis) }

  public func valueShape(
    _ x: TensorType, _ indices: TensorType, _ context: inout InferenceContext
  ) throws -> [Dimension] {
    try context.require(axis: axis, of: x, name)
    try Gather.requireIndices(indices, name)
    return x.shape.prefix(axis) + indices.shape + x.shape.suffix(from: axis + 1)
  }

  public func places(_ x: [Int], _ indices: ReferenceTensor) throws -> [Int] {
    let picked = try Gather.positions(indices, extent: x[axis], name)
    let inner = x.suffix(from: axis + 1).reduce(1, *)
    var places: [Int] = []
    for row in 0..<x.prefix(axis).reduce(1, *) {
      for place in picked {
        let start = (row * x[axis] + place) * inner
        places += start..<start + inner
      }
    }
    return places
  }
}

extension Tensor {
  /// A copy with slices put at positions on an axis. The values have the shape that ``gather(_:axis:)`` gives; negative
  /// indices count from the end, as does a negative axis.
  /// - Parameter reduction: how values combine with what is there; of several that replace one element, the last stays.
  public func put(
    _ indices: Tensor, values: Tensor, axis: Int = 0, reduction: ScatterReduction = .replace
  ) -> Tensor {
    .one(ScatterSlices(axis: normalised(axis), reduction: reduction), self, indices.asIndices, values)
  }

  /// A copy with slices added at positions on an axis; those for one position add up (Burn's `select_assign`).
  public func indexAdd(_ indices: Tensor, values: Tensor, axis: Int = 0) -> Tensor {
    put(indices, values: values, axis: axis, reduction: .add)
  }
}
