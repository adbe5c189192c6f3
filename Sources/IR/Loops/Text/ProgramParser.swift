extension LoweredProgram {
  /// Reads the text form of a program; throws ``Diagnostics``, or a ``Diagnostic`` for the first mistake inside a line.
  public init(parsing text: String, file: String = "text", blobs: (any BlobSource)? = nil) throws {
    var parser = ProgramParser(text, file: file, blobs: blobs)
    if !parser.text.diagnostics.isEmpty { throw Diagnostics(parser.text.diagnostics) }
    do { self = try parser.read() } catch let diagnostic as Diagnostic { throw Diagnostics([diagnostic]) }
  }

  /// Whether a text is that of a program rather than of functions: what comes first in it, comments left out.
  public static func isProgram(_ text: String) -> Bool {
    for line in text.split(whereSeparator: \.isNewline) {
      let word = line.drop { $0 == " " || $0 == "\t" }
      if !word.isEmpty, !word.hasPrefix("//") { return word.hasPrefix("program ") }
    }
    return false
  }
}

/// Reads programs. It leans on the parser of functions for what both have: types, dimensions, tensors, places.
struct ProgramParser {
  var text: TextParser
  /// Variables and buffers of the kernel being read, by the words that name them.
  var variables: [String: Variable] = [:]
  var buffers: [String: Buffer] = [:]
  /// The kernels that calls name, which come later in the text; until then a call holds a position among these.
  private var called: [Token] = []
  private var program = LoweredProgram(name: "", symbols: SymbolTable(), inputs: [], outputs: [], donations: [:])

  init(_ text: String, file: String, blobs: (any BlobSource)?) {
    self.text = TextParser(text, file: file, ops: OpDirectory([]), blobs: blobs, ofProgram: true)
  }

  mutating func read() throws -> LoweredProgram {
    guard text.acceptWord("program") else { throw text.expected("'program'") }
    try header()
    try text.expect("{")
    guard text.acceptWord("stage"), let stage = ProgramStage(rawValue: text.token.text) else {
      throw text.expected("'stage' and one of lower, partition and plan")
    }
    text.advance()
    program.stage = stage
    while !text.accept("}") {
      switch text.token.text {
      case "requires": program.guards.append(try guardStatement())
      case "constant": try constant()
      case "temporary": try temporary()
      case "slot": try slot()
      case "steps":
        text.advance()
        program.steps = try steps()
      default: throw text.expected("'requires', 'constant', 'temporary', 'slot' or 'steps'")
      }
    }
    var positions: [String: Int] = [:]
    while text.token.kind != .end {
      let name = text.next
      let kernel = try self.kernel()
      guard positions.updateValue(program.kernels.count, forKey: kernel.name) == nil else {
        throw text.failure("redefined", "\(name.shown) is defined twice", at: name)
      }
      program.kernels.append(kernel)
    }
    program.steps = try program.steps.mapCalls { call in
      let name = called[call.kernel]
      guard let position = positions[name.text] else {
        throw text.failure("undefined", "there is no kernel \(name.shown)", at: name)
      }
      var call = call
      call.kernel = position
      return call
    }
    return program
  }

  // MARK: The first line

  private mutating func header() throws {
    program.name = try text.expect(.function, "a name such as @forward").text
    try text.expect("(")
    program.inputs = try text.list(until: ")") { try ProgramParser.value(&$0) }
    try text.expect("->")
    try text.expect("(")
    var donations: [Int: Int] = [:]
    var count = 0
    program.outputs = try text.list(until: ")") { parser in
      let value = try ProgramParser.value(&parser)
      if parser.acceptWord("reuses") {
        guard parser.acceptWord("input") else { throw parser.expected("'input'") }
        donations[count] = try parser.integer()
      }
      count += 1
      return value
    }
    program.donations = donations
    let facts = text.acceptWord("where") ? try text.symbolFacts() : []
    let factsAt = text.token
    program.symbols = SymbolTable(facts: facts, parameters: program.inputs.map(\.type))
    try text.checkBounds(of: program.symbols, at: factsAt)
  }

  private static func value(_ parser: inout TextParser) throws -> Value {
    let (name, type) = try parser.parameter()
    return Value(type: type, name: parser.valueName(name))
  }

  // MARK: Memory and guards

  private mutating func guardStatement() throws -> InferenceContext.Guard {
    text.advance()
    return try text.guardItem()
  }

  private mutating func place() throws -> Location { text.isWord("at") ? try text.location() : .unknown }

  /// The number of something, which is the next one.
  private mutating func number(_ next: Int) throws {
    let start = text.token
    guard try text.integer() == next else { throw text.failure("syntax", "the next one is \(next)", at: start) }
  }

  private mutating func constant() throws {
    text.advance()
    try number(program.constants.count)
    try text.expect("=")
    let start = text.token
    guard case .tensor(let tensor) = try text.attribute() else {
      throw text.failure("syntax", "expected a tensor", at: start)
    }
    program.constants.append(tensor)
  }

  private mutating func temporary() throws {
    text.advance()
    try number(program.temporaries.count)
    let name = try text.expect(.string, "the name of the temporary").text
    let bytes = try self.bytes()[0]
    program.temporaries.append(Temporary(name: name, bytes: bytes, perThread: try perThread()))
    if text.acceptWord("in") {
      guard text.acceptWord("slot") else { throw text.expected("'slot'") }
      program.plan.slots.append(try text.integer())
    }
  }

  private mutating func slot() throws {
    text.advance()
    try number(program.plan.slotSizes.count)
    program.plan.slotSizes.append(try bytes())
    program.plan.perThread.append(try perThread())
  }

  private mutating func bytes() throws -> [Dimension] {
    guard text.acceptWord("bytes") else { throw text.expected("'bytes'") }
    var sizes = [try text.dimension()]
    while text.accept(",") { sizes.append(try text.dimension()) }
    return sizes
  }

  private mutating func perThread() throws -> Bool {
    guard text.acceptWord("per") else { return false }
    guard text.acceptWord("thread") else { throw text.expected("'thread'") }
    return true
  }

  // MARK: Steps

  private mutating func steps() throws -> [Step] {
    try text.expect("{")
    var steps: [Step] = []
    while !text.accept("}") { steps.append(try nested { try $0.step() }) }
    return steps
  }

  private mutating func step() throws -> Step {
    if text.isWord("requires") { return .check(try guardStatement()) }
    if text.acceptWord("barrier") { return .barrier }
    if text.acceptWord("call") { return .call(try call()) }
    if text.acceptWord("swap") {
      let first = try memory()
      try text.expect(",")
      return .swap(first, try memory())
    }
    if text.acceptWord("define") { return .define(try definitions()) }
    if text.acceptWord("room") {
      let memory = try memory()
      let bytes = try self.bytes()[0]
      return .room(Step.Room(memory, bytes: bytes, keeps: text.acceptWord("keeps")))
    }
    if let collective = try collective() { return .collective(collective) }
    if text.acceptWord("if") {
      let condition = try memory()
      let then = try steps()
      guard text.acceptWord("else") else { throw text.expected("'else'") }
      return .branch(.init(condition, then: then, otherwise: try steps()))
    }
    guard text.acceptWord("loop") else { throw text.expected("a step") }
    return .loop(try loop())
  }

  /// `k = temporary 3, m = 2*k`
  private mutating func definitions() throws -> [Step.Definition] {
    var items: [Step.Definition] = []
    repeat {
      let name = try symbol()
      try text.expect("=")
      if let stored = try ProgramParser.buffer(&text) {
        items.append(Step.Definition(name, .stored(stored)))
      } else {
        items.append(Step.Definition(name, .size(try text.dimension())))
      }
    } while text.accept(",")
    return items
  }

  private mutating func symbol() throws -> String {
    let name = text.token
    guard name.kind == .word || name.kind == .string else { throw text.expected("a symbol") }
    text.advance()
    return name.text
  }

  /// `loop i below n while temporary 3 { … }`
  private mutating func loop() throws -> Step.Loop {
    let name = try symbol()
    var trips: Step.Loop.Trips?
    if text.acceptWord("below") {
      if let stored = try ProgramParser.buffer(&text) {
        trips = .stored(stored)
      } else {
        trips = .size(try text.dimension())
      }
    }
    let condition = text.acceptWord("while") ? try memory() : nil
    return Step.Loop(symbol: name, trips: trips, condition: condition, body: try steps())
  }

  mutating func memory() throws -> BufferReference {
    guard let reference = try ProgramParser.buffer(&text) else { throw text.expected("memory, such as 'temporary 0'") }
    return reference
  }

  private mutating func call() throws -> KernelCall {
    called.append(try text.expect(.function, "a kernel"))
    let kernel = called.count - 1
    try text.expect("(")
    var buffers: [BufferReference] = []
    let scalars = try text.list(until: ")") { parser -> Dimension? in
      if let buffer = try ProgramParser.buffer(&parser) {
        buffers.append(buffer)
        return nil
      }
      return try parser.dimension()
    }
    guard text.acceptWord("work") else { throw text.expected("'work'") }
    let work = try text.dimension()
    var call = KernelCall(
      kernel: kernel, buffers: buffers, scalars: scalars.compactMap { $0 }, work: work, location: try place())
    if text.acceptWord("origins") {
      repeat {
        let isUnknown = text.acceptWord("unknown")
        if isUnknown { call.origins.append(.unknown) } else { call.origins.append(try place()) }
      } while text.accept(",")
    }
    return call
  }

  /// `input 0`; a dimension may be called the same, but no number follows it.
  private static func buffer(_ parser: inout TextParser) throws -> BufferReference? {
    guard parser.token.kind == .word, parser.next.kind == .number else { return nil }
    let make: (Int) -> BufferReference
    switch parser.token.text {
    case "input": make = BufferReference.input
    case "output": make = BufferReference.output
    case "constant": make = BufferReference.constant
    case "temporary": make = BufferReference.temporary
    default: return nil
    }
    parser.advance()
    return make(try parser.integer())
  }
}
