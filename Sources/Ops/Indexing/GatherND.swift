import TensorIR

/// Slices picked by tuples of indices (ONNX `GatherND`): the last axis of the indices holds tuples of K, which name a
/// position on the K axes behind the batch axes.
///
/// x is [batch…, d1…dK, rest…], the indices, i32 or i64, [batch…, others…, K], the result [batch…, others…, rest…]. Negative
/// indices count from the end; one that is out of range is an error of the run. A tuple of none names the whole. The gradient adds each cotangent where its
/// slice came from.
public struct GatherND: ElementOp {
  public static let name = "gather_nd"
  public static let summary = "Slices picked by tuples of indices, which the last axis of the second tensor holds."
  public static let signature = Signature.operands(2)
  /// How many axes in front x and the indices share.
  public var batchDimensions: Int
  public init(batchDimensions: Int = 0) { self.batchDimensions = batchDimensions }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let (x, indices) = (operands[0], operands[1])
    let picked = try GatherND.pickedAxes(x, indices, batchDimensions, name, &context)
    return [x.with(shape: indices.shape.dropLast() + x.shape.suffix(from: batchDimensions + picked))]
  }

  /// Requires tuples that fit a tensor; gives how many of its axes they name.
  static func pickedAxes(
    _ x: TensorType, _ indices: TensorType, _ batch: Int, _ name: String, _ context: inout InferenceContext
  ) throws -> Int {
    try Gather.requireIndices(indices, name)
    guard batch >= 0, batch < indices.rank, batch <= x.rank else {
      throw Diagnostic("bad-attribute", "'\(name)' was given \(batch) batch axes for \(x) and indices \(indices)")
    }
    for axis in 0..<batch {
      try context.require(
        indices.shape[axis], equals: x.shape[axis], "batch axis \(axis) of '\(name)' differs in \(x) and \(indices)")
    }
    guard let picked = indices.shape[indices.rank - 1].constant else {
      throw Diagnostic(
        "unknown-size", "the last extent of the indices of '\(name)' says how many axes they name and must be a number")
    }
    guard batch + picked <= x.rank else {
      throw Diagnostic(
        "shape-mismatch", "'\(name)' was given tuples of \(picked) indices for \(x.rank - batch) axes of \(x)")
    }
    return picked
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let shape = try Evaluator.numbers(types[0])
    let positions = try GatherND.places(operands[0].shape, operands[1], batchDimensions, name)
    return [operands[0].picking(positions, shape: shape)]
  }

  /// The flat positions in a tensor of `shape` of all elements of the slices that tuples name, in order.
  static func places(_ shape: [Int], _ indices: ReferenceTensor, _ batch: Int, _ name: String) throws -> [Int] {
    let picked = indices.shape.last ?? 0
    let inner = shape.suffix(from: batch + picked).reduce(1, *)
    let strides = ReferenceTensor.strides(shape)
    if inner == 0 { return [] }
    return try ReferenceTensor.indices(indices.shape.dropLast()).enumerated().flatMap { number, index -> Range<Int> in
      var start = ReferenceTensor.position(Array(index.prefix(batch)), strides)
      for k in 0..<picked {
        start += try indices.place(number * picked + k, extent: shape[batch + k], name) * strides[batch + k]
      }
      return start..<start + inner
    }
  }

  public func source(_ operands: [TensorType], _ result: TensorType) -> ElementSource {
    let tuple = operands[1].rank - 1
    let prefix = (0..<tuple).map { Place.axis($0) }
    let picked = (0..<(operands[1].shape[tuple].constant ?? 0)).map { k in
      Place.index(
        operand: 1, at: prefix + [.size(Dimension(k))], extent: operands[0].shape[batchDimensions + k])
    }
    return .read(
      .moved(prefix.prefix(batchDimensions) + picked + (tuple..<result.rank).map { .axis($0) }))
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let (x, indices) = (operands[0], operands[1])
    return Differentiated(try Tensor.record(self, operands)) { cotangents in
      [
        cotangents[0].map {
          .one(ScatterND(reduction: .add, batchDimensions: batchDimensions), $0.full(0, x.shape), indices, $0)
        }, nil,
      ]
    }
  }
}

extension Tensor {
  /// Slices picked by tuples of indices on the indices' last axis: `indices` [n, 2] on a tensor [a, b, c] gives [n, c].
  /// - Parameter batchDimensions: how many axes in front this tensor and the indices share.
  public func gatherND(_ indices: Tensor, batchDimensions: Int = 0) -> Tensor {
    .one(GatherND(batchDimensions: batchDimensions), self, indices.asIndices)
  }
}
