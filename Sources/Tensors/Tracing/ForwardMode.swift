import TensorIR
import TensorOps

/// The value of a function of some tensors and its derivative along a direction, by forward mode: the Jacobian times the
/// direction, of the value's shape.
///
///     let (y, change) = try valueAndDerivative(at: x, along: v) { $0.matmul(w).tanh() }
///
/// It is found by differentiating the pullback, which is linear in its cotangent, with respect to the cotangent; what the
/// pullback's own value would take is dropped, for nothing reads it.
/// - Parameters:
///   - point: the tensors to differentiate with respect to.
///   - direction: as the point, of the same shapes and element types; tensors of integer types count as zeros.
/// - Throws: `direction-shape` where the direction is not like the point; as ``pullback(at:file:line:column:of:)``.
public func valueAndDerivative<Point: TensorContainer>(
  at point: Point, along direction: Point, file: String = #fileID, line: Int = #line, column: Int = #column,
  of body: (Point) throws -> Tensor
) throws -> (value: Tensor, derivative: Tensor) {
  try checkDirection(direction, at: point, .source(file: file, line: line, column: column))
  let found = try pullback(at: point, file: file, line: line, column: column, of: body)
  let start = found.value.full(0, found.value.shape)
  let derivative = try gradient(at: start, file: file, line: line, column: column) { cotangent in
    inner(try found.pull(cotangent), direction) ?? (cotangent * 0).sum()
  }
  return (found.value, derivative)
}

/// The Hessian of a scalar function times a direction, without the Hessian: the gradient of the gradient's product with the
/// direction, of the point's shapes.
///
/// - Parameter direction: as the point, of the same shapes and element types; tensors of integer types count as zeros.
/// - Throws: `direction-shape` where the direction is not like the point; as ``valueAndGradient(at:file:line:column:of:)``.
public func hessianVectorProduct<Point: TensorContainer>(
  at point: Point, along direction: Point, file: String = #fileID, line: Int = #line, column: Int = #column,
  of body: (Point) throws -> Tensor
) throws -> Point {
  try checkDirection(direction, at: point, .source(file: file, line: line, column: column))
  return try gradient(at: point, file: file, line: line, column: column) { moved in
    let slope = try gradient(at: moved, file: file, line: line, column: column, of: body)
    return try inner(slope, direction) ?? (body(moved) * 0)
  }
}

/// The sum of the products of the floats in two containers; nil where neither has any.
private func inner<Point: TensorContainer>(_ a: Point, _ b: Point) -> Tensor? {
  let products = zip(a.tensors, b.tensors).filter { $0.0.elementType.isFloat }.map { ($0 * $1).sum() }
  guard let first = products.first else { return nil }
  return products.dropFirst().reduce(first) { $0 + $1.cast(to: first.elementType) }
}

private func checkDirection<Point: TensorContainer>(_ direction: Point, at point: Point, _ place: Location) throws {
  let (own, wanted) = (direction.tensors, point.tensors)
  guard own.count == wanted.count else {
    throw Diagnostic(
      "direction-shape", "the direction has \(own.count) tensors, and the point \(wanted.count)", at: place)
  }
  for (tensor, expected) in zip(own, wanted) where !tensor.isPoison && !expected.isPoison {
    guard tensor.type.plain == expected.type.plain else {
      throw Diagnostic(
        "direction-shape", "the direction is \(tensor.type) where the point is \(expected.type)", at: place)
    }
  }
}
