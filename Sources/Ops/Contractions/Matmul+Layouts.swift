import TensorIR

extension Matmul {
  public func checkLayouts(_ operands: [TensorType], _ results: [TensorType]) throws {
    try requireStrides([operands[0]])
    try requirePlain(results)
    let right = operands[1]
    guard let block = right.layout.blocks.first else { return }
    guard right.layout == rightLayout(right, width: block.size) else {
      throw Diagnostic("layout", "'matmul' reads panels of columns, which \(right) are not")
    }
  }

  package func rightLayout(_ type: TensorType, width: Int) -> Layout {
    let (stepAxis, columnAxis) = transposeRight ? (type.rank - 1, type.rank - 2) : (type.rank - 2, type.rank - 1)
    return Layout.panels(rank: type.rank, stepAxis: stepAxis, columnAxis: columnAxis, width: width)
  }
}

extension Layout {
  /// The layout of a rank-2 (or batched) right operand whose steps are on `stepAxis` and columns on `columnAxis`: columns in
  /// blocks of a panel's width, innermost; steps before them.
  package static func panels(rank: Int, stepAxis: Int, columnAxis: Int, width: Int) -> Layout {
    let batch = Array(0..<(rank - 2))
    return Layout(order: batch + [columnAxis, stepAxis], blocks: [.init(axis: columnAxis, size: width)])
  }
}
