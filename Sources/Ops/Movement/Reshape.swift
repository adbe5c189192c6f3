import TensorIR

/// The same elements in row-major order under another shape.
public struct Reshape: TensorOp, AliasOp {
  public static let name = "reshape"
  public static let summary = "The same elements, in row-major order, under another shape."
  public var shape: [Dimension]
  public init(_ shape: [Dimension]) { self.shape = shape }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let count = shape.reduce(1, *)
    try context.require(
      operands[0].count, equals: count,
      "\(operands[0]) has \(operands[0].count) elements and cannot be reshaped to \(shape), which has \(count)")
    return [operands[0].with(shape: shape)]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let shape = try Evaluator.numbers(types[0])
    return [operands[0].picking(Array(0..<operands[0].count), shape: shape)]
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let x = operands[0]
    return Differentiated(try Tensor.record(self, operands)) { [$0[0]?.reshaped(to: x.shape)] }
  }
}

/// An op whose result lies in its operand's memory as it is, when both are plain.
public protocol AliasOp: TensorOp {}
