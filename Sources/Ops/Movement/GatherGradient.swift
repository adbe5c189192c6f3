import TensorIR

/// Adds slices of the first tensor into zeros, each at the position on an axis that the indices name; indices that
/// are equal add up, in order. It is what ``Gather`` takes back.
public struct GatherGradient: TensorOp {
  public static let name = "gather_gradient"
  public static let summary =
    "Zeros with slices added at positions along an axis that indices name; equal ones add up."
  public static let signature = Signature.operands(2)
  public var axis: Int
  /// The extent of the axis in the result.
  public var extent: Dimension

  public init(axis: Int, extent: Dimension) {
    self.axis = axis
    self.extent = extent
  }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let (x, indices) = (operands[0], operands[1])
    try Gather.requireIndices(indices, name)
    guard axis >= 0, axis + indices.rank <= x.rank else {
      throw Diagnostic("bad-attribute", "'gather_gradient' at axis \(axis) needs the axes of \(indices) inside \(x)")
    }
    for (own, index) in zip(x.shape[axis...], indices.shape) {
      try context.require(
        own, equals: index,
        "'gather_gradient' needs the extents of \(indices) from axis \(axis) of \(x)")
    }
    return [x.with(shape: x.shape.prefix(axis) + [extent] + x.shape.suffix(from: axis + indices.rank))]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let (x, indices) = (operands[0], operands[1])
    let shape = try Evaluator.numbers(types[0])
    let places = x.count == 0 ? [] : try Gather.positions(indices, extent: shape[axis], name)
    let inner = shape.suffix(from: axis + 1).reduce(1, *)
    var sums = ReferenceSums(x.elementType, shape)
    var source = 0
    for row in 0..<shape.prefix(axis).reduce(1, *) {
      for place in places {
        for column in 0..<inner {
          sums.add(x, source, at: (row * shape[axis] + place) * inner + column)
          source += 1
        }
      }
    }
    return [sums.tensor]
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    Differentiated(try Tensor.record(self, operands)) { cotangents in
      [cotangents[0].map { $0.gather(operands[1], axis: axis) }, nil]
    }
  }
}
