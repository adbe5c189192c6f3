import TensorIR

/// A pointwise op with one operand and a result of its type.
public protocol UnaryOp: PointwiseOp {
  /// Element types it takes.
  static var elementTypes: [ElementType] { get }
  /// Where tests take its operands from: apart from poles and from what is not a number.
  static var sampled: ClosedRange<Double> { get }
  func element(_ x: Expression, _ type: LoopType) -> Expression
  func evaluate(_ x: Double) -> Double
  /// The operand's cotangent from the operand, the result and the result's cotangent.
  func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) throws -> Tensor?
}

extension UnaryOp {
  public static var signature: Signature { .operands(1) }
  public static var elementTypes: [ElementType] { ElementType.floats }
  public static var sampled: ClosedRange<Double> { -3...3 }
  public func evaluate(floats: [Double]) -> Double { evaluate(floats[0]) }
  public func element(_ operands: [Expression], _ type: LoopType) -> Expression { element(operands[0], type) }

  @_semantics("optimize.sil.specialize.generic.never")
  public func resultElementType(_ operands: [ElementType]) throws -> ElementType {
    guard Self.elementTypes.contains(operands[0]) else {
      throw Diagnostic("element-type", "'\(name)' does not take \(operands[0]); cast the operand first")
    }
    return operands[0]
  }

  @_semantics("optimize.sil.specialize.generic.never")
  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let x = operands[0]
    let result = try Tensor.record(self, operands)[0]
    return Differentiated([result]) { cotangents in
      guard let cotangent = cotangents[0] else { return [nil] }
      return [try derivative(x, unrounded(result, operands), cotangent)]
    }
  }
}

extension PointwiseOp {
  /// The result for the rule of the gradient: computed again where it was rounded to 16 bits, for 1 - y of a y near 1 has few of
  /// its digits left then.
  @_semantics("optimize.sil.specialize.generic.never")
  func unrounded(_ result: Tensor, _ operands: [Tensor]) throws -> Tensor {
    result.elementType.isShortFloat ? try Tensor.record(self, operands)[0] : result
  }
}

extension ElementType {
  public static let floats: [ElementType] = [.f64, .f32, .f16, .bf16]
  public static let integers: [ElementType] = [.i8, .i16, .i32, .i64, .u8, .u16, .u32, .u64]
  public static let numbers = floats + integers
}
