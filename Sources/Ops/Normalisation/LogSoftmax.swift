import Foundation
import TensorIR

/// `x - ln Σ e^x` along an axis, taken relative to the greatest element (ONNX `LogSoftmax`).
public struct LogSoftmax: TensorOp {
  public static let name = "log_softmax"
  public static let summary = "The logarithm of the softmax along an axis, exact where the softmax is 0."
  public static let signature = Signature.operands(1)
  public var axis: Int
  public init(axis: Int) { self.axis = axis }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    try Softmax.infer(operands, axis, name, &context)
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let x = operands[0]
    var result = x.floats
    for line in ReferenceTensor.Lines(x.shape, axis: axis) {
      let greatest = line.map { x.floats[$0] }.max() ?? 0
      let total = line.reduce(0) { $0 + Foundation.exp(x.floats[$1] - greatest) }
      for position in line { result[position] = x.floats[position] - greatest - Foundation.log(total) }
    }
    return [ReferenceTensor(x.elementType, x.shape, floats: result)]
  }

  public func decompose(_ operands: [Tensor]) throws -> [Tensor]? {
    let x = operands[0].widened()
    let shifted = x - x.max(axes: [axis], keepAxes: true)
    let total = shifted.expNonpositive().sum(axes: [axis], keepAxes: true)
    return [(shifted - total.log()).cast(to: operands[0].elementType)]
  }

  /// With y the result and g its cotangent: `g - e^y Σ g`.
  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let result = try Tensor.record(self, operands)[0]
    return Differentiated([result]) { cotangents in
      guard let cotangent = cotangents[0] else { return [nil] }
      let (y, g) = (result.widened(), cotangent.widened())
      let gradient = g - y.expNonpositive() * g.sum(axes: [axis], keepAxes: true)
      return [gradient.cast(to: cotangent.elementType)]
    }
  }
}

extension Tensor {
  /// The logarithm of the softmax along an axis; a negative axis counts from the end.
  public func logSoftmax(axis: Int = -1) -> Tensor { .one(LogSoftmax(axis: normalised(axis)), self) }
}
