import TensorIR

/// Prints expressions of the loop IR as C, and notes which functions they need.
struct ExpressionPrinter {
  let types: CTypes
  var functions: FunctionUse
  /// The C names of variables and buffers, by their ids.
  var names: [Int: String] = [:]
  /// What a kernel does that cannot be printed: mistakes of a lowering.
  var mistakes: [String] = []

  init(types: CTypes, functions: FunctionUse) {
    self.types = types
    self.functions = functions
  }

  mutating func text(_ expression: Expression) -> String { print(expression).text }

  mutating func print(_ expression: Expression) -> CExpression {
    if !types.isValid(expression.type) {
      mistakes.append("\(expression.type) has no vector of \(types.vectorBytes) bytes")
    }
    functions.use(expression.type)
    switch expression {
    case .integer(let value): return .literal(CLiteral.index(value))
    case .float(let number, let type): return constant(CLiteral.number(number.value, type.element), type)
    case .literal(let value, let type): return literal(value, type)
    case .variable(let variable): return CExpression(name(variable.id, variable.name))
    case .unary(let op, let a): return unary(op, a)
    case .binary(let op, let a, let b): return binary(op, a, b)
    case .select(let condition, let a, let b): return select(condition, a, b)
    case .convert(let a, let element): return convert(a, to: element)
    case .asIndex(let a): return a.type.element == .i64 ? print(a) : .cast("int64_t", print(a))
    case .bitcast(let a, let element): return bitcast(a, to: element)
    case .load(let buffer, let offset, let lanes): return load(buffer, offset, lanes)
    case .loadPartial(let buffer, let offset, let lanes, let count): return load(buffer, offset, lanes, count: count)
    case .gather(let buffer, let offset, let stride, let lanes): return load(buffer, offset, lanes, stride: stride)
    case .gatherPartial(let buffer, let offset, let stride, let lanes, let count):
      return load(buffer, offset, lanes, count: count, stride: stride)
    case .broadcast(let a, let lanes): return broadcast(a, lanes)
    case .ramp(let base, let step, _):
      return .call(functions.ramp(expression.type), [print(base), print(step)])
    case .intrinsic(let intrinsic, let arguments, let type): return call(intrinsic, arguments, type)
    case .reduce(let reduction, let a): return reduce(reduction, a)
    }
  }

  mutating func name(_ id: Int, _ hint: String) -> String {
    if let name = names[id] { return name }
    mistakes.append("'\(hint)' is used before it is declared")
    return CNames.identifier(hint)
  }

  // MARK: Constants

  private mutating func literal(_ value: Int, _ type: LoopType) -> CExpression {
    if type.element == .bool, type.lanes > 1 { return constant(value != 0 ? "-1" : "0", type) }
    return constant(CLiteral.integer(value, type.element), type)
  }

  private mutating func constant(_ text: String, _ type: LoopType) -> CExpression {
    type.lanes == 1 ? .literal(text) : splat(CExpression(text), type)
  }

  private mutating func splat(_ value: CExpression, _ type: LoopType) -> CExpression {
    let function = "tc_splat_\(types.suffix(type))"
    _ = functions.use(function)
    return .call(function, [value])
  }

  private mutating func broadcast(_ a: Expression, _ lanes: Int) -> CExpression {
    let value = print(a)
    let type = LoopType(a.type.element, lanes: lanes)
    return splat(a.type.element == .bool ? .prefix("-", value) : value, type)
  }

  /// An operand beside a vector: C spreads a scalar of the lane's type by itself, which reads better.
  private mutating func beside(_ expression: Expression, vector: LoopType) -> CExpression {
    switch expression {
    case .float(let number, let type) where type.lanes > 1:
      return .literal(CLiteral.number(number.value, type.element))
    case .broadcast(let a, _) where a.type.element == vector.element && vector.element.bitWidth >= 32: return print(a)
    case .literal(let value, let type) where type.lanes > 1 && type.element.bitWidth >= 32:
      return .literal(CLiteral.integer(value, type.element))
    default: return print(expression)
    }
  }

  // MARK: Functions

  private mutating func call(_ intrinsic: Intrinsic, _ arguments: [Expression], _ type: LoopType) -> CExpression {
    let printed = arguments.map { print($0) }
    guard let function = functions.function(intrinsic, arguments.map(\.type), result: type) else {
      mistakes.append("the prelude has no '\(intrinsic)' for \(arguments.first?.type ?? type)")
      return .call(intrinsic.rawValue, printed)
    }
    let value = CExpression.call(function, printed)
    return type.lanes > 1 && intrinsic.declaration.grows ? narrowed(value, type) : value
  }

  private mutating func reduce(_ reduction: LaneReduction, _ a: Expression) -> CExpression {
    if a.type.lanes == 1 { return print(a) }
    if a.type.element == .bool {
      let test = "tc_\(reduction == .minimum || reduction == .product ? "all" : "any")_\(types.suffix(a.type))"
      _ = functions.use(test)
      return .call(test, [print(a)])
    }
    guard let function = functions.reduction(reduction, a.type) else {
      mistakes.append("the prelude has no \(reduction) of \(a.type)")
      return print(a)
    }
    let value = CExpression.call(function, [print(a)])
    return a.type.element.bitWidth < 32 ? .cast(CTypes.scalar(a.type.element), value) : value
  }

  private mutating func select(_ condition: Expression, _ a: Expression, _ b: Expression) -> CExpression {
    if condition.type.lanes == 1 { return .conditional(print(condition), print(a), print(b)) }
    let function = "tc_select_\(types.suffix(a.type))"
    _ = functions.use(function)
    return .call(function, [print(condition), print(a), print(b)])
  }

  // MARK: Memory

  private mutating func load(
    _ buffer: Buffer, _ offset: Expression, _ lanes: Int, count: Expression? = nil, stride: Expression? = nil
  ) -> CExpression {
    let array = name(buffer.id, buffer.name)
    let place = print(offset)
    if lanes == 1, count == nil {
      let text = functions.loadedLane(buffer.element, array, place.text)
      return CExpression(text, buffer.element == .bool ? .comparison : .primary)
    }
    let type = LoopType(buffer.element.computeType, lanes: lanes)
    if lanes == 1, let count {
      let value = functions.loadedLane(buffer.element, array, place.text)
      return .conditional(.infix(print(count), ">", CExpression("0")), CExpression(value), CExpression("0"))
    }
    let isWhole = count == nil || count?.constantIndex == lanes
    var arguments = address(array, place, isPacked: buffer.element.bitWidth == 4)
    if !isWhole, let count { arguments.append(print(count)) }
    guard let stride else { return .call(functions.load(buffer.element, type, isWhole ? .whole : .partial), arguments) }
    if stride.constantIndex == 2, let pairs = functions.everyOther(buffer.element, type, isPartial: !isWhole) {
      return .call(pairs, arguments)
    }
    arguments.append(print(stride))
    return .call(functions.load(buffer.element, type, isWhole ? .strided : .stridedPartial), arguments)
  }

  /// `&a[offset]`; the packed types have no address of their own and take both.
  func address(_ array: String, _ offset: CExpression, isPacked: Bool) -> [CExpression] {
    if isPacked { return [CExpression(array), offset] }
    return [offset.text == "0" ? CExpression(array) : CExpression("&\(array)[\(offset.text)]", .unary)]
  }
}

extension ExpressionPrinter {
  fileprivate mutating func unary(_ op: UnaryOperator, _ a: Expression) -> CExpression {
    let value = print(a)
    switch op {
    case .logicalNot: return a.type.lanes == 1 ? .prefix("!", value) : .prefix("~", value)
    case .bitNot:
      if a.type.element == .bool { return a.type.lanes == 1 ? .prefix("!", value) : .prefix("~", value) }
      return narrowed(.prefix("~", value), a.type)
    case .negate:
      if a.type.element.isFloat || a.type.isIndex { return .prefix("-", value) }
      return wrapped("sub", constant("0", a.type), value, a.type)
    }
  }

  fileprivate mutating func binary(_ op: BinaryOperator, _ a: Expression, _ b: Expression) -> CExpression {
    let vector = a.type.lanes >= b.type.lanes ? a.type : b.type
    if op == .minimum || op == .maximum { return extremum(a, b, vector, isMaximum: op == .maximum) }
    let isData = vector.element.isInteger && !vector.isIndex
    if isData, let word = op.wrappingWord { return wrapped(word, print(a), print(b), vector, shift: b) }
    // In a mask true is -1, which is less than false.
    let isReversed = vector.lanes > 1 && vector.element == .bool && op.isOrdering
    let (left, right) = isReversed ? operands(b, a, vector) : operands(a, b, vector)
    switch op {
    case .logicalAnd where vector.lanes > 1: return .infix(left, "&", right)
    case .logicalOr where vector.lanes > 1: return .infix(left, "|", right)
    default: return .infix(left, op.sign, right)
    }
  }

  /// Both operands; at most one of them as a scalar that C spreads.
  private mutating func operands(
    _ a: Expression, _ b: Expression, _ vector: LoopType
  ) -> (CExpression, CExpression) {
    if vector.lanes == 1 { return (print(a), print(b)) }
    let right = beside(b, vector: vector)
    if case .broadcast = b { return (print(a), right) }
    if b.isTrivial, case .variable = b {} else if b.isTrivial { return (print(a), right) }
    return (beside(a, vector: vector), right)
  }

  private mutating func extremum(
    _ a: Expression, _ b: Expression, _ type: LoopType, isMaximum: Bool
  ) -> CExpression {
    guard let function = functions.minimum(type, isMaximum: isMaximum) else {
      mistakes.append("the prelude has no minimum of \(type)")
      return print(a)
    }
    return .call(function, [print(a), print(b)])
  }

  /// Arithmetic on integers of the user's: it wraps, and no operand traps.
  private mutating func wrapped(
    _ word: String, _ a: CExpression, _ b: CExpression, _ type: LoopType, shift: Expression? = nil
  ) -> CExpression {
    // A shift of a vector by a number is one instruction; by a vector the prelude goes lane by lane.
    if type.lanes > 1, word == "shl" || word == "shr", case .literal(let count, _)? = shift,
      count >= 0, count < type.element.bitWidth
    {
      return shifted(a, word, count, type)
    }
    let function = "tc_\(word)_\(types.suffix(type))"
    _ = functions.use(function)
    return narrowed(.call(function, [a, b]), type)
  }

  private mutating func shifted(_ a: CExpression, _ word: String, _ count: Int, _ type: LoopType) -> CExpression {
    if word == "shr" { return .infix(a, ">>", CExpression("\(count)")) }
    let unsigned = functions.laneElement(type).bitWidth == 64 ? "tc_u64v" : "tc_u32v"
    _ = functions.use(unsigned)
    return narrowed(.cast(types.name(type), .infix(.cast(unsigned, a), "<<", CExpression("\(count)"))), type)
  }

  /// A narrow integer that lives in a wider lane, brought back into its range.
  mutating func narrowed(_ value: CExpression, _ type: LoopType) -> CExpression {
    let width = type.element.bitWidth
    if type.element == .bool || !type.element.isInteger { return value }
    if type.lanes == 1 {
      return width < 32 ? .cast(CTypes.scalar(type.element), value) : value
    }
    let lane = functions.laneElement(type)
    if width >= 32 { return value }
    if !type.element.isSigned { return .infix(value, "&", CExpression("\((1 << width) - 1)")) }
    let shift = CExpression("\(lane.bitWidth - width)")
    let unsigned = lane == .i64 ? "tc_u64v" : "tc_u32v"
    _ = functions.use(unsigned)
    let left = CExpression.cast(types.name(type), .infix(.cast(unsigned, value), "<<", shift))
    return .infix(left, ">>", shift)
  }
}

extension BinaryOperator {
  fileprivate var isOrdering: Bool { isComparison && self != .equal && self != .notEqual }

  /// The prelude's word for the operation on data, which has a result for all operands; nil where C's operator has.
  fileprivate var wrappingWord: String? {
    switch self {
    case .add: "add"
    case .subtract: "sub"
    case .multiply: "mul"
    case .divide, .quotient: "div"
    case .remainder: "rem"
    case .shiftLeft: "shl"
    case .shiftRight: "shr"
    default: nil
    }
  }

  /// How C writes it.
  var sign: String {
    switch self {
    case .add: "+"
    case .subtract: "-"
    case .multiply: "*"
    case .divide, .quotient: "/"
    case .remainder: "%"
    case .bitAnd: "&"
    case .bitOr: "|"
    case .bitXor: "^"
    case .shiftLeft: "<<"
    case .shiftRight: ">>"
    case .less: "<"
    case .lessEqual: "<="
    case .greater: ">"
    case .greaterEqual: ">="
    case .equal: "=="
    case .notEqual: "!="
    case .logicalAnd: "&&"
    case .logicalOr: "||"
    // Printed as functions.
    case .minimum, .maximum: ","
    }
  }
}
