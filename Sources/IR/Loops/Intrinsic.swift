/// A function of the prelude that kernels may call: a closed set, declared once in ``Intrinsic/declaration``.
public enum Intrinsic: String, CaseIterable, Hashable, Sendable {
  // Of floats.
  case exp, exp2, expm1, log, log2, log10, log1p, sqrt, rsqrt, sigmoid, erf
  /// exp of a number that is not above 0; 0 where the result would be subnormal.
  case expNonpositive
  /// exp2 likewise.
  case exp2Nonpositive
  case sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, asinh, acosh, atanh
  case floor, ceil, round, truncate
  case pow, atan2, hypot, fmod
  /// a·b + c, rounded once.
  case fma
  /// Of words of two bf16, which f32 stands for, in f32: the high halves of a and b, then the low ones, multiplied and added to
  /// c, rounded after each. What processors do in one instruction; those take what is less than 2⁻¹²⁶ for zero.
  case dot2
  /// The greater of a number that may be NaN and one that is not: `b > a ? b : a`.
  case above
  /// The lesser likewise.
  case below
  /// A float as an integer of the result's type: NaN is 0, what is out of range the nearest that is in it.
  case saturate

  // Of floats and integers.
  case absolute
  /// NaN if one of them is NaN.
  case minimum, maximum
  /// The remainder with the sign of the divisor, as Python's `%`.
  case remainder

  // Of integers: a division by zero gives 0, and nothing traps.
  case divide, floordiv
  /// The remainder with the sign of the dividend, as C's `%`.
  case rem
  /// Of words of four bytes, in i32: the unsigned bytes of a by the signed ones of b, all added to c; sums wrap around.
  case dot4
  /// The two signed bytes of an i16 as the halves of an i32.
  case widen
}

extension Intrinsic {
  /// Which elements an operand or a result may have.
  public enum Domain: Hashable, Sendable {
    case floats, integers, numbers

    public func contains(_ element: ElementType) -> Bool {
      switch self {
      case .floats: element.isFloat
      case .integers: element.isInteger
      case .numbers: element.isFloat || element.isInteger
      }
    }
  }

  /// Roughly how many instructions one takes. The numbers are those by which epilogues and rows were tuned.
  public enum Cost: Int, Hashable, Sendable {
    /// One instruction.
    case single = 1
    /// A few of them.
    case few = 3
    /// One that the divider works on for long.
    case long = 8
    /// A series, or a call of the C library.
    case series = 32
  }

  /// What is known of an intrinsic.
  public struct Declaration: Sendable {
    /// How many operands it takes; all have one type.
    public var arity: Int
    public var domain: Domain
    public var cost: Cost
    /// What its functions in the prelude are called between `tc_` and the type: `tc_rint_f32v`.
    public var stem: String
    /// Whether the prelude computes all lanes of a vector of f32 or i32 at once; else it goes lane by lane.
    public var isVector: Bool
    /// Whether every lane is rounded as IEEE 754 says, so that it is the same number wherever it is computed.
    public var isExact: Bool
    /// Whether a narrow integer in a wider lane may leave its range.
    public var grows: Bool

    init(
      _ stem: String, _ arity: Int, _ domain: Domain, _ cost: Cost, isVector: Bool = true, isExact: Bool = false,
      grows: Bool = false
    ) {
      (self.stem, self.arity, self.domain, self.cost) = (stem, arity, domain, cost)
      (self.isVector, self.isExact, self.grows) = (isVector, isExact, grows)
    }
  }

  /// The table.
  public var declaration: Declaration {
    switch self {
    case .exp, .exp2, .expm1, .log, .log2, .log1p, .sigmoid, .erf, .sin, .cos, .tan, .asin, .acos, .atan, .sinh,
      .cosh, .tanh, .asinh, .acosh, .atanh:
      Declaration(rawValue, 1, .floats, .series)
    case .expNonpositive: Declaration("exp_nonpositive", 1, .floats, .series)
    case .exp2Nonpositive: Declaration("exp2_nonpositive", 1, .floats, .series)
    case .log10: Declaration("log10", 1, .floats, .series, isVector: false)
    case .rsqrt: Declaration("rsqrt", 1, .floats, .series, isExact: true)
    case .sqrt: Declaration("sqrt", 1, .floats, .long, isExact: true)
    case .floor: Declaration("floor", 1, .floats, .single, isExact: true)
    case .ceil: Declaration("ceil", 1, .floats, .single, isExact: true)
    case .round: Declaration("rint", 1, .floats, .single, isExact: true)
    case .truncate: Declaration("trunc", 1, .floats, .single, isExact: true)
    case .pow: Declaration("pow", 2, .numbers, .series, grows: true)
    case .hypot: Declaration("hypot", 2, .floats, .series)
    case .atan2: Declaration("atan2", 2, .floats, .series, isVector: false)
    case .fmod: Declaration("fmod", 2, .floats, .series, isVector: false, isExact: true)
    case .fma: Declaration("fma", 3, .floats, .single, isExact: true)
    case .above: Declaration("above", 2, .floats, .single, isExact: true)
    case .below: Declaration("below", 2, .floats, .single, isExact: true)
    case .saturate: Declaration("sat", 1, .floats, .few, isExact: true)
    case .absolute: Declaration("abs", 1, .numbers, .single, isExact: true)
    case .minimum: Declaration("min", 2, .numbers, .few, isExact: true)
    case .maximum: Declaration("max", 2, .numbers, .few, isExact: true)
    case .remainder: Declaration("mod", 2, .numbers, .series, isVector: false, isExact: true)
    case .divide: Declaration("div", 2, .integers, .long, isVector: false, isExact: true, grows: true)
    case .floordiv: Declaration("floordiv", 2, .integers, .series, isVector: false, isExact: true, grows: true)
    case .dot4: Declaration("dot4", 3, .integers, .few, isExact: true)
    case .dot2: Declaration("dot2", 3, .numbers, .few, isExact: true)
    case .widen: Declaration("widen", 1, .integers, .single, isExact: true)
    case .rem: Declaration("rem", 2, .integers, .series, isVector: false, isExact: true)
    }
  }

  /// The result's type from the operands'; nil where it does not take them. Only ``saturate`` leaves a choice, which `type` makes.
  public func result(of operands: [LoopType], given type: LoopType) -> LoopType? {
    guard operands.count == declaration.arity, let first = operands.first, operands.allSatisfy({ $0 == first }),
      !first.isIndex, declaration.domain.contains(first.element)
    else { return nil }
    if self == .dot4 { return first.element == .i32 ? first : nil }
    if self == .widen { return first.element == .i16 ? LoopType(.i32, lanes: first.lanes) : nil }
    if self == .dot2 { return [.f32, .i32].contains(first.element) ? first : nil }
    if self != .saturate { return first }
    return type.element.isInteger && type.lanes == first.lanes && !type.isIndex ? type : nil
  }
}

extension Expression {
  /// Roughly how many instructions it takes, what it loads left out.
  public var cost: Int {
    let own: Int
    switch self {
    case .integer, .float, .literal, .variable, .load, .loadPartial, .gather, .gatherPartial, .ramp: return 0
    case .asIndex: own = 0
    case .unary, .convert, .bitcast, .broadcast, .reduce, .select: own = 1
    case .binary(let op, _, _): own = op == .divide ? 4 : 1
    case .intrinsic(let intrinsic, _, _): own = intrinsic.declaration.cost.rawValue
    }
    return operands.reduce(own) { $0 + $1.cost }
  }

  /// Whether it calls a function that takes more than a few instructions.
  public var callsSeries: Bool {
    if case .intrinsic(let intrinsic, _, _) = self, intrinsic.declaration.cost == .series { return true }
    return operands.contains(where: \.callsSeries)
  }
}
