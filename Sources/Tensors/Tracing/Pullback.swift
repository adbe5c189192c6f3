import TensorIR
import TensorOps

/// What ``pullback(at:file:line:column:of:)`` gives.
public struct Pullback<Point: TensorContainer> {
  /// The function's value.
  public let value: Tensor
  /// From a cotangent, of the value's shape and element type, to the point's.
  public let pull: (Tensor) throws -> Point
}

/// The value of a function of some tensors, and the function that takes a cotangent of the value, of its shape, to
/// cotangents of those tensors: what ``valueAndGradient(at:file:line:column:of:)`` does for a scalar, whose cotangent is 1.
///
/// The closure may use other tensors, which count as constants.
/// - Parameter point: the tensors to differentiate with respect to; those of integer types get zeros.
/// - Throws: `not-differentiable`; `gradient-of-integer` where the value is no float; what is wrong in the closure.
public func pullback<Point: TensorContainer>(
  at point: Point, file: String = #fileID, line: Int = #line, column: Int = #column, of body: (Point) throws -> Tensor
) throws -> Pullback<Point> {
  let place = Location.source(file: file, line: line, column: column)
  return try differentiate(at: point, place) { (try body($0), Nothing()) }.pullback
}

/// The pullback of a function's value, and what else the function gives.
func differentiate<Point: TensorContainer, Auxiliary: TensorContainer>(
  at point: Point, _ place: Location, of body: (Point) throws -> (Tensor, Auxiliary)
) throws -> (pullback: Pullback<Point>, auxiliary: Auxiliary) {
  try point.checkFields(at: place)
  let outer = point.tensors
  guard let recorder = Tensor.recorder(of: outer) else {
    throw Diagnostic("no-operands", "there is no tensor to differentiate with respect to", at: place)
  }
  let trace = TraceRecorder(name: "loss", symbols: recorder.symbols, capturingFrom: recorder)
  trace.location = recorder.location
  let inner = outer.map { trace.parameter($0.type.plain) }
  let (value, auxiliary) = try body(point.replacing(inner))
  let function = try finish(trace, [("value", value)] + auxiliary.namedTensors, at: place)
  let type = function.resultTypes[0]
  guard type.elementType.isFloat else {
    throw Diagnostic("gradient-of-integer", "what is differentiated is a float, not \(type)", at: place)
  }
  // The declared parameters come first, then the tensors that the closure used beside its argument.
  let arguments = outer + trace.captures
  let differentiated = try Gradient.differentiate(function, at: arguments, of: arguments)
  let results = differentiated.results
  let pullback = Pullback<Point>(value: results[0]) { cotangent in
    guard cotangent.isPoison || cotangent.type.plain == results[0].type.plain else {
      throw Diagnostic(
        "cotangent-type", "the cotangent of \(type) is of that type, not \(cotangent.type)", at: place)
    }
    let others = results.dropFirst().map { _ in Tensor?.none }
    let found = try differentiated.pull([cotangent] + others)
    return point.replacing(outer.enumerated().map { index, tensor in found[index] ?? tensor.full(0, tensor.shape) })
  }
  return (pullback, auxiliary.replacing(Array(results.dropFirst())))
}
