import TensorIR

/// A first-order recurrence along an axis: h[i] = a[i] h[i-1] + b[i], from h = 0 before the first element. It is what
/// running products take back, and the core of state space models.
public struct LinearScan: ScanOp {
  public static let name = "linear_scan"
  public static let summary = "Along an axis, h[i] = a[i] h[i-1] + b[i] from h = 0, from either end."
  public static let signature = Signature.operands(2)
  public var axis: Int
  public var reverse: Bool
  public var exclusive: Bool { false }
  public init(axis: Int, reverse: Bool = false) { (self.axis, self.reverse) = (axis, reverse) }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let (a, b) = (operands[0], operands[1])
    try context.require(axis: axis, of: a, name)
    guard a.elementType.isFloat, a.elementType == b.elementType else {
      throw Diagnostic(
        "element-type", "'\(name)' takes floats of one type and was given \(a.elementType) and \(b.elementType)")
    }
    let message = "'\(name)' takes operands of one shape and was given \(a) and \(b)"
    guard a.rank == b.rank else { throw Diagnostic("shape-mismatch", message) }
    for (one, other) in zip(a.shape, b.shape) { try context.require(one, equals: other, message) }
    return [a.plain]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let (a, b) = (operands[0], operands[1])
    var result = [Double](repeating: 0, count: a.count)
    for line in ReferenceTensor.Lines(a.shape, axis: axis) {
      var state = 0.0
      for place in reverse ? line.reversed() : line {
        state = a.floats[place] * state + b.floats[place]
        result[place] = state
      }
    }
    return [ReferenceTensor(a.elementType, a.shape, floats: result)]
  }

  /// The state, and what a state before the stretch is multiplied by.
  public func initial(_ type: LoopType) -> [Expression] { [.constant(0, type), .constant(1, type)] }
  public func next(_ state: [Expression], _ elements: [Expression], _ type: LoopType) -> [Expression] {
    [
      .binary(.add, .binary(.multiply, elements[0], state[0]), elements[1]),
      .binary(.multiply, state[1], elements[0]),
    ]
  }
  public func join(_ first: [Expression], _ second: [Expression], _ type: LoopType) -> [Expression] {
    [
      .binary(.add, .binary(.multiply, second[1], first[0]), second[0]),
      .binary(.multiply, first[1], second[1]),
    ]
  }

  /// With l[i] = g[i] + a[i+1] l[i+1] from the end, the derivative by b[i] is l[i], and by a[i] it is l[i] h[i-1].
  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let results = try Tensor.record(self, operands)
    return Differentiated(results) { cotangents in
      guard let cotangent = cotangents[0] else { return [nil, nil] }
      let factors = operands[0].shifted(axis: axis, back: !reverse)
      let sums = Tensor.linearScan(factors, cotangent, axis: axis, reverse: !reverse)
      return [sums * results[0].shifted(axis: axis, back: reverse), sums]
    }
  }
}

extension Tensor {
  /// Along an axis, h[i] = a[i] h[i-1] + b[i] from h = 0; from the end if `reverse`.
  public static func linearScan(_ a: Tensor, _ b: Tensor, axis: Int, reverse: Bool = false) -> Tensor {
    .one(LinearScan(axis: a.normalised(axis), reverse: reverse), a, b)
  }
}
