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
/// - Throws: `gradient-of-tensor` where the value is not a scalar, `gradient-of-integer` where it is no float;
///   `not-differentiable`; what is wrong in the closure.
public func valueAndGradient<Point: TensorContainer>(
  at point: Point, file: String = #fileID, line: Int = #line, column: Int = #column, of body: (Point) throws -> Tensor
) throws -> (value: Tensor, gradient: Point) {
  let found = try valueAndGradient(at: point, file: file, line: line, column: column) { (try body($0), Nothing()) }
  return (found.value, found.gradient)
}

/// The value of a scalar function of some tensors and its gradient, and what else the function gives, through which
/// nothing is differentiated:
///
///     let (loss, logits, gradient) = try valueAndGradient(at: network) { network in
///       let logits = network(images)
///       return (crossEntropy(logits, labels), logits)
///     }
///
/// - Throws: as ``valueAndGradient(at:file:line:column:of:)`` without other results.
public func valueAndGradient<Point: TensorContainer, Auxiliary: TensorContainer>(
  at point: Point, file: String = #fileID, line: Int = #line, column: Int = #column,
  of body: (Point) throws -> (Tensor, Auxiliary)
) throws -> (value: Tensor, auxiliary: Auxiliary, gradient: Point) {
  let place = Location.source(file: file, line: line, column: column)
  let (found, auxiliary) = try differentiate(at: point, place, of: body)
  let type = found.value.type
  guard type.rank == 0 else {
    throw Diagnostic("gradient-of-tensor", "the value to differentiate is a float scalar, not \(type)", at: place)
  }
  return (found.value, auxiliary, try found.pull(found.value.full(1, [])))
}
