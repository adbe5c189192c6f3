import TensorIR

/// A copy of a tensor with values put where a ``Slice`` would take them: value i of an axis goes to `start + i step`; steps
/// may be negative (Burn's `slice_assign`, NumPy's `x[1:5:2] = values`).
///
/// The values have the tensor's element type and rank, and how many there are says how many are replaced. The gradient of
/// the tensor is zero where values took its elements' place.
public struct SliceAssign: TensorOp {
  public static let name = "slice_assign"
  public static let summary = "A copy of the first tensor with the second's elements put where a slice would take them."
  public static let signature = Signature.operands(2)
  public var starts: [Dimension]
  public var steps: [Int]

  public init(starts: [Dimension], steps: [Int]) {
    self.starts = starts
    self.steps = steps
  }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let (x, values) = (operands[0], operands[1])
    guard values.elementType == x.elementType, values.rank == x.rank else {
      throw Diagnostic(
        values.elementType == x.elementType ? "shape-mismatch" : "element-type",
        "'\(name)' puts values of its operand's element type and rank, and was given \(values) for \(x)")
    }
    try Slice.check(x, starts, values.shape, steps, name, &context)
    return [x.plain]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let (x, values) = (operands[0], operands[1])
    let starts = try Evaluator.numbers(self.starts)
    let strides = ReferenceTensor.strides(x.shape)
    let places = ReferenceTensor.indices(values.shape).map { index in
      index.indices.reduce(0) { $0 + (starts[$1] + index[$1] * steps[$1]) * strides[$1] }
    }
    return [x.scattering(values, at: places, .replace)]
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let sizes = operands[1].shape
    return Differentiated(try Tensor.record(self, operands)) { cotangents in
      guard let cotangent = cotangents[0] else { return [nil, nil] }
      return [
        .one(self, cotangent, cotangent.full(0, sizes)),
        cotangent.sliced(starts: starts, sizes: sizes, steps: steps),
      ]
    }
  }
}

extension Tensor {
  /// A copy with values put on each axis from `starts`, `steps` apart; as many as there are. Steps default to 1 and may be
  /// negative.
  public func sliceUpdated(with values: Tensor, starts: [Dimension], steps: [Int]? = nil) -> Tensor {
    .one(SliceAssign(starts: starts, steps: steps ?? starts.map { _ in 1 }), self, values)
  }

  /// A copy with values put from `start` on one axis; a negative axis counts from the end.
  public func sliceUpdated(with values: Tensor, axis: Int, start: Dimension) -> Tensor {
    let own = normalised(axis)
    return sliceUpdated(with: values, starts: shape.indices.map { $0 == own ? start : 0 })
  }
}
