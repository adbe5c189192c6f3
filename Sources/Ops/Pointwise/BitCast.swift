import TensorIR

/// The bits of each element read as another type of the same width, 32 or 64 bits (ONNX `BitCast`, NumPy's `view`).
public struct BitCast: PointwiseOp {
  public static let name = "bit_cast"
  public static let summary = "The bits of each element read as another type of the same width, of 32 or 64 bits."
  public static let signature = Signature.operands(1)
  public var to: ElementType
  public init(to: ElementType) { self.to = to }

  public func resultElementType(_ operands: [ElementType]) throws -> ElementType {
    guard operands[0].bitWidth == to.bitWidth, to.bitWidth >= 32 else {
      throw Diagnostic(
        "element-type", "'bit_cast' reads types of 32 or of 64 bits as each other, and not \(operands[0]) as \(to)")
    }
    return to
  }

  public func element(_ operands: [Expression], _ type: LoopType) -> Expression {
    operands[0].type.element == type.element ? operands[0] : .bitcast(operands[0], type.element)
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let literal = operands[0].literal
    guard let result = TensorLiteral(to, shape: literal.shape, bytes: literal.bytes) else {
      throw Diagnostic("element-type", "the bits of \(literal.elementType) are not read as \(to)")
    }
    return [ReferenceTensor(result)]
  }

  /// One element, which says no more than its operand's type; see the other.
  public func evaluate(floats: [Double]) -> Double { floats[0] }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    Differentiated([try Tensor.record(self, operands)[0]]) { _ in [nil] }
  }
}

extension Tensor {
  /// The bits of each element read as another type of the same width, of 32 or 64 bits.
  public func bitCast(to type: ElementType) -> Tensor { type == elementType ? self : .one(BitCast(to: type), self) }
}
