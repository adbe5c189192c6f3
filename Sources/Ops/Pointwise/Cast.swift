import TensorIR

/// A conversion of the element type: floats to integers truncate and saturate (NaN to 0), integers wrap, bool is 0 or 1.
public struct Cast: PointwiseOp {
  public static let name = "cast"
  public static let summary =
    "Each element in another type: floats to integers truncate and saturate, integers wrap, anything not 0 is true."
  public static let arity = 1...1
  public var to: ElementType
  public init(to: ElementType) { self.to = to }

  public func resultElementType(_ operands: [ElementType]) throws -> ElementType { to }

  public func element(_ operands: [Expression], _ type: LoopType) -> Expression {
    let from = operands[0].type.element
    if from == type.element { return operands[0] }
    if to == .bool {
      let zero: Expression = from.isFloat ? .number(0, operands[0].type) : .literal(0, operands[0].type)
      return .binary(.notEqual, operands[0], zero)
    }
    if from.isFloat && !to.isFloat { return .call("saturate_\(type.element)", [operands[0]], type) }
    return .convert(operands[0], type.element)
  }

  public func evaluate(floats: [Double]) -> Double { floats[0] }
  public func evaluate(integers: [Int], _ type: ElementType) -> Int {
    to == .bool && integers[0] != 0 ? 1 : integers[0]
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let from = operands[0].elementType
    let result = try Tensor.record(self, operands)[0]
    let passes = from.isFloat && to.isFloat
    return Differentiated([result]) { cotangents in [passes ? cotangents[0].map { $0.cast(to: from) } : nil] }
  }
}
