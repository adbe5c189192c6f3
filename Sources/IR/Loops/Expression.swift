/// Operators with one operand, on scalars and vectors.
public enum UnaryOperator: String, Hashable, Sendable {
  case negate, bitNot, logicalNot
}

/// Operators with two operands of one type. Comparisons give bool for scalars and a mask for vectors; `quotient` and
/// `remainder` truncate, as in C, and are used where the divisor is known not to be zero.
public enum BinaryOperator: String, Hashable, Sendable {
  case add, subtract, multiply, divide, quotient, remainder
  case minimum, maximum  // of indices and integers; floats use the prelude's, which propagate NaN
  case bitAnd, bitOr, bitXor, shiftLeft, shiftRight
  case less, lessEqual, greater, greaterEqual, equal, notEqual
  case logicalAnd, logicalOr

  public var isComparison: Bool {
    switch self {
    case .less, .lessEqual, .greater, .greaterEqual, .equal, .notEqual: true
    default: false
    }
  }
}

/// How the lanes of a vector become one scalar; a fixed tree of pairs.
public enum LaneReduction: String, CaseIterable, Hashable, Sendable { case sum, product, minimum, maximum }

/// A double that equals another where all bits are the same: kernels that differ in the sign of a zero are two.
public struct ExactDouble: Hashable, Sendable {
  private let bits: UInt64
  public init(_ value: Double) { bits = value.bitPattern }
  public var value: Double { Double(bitPattern: bits) }
}

/// A value in the loop IR. Vectors are as wide as a target's register; a mask has the type bool with lanes.
public indirect enum Expression: Hashable, Sendable {
  /// An index.
  case integer(Int)
  /// A float constant, the same in every lane; see ``number(_:_:)``.
  case float(ExactDouble, LoopType)
  /// An integer or bool constant, the same in every lane.
  case literal(Int, LoopType)
  case variable(Variable)
  case unary(UnaryOperator, Expression)
  case binary(BinaryOperator, Expression, Expression)
  /// `condition ? a : b`, lane by lane.
  case select(Expression, Expression, Expression)
  /// A conversion as C does it, of an index too; ``Intrinsic/saturate`` is another.
  case convert(Expression, ElementType)
  /// An integer of the data as an index.
  case asIndex(Expression)
  /// The same bits read as another type of the same width.
  case bitcast(Expression, ElementType)
  /// `lanes` neighbouring elements from an offset, given in the compute type of the buffer's element type.
  case load(Buffer, Expression, lanes: Int)
  /// The first `count` of `lanes` elements, zeros behind; `count` may be `lanes`.
  case loadPartial(Buffer, Expression, lanes: Int, count: Expression)
  /// `lanes` elements `stride` apart.
  case gather(Buffer, Expression, stride: Expression, lanes: Int)
  /// The first `count` of `lanes` elements `stride` apart, zeros behind; `count` may be `lanes`.
  case gatherPartial(Buffer, Expression, stride: Expression, lanes: Int, count: Expression)
  /// A scalar in every lane.
  case broadcast(Expression, lanes: Int)
  /// base, base + step, …
  case ramp(Expression, step: Expression, lanes: Int)
  /// A function of the prelude; the emitter picks the one for the type.
  case intrinsic(Intrinsic, [Expression], LoopType)
  case reduce(LaneReduction, Expression)

  /// A float constant.
  public static func number(_ value: Double, _ type: LoopType) -> Expression { .float(ExactDouble(value), type) }

  public var type: LoopType {
    switch self {
    case .integer, .asIndex: return .index
    case .float(_, let type), .literal(_, let type): return type
    case .variable(let variable): return variable.type
    case .unary(_, let a): return a.type
    case .binary(let op, let a, let b):
      // Each side is asked once: twice would double the time at each level.
      let (left, right) = (a.type, b.type)
      let type = left.lanes >= right.lanes ? left : right
      return op.isComparison ? LoopType(.bool, lanes: type.lanes) : type
    case .select(_, let a, _): return a.type
    case .convert(let a, let element), .bitcast(let a, let element): return LoopType(element, lanes: a.type.lanes)
    case .load(let buffer, _, let lanes), .loadPartial(let buffer, _, let lanes, _),
      .gather(let buffer, _, _, let lanes), .gatherPartial(let buffer, _, _, let lanes, _):
      return LoopType(buffer.element.computeType, lanes: lanes)
    case .broadcast(let a, let lanes): return LoopType(a.type.element, lanes: lanes)
    case .ramp(let base, _, let lanes): return LoopType(base.type.element, lanes: lanes)
    case .intrinsic(_, _, let type): return type
    case .reduce(_, let a): return LoopType(a.type.element)
    }
  }

  /// The expressions directly inside.
  public var operands: [Expression] {
    switch self {
    case .integer, .float, .literal, .variable: []
    case .unary(_, let a), .convert(let a, _), .asIndex(let a), .bitcast(let a, _), .broadcast(let a, _),
      .reduce(_, let a):
      [a]
    case .load(_, let offset, _): [offset]
    case .binary(_, let a, let b): [a, b]
    case .select(let condition, let a, let b): [condition, a, b]
    case .loadPartial(_, let offset, _, let count): [offset, count]
    case .gather(_, let offset, let stride, _): [offset, stride]
    case .gatherPartial(_, let offset, let stride, _, let count): [offset, stride, count]
    case .ramp(let base, let step, _): [base, step]
    case .intrinsic(_, let arguments, _): arguments
    }
  }

  /// A scalar integer as an index; an index as it is.
  public var index: Expression {
    if type.isIndex { return self }
    if case .literal(let value, let type) = self, type.lanes == 1 { return .integer(value) }
    return .asIndex(self)
  }

  /// An index as data of 64 bits; data of 64 bits as they are, other integers widened.
  public var data: Expression {
    if case .integer(let value) = self { return .literal(value, LoopType(.i64)) }
    return type == LoopType(.i64) ? self : .convert(self, .i64)
  }

  /// The value of an index that is a number.
  public var constantIndex: Int? {
    if case .integer(let value) = self { return value }
    return nil
  }

  /// Whether evaluating it twice costs nothing.
  public var isTrivial: Bool {
    switch self {
    case .integer, .float, .literal, .variable: true
    // Taking an index for data of 64 bits, or the other way round.
    case .convert(let a, .i64): a.type.isIndex && a.isTrivial
    case .asIndex(let a): a.type.element == .i64 && a.isTrivial
    default: false
    }
  }
}

// Index arithmetic folds numbers as it is built, so that emitted offsets read well.
extension Expression {
  public static func + (a: Expression, b: Expression) -> Expression {
    if let x = a.constantIndex, let y = b.constantIndex { return .integer(x &+ y) }
    if a.constantIndex == 0 { return b }
    if b.constantIndex == 0 { return a }
    return .binary(.add, a, b)
  }

  public static func - (a: Expression, b: Expression) -> Expression {
    if let x = a.constantIndex, let y = b.constantIndex { return .integer(x &- y) }
    if b.constantIndex == 0 { return a }
    return .binary(.subtract, a, b)
  }

  public static func * (a: Expression, b: Expression) -> Expression {
    if let x = a.constantIndex, let y = b.constantIndex { return .integer(x &* y) }
    if a.constantIndex == 0 || b.constantIndex == 0 { return .integer(0) }
    if a.constantIndex == 1 { return b }
    if b.constantIndex == 1 { return a }
    return .binary(.multiply, a, b)
  }

  /// The truncating quotient of indices that are not negative.
  public static func / (a: Expression, b: Expression) -> Expression {
    if let x = a.constantIndex, let y = b.constantIndex, y > 0 { return .integer(x / y) }
    if b.constantIndex == 1 || a.constantIndex == 0 { return a }
    return .binary(.quotient, a, b)
  }

  public static func % (a: Expression, b: Expression) -> Expression {
    if let x = a.constantIndex, let y = b.constantIndex, y > 0 { return .integer(x % y) }
    if b.constantIndex == 1 { return .integer(0) }
    return .binary(.remainder, a, b)
  }

  public static func minimum(_ a: Expression, _ b: Expression) -> Expression {
    if let x = a.constantIndex, let y = b.constantIndex { return .integer(Swift.min(x, y)) }
    return a == b ? a : .binary(.minimum, a, b)
  }

  public static func maximum(_ a: Expression, _ b: Expression) -> Expression {
    if let x = a.constantIndex, let y = b.constantIndex { return .integer(Swift.max(x, y)) }
    return a == b ? a : .binary(.maximum, a, b)
  }

  public static func less(_ a: Expression, _ b: Expression) -> Expression { .binary(.less, a, b) }
}

extension Expression: ExpressibleByIntegerLiteral {
  public init(integerLiteral value: Int) { self = .integer(value) }
}
