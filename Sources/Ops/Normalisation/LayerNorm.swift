import TensorIR

/// `(x - mean) / √(variance + epsilon) · scale + bias` over the axes from `axis` on (Ba, Kiros and Hinton, 2016; ONNX
/// `LayerNormalization`). Scale and bias broadcast to these axes; the bias may be left out.
public struct LayerNorm: TensorOp {
  public static let name = "layer_norm"
  public static let summary =
    "Each slice over the last axes brought to mean 0 and variance 1, then scaled and shifted."
  public static let signature = Signature(operands: 2...3, optional: [1, 2])
  /// The first of the axes that are normalised.
  public var axis: Int
  @Exact public var epsilon: Double

  public init(axis: Int, epsilon: Double = 1e-5) {
    self.axis = axis
    self.epsilon = epsilon
  }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let x = operands[0]
    try context.require(axis: axis, of: x, name)
    guard x.elementType.isFloat else {
      throw Diagnostic("element-type", "'layer_norm' does not take \(x.elementType); cast the operand to a float")
    }
    for (operand, what) in zip(operands.dropFirst(), ["scale", "bias"]) where operand != FunctionBuilder.absent {
      guard operand.elementType == x.elementType else {
        throw Diagnostic(
          "element-type", "the \(what) of 'layer_norm' is \(operand.elementType) and its operand \(x.elementType)")
      }
      guard operand.rank <= x.rank - axis else {
        throw Diagnostic("shape-mismatch", "the \(what) \(operand) has more axes than are normalised of \(x)")
      }
      for (own, extent) in zip(operand.shape.reversed(), x.shape.reversed()) where own != 1 {
        try context.require(own, equals: extent, "the \(what) \(operand) does not broadcast to the end of \(x)")
      }
    }
    return [x.plain]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let x = operands[0]
    let size = x.shape.suffix(from: axis).reduce(1, *)
    var result: [Double] = []
    let places = Array(ReferenceTensor.indices(Array(x.shape.suffix(from: axis))))
    func factor(_ operand: Int, _ place: [Int], otherwise: Double) -> Double {
      guard operand < operands.count, !operands[operand].isAbsent else { return otherwise }
      let (own, strides) = (operands[operand], ReferenceTensor.strides(operands[operand].shape))
      return own.floats[ReferenceTensor.broadcastPosition(place, in: own.shape, strides)]
    }
    for row in 0..<x.shape.prefix(axis).reduce(1, *) {
      let values = x.floats[row * size..<(row + 1) * size]
      let mean = values.reduce(0, +) / Double(size)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(size)
      let deviation = (variance + epsilon).squareRoot()
      for (value, place) in zip(values, places) {
        let scale = factor(1, place, otherwise: 1)
        result.append((value - mean) / deviation * scale + factor(2, place, otherwise: 0))
      }
    }
    return [ReferenceTensor(x.elementType, x.shape, floats: result)]
  }

  public func decompose(_ operands: [Tensor]) throws -> [Tensor]? {
    let x = operands[0].widened()
    let axes = Array(axis..<x.rank)
    let centred = x - x.mean(axes: axes, keepAxes: true)
    let variance = (centred * centred).mean(axes: axes, keepAxes: true)
    var result = centred * (variance + x.like(epsilon)).sqrt().reciprocal()
    if !operands[1].isAbsent { result = result * operands[1].widened() }
    if operands.count > 2, !operands[2].isAbsent { result = result + operands[2].widened() }
    return [result.cast(to: operands[0].elementType)]
  }
}

extension Tensor {
  /// Each slice over the axes from `axis` on brought to mean 0 and variance 1, then scaled and shifted.
  public func layerNorm(scale: Tensor, bias: Tensor? = nil, axis: Int = -1, epsilon: Double = 1e-5) -> Tensor {
    .one(LayerNorm(axis: normalised(axis), epsilon: epsilon), list: [self, scale] + (bias.map { [$0] } ?? []))
  }
}
