import TensorIR
import TensorOps

/// A product of a one-hot matrix with a table picks rows of the table.
///
/// Exporters write an embedding so: `matmul(cast(equal(indices[…, 1], 0..<n)), table)`. The product reads the whole
/// table for each row; a gather reads one row. Indices outside 0..<n give a row of zeros, so the gather picks a row of
/// zeros put behind the table for them.
enum OneHotRules {
  static let rules: [Rule] = [product]

  private static let product = Rule("one-hot-product", on: Matmul.self) { op, site in
    guard op == Matmul(), let table = site.literal(site.operand(1)), table.shape.count == 2,
      table.elementType.isFloat, let cast = site.producer(of: site.operand(0), as: Cast.self),
      let equal = site.producer(of: cast.operation.operands[0], as: Equal.self),
      let indices = equal.operation.operands[0],
      isRange(equal.operation.operands[1], count: table.shape[0], &site)
    else { return nil }
    let type = site.type(of: indices)
    guard type.rank >= 2, type.shape.last == 1, type.elementType == .i32 || type.elementType == .i64 else {
      return nil
    }
    // Every other row is multiplied by zero, which is not zero for infinities.
    guard ReferenceTensor(table).floats.allSatisfy(\.isFinite) else { return nil }
    let flat = try site.one(Reshape(Array(type.shape.dropLast())), indices)
    let rows = try site.one(Constant(withZeroRow(table)))
    return [try site.one(Gather(axis: 0), rows, try clamped(flat, type.elementType, table.shape[0], &site))]
  }

  /// Whether a value is 0, 1, 2 … along its last axis, its only one that is not 1.
  private static func isRange(_ id: ValueID?, count: Int, _ site: inout RewriteSite) -> Bool {
    guard let literal = site.written(id), literal.count == count, literal.shape.last == count,
      literal.elementType.isInteger
    else { return false }
    return ReferenceTensor(literal).integers == Array(0..<count)
  }

  /// -0.0 in the table comes out of a sum as 0.
  private static func withZeroRow(_ table: TensorLiteral) -> TensorLiteral {
    let rows =
      ReferenceTensor(table).floats.map { $0 == 0 ? 0 : $0 } + [Double](repeating: 0, count: table.shape[1])
    return ReferenceTensor(table.elementType, [table.shape[0] + 1, table.shape[1]], floats: rows).literal
  }

  /// The index, or that of the row of zeros where it lies outside.
  private static func clamped(
    _ id: ValueID, _ type: ElementType, _ count: Int, _ site: inout RewriteSite
  ) throws -> ValueID {
    let last = try site.one(Full(Double(count), type, []))
    let zero = try site.one(Full(0, type, []))
    let isAbove = try site.one(Greater(), id, last)
    let isBelow = try site.one(Less(), id, zero)
    return try site.one(Select(), try site.one(LogicalOr(), isAbove, isBelow), last, id)
  }
}
