import TensorIR
import TensorOps

/// Matrix products that read transposed operands as they lie.
enum MatmulRules {
  static let rules: [Rule] = [transposedOperand]

  private static let transposedOperand = Rule("matmul-of-transpose", on: Matmul.self) { op, site in
    var changed = op
    var operands = site.operation.operands
    if let source = untransposed(operands[0], &site) {
      operands[0] = source
      changed.transposeLeft.toggle()
    }
    if let source = untransposed(operands[1], &site) {
      operands[1] = source
      changed.transposeRight.toggle()
    }
    return changed == op ? nil : try site.add(changed, operands)
  }

  /// The operand of a transpose that exchanges the last two axes and leaves the others.
  private static func untransposed(_ id: ValueID?, _ site: inout RewriteSite) -> ValueID? {
    guard let inner = site.producer(of: id, as: Transpose.self) else { return nil }
    let rank = inner.op.permutation.count
    guard rank >= 2, inner.op.permutation == Array(0..<rank - 2) + [rank - 1, rank - 2] else { return nil }
    return inner.operation.operands[0]
  }
}
