import TensorIR

/// A tensor known at compile time.
public struct Constant: ElementOp, NotDifferentiable {
  public static let name = "constant"
  public static let summary = "A tensor that is known when the function is compiled."
  public static let signature = Signature.operands(0)
  public var value: TensorLiteral
  public init(_ value: TensorLiteral) { self.value = value }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    [value.type]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    [ReferenceTensor(value)]
  }

  /// A single number is written into the kernel that reads it; larger constants are memory.
  public func fuses(_ operands: [TensorType], _ results: [TensorType]) -> Bool { value.count == 1 }

  public var isUniform: Bool { value.count == 1 }

  public func element(result: Int, at index: [Index], _ access: ElementAccess) throws -> Expression {
    let number = ReferenceTensor(value)
    let type = LoopType(value.elementType.computeType)
    return value.elementType.isFloat ? .number(number.floats[0], type) : .literal(number.integers[0], type)
  }
}
