import TensorIR

/// The gradient of ``AveragePool``: each element gets a share of the cotangents of the windows that hold it.
public struct AveragePoolGradient: WindowOp {
  public static let name = "average_pool_gradient"
  public static let summary = "Each element's sum of the shares in the cotangents of the windows that hold it."
  public static let signature = Signature.operands(1)
  public var window: Window
  public var countIncludePad: Bool
  /// The shape of the pool's operand.
  public var shape: [Dimension]

  public init(_ window: Window, countIncludePad: Bool, shape: [Dimension]) {
    self.window = window
    self.countIncludePad = countIncludePad
    self.shape = shape
  }

  package var pool: AveragePool { AveragePool(window, countIncludePad: countIncludePad) }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let result = operands[0].with(shape: shape)
    guard result.elementType.isFloat else {
      throw Diagnostic("element-type", "'\(name)' does not take \(result.elementType); cast the operand to a float")
    }
    try window.check(result, name, &context)
    try Window.require(operands[0], shape: window.outputShape(shape), name, &context)
    return [result]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let shape = try Evaluator.numbers(types[0])
    let strides = ReferenceTensor.strides(shape)
    var result = [Double](repeating: 0, count: shape.reduce(1, *))
    for (position, index) in ReferenceTensor.indices(operands[0].shape).enumerated() {
      let share = operands[0].floats[position] / pool.divisor(index[2...], of: shape[2...])
      for (_, place) in window.elements(index[2...], of: shape[2...]) {
        result[ReferenceTensor.position(Array(index[..<2]) + place, strides)] += share
      }
    }
    return [ReferenceTensor(types[0].elementType, shape, floats: result)]
  }

  /// It is linear, and the pool takes it back.
  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    Differentiated(try Tensor.record(self, operands)) { [$0[0].map { .one(pool, $0) }] }
  }
}
