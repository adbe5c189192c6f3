import TensorIR

/// An op whose axes are those of its operands, so that it works in any layout and keeps it: slices, pads, concatenations,
/// pools.
public protocol LayoutKeepingOp: TensorOp {
  /// Whether an operand has the axes of the result; others, tables, are row-major.
  func keepsLayout(ofOperand place: Int) -> Bool
}

extension LayoutKeepingOp {
  public func keepsLayout(ofOperand place: Int) -> Bool { true }

  public func checkLayouts(_ operands: [TensorType], _ results: [TensorType]) throws {
    try requireOneLayout(operands, results)
  }

  /// Requires one layout without blocks for all.
  @_semantics("optimize.sil.specialize.generic.never")
  fileprivate func requireOneLayout(_ operands: [TensorType], _ results: [TensorType]) throws {
    try requireStrides(operands + results)
    let kept = operands.indices.filter(keepsLayout).map { operands[$0] }
    try requirePlain(operands.indices.filter { !keepsLayout(ofOperand: $0) }.map { operands[$0] })
    let layouts = Set((kept + results).map(\.layout))
    guard layouts.count == 1 else {
      let found = (operands + results).map { "\($0)" }.joined(separator: ", ")
      throw Diagnostic("layout", "'\(name)' keeps the layout of its operands and was given \(found)")
    }
  }
}

extension ElementOp where Self: LayoutKeepingOp {
  public func checkLayouts(_ operands: [TensorType], _ results: [TensorType]) throws {
    try requireOneLayout(operands, results)
  }
}
