import TensorIR

/// A question about each element of a float tensor; the answer is bool.
public protocol PredicateOp: PointwiseOp, NotDifferentiable {
  func evaluate(_ x: Double) -> Bool
}

extension PredicateOp {
  public static var signature: Signature { .operands(1) }
  public func evaluate(floats: [Double]) -> Double { evaluate(floats[0]) ? 1 : 0 }

  public func resultElementType(_ operands: [ElementType]) throws -> ElementType {
    guard operands[0].isFloat else {
      throw Diagnostic(
        "element-type", "'\(name)' takes floats and was given \(operands[0]); it is false for every one")
    }
    return .bool
  }
}
