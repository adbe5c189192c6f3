import TensorIR

/// Prints one kernel as a C function.
public struct KernelPrinter {
  private let kernel: Kernel
  private let cName: String
  /// The ids of parameters that may share memory with another one, as a donated input and its output do.
  private let aliased: Set<Int>
  private let uses: VariableUses
  /// The variables that say whether buffers are stored past the caches, in order of their buffers' declaration.
  private var streamMasks: [(buffer: Int, name: String)] = []
  private var names: CNames
  private var expressions: ExpressionPrinter
  private var lines: [String] = []
  private var depth = 1

  /// - Parameters:
  ///   - name: the C name of the function.
  ///   - aliased: ids of buffers that are not `restrict`.
  init(_ kernel: Kernel, name: String, functions: FunctionUse, aliased: Set<Int> = []) {
    self.kernel = kernel
    cName = name
    self.aliased = aliased
    uses = VariableUses(kernel)
    names = CNames(reserved: ["crew", "fault"])
    expressions = ExpressionPrinter(types: functions.types, functions: functions)
  }

  /// The functions that the printed text needs.
  var functions: FunctionUse { expressions.functions }
  /// What could not be printed; a lowering's mistakes.
  var mistakes: [String] { expressions.mistakes }

  /// Whether its threads meet inside, for which it needs the team.
  static func hasBarrier(_ statements: [Statement]) -> Bool {
    statements.contains { statement in
      switch statement {
      case .barrier: true
      case .loop(let loop): hasBarrier(loop.body)
      case .branch(_, let a, let b): hasBarrier(a) || hasBarrier(b)
      case .whileLoop(_, let body): hasBarrier(body)
      default: false
      }
    }
  }

  /// The first line without the brace: `TC_KERNEL void mlp_k_matmul(int64_t thread, …)`; TC_KERNEL is static, or hidden
  /// where the library is split into several files.
  static func prototype(_ kernel: Kernel, name: String, aliased: Set<Int>) -> String {
    var printer = KernelPrinter(
      kernel, name: name, functions: FunctionUse(types: CTypes(vectorBytes: 16)), aliased: aliased)
    return printer.signature()
  }

  /// The whole function with its comment.
  mutating func text() -> String {
    let first = signature() + " {"
    for parameter in [kernel.thread, kernel.team] + kernel.scalars where !uses.isRead(parameter.id) {
      line("(void)\(expressions.names[parameter.id] ?? parameter.name);")
    }
    for parameter in kernel.buffers where !uses.isRead(parameter.buffer.id) {
      line("(void)\(expressions.names[parameter.buffer.id] ?? parameter.buffer.name);")
    }
    names.enter()
    print(kernel.body)
    endStreams()
    names.leave()
    let comments = kernel.comments.map { "/* \(CLiteral.comment($0)) */" }
    return (comments + [first] + lines + ["}", ""]).joined(separator: "\n")
  }

  private mutating func signature() -> String {
    let meets = KernelPrinter.hasBarrier(kernel.body)
    var parameters: [String] = meets ? ["tc_team *crew"] : []
    if kernel.reportsBadIndices { parameters.append("tc_fault *fault") }
    for variable in [kernel.thread, kernel.team] { parameters.append("int64_t \(declare(variable))") }
    // What other threads write before a barrier is read behind it, which `restrict` would deny.
    for parameter in kernel.buffers {
      let const = parameter.access == .read ? "const " : ""
      let isShared = aliased.contains(parameter.buffer.id) || (meets && parameter.access != .read)
      let restrict = isShared ? "" : "restrict "
      let name = declare(parameter.buffer)
      parameters.append("\(const)\(CTypes.storage(parameter.buffer.element)) *\(restrict)\(name)")
    }
    for variable in kernel.scalars { parameters.append("int64_t \(declare(variable))") }
    let start = "TC_KERNEL void \(cName)("
    return KernelPrinter.wrap(start, parameters, end: ")")
  }

  /// A list in parentheses, broken into lines of at most 110 columns.
  static func wrap(_ start: String, _ items: [String], end: String, indent: String = "    ") -> String {
    var lines: [String] = []
    var current = start
    for (index, item) in items.enumerated() {
      let piece = item + (index + 1 < items.count ? "," : "")
      let separator = index == 0 || current.hasSuffix(" ") ? "" : " "
      if current.count + separator.count + piece.count > 110 {
        lines.append(current)
        current = indent + piece
      } else {
        current += separator + piece
      }
    }
    return (lines + [current + end]).joined(separator: "\n")
  }

  private mutating func declare(_ variable: Variable) -> String {
    let name = names.declare(variable.name, number: variable.id)
    expressions.names[variable.id] = name
    return name
  }

  private mutating func declare(_ buffer: Buffer) -> String {
    let name = names.declare(buffer.name, number: buffer.id)
    expressions.names[buffer.id] = name
    return name
  }

  private mutating func line(_ text: String) {
    lines.append(String(repeating: "  ", count: depth) + text)
  }

  // MARK: Statements

  private mutating func print(_ statements: [Statement]) { for statement in statements { print(statement) } }

  private mutating func block(_ body: [Statement]) {
    depth += 1
    names.enter()
    print(body)
    names.leave()
    depth -= 1
  }

  private mutating func print(_ statement: Statement) {
    switch statement {
    case .declare(let variable, let value, let mutable): declare(variable, value, mutable: mutable)
    case .assign(let variable, let value): assign(variable, value)
    case .array(let buffer, let count): array(buffer, count)
    case .pointer(let pointer, let buffer, let offset): self.pointer(pointer, into: buffer, offset)
    case .advance(let pointer, let elements):
      if uses.isRead(pointer.id) {
        line("\(expressions.name(pointer.id, pointer.name)) += \(expressions.text(elements));")
      }
    case .store(let buffer, let offset, let value, let count): store(buffer, offset, value, count)
    case .stream(let buffer, let bytes): stream(buffer, bytes)
    case .transpose(let block): transpose(block)
    case .multiplyTiles(let product): multiply(product)
    case .loop(let loop): print(loop)
    case .branch(let condition, let then, let otherwise): branch(condition, then, otherwise)
    case .whileLoop(let condition, let body):
      line("while (\(expressions.text(condition))) {")
      block(body)
      line("}")
    case .barrier:
      endStreams()
      line("tc_barrier(crew, (int)\(expressions.names[kernel.team.id] ?? "team"));")
    case .prefetch(let buffer, let offset):
      _ = expressions.functions.use("TC_PREFETCH")
      line("TC_PREFETCH(\(address(buffer, offset)));")
    case .badIndex(let index, let extent, let op, let origin):
      let arguments = "\(CLiteral.string(op)), \(origin), \(expressions.text(index)), \(expressions.text(extent))"
      line("tc_bad_index(fault, \(arguments));")
    case .comment(let text): line("// \(CLiteral.comment(text))")
    }
  }

  private mutating func declare(_ variable: Variable, _ value: Expression, mutable: Bool) {
    guard uses.isRead(variable.id) else { return }
    let text = expressions.text(value)
    expressions.functions.use(variable.type)
    let type = expressions.types.name(variable.type)
    line("\(mutable ? "" : "const ")\(type) \(declare(variable)) = \(text);")
  }

  private mutating func assign(_ variable: Variable, _ value: Expression) {
    guard uses.isRead(variable.id) else { return }
    let name = expressions.name(variable.id, variable.name)
    line("\(name) = \(expressions.text(value));")
  }

  private mutating func array(_ buffer: Buffer, _ count: Int) {
    guard uses.isRead(buffer.id) else { return }
    let elements = buffer.element.bitWidth == 4 ? (count + 1) / 2 : count
    line("_Alignas(64) \(CTypes.storage(buffer.element)) \(declare(buffer))[\(max(elements, 1))];")
  }

  private mutating func pointer(_ pointer: Buffer, into buffer: Buffer, _ offset: Expression) {
    guard uses.isRead(pointer.id) else { return }
    let const = uses.isWritten(pointer.id) ? "" : "const "
    let place = address(buffer, offset)
    line("\(const)\(CTypes.storage(pointer.element)) *\(declare(pointer)) = \(place);")
  }

  private mutating func store(_ buffer: Buffer, _ offset: Expression, _ value: Expression, _ count: Expression?) {
    let array = expressions.name(buffer.id, buffer.name)
    let place = expressions.print(offset)
    let text = expressions.text(value)
    let lanes = value.type.lanes
    if lanes == 1 {
      let statement = expressions.functions.storedLane(buffer.element, array, place.text, storable(text, value))
      line(count.map { "if (\(expressions.text($0)) > 0) " + statement } ?? statement)
      return
    }
    let isWhole = count == nil || count?.constantIndex == lanes
    let type = LoopType(buffer.element.computeType, lanes: lanes)
    if isWhole, let mask = streamMasks.last(where: { $0.buffer == buffer.id })?.name,
      let function = expressions.functions.stream(buffer.element, type)
    {
      return line("\(function)(\(expressions.address(array, place, isPacked: false)[0].text), \(text), \(mask));")
    }
    let function = expressions.functions.store(buffer.element, type, isWhole ? .whole : .partial)
    var arguments = expressions.address(array, place, isPacked: buffer.element.bitWidth == 4).map(\.text) + [text]
    if !isWhole, let count { arguments.append(expressions.text(count)) }
    line("\(function)(\(arguments.joined(separator: ", ")));")
  }

  private mutating func transpose(_ block: BlockTransposition) {
    let function = "tc_transpose_\(expressions.types.suffix(LoopType(block.to.element, lanes: block.lanes)))"
    _ = expressions.functions.use(function)
    let from = "\(address(block.from, block.fromOffset)), \(expressions.text(block.fromStep))"
    line("\(function)(\(from), \(address(block.to, block.toOffset)), \(expressions.text(block.toStep)));")
  }

  private mutating func multiply(_ product: TileMultiplication) {
    _ = expressions.functions.use("tc_multiply_tiles")
    let sums = address(product.sums, product.sumsOffset)
    let left = "\(address(product.left, product.leftOffset)), \(expressions.text(product.leftRow))"
    let right = address(product.right, product.rightOffset)
    let (steps, rows) = (expressions.text(product.steps), expressions.text(product.rows))
    line("tc_multiply_tiles(\(sums), \(left), \(right), \(steps), \(rows));")
  }

  private mutating func stream(_ buffer: Buffer, _ bytes: Expression) {
    guard uses.isStoredInVectors(buffer.id) else { return }
    _ = expressions.functions.use("tc_stream_mask")
    let name = names.declare("\(buffer.name)_mask", number: buffer.id)
    line("const uintptr_t \(name) = tc_stream_mask(\(expressions.text(bytes)));")
    streamMasks.append((buffer.id, name))
  }

  /// Before others read what was stored past the caches.
  private mutating func endStreams() {
    for (_, name) in streamMasks {
      _ = expressions.functions.use("tc_stream_end")
      line("tc_stream_end(\(name));")
    }
  }

  /// Where a cast or a comparison follows, anything with an operator in it needs parentheses.
  private func storable(_ text: String, _ value: Expression) -> String {
    guard [.bool, .i8, .u8, .i16, .u16].contains(value.type.element) else { return text }
    return text.contains(" ") ? "(\(text))" : text
  }

  private mutating func address(_ buffer: Buffer, _ offset: Expression) -> String {
    let array = expressions.name(buffer.id, buffer.name)
    return expressions.address(array, expressions.print(offset), isPacked: false)[0].text
  }

  private mutating func print(_ loop: Statement.Loop) {
    let from = expressions.text(loop.from)
    let to = expressions.print(loop.to).inside(.sum)
    names.enter()
    let name = declare(loop.variable)
    let step = loop.step.constantIndex == 1 ? "\(name)++" : "\(name) += \(expressions.text(loop.step))"
    switch loop.unroll {
    case .compiler: break
    case .none: line("TC_ROLLED")
    case .full: line("TC_UNROLLED")
    case .four: line("TC_UNROLLED_BY_FOUR")
    }
    line("for (int64_t \(name) = \(from); \(name) < \(to); \(step)) {")
    block(loop.body)
    line("}")
    names.leave()
  }

  private mutating func branch(_ condition: Expression, _ then: [Statement], _ otherwise: [Statement]) {
    line("if (\(expressions.text(condition))) {")
    block(then)
    if !otherwise.isEmpty {
      line("} else {")
      block(otherwise)
    }
    line("}")
  }
}
