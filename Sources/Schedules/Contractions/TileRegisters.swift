import TensorIR
import TensorOps

/// Writes the innermost part of a product of words of bf16 by matrix registers: sums of up to 32 rows by 32 columns, which lie in
/// the nearest cache between runs of steps.
struct TileRegisters: RegisterTile {
  let builder: KernelBuilder
  let target: Target
  let shape: TileShape
  let left: Buffer
  let right: Buffer
  /// Where the sums lie.
  let sums: Buffer

  var element: ElementType { .f32 }
  var memory: Buffer? { sums }

  init(_ builder: KernelBuilder, _ target: Target, _ shape: TileShape, left: Buffer, right: Buffer) {
    (self.builder, self.target, self.left, self.right) = (builder, target, left, right)
    self.shape = TileShape(rows: TileMultiplication.mostRows, vectors: shape.vectors, prefetch: 0)
    sums = builder.array("sums", .f32, count: TileMultiplication.mostRows * TileMultiplication.columns)
  }

  func write(
    _ left: TileProduct.Left, _ runs: TileProduct.Runs, panels: [Expression], vectors: Int, height: Expression,
    heights: ClosedRange<Int>, finish: TileProduct.Finish
  ) throws {
    let lanes = target.lanes(of: .f32)
    let columns = Expression.integer(TileMultiplication.columns)
    builder.loop("i", from: 0, to: height * columns, step: .integer(lanes)) {
      builder.store(sums, $0, .number(0, LoopType(.f32, lanes: lanes)))
    }
    let panel = builder.pointer("b", into: right, offset: panels[0])
    TileProduct.nested(runs.levels, start: left.origin, builder) { start in
      builder.emit(
        .multiplyTiles(
          TileMultiplication(
            sums: (sums, 0), left: (self.left, start, left.row), right: (panel, 0), steps: runs.length, rows: height)))
      builder.advance(panel, by: runs.length * columns)
    }
  }
}
