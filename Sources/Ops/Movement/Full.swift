import TensorIR

/// A tensor whose elements all have one value.
public struct Full: ElementOp, NotDifferentiable {
  public static let name = "full"
  public static let summary = "A tensor of a given shape, every element the same number."
  public static let signature = Signature.operands(0)
  @Exact public var value: Double
  public var elementType: ElementType
  public var shape: [Dimension]

  /// - Parameter value: the number; integers up to 2^53 are exact.
  public init(_ value: Double, _ elementType: ElementType, _ shape: [Dimension]) {
    self.value = value
    self.elementType = elementType
    self.shape = shape
  }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    [TensorType(elementType, shape)]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let shape = try Evaluator.numbers(types[0])
    let count = shape.reduce(1, *)
    if elementType.isFloat {
      return [ReferenceTensor(elementType, shape, floats: Array(repeating: value, count: count))]
    }
    let whole = Evaluator.saturate(value, elementType)
    return [ReferenceTensor(elementType, shape, integers: Array(repeating: whole, count: count))]
  }

  public var isUniform: Bool { true }

  public func source(_ operands: [TensorType], _ result: TensorType) -> ElementSource {
    // A 16-bit float is computed in f32, where the number would keep bits that its type has not.
    .literal(.constant(Rounding.round(value, to: elementType), LoopType(elementType.computeType)))
  }
}
