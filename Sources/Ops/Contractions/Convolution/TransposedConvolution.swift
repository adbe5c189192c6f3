import TensorIR

/// The transpose of ``Convolution`` (fractionally strided, "deconvolution"): each element of x adds its multiple of a filter
/// to the result, `stride` apart.
///
/// Operands: x [n, c, spatial…], w [c, o/groups, kernel…], and optionally a bias [o]. Result: [n, o, spatial…], an axis of it
/// (extent - 1) stride + (kernel - 1) dilation + 1 + outputPadding - before - after long; what lies on the padding is dropped.
public struct TransposedConvolution: TensorOp {
  public static let name = "transposed_convolution"
  public static let summary = "Every element's multiple of a filter added up, strides apart: convolution's transpose."
  public static let signature = Signature(operands: 2...3, optional: [2])
  public var strides: [Int]
  /// What is cut off the result before and after each spatial axis.
  public var before: [Int]
  public var after: [Int]
  public var dilations: [Int]
  /// What is added to the result behind each spatial axis.
  public var outputPadding: [Int]
  public var groups: Int

  public init(
    strides: [Int], before: [Int], after: [Int], dilations: [Int], outputPadding: [Int], groups: Int = 1
  ) {
    (self.strides, self.before, self.after) = (strides, before, after)
    (self.dilations, self.outputPadding, self.groups) = (dilations, outputPadding, groups)
  }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let (x, w) = (operands[0], operands[1])
    let spatial = x.rank - 2
    guard spatial >= 1, w.rank == x.rank else {
      throw Diagnostic("rank", "'\(name)' takes x [n, c, spatial…] and w of the same rank and was given \(x) and \(w)")
    }
    guard x.elementType == w.elementType, x.elementType.isFloat else {
      throw Diagnostic("element-type", "'\(name)' takes floats of one type and was given \(x) and \(w)")
    }
    try checkAttributes(spatial)
    try context.require(x.shape[1], equals: w.shape[0], "x has \(x.shape[1]) channels, and w is for \(w.shape[0])")
    guard context.symbols.isDivisible(x.shape[1], by: groups) else {
      throw Diagnostic("shape-mismatch", "the \(x.shape[1]) channels of \(x) do not divide into \(groups) groups")
    }
    let channels = w.shape[1] * Dimension(groups)
    if operands.count == 3, operands[2] != FunctionBuilder.absent {
      guard operands[2].elementType == x.elementType, operands[2].rank == 1 else {
        throw Diagnostic("element-type", "the bias of '\(name)' is a vector of \(x.elementType), not \(operands[2])")
      }
      try context.require(operands[2].count, equals: channels, "the bias \(operands[2]) does not fit w \(w)")
    }
    for kernel in w.shape.dropFirst(2) {
      try context.require(1, atMost: kernel, "the filters \(w) of '\(name)' are empty")
    }
    let extents = (0..<spatial).map { outputExtent($0, x.shape[$0 + 2], w.shape[$0 + 2]) }
    for extent in extents { try context.require(0, atMost: extent, "'\(name)' cuts more off \(x) than there is") }
    return [TensorType(x.elementType, [x.shape[0], channels] + extents)]
  }

  private func checkAttributes(_ spatial: Int) throws {
    guard [strides, before, after, dilations, outputPadding].allSatisfy({ $0.count == spatial }) else {
      throw Diagnostic("bad-attribute", "'\(name)' over \(spatial) axes takes \(spatial) of each attribute")
    }
    guard groups >= 1, (strides + dilations).allSatisfy({ $0 >= 1 }),
      (before + after + outputPadding).allSatisfy({ $0 >= 0 })
    else {
      throw Diagnostic(
        "bad-attribute", "strides, dilations and groups of '\(name)' are 1 or more, and padding is 0 or more")
    }
  }

  private func outputExtent(_ axis: Int, _ extent: Dimension, _ kernel: Dimension) -> Dimension {
    (extent - 1) * Dimension(strides[axis]) + (kernel - 1) * Dimension(dilations[axis]) + 1
      + Dimension(outputPadding[axis] - before[axis] - after[axis])
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let shape = try Evaluator.numbers(types[0])
    let (x, w) = (operands[0], operands[1])
    let (ws, ys) = (ReferenceTensor.strides(w.shape), ReferenceTensor.strides(shape))
    let window = Array(ReferenceTensor.indices(Array(w.shape.dropFirst())))
    let perGroup = max(x.shape[1] / groups, 1)
    var sums = [Double](repeating: 0, count: shape.reduce(1, *))
    if operands.count > 2, !operands[2].isAbsent {
      for (position, index) in ReferenceTensor.indices(shape).enumerated() {
        sums[position] = operands[2].floats[index[1]]
      }
    }
    for (source, index) in ReferenceTensor.indices(x.shape).enumerated() {
      for tap in window {
        let places = strides.indices.map {
          index[$0 + 2] * strides[$0] - before[$0] + tap[$0 + 1] * dilations[$0]
        }
        guard zip(places, shape[2...]).allSatisfy({ $0 >= 0 && $0 < $1 }) else { continue }
        let channel = index[1] / perGroup * w.shape[1] + tap[0]
        sums[ReferenceTensor.position([index[0], channel] + places, ys)] +=
          x.floats[source] * w.floats[ReferenceTensor.position([index[1]] + tap, ws)]
      }
    }
    return [ReferenceTensor(x.elementType, shape, floats: sums)]
  }

  /// The convolution that this one is the transpose of; extra rows behind the result are the padding it lacks.
  private var forward: Convolution {
    Convolution(
      strides: strides, before: before, after: zip(after, outputPadding).map { Swift.max($0 - $1, 0) },
      dilations: dilations, groups: groups)
  }

  /// What is added behind each axis of the result beyond the padding that it takes back.
  private var excess: [Int] { zip(outputPadding, after).map { Swift.max($0 - $1, 0) } }

  public func decompose(_ operands: [Tensor]) throws -> [Tensor]? {
    let (x, w) = (operands[0].widened(), operands[1].widened())
    let extents = strides.indices.map { outputExtent($0, x.shape[$0 + 2], w.shape[$0 + 2]) - Dimension(excess[$0]) }
    let shape = [x.shape[0], w.shape[1] * Dimension(groups)] + extents
    let kernel = w.shape.dropFirst(2).compactMap(\.constant)
    // Where strides spread x out, most products would be with zeros.
    let isSpread = strides.contains { $0 > 1 } && kernel.count == strides.count
    var result = isSpread ? folded(x, w, kernel, extents) : forward.inputGradient(x, shape, w)
    if excess.contains(where: { $0 > 0 }) {
      result = result.padded(before: shape.map { _ in 0 }, after: [0, 0] + excess.map { Dimension($0) })
    }
    if operands.count > 2, !operands[2].isAbsent {
      result = result + operands[2].widened().reshaped(to: [shape[1]] + extents.map { _ in 1 })
    }
    return [result.cast(to: operands[0].elementType)]
  }

  /// Every element times every filter as one product of matrices, then put where they belong.
  private func folded(_ x: Tensor, _ w: Tensor, _ kernel: [Int], _ extents: [Dimension]) -> Tensor {
    let g = Dimension(groups)
    let (perGroup, channels) = (x.shape[1].floorDivided(by: g), w.shape[1] * g)
    let taps = kernel.reduce(Dimension(1)) { $0 * Dimension($1) }
    let count = x.shape.dropFirst(2).reduce(1, *)
    let filters = w.reshaped(to: [1, g, perGroup, w.shape[1] * taps]).transposed([0, 1, 3, 2])
    let columns = Tensor.one(Matmul(), filters, x.reshaped(to: [x.shape[0], g, perGroup, count]))
    let windows = columns.reshaped(
      to: [x.shape[0], channels] + kernel.map { Dimension($0) } + x.shape.dropFirst(2))
    let window = Window(
      kernel: kernel, strides: strides, before: before, after: forward.after, dilations: dilations)
    return .one(Fold(window, sizes: extents), windows)
  }

  /// Convolutions of the cotangent: with the filters for x, and with x for the filters.
  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let (x, w) = (operands[0], operands[1])
    let hasBias = operands.count > 2 && !operands[2].isAbsent
    return Differentiated(try Tensor.record(self, operands)) { cotangents in
      guard let whole = cotangents[0] else { return operands.map { _ in nil } }
      var dy = whole
      for (axis, more) in excess.enumerated() where more > 0 {
        dy = dy.sliced(axis: axis + 2, start: 0, size: dy.shape[axis + 2] - Dimension(more))
      }
      let gradients = [Tensor.one(forward, dy, w), forward.filterGradient(x, dy, w.shape)]
      let axes = [0] + Array(2..<dy.rank)
      return operands.count == 2 ? gradients : gradients + [hasBias ? whole.sum(axes: axes) : nil]
    }
  }
}

extension Tensor {
  /// The transposed convolution of [n, c, spatial…] with filters [c, o/groups, kernel…]; see ``TransposedConvolution``.
  public func transposedConvolution(
    _ filters: Tensor, bias: Tensor = .absent, strides: [Int]? = nil, before: [Int]? = nil, after: [Int]? = nil,
    dilations: [Int]? = nil, outputPadding: [Int]? = nil, groups: Int = 1
  ) -> Tensor {
    let spatial = Swift.max(rank - 2, 0)
    let (ones, zeros) = (Array(repeating: 1, count: spatial), Array(repeating: 0, count: spatial))
    let op = TransposedConvolution(
      strides: strides ?? ones, before: before ?? zeros, after: after ?? before ?? zeros,
      dilations: dilations ?? ones, outputPadding: outputPadding ?? zeros, groups: groups)
    return bias.isAbsent ? .one(op, self, filters) : .one(op, self, filters, bias)
  }

  /// The gradients of ``transposedConvolution(_:bias:strides:before:after:dilations:outputPadding:groups:)`` for this
  /// operand, the filters and a bias.
  public func transposedConvolutionGradients(
    _ filters: Tensor, cotangent: Tensor, strides: [Int]? = nil, before: [Int]? = nil, after: [Int]? = nil,
    dilations: [Int]? = nil, outputPadding: [Int]? = nil, groups: Int = 1
  ) -> (input: Tensor, filters: Tensor, bias: Tensor) {
    let spatial = Swift.max(rank - 2, 0)
    let (ones, zeros) = (Array(repeating: 1, count: spatial), Array(repeating: 0, count: spatial))
    let op = TransposedConvolution(
      strides: strides ?? ones, before: before ?? zeros, after: after ?? before ?? zeros,
      dilations: dilations ?? ones, outputPadding: outputPadding ?? zeros, groups: groups)
    let found = gradients(of: op, [filters], cotangent)
    return (found[0], found[1], cotangent.channelSums)
  }
}
