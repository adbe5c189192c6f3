import TensorIR

/// Repeats axes of extent 1, and adds axes in front, to reach a shape (NumPy's `broadcast_to`).
public struct BroadcastTo: ElementOp {
  public static let name = "broadcast_to"
  public static let summary = "The tensor with axes of extent 1 repeated, and axes added in front, to reach a shape."
  public static let signature = Signature.operands(1)
  public var shape: [Dimension]
  public init(_ shape: [Dimension]) { self.shape = shape }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let own = operands[0].shape
    guard own.count <= shape.count else {
      throw Diagnostic("shape-mismatch", "\(operands[0]) has more axes than \(shape), to which it is to be broadcast")
    }
    for (have, want) in zip(own, shape.suffix(own.count)) {
      try context.require(
        SizeCondition(have, .broadcastsTo, want), "\(operands[0]) does not broadcast to \(shape)")
    }
    return [operands[0].with(shape: shape)]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let shape = try Evaluator.numbers(types[0])
    let strides = ReferenceTensor.strides(operands[0].shape)
    let positions = ReferenceTensor.indices(shape).map {
      ReferenceTensor.broadcastPosition($0, in: operands[0].shape, strides)
    }
    return [operands[0].picking(positions, shape: shape)]
  }

  public func source(_ operands: [TensorType], _ result: TensorType) -> ElementSource {
    .read(.moved(AccessMap.broadcast(operands[0].shape, to: shape)))
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let x = operands[0]
    return Differentiated(try Tensor.record(self, operands)) { [try $0[0]?.summed(to: x.shape)] }
  }
}
