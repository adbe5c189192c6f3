import TensorIR
import TensorOps

/// The value of a scalar function of some tensors and its gradient with respect to each, by reverse-mode differentiation.
///
///     let (loss, gradient) = try valueAndGradient(at: network) { network in
///       crossEntropy(network(images), labels)
///     }
///
/// The closure may use other tensors, which count as constants. Inside a traced closure all of it becomes part of the
/// trace; outside, value and gradient are lazy.
/// - Parameter point: the tensors to differentiate with respect to; those of integer types get zeros.
/// - Returns: the value, and a container like `point` that holds the gradients, of the same shapes.
/// - Throws: `gradient-of-tensor` where the value is not a float scalar; `not-differentiable`; what is wrong in the closure.
public func valueAndGradient<Point: TensorContainer>(
  at point: Point, file: String = #fileID, line: Int = #line, column: Int = #column, of body: (Point) throws -> Tensor
) throws -> (value: Tensor, gradient: Point) {
  let place = Location.source(file: file, line: line, column: column)
  let outer = point.tensors
  guard let recorder = Tensor.recorder(of: outer) else {
    throw Diagnostic("no-operands", "there is no tensor to differentiate with respect to", at: place)
  }
  let trace = TraceRecorder(name: "loss", symbols: recorder.symbols, capturingFrom: recorder)
  trace.location = recorder.location
  let inner = outer.map { trace.parameter($0.type.plain) }
  let loss = try body(point.replacing(inner))
  let function = try finish(trace, [("loss", loss)], at: place)
  let type = function.resultTypes[0]
  guard type.rank == 0, type.elementType.isFloat else {
    throw Diagnostic("gradient-of-tensor", "the value to differentiate is a float scalar, not \(type)", at: place)
  }
  // The declared parameters come first, behind them the tensors that the closure used beside its argument.
  let arguments = outer + trace.captures
  let differentiated = try Gradient.differentiate(function, at: arguments, of: arguments)
  let seed = differentiated.results[0].full(1, [])
  let found = try differentiated.pull([seed])
  let gradients = outer.enumerated().map { index, tensor in
    found[index] ?? tensor.full(0, tensor.shape)
  }
  return (differentiated.results[0], point.replacing(gradients))
}
