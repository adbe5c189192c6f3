import TensorIR

/// `min(max(x, minimum), maximum)` (ONNX and NumPy `clip`), either bound optional. NaN stays NaN, what equals a bound
/// stays as it is, and where the bounds cross the maximum wins. The gradient passes between the bounds and at them.
public struct Clip: UnaryOp {
  public static let name = "clip"
  public static let summary = "Each element raised to a least value and lowered to a greatest, where these are given."
  public static let elementTypes = ElementType.numbers
  @Exact public var minimum: Double?
  @Exact public var maximum: Double?
  public init(minimum: Double? = nil, maximum: Double? = nil) {
    self.minimum = minimum
    self.maximum = maximum
  }

  public func resultElementType(_ operands: [ElementType]) throws -> ElementType {
    for bound in [minimum, maximum].compactMap({ $0 }) where bound.isNaN {
      throw Diagnostic("bad-attribute", "a bound of '\(name)' is not a number")
    }
    guard Self.elementTypes.contains(operands[0]) else {
      throw Diagnostic("element-type", "'\(name)' does not take \(operands[0]); cast the operand first")
    }
    return operands[0]
  }

  public func element(_ x: Expression, _ type: LoopType) -> Expression {
    let bounds = self.bounds(type.element)
    let raised = bounds.low.map { Expression.greater(of: x, .constant($0, type), type) } ?? x
    return bounds.high.map { .lesser(of: raised, .constant($0, type), type) } ?? raised
  }

  public func evaluate(_ x: Double) -> Double {
    var value = x
    if let minimum, value < minimum { value = minimum }
    if let maximum, value > maximum { value = maximum }
    return value
  }

  public func evaluate(integers: [Int], _ type: ElementType) -> Int {
    let flip = type == .u64 ? Int.min : 0
    let bounds = self.bounds(type)
    var value = integers[0] ^ flip
    if let low = bounds.low { value = Swift.max(value, Evaluator.saturate(low, type) ^ flip) }
    if let high = bounds.high { value = Swift.min(value, Evaluator.saturate(high, type) ^ flip) }
    return value ^ flip
  }

  /// The bounds that the values of a type can reach: whole numbers for integers.
  private func bounds(_ type: ElementType) -> (low: Double?, high: Double?) {
    type.isFloat ? (minimum, maximum) : (minimum?.rounded(.up), maximum?.rounded(.down))
  }

  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    Tensor.select(x .== result, cotangent, cotangent.like(0))
  }
}

extension Tensor {
  /// Each element raised to `minimum` and lowered to `maximum`, where these are given. Bounds of integers that are not whole
  /// give `element-type`.
  public func clip(minimum: Double? = nil, maximum: Double? = nil) -> Tensor {
    for bound in [minimum, maximum].compactMap({ $0 })
    where !elementType.isFloat && !isPoison && bound.isFinite && bound != bound.rounded() {
      return refusing("element-type", "\(type) cannot be clipped at \(bound); cast it to a float first")
    }
    return minimum == nil && maximum == nil ? self : .one(Clip(minimum: minimum, maximum: maximum), self)
  }
}
