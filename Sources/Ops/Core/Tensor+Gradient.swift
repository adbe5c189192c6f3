import TensorIR

extension Tensor {
  /// The gradient of an op for this tensor, its first operand, from the cotangent of the op's first result; poison where the
  /// operands do not fit. The op's results are recorded beside it, and dropped if nothing else wants them.
  func gradient(of op: any TensorOp, _ others: [Tensor], _ cotangent: Tensor) -> Tensor {
    gradients(of: op, others, cotangent)[0]
  }

  /// The gradients of an op for this tensor and the operands behind it; absent for those that have none.
  func gradients(of op: any TensorOp, _ others: [Tensor], _ cotangent: Tensor) -> [Tensor] {
    let operands = [self] + others
    let poison = Tensor.recorder(of: operands).map { Tensor($0, -1) } ?? .absent
    guard let differentiated = try? op.differentiate(operands), let result = differentiated.results.first,
      !result.isPoison
    else { return operands.map { $0.isAbsent ? .absent : poison } }
    // One of another shape would go unnoticed where the rule broadcasts.
    let checked = cotangent.requiring(shape: result.shape, op.name)
    let rest = differentiated.results.dropFirst().map { _ in Tensor?.none }
    guard !checked.isPoison, let found = try? differentiated.pullPrecisely([checked] + rest) else {
      return operands.map { $0.isAbsent ? .absent : poison }
    }
    return found.enumerated().map { $1 ?? ($0 == 0 ? full(0, shape) : .absent) }
  }

  /// This tensor if it has a shape or broadcasts to it; otherwise the recorder is told and the result is poison.
  func requiring(shape: [Dimension], _ name: String) -> Tensor {
    self.shape == shape ? self : .one(BroadcastTo(shape), rank == shape.count ? self : reshaped(to: shape))
  }

  /// This tensor with the shape of another, which is the same where the run has found the sizes.
  func shaped(like other: Tensor) -> Tensor { shape == other.shape ? self : reshaped(to: other.shape) }
}
