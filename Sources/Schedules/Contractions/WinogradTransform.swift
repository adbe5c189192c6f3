import TensorIR
import TensorOps

/// Writes transforms of tiles, a vector of channels at a time: each of 16 places has a memory of its own.
struct WinogradTransform {
  let builder: KernelBuilder
  let memory: Buffer
  /// How far apart neighbouring places lie.
  let distance: Expression

  /// Bᵀ d B of a tile of 4 by 4 of the input, row by row.
  func input(_ cells: [[Expression]], to offset: Expression) { write(cells, Self.input, to: offset) }

  /// A y Aᵀ of a cotangent of 2 by 2 results, row by row.
  func cotangent(_ cells: [[Expression]], to offset: Expression) { write(cells, Self.cotangent, to: offset) }

  private func write(_ cells: [[Expression]], _ element: (Int, [Expression]) -> Expression, to offset: Expression) {
    let to = builder.declare("step", offset)
    for row in 0..<4 {
      let line = cells[0].indices.map { column in
        builder.declare("line", element(row, cells.map { $0[column] }))
      }
      for column in 0..<4 {
        builder.store(memory, .integer(row * 4 + column) * distance + to, element(column, line))
      }
    }
  }

  /// An element of Bᵀ d.
  private static func input(_ place: Int, _ d: [Expression]) -> Expression {
    switch place {
    case 0: d[0] - d[2]
    case 1: d[1] + d[2]
    case 2: d[2] - d[1]
    default: d[1] - d[3]
    }
  }

  /// An element of A y.
  private static func cotangent(_ place: Int, _ y: [Expression]) -> Expression {
    switch place {
    case 0: y[0]
    case 1: y[0] + y[1]
    case 2: y[0] - y[1]
    default: .unary(.negate, y[1])
    }
  }
}
