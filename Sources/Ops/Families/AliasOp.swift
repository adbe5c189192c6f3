import TensorIR

/// An op whose result may lie in its operand's memory as it is.
public protocol AliasOp: TensorOp {
  /// Whether it does for operands and results in these layouts.
  func isView(_ operand: TensorType, _ result: TensorType) -> Bool
  /// The layouts in which nothing moves, for an operand that is there: what the operand should have, and what the result
  /// gets; nil for what inference gives.
  func viewLayouts(of operand: TensorType) -> (operand: Layout?, result: Layout?)
}

extension AliasOp {
  public func viewLayouts(of operand: TensorType) -> (operand: Layout?, result: Layout?) { (nil, nil) }
}

extension Operation {
  /// Whether its result is its operand's memory seen in another way, so that no kernel is needed.
  public func isView(in function: Function) -> Bool {
    guard let op = op as? any AliasOp, let source = operands.first ?? nil else { return false }
    return op.isView(function.type(of: source), function.type(of: results[0]))
  }
}

extension TensorType {
  /// The axes in the order of memory, those of extent 1 left out; nil for a blocked layout.
  public var memoryAxes: [Int]? {
    layout.blocks.isEmpty ? layout.axes(rank: rank).filter { shape[$0] != 1 } : nil
  }

  /// Whether the elements lie in row-major order, whatever the layout is called.
  public var isRowMajorInMemory: Bool { memoryAxes.map { $0 == $0.sorted() } ?? false }
}
