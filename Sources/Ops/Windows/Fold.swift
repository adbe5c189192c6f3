import TensorIR

/// Sums windows back to where ``Unfold`` took them from (col2im; PyTorch `fold`): [lead…, kernel…, outputs…] gives
/// [lead…, sizes…], each element the sum of the windows' elements that lie on it; padding is dropped. The gradient is
/// ``Unfold``.
public struct Fold: TensorOp {
  public static let name = "fold"
  public static let summary =
    "The sum of windows put back where unfold takes them from; what lies on padding is dropped."
  public static let signature = Signature.operands(1)
  public var window: Window
  /// The extents of the spatial axes of the result.
  public var sizes: [Dimension]

  public init(_ window: Window, sizes: [Dimension]) {
    self.window = window
    self.sizes = sizes
  }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let x = operands[0]
    guard ElementType.numbers.contains(x.elementType) else {
      throw Diagnostic("element-type", "'\(name)' adds numbers, not \(x.elementType); cast the operand first")
    }
    guard sizes.count == window.count, x.rank >= 2 * window.count else {
      throw Diagnostic(
        "shape-mismatch", "'\(name)' to \(sizes.count) axes takes their taps and outputs and was given \(x)")
    }
    let lead = x.rank - 2 * window.count
    let result = x.with(shape: x.shape[..<lead] + sizes)
    try window.check(lastAxesOf: result, name, &context)
    let expected = window.kernel.map { Dimension($0) } + window.extents(sizes)
    let message = "'\(name)' to \(sizes) takes windows of shape \(expected) behind \(lead) axes and was given \(x)"
    for (own, extent) in zip(x.shape[lead...], expected) { try context.require(own, equals: extent, message) }
    return [result]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let x = operands[0]
    let shape = try Evaluator.numbers(types[0])
    let strides = ReferenceTensor.strides(shape)
    let (count, lead) = (window.count, shape.count - window.count)
    var sums = ReferenceSums(x.elementType, shape)
    for (source, index) in ReferenceTensor.indices(x.shape).enumerated() {
      let places = (0..<count).map {
        index[lead + count + $0] * window.strides[$0] - window.before[$0] + index[lead + $0] * window.dilations[$0]
      }
      guard zip(places, shape[lead...]).allSatisfy({ $0 >= 0 && $0 < $1 }) else { continue }
      sums.add(x, source, at: ReferenceTensor.position(Array(index[..<lead]) + places, strides))
    }
    return [sums.tensor]
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    Differentiated(try Tensor.record(self, operands)) { [$0[0].map { .one(Unfold(window), $0) }] }
  }
}

extension Tensor {
  /// The sum of columns put back where ``unfolded(_:)`` takes them from (col2im): [n, c · taps, outputs] to [n, c, sizes…].
  /// Burn's `fold4d`, PyTorch's `functional.fold`.
  public func folded(_ window: Window, sizes: [Dimension]) -> Tensor {
    let taps = Dimension(window.size)
    guard rank == 3, sizes.count == window.count else { return .one(Fold(window, sizes: sizes), self) }
    let kernel = window.kernel.map { Dimension($0) }
    let channels = shape[1].floorDivided(by: taps)
    return .one(
      Fold(window, sizes: sizes), reshaped(to: [shape[0], channels] + kernel + window.extents(sizes)))
  }
}
