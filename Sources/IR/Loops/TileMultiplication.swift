/// Adds the products of rows of words of two bf16 by a panel of them to sums of f32, by the processor's matrix registers where it
/// has them: `sums[r·columns + c]` for r below `rows` and all columns.
///
/// The steps, words of two, are taken 16 at a time. Of each such block the products of low halves are added up, from zero, and
/// those of high halves, each rounded after every step; then both are added to each other, and that to the sum.
public struct TileMultiplication: Hashable, Sendable {
  /// f32, rows of ``columns``.
  public var sums: Buffer
  public var sumsOffset: Expression
  /// Words, which f32 stands for, in rows that are `leftRow` apart.
  public var left: Buffer
  public var leftOffset: Expression
  public var leftRow: Expression
  /// Words: for each step, those of all columns.
  public var right: Buffer
  public var rightOffset: Expression
  public var steps: Expression
  /// At most ``mostRows``.
  public var rows: Expression

  public static let columns = 32
  public static let mostRows = 32
  /// Steps whose products are added up before they are added to the sum.
  public static let block = 16

  public init(
    sums: (Buffer, offset: Expression), left: (Buffer, offset: Expression, row: Expression),
    right: (Buffer, offset: Expression), steps: Expression, rows: Expression
  ) {
    (self.sums, sumsOffset) = sums
    (self.left, leftOffset, leftRow) = left
    (self.right, rightOffset) = right
    (self.steps, self.rows) = (steps, rows)
  }

  /// What is computed as an index.
  public var indices: [Expression] { [sumsOffset, leftOffset, leftRow, rightOffset, steps, rows] }
}
