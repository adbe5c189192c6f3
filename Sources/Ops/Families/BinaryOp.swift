import TensorIR

/// A pointwise op with two operands of one type and a result of that type.
public protocol BinaryOp: PointwiseOp {
  static var elementTypes: [ElementType] { get }
  /// Where tests take its operands from, if they are floats: apart from poles and from what is not a number.
  static var sampled: ClosedRange<Double> { get }
  func element(_ a: Expression, _ b: Expression, _ type: LoopType) -> Expression
  func evaluate(_ a: Double, _ b: Double) -> Double
  /// The operands' cotangents, before they are summed over broadcast axes.
  func derivatives(
    _ a: Tensor, _ b: Tensor, _ result: Tensor, _ cotangent: Tensor
  ) throws -> (Tensor?, Tensor?)
}

extension BinaryOp {
  public static var signature: Signature { .operands(2) }
  public static var elementTypes: [ElementType] { ElementType.numbers }
  public static var sampled: ClosedRange<Double> { -3...3 }
  public func evaluate(floats: [Double]) -> Double { evaluate(floats[0], floats[1]) }
  public func element(_ operands: [Expression], _ type: LoopType) -> Expression {
    element(operands[0], operands[1], type)
  }

  @_semantics("optimize.sil.specialize.generic.never")
  public func resultElementType(_ operands: [ElementType]) throws -> ElementType {
    guard operands[0] == operands[1] else {
      throw Diagnostic(
        "element-type",
        "'\(name)' takes operands of one element type and was given \(operands[0]) and \(operands[1])")
    }
    guard Self.elementTypes.contains(operands[0]) else {
      throw Diagnostic("element-type", "'\(name)' does not take \(operands[0]); cast the operands first")
    }
    return operands[0]
  }

  @_semantics("optimize.sil.specialize.generic.never")
  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let (a, b) = (operands[0], operands[1])
    let result = try Tensor.record(self, operands)[0]
    return Differentiated([result]) { cotangents in
      guard let cotangent = cotangents[0] else { return [nil, nil] }
      let (da, db) = try derivatives(a, b, unrounded(result, operands), cotangent)
      return [try da?.summed(to: a.shape), try db?.summed(to: b.shape)]
    }
  }
}

/// A comparison: two operands of one type give bool.
public protocol ComparisonOp: PointwiseOp, NotDifferentiable {
  static var comparison: BinaryOperator { get }
  func evaluate(_ a: Double, _ b: Double) -> Bool
  func evaluate(_ a: Int, _ b: Int) -> Bool
}

extension ComparisonOp {
  public static var signature: Signature { .operands(2) }
  public func evaluate(floats: [Double]) -> Double { evaluate(floats[0], floats[1]) ? 1 : 0 }
  public func evaluate(integers: [Int], _ type: ElementType) -> Int {
    // The pattern of a u64 compares as it stands once its top bit is flipped.
    let flip = type == .u64 ? Int.min : 0
    return evaluate(integers[0] ^ flip, integers[1] ^ flip) ? 1 : 0
  }
  public func element(_ operands: [Expression], _ type: LoopType) -> Expression {
    .binary(Self.comparison, operands[0], operands[1])
  }
  @_semantics("optimize.sil.specialize.generic.never")
  public func resultElementType(_ operands: [ElementType]) throws -> ElementType {
    guard operands[0] == operands[1] else {
      throw Diagnostic(
        "element-type",
        "'\(name)' compares operands of one element type and was given \(operands[0]) and \(operands[1])")
    }
    return .bool
  }
}
