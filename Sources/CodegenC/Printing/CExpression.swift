/// A piece of C with what is needed to put parentheses around it only where they help.
struct CExpression {
  /// How tightly the outermost operator binds, loosest first. Bit operators and shifts stand apart: nobody remembers
  /// their precedence, and compilers warn about relying on it.
  enum Strength: Int, Comparable {
    case conditional, bits, logical, comparison, sum, product, unary, primary
    static func < (a: Strength, b: Strength) -> Bool { a.rawValue < b.rawValue }
  }

  var text: String
  var strength: Strength
  /// The operator, for chains such as `a & b & c`.
  var sign: String

  init(_ text: String, _ strength: Strength = .primary, sign: String = "") {
    self.text = text
    self.strength = strength
    self.sign = sign
  }

  /// A number, which may carry a minus.
  static func literal(_ text: String) -> CExpression { CExpression(text, text.hasPrefix("-") ? .unary : .primary) }

  static func call(_ function: String, _ arguments: [CExpression]) -> CExpression {
    CExpression("\(function)(\(arguments.map(\.text).joined(separator: ", ")))")
  }

  static func cast(_ type: String, _ value: CExpression) -> CExpression {
    CExpression("(\(type))\(value.inside(.unary))", .unary)
  }

  static func prefix(_ sign: String, _ value: CExpression) -> CExpression {
    // `- -x`, not the decrement.
    let operand = value.inside(.unary)
    return CExpression(operand.hasPrefix(sign) ? "\(sign) \(operand)" : sign + operand, .unary)
  }

  static func infix(_ left: CExpression, _ sign: String, _ right: CExpression) -> CExpression {
    let strength = strength(of: sign)
    return CExpression("\(left.asLeft(of: sign)) \(sign) \(right.asRight(of: sign))", strength, sign: sign)
  }

  static func conditional(_ condition: CExpression, _ a: CExpression, _ b: CExpression) -> CExpression {
    CExpression("\(condition.inside(.comparison)) ? \(a.inside(.sum)) : \(b.inside(.sum))", .conditional)
  }

  /// An element of an array.
  static func element(_ array: String, _ offset: CExpression) -> CExpression { CExpression("\(array)[\(offset.text)]") }

  /// The text where an operand at least as strong is needed.
  func inside(_ least: Strength) -> String { strength >= least ? text : "(\(text))" }

  private func asLeft(of sign: String) -> String {
    let outer = CExpression.strength(of: sign)
    switch outer {
    // `a && b && c`; mixtures get parentheses.
    case .logical: return self.sign == sign ? text : inside(.comparison)
    case .bits: return self.sign == sign && sign.count == 1 ? text : inside(.unary)
    case .comparison: return inside(.sum)
    default: return inside(outer)
    }
  }

  private func asRight(of sign: String) -> String {
    switch CExpression.strength(of: sign) {
    case .logical: inside(.comparison)
    case .bits: inside(.unary)
    case .comparison: inside(.sum)
    case .sum: inside(.product)
    default: inside(.unary)
    }
  }

  private static func strength(of sign: String) -> Strength {
    switch sign {
    case "&&", "||": .logical
    case "&", "|", "^", "<<", ">>": .bits
    case "<", "<=", ">", ">=", "==", "!=": .comparison
    case "+", "-": .sum
    default: .product
    }
  }
}
