import TensorIR

/// A tensor known at compile time.
public struct Constant: NotDifferentiable {
  public static let name = "constant"
  public static let summary = "A tensor that is known when the function is compiled."
  public var value: TensorLiteral
  public init(_ value: TensorLiteral) { self.value = value }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    [value.type]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    [ReferenceTensor(value)]
  }
}
