import TensorIR

/// Elements picked along an axis by an index for each (ONNX `GatherElements`, NumPy's `take_along_axis`, Burn's `gather`):
/// element [i, j, k] for axis 1 is `x[i, indices[i, j, k], k]`.
///
/// x and the indices, i32 or i64, have one rank; the result has the indices' shape, which on the other axes may be smaller
/// than x's. Negative indices count from the end; one that is out of range is an error of the run. The gradient adds each
/// cotangent where its element came from.
public struct GatherElements: ElementOp {
  public static let name = "gather_elements"
  public static let summary = "Elements picked along an axis, by an index for each element of the result."
  public static let signature = Signature.operands(2)
  public var axis: Int
  public init(axis: Int) { self.axis = axis }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    try GatherElements.check(operands[0], operands[1], axis, name, &context)
    return [operands[0].with(shape: operands[1].shape)]
  }

  /// Requires indices that fit a tensor of their rank.
  static func check(
    _ x: TensorType, _ indices: TensorType, _ axis: Int, _ name: String, _ context: inout InferenceContext
  ) throws {
    try context.require(axis: axis, of: x, name)
    try Gather.requireIndices(indices, name)
    guard indices.rank == x.rank else {
      throw Diagnostic(
        "shape-mismatch", "'\(name)' takes indices of its operand's rank and was given \(indices) for \(x)")
    }
    for other in x.shape.indices where other != axis {
      try context.require(
        indices.shape[other], atMost: x.shape[other],
        "'\(name)' along axis \(axis) was given more indices than elements on axis \(other): \(indices) for \(x)")
    }
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    [
      operands[0].picking(
        try GatherElements.places(operands[0].shape, operands[1], axis, name), shape: operands[1].shape)
    ]
  }

  /// The flat position in a tensor of `shape` that each index, with its own place, names.
  static func places(_ shape: [Int], _ indices: ReferenceTensor, _ axis: Int, _ name: String) throws -> [Int] {
    let strides = ReferenceTensor.strides(shape)
    return try ReferenceTensor.indices(indices.shape).enumerated().map { flat, index in
      var own = index
      own[axis] = try indices.place(flat, extent: shape[axis], name)
      return ReferenceTensor.position(own, strides)
    }
  }

  public func source(_ operands: [TensorType], _ result: TensorType) -> ElementSource {
    let here = result.shape.indices.map { Place.axis($0) }
    var places = here
    places[axis] = .index(operand: 1, at: here, extent: operands[0].shape[axis])
    return .read(.moved(places))
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let (x, indices) = (operands[0], operands[1])
    return Differentiated(try Tensor.record(self, operands)) { cotangents in
      [cotangents[0].map { $0.full(0, x.shape).putAlong(indices, values: $0, axis: axis, reduction: .add) }, nil]
    }
  }
}

extension Tensor {
  /// Elements picked along an axis by an index for each: element [i, j] along axis 1 is `self[i, indices[i, j]]`. The
  /// indices have this tensor's rank; negative ones count from the end, as does a negative axis.
  public func takeAlong(_ indices: Tensor, axis: Int) -> Tensor {
    .one(GatherElements(axis: normalised(axis)), self, indices.asIndices)
  }
}
