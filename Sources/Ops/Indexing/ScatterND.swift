import TensorIR

/// Slices put into a copy of a tensor at tuples of indices (ONNX `ScatterND`): the last axis of the indices holds tuples of
/// K, which name a position on the K axes behind the batch axes.
///
/// x is [batch…, d1…dK, rest…], the indices, i32 or i64, [batch…, others…, K], the values [batch…, others…, rest…]. See
/// ``ScatterOp`` for order and range of indices, ``ScatterReduction`` for values that meet.
public struct ScatterND: ScatterOp {
  public static let name = "scatter_nd"
  public static let summary = "A copy of the first tensor with slices put or combined at tuples of indices."
  public var reduction: ScatterReduction
  /// How many axes in front x, the indices and the values share.
  public var batchDimensions: Int

  public init(reduction: ScatterReduction = .replace, batchDimensions: Int = 0) {
    self.reduction = reduction
    self.batchDimensions = batchDimensions
  }

  public var takesTuples: Bool { true }
  public var slabAxes: Int { batchDimensions }
  public func pickedAxes(_ indices: TensorType) -> Int { indices.shape.last?.constant ?? 0 }
  public var gather: any TensorOp { GatherND(batchDimensions: batchDimensions) }

  public func valueShape(
    _ x: TensorType, _ indices: TensorType, _ context: inout InferenceContext
  ) throws -> [Dimension] {
    let picked = try GatherND.pickedAxes(x, indices, batchDimensions, name, &context)
    return indices.shape.dropLast() + x.shape.suffix(from: batchDimensions + picked)
  }

  public func places(_ x: [Int], _ indices: ReferenceTensor) throws -> [Int] {
    try GatherND.places(x, indices, batchDimensions, name)
  }
}

extension Tensor {
  /// A copy with slices put at tuples of indices on the indices' last axis: `indices` [n, 2] and values [n, c] on a tensor
  /// [a, b, c].
  /// - Parameter reduction: how values combine with what is there; of several that replace one element, the last stays.
  public func scatterND(
    _ indices: Tensor, values: Tensor, reduction: ScatterReduction = .replace, batchDimensions: Int = 0
  ) -> Tensor {
    .one(ScatterND(reduction: reduction, batchDimensions: batchDimensions), self, indices.asIndices, values)
  }
}
