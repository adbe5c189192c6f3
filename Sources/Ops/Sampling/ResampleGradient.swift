import TensorIR

/// What ``Resample`` takes back: each element of the operand is added, times its weights, at the places that its row of indices
/// names. Operands: x, indices [m, taps] and weights [m, taps], where m is the extent of the axis in x.
public struct ResampleGradient: TensorOp {
  public static let name = "resample_gradient"
  public static let summary =
    "Elements along an axis added, times weights, where tables of indices say: resample's transpose."
  public static let signature = Signature.operands(3)
  public var axis: Int
  /// The extent of the axis in the result.
  public var extent: Dimension

  public init(axis: Int, extent: Dimension) {
    self.axis = axis
    self.extent = extent
  }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let (x, indices) = (operands[0], operands[1])
    try context.require(axis: axis, of: x, name)
    try Resample.requireTables(x, indices, operands[2], name, &context)
    try context.require(
      x.shape[axis], equals: indices.shape[0], "'\(name)' takes as many rows of \(indices) as axis \(axis) of \(x) has")
    try context.require(0, atMost: extent, "'\(name)' makes an axis of \(extent) elements")
    var shape = x.shape
    shape[axis] = extent
    return [x.with(shape: shape)]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let (x, indices, weights) = (operands[0], operands[1], operands[2])
    let shape = try Evaluator.numbers(types[0])
    let strides = ReferenceTensor.strides(shape)
    let taps = indices.shape[1]
    var sums = [Double](repeating: 0, count: shape.reduce(1, *))
    for (source, index) in ReferenceTensor.indices(x.shape).enumerated() {
      for table in index[axis] * taps..<(index[axis] + 1) * taps {
        var target = index
        target[axis] = indices.integers[table]
        guard (0..<shape[axis]).contains(target[axis]) else { continue }
        sums[ReferenceTensor.position(target, strides)] += weights.floats[table] * x.floats[source]
      }
    }
    return [ReferenceTensor(x.elementType, shape, floats: sums)]
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let (x, indices, weights) = (operands[0], operands[1], operands[2])
    return Differentiated(try Tensor.record(self, operands)) { cotangents in
      guard let dy = cotangents[0] else { return [nil, nil, nil] }
      // The same tables in both directions: what a weight scales is x here and the cotangent's element there.
      let forward = try Resample(axis: axis).differentiate([dy, indices, weights])
      return [forward.results[0], nil, try forward.pull([x])[2]]
    }
  }
}
