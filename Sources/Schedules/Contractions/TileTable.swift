import TensorIR
import TensorOps

/// The register tile of a matrix product: rows of the left operand by columns of the right one.
public struct TileShape: Hashable, Sendable {
  /// The most rows in a tile; every smaller height has its own code, so no row is computed twice.
  public var rows: Int
  /// Vectors of columns in a panel.
  public var vectors: Int
  /// Steps that the packed panel is fetched ahead.
  public var prefetch: Int

  /// The tile for a target, from docs/experiments.md: as many accumulators as leave room for the operands.
  public static func matmul(_ target: Target) -> TileShape {
    if target.registers >= 32 { return TileShape(rows: 12, vectors: 2, prefetch: 8) }
    // A panel's vectors are half a line of the cache each, which the processor's own prefetcher follows; loads are what is scarce.
    return TileShape(rows: target.hasFMA ? 6 : 4, vectors: 2, prefetch: 0)
  }

  /// The tile for filters: where those of a group fill one vector or three, one panel has them all, of as many sums in more rows or
  /// fewer. A whole panel and a narrow one behind it take as many loads as multiply-adds in the latter, and six sums keep two
  /// units of four cycles waiting. Zen 1, eight blocks with groups of 80 channels to 20: 5.99 ms, and 5.60 so. With 32 registers it
  /// was not measured, and stays as it is.
  static func filters(_ target: Target, _ element: ElementType, columns: Dimension) -> TileShape {
    var shape = matmul(target)
    let lanes = target.lanes(of: element)
    guard let columns = columns.constant, target.registers < 32 else { return shape }
    let sums = shape.rows * shape.vectors
    switch columns {
    case 1...lanes: (shape.vectors, shape.rows) = (1, sums)
    case 2 * lanes + 1...3 * lanes: (shape.vectors, shape.rows) = (3, sums / 3)
    default: break
    }
    return shape
  }

  /// The tile for words of two bf16: panels as wide as matrix registers, where there are some.
  static func pairs(_ target: Target) -> TileShape {
    var shape = matmul(target)
    if target.hasTiles { shape.vectors = TileMultiplication.columns / target.lanes(of: .f32) }
    return shape
  }

  /// The columns of a packed panel.
  public func columns(_ target: Target, _ element: ElementType) -> Int { vectors * target.lanes(of: element) }
}
