import TensorIR

/// The cross-correlation that deep learning calls convolution, over any number of spatial axes.
///
/// Operands: x [n, c, spatial…], w [o, c/groups, kernel…], and optionally a bias [o]. Result: [n, o, spatial…]. Kernels for
/// groups take w as [groups, o/groups, c/groups, kernel…].
public struct Convolution: TensorOp {
  public static let name = "convolution"
  public static let summary =
    "Sums of products of a window of x with each filter of w (cross-correlation), over any number of spatial axes."
  public static let signature = Signature(operands: 2...3, optional: [2])
  public var strides: [Int]
  /// Zeros before and after each spatial axis.
  public var before: [Int]
  public var after: [Int]
  public var dilations: [Int]
  public var groups: Int

  public init(strides: [Int], before: [Int], after: [Int], dilations: [Int], groups: Int = 1) {
    self.strides = strides
    self.before = before
    self.after = after
    self.dilations = dilations
    self.groups = groups
  }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let (x, w) = (operands[0], joined(operands[1], rank: operands[0].rank))
    let spatial = x.rank - 2
    guard spatial >= 1, w.rank == x.rank else {
      throw Diagnostic(
        "rank", "'convolution' takes x [n, c, spatial…] and w of the same rank and was given \(x) and \(w)")
    }
    guard x.elementType == w.elementType, ElementType.floats.contains(x.elementType) else {
      throw Diagnostic("element-type", "'convolution' takes floats of one type and was given \(x) and \(w)")
    }
    try checkAttributes(spatial)
    try context.require(
      x.shape[1], equals: w.shape[1] * Dimension(groups),
      "x has \(x.shape[1]) channels, and w is for \(w.shape[1] * Dimension(groups)) (\(groups) groups)")
    try context.require(
      w.shape[0].modulo(Dimension(groups)), equals: 0, "the filters of w \(w) do not divide into \(groups) groups")
    if operands.count == 3, operands[2] != FunctionBuilder.absent {
      try context.require(operands[2].count, equals: w.shape[0], "the bias \(operands[2]) does not fit w \(w)")
    }
    let extents = (0..<spatial).map { outputExtent($0, x.shape[$0 + 2], w.shape[$0 + 2]) }
    return [TensorType(x.elementType, [x.shape[0], w.shape[0]] + extents)]
  }

  /// The type of filters that are given group by group, as one that is not.
  package func joined(_ w: TensorType, rank: Int) -> TensorType {
    guard w.rank == rank + 1, groups > 1, w.shape[0] == Dimension(groups) else { return w }
    return w.with(shape: [w.shape[0] * w.shape[1]] + w.shape.dropFirst(2))
  }

  private func checkAttributes(_ spatial: Int) throws {
    guard [strides, before, after, dilations].allSatisfy({ $0.count == spatial }) else {
      throw Diagnostic("bad-attribute", "'convolution' over \(spatial) axes takes \(spatial) of each attribute")
    }
    guard groups >= 1, strides.allSatisfy({ $0 >= 1 }), dilations.allSatisfy({ $0 >= 1 }) else {
      throw Diagnostic("bad-attribute", "strides, dilations and groups of 'convolution' are 1 or more")
    }
  }

  /// floor((x + before + after - ((k - 1)·dilation + 1)) / stride) + 1
  func outputExtent(_ axis: Int, _ extent: Dimension, _ kernel: Dimension) -> Dimension {
    let window = (kernel - 1) * Dimension(dilations[axis]) + 1
    return (extent + Dimension(before[axis] + after[axis]) - window).floorDivided(by: Dimension(strides[axis])) + 1
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let shape = try Evaluator.numbers(types[0])
    let (x, given) = (operands[0], operands[1])
    let w =
      given.shape.count == x.shape.count
      ? given
      : given.picking(
        Array(0..<given.count), shape: [given.shape[0] * given.shape[1]] + Array(given.shape.dropFirst(2)))
    let (xs, ws) = (ReferenceTensor.strides(x.shape), ReferenceTensor.strides(w.shape))
    let perGroup = max(w.shape[0] / groups, 1)
    let window = Array(ReferenceTensor.indices(Array(w.shape.dropFirst())))
    var sums: [Double] = []
    for index in ReferenceTensor.indices(shape) {
      var sum = operands.count > 2 && !operands[2].isAbsent ? operands[2].floats[index[1]] : 0
      let firstChannel = index[1] / perGroup * w.shape[1]
      for place in window {
        var position = index[0] * xs[0] + (firstChannel + place[0]) * xs[1]
        var inside = true
        for axis in strides.indices {
          let at = index[axis + 2] * strides[axis] - before[axis] + place[axis + 1] * dilations[axis]
          inside = inside && at >= 0 && at < x.shape[axis + 2]
          position += at * xs[axis + 2]
        }
        if inside {
          sum +=
            x.floats[position] * w.floats[index[1] * ws[0] + zip(place, ws.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }]
        }
      }
      sums.append(sum)
    }
    return [ReferenceTensor(x.elementType, shape, floats: sums)]
  }
}

extension Tensor {
  /// The convolution of [n, c, spatial…] with filters [o, c/groups, kernel…]; see ``Convolution``.
  public func convolution(
    _ filters: Tensor, bias: Tensor = .absent, strides: [Int]? = nil, before: [Int]? = nil, after: [Int]? = nil,
    dilations: [Int]? = nil, groups: Int = 1
  ) -> Tensor {
    let spatial = Swift.max(rank - 2, 0)
    let ones = Array(repeating: 1, count: spatial)
    let zeros = Array(repeating: 0, count: spatial)
    let op = Convolution(
      strides: strides ?? ones, before: before ?? zeros, after: after ?? before ?? zeros, dilations: dilations ?? ones,
      groups: groups)
    return bias.isAbsent ? .one(op, self, filters) : .one(op, self, filters, bias)
  }
}
