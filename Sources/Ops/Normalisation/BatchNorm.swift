import TensorIR

/// `(x - mean) / √(variance + epsilon) · scale + bias` for each channel, axis 1, with statistics that are given
/// (Ioffe and Szegedy, 2015; ONNX `BatchNormalization` at inference).
public struct BatchNorm: TensorOp {
  public static let name = "batch_norm"
  public static let summary = "Each channel normalised by a given mean and variance, then scaled and shifted."
  public static let signature = Signature.operands(5)
  @Exact public var epsilon: Double
  public init(epsilon: Double = 1e-5) { self.epsilon = epsilon }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let x = operands[0]
    guard x.rank >= 2 else {
      throw Diagnostic("shape-mismatch", "'batch_norm' takes its channels from axis 1, which \(x) does not have")
    }
    guard x.elementType.isFloat else {
      throw Diagnostic("element-type", "'batch_norm' does not take \(x.elementType); cast the operand to a float")
    }
    for (operand, what) in zip(operands.dropFirst(), ["scale", "bias", "mean", "variance"]) {
      guard operand.elementType == x.elementType, operand.rank == 1 else {
        throw Diagnostic(
          "shape-mismatch",
          "the \(what) of 'batch_norm' is \(operand); for \(x) it is \(x.elementType)[\(x.shape[1])]")
      }
      try context.require(operand.shape[0], equals: x.shape[1], "the \(what) \(operand) does not fit axis 1 of \(x)")
    }
    return [x.plain]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let x = operands[0]
    let result = ReferenceTensor.indices(x.shape).enumerated().map { position, index -> Double in
      let channel = index[1]
      let deviation = (operands[4].floats[channel] + epsilon).squareRoot()
      let normal = (x.floats[position] - operands[3].floats[channel]) / deviation
      return normal * operands[1].floats[channel] + operands[2].floats[channel]
    }
    return [ReferenceTensor(x.elementType, x.shape, floats: result)]
  }

  /// One multiplication and one addition for each element; what they take is worked out once for each channel.
  public func decompose(_ operands: [Tensor]) throws -> [Tensor]? {
    let wide = operands.map { $0.widened() }
    let factor = wide[1] / (wide[4] + wide[4].like(epsilon)).sqrt()
    let shift = wide[2] - wide[3] * factor
    let channels = [wide[1].shape[0]] + wide[0].shape.dropFirst(2).map { _ in 1 }
    let result = wide[0] * factor.reshaped(to: channels) + shift.reshaped(to: channels)
    return [result.cast(to: operands[0].elementType)]
  }
}

extension Tensor {
  /// Each channel (axis 1) normalised by a given mean and variance, then scaled and shifted.
  public func batchNorm(
    scale: Tensor, bias: Tensor, mean: Tensor, variance: Tensor, epsilon: Double = 1e-5
  ) -> Tensor {
    .one(BatchNorm(epsilon: epsilon), self, scale, bias, mean, variance)
  }
}
