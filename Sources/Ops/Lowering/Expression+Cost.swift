import TensorIR

extension Expression {
  /// Roughly how many instructions it takes, what it loads left out; functions of the prelude that are series count as many.
  var cost: Int {
    switch self {
    case .integer, .float, .literal, .variable, .load, .loadPartial, .gather, .gatherPartial, .ramp: 0
    case .unary(_, let a), .convert(let a, _), .bitcast(let a, _), .broadcast(let a, _), .reduce(_, let a): 1 + a.cost
    case .binary(let op, let a, let b): (op == .divide ? 4 : 1) + a.cost + b.cost
    case .select(let a, let b, let c): 1 + a.cost + b.cost + c.cost
    case .call(let name, let arguments, _):
      (Expression.cheapCalls[name] ?? 32) + arguments.reduce(0) { $0 + $1.cost }
    }
  }

  private static let cheapCalls = ["fma": 1, "above": 1, "below": 1, "maximum": 3, "minimum": 3, "absolute": 1]
}
