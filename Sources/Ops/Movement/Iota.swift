import TensorIR

/// Each element is its position along an axis: 0, 1, 2, … (NumPy `arange`, broadcast).
public struct Iota: ElementOp, NotDifferentiable {
  public static let name = "iota"
  public static let summary = "A tensor whose elements are their positions along an axis."
  public static let signature = Signature.operands(0)
  public var elementType: ElementType
  public var shape: [Dimension]
  public var axis: Int

  public init(_ elementType: ElementType, _ shape: [Dimension], axis: Int) {
    self.elementType = elementType
    self.shape = shape
    self.axis = axis
  }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let result = TensorType(elementType, shape)
    try context.require(axis: axis, of: result, name)
    guard ElementType.numbers.contains(elementType) else {
      throw Diagnostic("element-type", "'iota' makes numbers, not \(elementType)")
    }
    return [result]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let shape = try Evaluator.numbers(types[0])
    let places = ReferenceTensor.indices(shape).map { $0[axis] }
    return [
      elementType.isFloat
        ? ReferenceTensor(elementType, shape, floats: places.map { Double($0) })
        : ReferenceTensor(elementType, shape, integers: places)
    ]
  }

  public func source(_ operands: [TensorType], _ result: TensorType) -> ElementSource { .place(.axis(axis)) }
}

extension Tensor {
  /// A tensor recorded beside this one whose elements are their positions along an axis.
  public func iota(_ type: ElementType, _ shape: [Dimension], axis: Int) -> Tensor {
    beside(Iota(type, shape, axis: axis < 0 ? axis + shape.count : axis))
  }
}
