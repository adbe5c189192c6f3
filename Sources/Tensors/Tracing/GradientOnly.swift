import TensorIR
import TensorOps

/// The gradient of a scalar function with respect to some tensors; see ``valueAndGradient(at:file:line:column:of:)``, which gives the
/// value too.
///
///     let slope = try gradient(at: x) { ($0 * $0).sum() }
///
/// - Throws: as ``valueAndGradient(at:file:line:column:of:)``.
public func gradient<Point: TensorContainer>(
  at point: Point, file: String = #fileID, line: Int = #line, column: Int = #column, of body: (Point) throws -> Tensor
) throws -> Point {
  try valueAndGradient(at: point, file: file, line: line, column: column, of: body).gradient
}
