import TensorIR

/// `condition ? a : b`, element by element (ONNX `Where`).
public struct Select: PointwiseOp {
  public static let name = "select"
  public static let summary = "Elements of the second tensor where the condition holds, of the third elsewhere."
  public static let signature = Signature.operands(3)
  public init() {}

  public func resultElementType(_ operands: [ElementType]) throws -> ElementType {
    guard operands[0] == .bool else {
      throw Diagnostic("element-type", "the condition of 'select' is bool and was given \(operands[0])")
    }
    guard operands[1] == operands[2] else {
      throw Diagnostic(
        "element-type",
        "'select' picks from tensors of one element type and was given \(operands[1]) and \(operands[2])")
    }
    return operands[1]
  }

  public func element(_ operands: [Expression], _ type: LoopType) -> Expression {
    .select(operands[0], operands[1], operands[2])
  }
  public func evaluate(floats: [Double]) -> Double { floats[0] != 0 ? floats[1] : floats[2] }
  public func evaluate(integers: [Int], _ type: ElementType) -> Int { integers[0] != 0 ? integers[1] : integers[2] }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let condition = operands[0]
    let result = try Tensor.record(self, operands)[0]
    return Differentiated([result]) { cotangents in
      guard let cotangent = cotangents[0] else { return [nil, nil, nil] }
      let zero = cotangent.like(0)
      return [
        nil, try Tensor.select(condition, cotangent, zero).summed(to: operands[1].shape),
        try Tensor.select(condition, zero, cotangent).summed(to: operands[2].shape),
      ]
    }
  }
}
