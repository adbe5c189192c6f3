import TensorIR

/// Every step-th element from a start on each axis: element i of an axis is element `start + i step` of the operand's
/// (ONNX `Slice`, normalised). Steps may be negative.
public struct Slice: ElementOp, LayoutKeepingOp {
  public static let name = "slice"
  public static let summary = "Every step-th element from a start on each axis; steps may be negative."
  public static let signature = Signature.operands(1)
  /// For each axis, the position of the first element.
  public var starts: [Dimension]
  /// For each axis, how many elements are taken.
  public var sizes: [Dimension]
  public var steps: [Int]

  public init(starts: [Dimension], sizes: [Dimension], steps: [Int]) {
    self.starts = starts
    self.sizes = sizes
    self.steps = steps
  }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    try Slice.check(operands[0], starts, sizes, steps, name, &context)
    return [operands[0].with(shape: sizes)]
  }

  /// Requires that a slice lies within a tensor.
  static func check(
    _ x: TensorType, _ starts: [Dimension], _ sizes: [Dimension], _ steps: [Int], _ name: String,
    _ context: inout InferenceContext
  ) throws {
    try context.require(entries: starts.count, forAxesOf: x, "starts", name)
    try context.require(entries: sizes.count, forAxesOf: x, "sizes", name)
    try context.require(entries: steps.count, forAxesOf: x, "steps", name)
    for axis in 0..<x.rank {
      let (start, size, step) = (starts[axis], sizes[axis], steps[axis])
      guard step != 0, step != .min else {
        throw Diagnostic("bad-attribute", "'\(name)' has step \(step) on axis \(axis); use 1 or -1")
      }
      try context.require(0, atMost: size, "'\(name)' takes \(size) elements on axis \(axis), less than none")
      if size == 0 { continue }
      let last = start + (size - 1) * Dimension(step)
      let (low, high) = step > 0 ? (start, last) : (last, start)
      let message = "'\(name)' takes elements \(start) to \(last) of axis \(axis) of \(x), which are not all there"
      for (a, b) in [(0, low), (high + 1, x.shape[axis])] where context.symbols.isAtMost(a, b) != .yes {
        if context.symbols.isAtMost(1, size) == .yes {
          try context.require(a, atMost: b, message)
        } else {
          // A slice that turns out to be empty reads nothing, so its ends may lie anywhere.
          try context.require(.minimum(size, 1) * .minimum(b - a, 0), equals: 0, message)
        }
      }
    }
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let shape = try Evaluator.numbers(types[0])
    let starts = try Evaluator.numbers(self.starts)
    let strides = ReferenceTensor.strides(operands[0].shape)
    let positions = ReferenceTensor.indices(shape).map { index in
      index.indices.reduce(0) { $0 + (starts[$1] + index[$1] * steps[$1]) * strides[$1] }
    }
    return [operands[0].picking(positions, shape: shape)]
  }

  public func source(_ operands: [TensorType], _ result: TensorType) -> ElementSource {
    .read(.moved(starts.indices.map { Place.axis($0) * steps[$0] + .size(starts[$0]) }))
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let x = operands[0]
    return Differentiated(try Tensor.record(self, operands)) { cotangents in
      guard let cotangent = cotangents[0] else { return [nil] }
      // Without steps it is margins around the cotangent, which are written a row at a time.
      if steps.allSatisfy({ $0 == 1 }) {
        return [cotangent.padded(before: starts, after: x.shape.indices.map { x.shape[$0] - starts[$0] - sizes[$0] })]
      }
      return [.one(SliceGradient(starts: starts, steps: steps, shape: x.shape), cotangent)]
    }
  }
}

extension Tensor {
  /// On each axis `sizes` elements from `starts`, `steps` apart; steps default to 1.
  public func sliced(starts: [Dimension], sizes: [Dimension], steps: [Int]? = nil) -> Tensor {
    .one(Slice(starts: starts, sizes: sizes, steps: steps ?? starts.map { _ in 1 }), self)
  }

  /// `size` elements from `start` on one axis; a negative axis counts from the end.
  public func sliced(axis: Int, start: Dimension, size: Dimension) -> Tensor {
    let own = normalised(axis)
    guard isPoison || shape.indices.contains(own) else { return refusing(axis: axis, of: "sliced") }
    return sliced(
      starts: shape.indices.map { $0 == own ? start : 0 }, sizes: shape.indices.map { $0 == own ? size : shape[$0] })
  }
}
