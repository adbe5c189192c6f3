import TensorIR

/// Weighted sums of elements along one axis: what resizing, and pooling in bins, do to each axis.
///
/// Operands: x, indices [m, taps] (i32 or i64) and weights [m, taps]. Element i of the axis in the result, whose extent is m, is
/// Σ over taps t of `weights[i, t] x[indices[i, t]]`; an index that is not there counts as zero. x and the weights are both
/// f32 or f64. The gradient is exact for x and for the weights.
public struct Resample: LayoutKeepingOp {
  public static let name = "resample"
  public static let summary = "Weighted sums of elements along an axis, by tables of indices and weights."
  public static let signature = Signature.operands(3)
  public var axis: Int
  public init(axis: Int) { self.axis = axis }

  /// The tables do not have the axes of x.
  public func keepsLayout(ofOperand place: Int) -> Bool { place == 0 }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    try context.require(axis: axis, of: operands[0], name)
    try Resample.requireTables(operands[0], operands[1], operands[2], name, &context)
    var shape = operands[0].shape
    shape[axis] = operands[1].shape[0]
    return [operands[0].with(shape: shape)]
  }

  /// Requires indices and weights of one shape [m, taps], and of the types that go with x.
  static func requireTables(
    _ x: TensorType, _ indices: TensorType, _ weights: TensorType, _ name: String, _ context: inout InferenceContext
  ) throws {
    try Gather.requireIndices(indices, name)
    guard x.elementType == .f32 || x.elementType == .f64, weights.elementType == x.elementType else {
      throw Diagnostic(
        "element-type", "'\(name)' takes x and weights both f32 or both f64, not \(x) and \(weights); cast them")
    }
    guard indices.rank == 2, weights.rank == 2 else {
      throw Diagnostic("shape-mismatch", "'\(name)' takes tables [m, taps] and was given \(indices) and \(weights)")
    }
    for (a, b) in zip(indices.shape, weights.shape) {
      try context.require(a, equals: b, "the weights \(weights) of '\(name)' do not fit its indices \(indices)")
    }
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let (x, indices, weights) = (operands[0], operands[1], operands[2])
    let shape = try Evaluator.numbers(types[0])
    let inner = shape[(axis + 1)...].reduce(1, *)
    let taps = indices.shape[1]
    let sums = ReferenceTensor.indices(shape).enumerated().map { position, index -> Double in
      let outer = position / (inner * max(shape[axis], 1)) * x.shape[axis]
      return (0..<taps).reduce(0) { sum, tap in
        let table = index[axis] * taps + tap
        let place = indices.integers[table]
        guard (0..<x.shape[axis]).contains(place) else { return sum }
        return sum + weights.floats[table] * x.floats[(outer + place) * inner + position % inner]
      }
    }
    return [ReferenceTensor(x.elementType, shape, floats: sums)]
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let (x, indices) = (operands[0], operands[1])
    return Differentiated(try Tensor.record(self, operands)) { cotangents in
      guard let dy = cotangents[0] else { return [nil, nil, nil] }
      let dx = Tensor.one(ResampleGradient(axis: axis, extent: x.shape[axis]), dy, indices, operands[2])
      return [dx, nil, weightGradient(x, indices, dy)]
    }
  }

  /// Σ over all other axes of the cotangent times the element that the weight is for.
  private func weightGradient(_ x: Tensor, _ indices: Tensor, _ dy: Tensor) -> Tensor {
    let inside =
      (indices .>= indices.like(0)) .& (indices .< x.dimensionValue(x.shape[axis]).cast(to: indices.elementType))
    let safe = Tensor.select(inside, indices, indices.like(0))
    let picked = x.gather(safe, axis: axis)
    let spread = Array(dy.shape[...axis]) + [1] + Array(dy.shape[(axis + 1)...])
    let others = (0..<picked.rank).filter { $0 != axis && $0 != axis + 1 }
    let product = picked * dy.reshaped(to: spread)
    let sum = others.isEmpty ? product : product.sum(axes: others)
    return Tensor.select(inside, sum, x.like(0))
  }
}

extension Tensor {
  /// Weighted sums of elements along an axis by tables [m, taps] of indices and weights; see ``Resample``.
  public func resampled(axis: Int, indices: Tensor, weights: Tensor) -> Tensor {
    .one(Resample(axis: normalised(axis)), self, indices, weights)
  }
}
