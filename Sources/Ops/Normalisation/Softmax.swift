import Foundation
import TensorIR

/// `e^x / Σ e^x` along an axis, taken relative to the greatest element so that nothing overflows (ONNX `Softmax`).
public struct Softmax: TensorOp {
  public static let name = "softmax"
  public static let summary = "The exponentials along an axis divided by their sum."
  public static let signature = Signature.operands(1)
  public var axis: Int
  public init(axis: Int) { self.axis = axis }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    try Softmax.infer(operands, axis, name, &context)
  }

  static func infer(
    _ operands: [TensorType], _ axis: Int, _ name: String, _ context: inout InferenceContext
  ) throws -> [TensorType] {
    guard operands[0].elementType.isFloat else {
      throw Diagnostic(
        "element-type", "'\(name)' does not take \(operands[0].elementType); cast the operand to a float")
    }
    try context.require(axis: axis, of: operands[0], name)
    return [operands[0].plain]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let x = operands[0]
    var result = x.floats
    for line in ReferenceTensor.Lines(x.shape, axis: axis) {
      let greatest = line.map { x.floats[$0] }.max() ?? 0
      let powers = line.map { Foundation.exp(x.floats[$0] - greatest) }
      let total = powers.reduce(0, +)
      for (position, power) in zip(line, powers) { result[position] = power / total }
    }
    return [ReferenceTensor(x.elementType, x.shape, floats: result)]
  }

  public func decompose(_ operands: [Tensor]) throws -> [Tensor]? {
    let x = operands[0].widened()
    let powers = (x - x.max(axes: [axis], keepAxes: true)).expNonpositive()
    return [(powers / powers.sum(axes: [axis], keepAxes: true)).cast(to: operands[0].elementType)]
  }

  /// With y the result and g its cotangent: `y (g - Σ g y)`.
  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let result = try Tensor.record(self, operands)[0]
    return Differentiated([result]) { cotangents in
      guard let cotangent = cotangents[0] else { return [nil] }
      let (y, g) = (result.widened(), cotangent.widened())
      let gradient = y * (g - (g * y).sum(axes: [axis], keepAxes: true))
      return [gradient.cast(to: cotangent.elementType)]
    }
  }
}

extension Tensor {
  /// The exponentials along an axis divided by their sum; a negative axis counts from the end.
  public func softmax(axis: Int = -1) -> Tensor { .one(Softmax(axis: normalised(axis)), self) }
}
