import TensorIR

/// Where along one axis the greatest or the least element is, as i64. NaN counts as both, as in NumPy.
public protocol ArgReductionOp: TensorOp, NotDifferentiable {
  var axis: Int { get }
  /// Whether the axis stays, with extent 1.
  var keepAxes: Bool { get }
  /// Whether the last of several equal elements is taken rather than the first.
  var selectLast: Bool { get }
  static var takesGreatest: Bool { get }
}

extension ArgReductionOp {
  public static var signature: Signature { .operands(1) }

  /// Places on an axis of unknown length, of elements of at most 32 bits, are counted in as many bits, to share vectors.
  static var longestAxis: Int { Int(Int32.max) }

  @_semantics("optimize.sil.specialize.generic.never")
  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let x = operands[0]
    try context.require(axis: axis, of: x, name)
    guard ElementType.numbers.contains(x.elementType) else {
      throw Diagnostic("element-type", "'\(name)' compares numbers, not \(x.elementType); cast the operand first")
    }
    try context.require(1, atMost: x.shape[axis], "'\(name)' has no element to find on axis \(axis) of \(x)")
    if x.shape[axis].constant == nil && x.elementType.computeType.bitWidth <= 32 {
      try context.require(
        x.shape[axis], atMost: Dimension(Self.longestAxis),
        "'\(name)' counts at most \(Self.longestAxis) places on an axis that is not known, axis \(axis) of \(x)")
    }
    return [TensorType(.i64, Sum(axes: [axis], keepAxes: keepAxes).reducedShape(x.shape))]
  }

  @_semantics("optimize.sil.specialize.generic.never")
  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let x = operands[0]
    let lines = ReferenceTensor.Lines(x.shape, axis: axis)
    let found = lines.map { line in
      line.indices.dropFirst().reduce(0) { best, next in isBetter(x, line[next], than: line[best]) ? next : best }
    }
    return [ReferenceTensor(.i64, try Evaluator.numbers(types[0]), integers: found)]
  }

  private func isBetter(_ x: ReferenceTensor, _ next: Int, than best: Int) -> Bool {
    if !x.elementType.isFloat {
      let flip = x.elementType == .u64 ? Int.min : 0
      let (a, b) = (x.integers[next] ^ flip, x.integers[best] ^ flip)
      return (Self.takesGreatest ? a > b : a < b) || (selectLast && a == b)
    }
    let (a, b) = (x.floats[next], x.floats[best])
    if a.isNaN || b.isNaN { return a.isNaN && (!b.isNaN || selectLast) }
    return (Self.takesGreatest ? a > b : a < b) || (selectLast && a == b)
  }

  /// The extremum, then the first or last place where it stands. Both walk the same row, so they become one kernel.
  public func decompose(_ operands: [Tensor]) throws -> [Tensor]? {
    let x = operands[0]
    let best = Self.takesGreatest ? x.max(axes: [axis], keepAxes: true) : x.min(axes: [axis], keepAxes: true)
    // Where the extremum is NaN, nothing equals it.
    let isFound = x.elementType.isFloat ? (x .== best) .| x.isNaN() : x .== best
    // Places as wide as the elements share their vectors.
    let extent = x.shape[axis].constant ?? 0
    let isNarrow = x.elementType.computeType.bitWidth <= 32 && extent <= Self.longestAxis
    let place = x.iota(isNarrow ? .i32 : .i64, x.shape, axis: axis)
    let candidates = Tensor.select(isFound, place, place.like(selectLast ? -1 : isNarrow ? Double(Int32.max) : 9e15))
    let found =
      selectLast
      ? candidates.max(axes: [axis], keepAxes: keepAxes) : candidates.min(axes: [axis], keepAxes: keepAxes)
    return [found.cast(to: .i64)]
  }
}
