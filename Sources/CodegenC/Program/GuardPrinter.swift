import TensorIR

/// Prints the check of one condition on sizes, and the error with the sizes met where it does not hold.
struct GuardPrinter {
  private let item: InferenceContext.Guard
  private let sizes: SizeTable
  /// Where the sides are, if a step has kept them.
  private let kept: (left: String, right: String)?

  init(_ item: InferenceContext.Guard, _ sizes: SizeTable, kept: (left: String, right: String)? = nil) {
    self.item = item
    self.sizes = sizes
    self.kept = kept
  }

  var text: String {
    let (condition, sides) = (item.condition, item.sides)
    let found = sides.map { _ in "%s is %lld" }.joined(separator: ", ")
    let format = CLiteral.string(found.isEmpty ? "%s" : "%s: \(found)")
    let values = sides.map { side in
      """
      ,
                           \(CLiteral.string(side.description)), (long long)\(side == condition.left ? "left" : "right")
      """
    }.joined()
    return """
        {
          const int64_t left = \(kept?.left ?? sizes.formula(condition.left));
          const int64_t right = \(kept?.right ?? sizes.formula(condition.right));
          if (\(failure))
            return tc_fail(error, TENSORC_GUARD_FAILED, -1, 0, "guard-failed", \(CLiteral.string(item.location.nodeText)),
                           \(format), \(CLiteral.string(item.message))\(values));
        }

      """
  }

  /// When it does not hold.
  private var failure: String { GuardPrinter.failure(item.condition.relation, "left", "right") }

  static func failure(_ relation: SizeCondition.Relation, _ left: String, _ right: String) -> String {
    switch relation {
    case .equal: "\(left) != \(right)"
    case .atMost: "\(left) > \(right)"
    case .broadcastsWith: "\(left) != \(right) && \(left) != 1 && \(right) != 1"
    case .broadcastsTo: "\(left) != \(right) && \(left) != 1"
    }
  }
}
