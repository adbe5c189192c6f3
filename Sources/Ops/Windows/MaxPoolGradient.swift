import TensorIR

/// The gradient of ``MaxPool``: each element gets the cotangents of the windows whose tap it was.
public struct MaxPoolGradient: WindowOp {
  public static let name = "max_pool_gradient"
  public static let summary =
    "Each element's sum of the cotangents of the windows in which it was the greatest."
  public static let signature = Signature.operands(2)
  public var window: Window
  /// The shape of the pool's operand.
  public var shape: [Dimension]

  public init(_ window: Window, shape: [Dimension]) {
    self.window = window
    self.shape = shape
  }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let result = operands[0].with(shape: shape)
    try window.check(result, name, &context)
    guard result.elementType.isFloat else {
      throw Diagnostic(
        "element-type", "'\(name)' does not take \(result.elementType); cast the operand to a float")
    }
    for operand in operands {
      try Window.require(operand, shape: window.outputShape(shape), name, &context)
    }
    guard operands[1].elementType == .i32 else {
      throw Diagnostic("element-type", "the taps of '\(name)' are i32, as 'max_pool_taps' gives them")
    }
    return [result]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let shape = try Evaluator.numbers(types[0])
    let strides = ReferenceTensor.strides(shape)
    var result = [Double](repeating: 0, count: shape.reduce(1, *))
    for (position, index) in ReferenceTensor.indices(operands[0].shape).enumerated() {
      for (tap, place) in window.elements(index[2...], of: shape[2...])
      where tap == operands[1].integers[position] {
        result[ReferenceTensor.position(Array(index[..<2]) + place, strides)] += operands[0].number(position)
      }
    }
    return [ReferenceTensor(types[0].elementType, shape, floats: result)]
  }

  /// It is linear in the cotangent, and picking the taps' elements takes it back.
  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    Differentiated(try Tensor.record(self, operands)) { cotangents in
      [cotangents[0].map { .one(TapValues(window), $0, operands[1]) }, nil]
    }
  }
}

extension Window {
  /// Requires a float tensor of the shape that the window gives.
  static func require(
    _ operand: TensorType, shape: [Dimension], _ name: String, _ context: inout InferenceContext
  ) throws {
    let message = "'\(name)' takes the pool's result, of shape \(shape), and was given \(operand)"
    guard operand.rank == shape.count else { throw Diagnostic("shape-mismatch", message) }
    for (own, extent) in zip(operand.shape, shape) { try context.require(own, equals: extent, message) }
  }
}
