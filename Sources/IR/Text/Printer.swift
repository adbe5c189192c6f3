extension Function: CustomStringConvertible {
  public var description: String { text() }

  /// The text form, which the parser reads back; docs/text-form.md has the grammar.
  public func text(_ options: TextOptions = .full) -> String {
    FunctionPrinter(self, options).lines().map(\.text).joined(separator: "\n") + "\n"
  }
}

/// Writes a function line by line. Each line knows what it shows, so that the verifier can put marks under it.
struct FunctionPrinter {
  /// What a line shows. Operations are numbered in the order of ``Function/forEachOperation(_:)``.
  enum Place: Hashable {
    case header
    case operation(Int)
    /// The `return`, or the `yield` of a region of an operation.
    case results(of: Int?, region: Int)
    case end

    /// The number of the operation that it is about.
    var operation: Int? {
      switch self {
      case .operation(let number): number
      case .results(let number, _): number
      case .header, .end: nil
      }
    }
  }

  struct Line {
    var place: Place
    var text: String
  }

  private let function: Function
  private let options: TextOptions
  private let names: ValueNames
  private var result: [Line] = []
  private var operationCount = 0

  init(_ function: Function, _ options: TextOptions) {
    self.function = function
    self.options = options
    names = ValueNames(function)
  }

  func lines() -> [Line] {
    var copy = self
    copy.result.append(Line(place: .header, text: header() + " {"))
    copy.write(function.body, indent: 1)
    let values = function.body.results.map { names[$0] }.joined(separator: ", ")
    copy.add(values.isEmpty ? "return" : "return \(values)", indent: 1, .results(of: nil, region: 0))
    copy.result.append(Line(place: .end, text: "}"))
    return copy.result
  }

  // MARK: The first line

  private func header() -> String {
    let parameters = function.body.parameters.map(typed).joined(separator: ", ")
    let facts = function.symbols.factsText(parameters: function.parameterTypes)
    return "func @\(TextForm.word(function.name))(\(parameters)) -> \(resultList())"
      + (facts.isEmpty ? "" : " where \(facts)")
  }

  private func resultList() -> String {
    let items = function.body.results.enumerated().map { index, id in
      let name = index < function.resultNames.count ? "%\(TextForm.word(function.resultNames[index])): " : ""
      return name + typeText(id) + donation(to: index)
    }
    return items.count == 1 && function.resultNames.isEmpty && function.donations.isEmpty
      ? items[0] : "(\(items.joined(separator: ", ")))"
  }

  private func donation(to index: Int) -> String {
    guard let parameter = function.donations[index] else { return "" }
    let known = function.body.parameters.indices.contains(parameter)
    return " reuses \(known ? names[function.body.parameters[parameter]] : "%missing_\(parameter)")"
  }

  private func typed(_ id: ValueID) -> String { "\(names[id]): \(typeText(id))" }

  private func typeText(_ id: ValueID) -> String {
    function.values.indices.contains(id.index) ? function.type(of: id).description : "unknown"
  }

  // MARK: Operations

  private mutating func add(_ text: String, indent: Int, _ place: Place) {
    result.append(Line(place: place, text: String(repeating: "  ", count: indent) + text))
  }

  private mutating func write(_ region: Region, indent: Int) {
    for operation in region.operations { write(operation, indent: indent) }
  }

  private mutating func write(_ operation: Operation, indent: Int) {
    let number = operationCount
    operationCount += 1
    var text = opening(of: operation)
    for (index, region) in operation.regions.enumerated() {
      let parameters = region.parameters.map(typed).joined(separator: ", ")
      add(text + " {" + (parameters.isEmpty ? "" : " (\(parameters))"), indent: indent, .operation(number))
      write(region, indent: indent + 1)
      let values = region.results.map { names[$0] }.joined(separator: ", ")
      add(values.isEmpty ? "yield" : "yield \(values)", indent: indent + 1, .results(of: number, region: index))
      text = "}"
    }
    add(text + closing(of: operation), indent: indent, .operation(number))
  }

  /// `%a, %b = split %h {axis: 1}`
  private func opening(of operation: Operation) -> String {
    let results = operation.results.map { names[$0] }.joined(separator: ", ")
    var text = (results.isEmpty ? "" : "\(results) = ") + operation.op.name
    if !operation.operands.isEmpty {
      text += " " + operation.operands.map { $0.map { names[$0] } ?? "_" }.joined(separator: ", ")
    }
    do {
      let fields = try AttributeEncoder().fields(of: operation.op)
      return fields.isEmpty ? text : "\(text) \(Attribute.text(of: fields, tensor: options.tensor))"
    } catch {
      // Not readable back, which is what the reader of a dump should notice.
      return "\(text) {error: \(TextForm.quote("\(error)"))}"
    }
  }

  /// ` : f32[n] requires n == m "…" at "mlp.swift":15:17`
  private func closing(of operation: Operation) -> String {
    var text = ""
    if !operation.results.isEmpty { text += " : " + operation.results.map(typeText).joined(separator: ", ") }
    if options.guards && !operation.guards.isEmpty {
      let guards = operation.guards.map { guardText($0, in: operation) }
      text += " requires \(guards.joined(separator: ", "))"
    }
    if options.locations && operation.location != .unknown { text += " \(operation.location)" }
    return text
  }
}

extension FunctionPrinter {
  /// `n == m "…"`, with the place where it comes from another operation.
  private func guardText(_ item: InferenceContext.Guard, in operation: Operation) -> String {
    let text = "\(item.condition) \(TextForm.quote(item.message))"
    guard options.locations, item.location != .unknown, item.location != operation.location else { return text }
    return "\(text) from \(item.location.place)"
  }
}

extension SymbolTable {
  /// The symbols in the order in which the types show them.
  static func appearing(in types: [TensorType]) -> [String] {
    var names: [String] = []
    for type in types { for extent in type.shape { extent.collectSymbols(into: &names) } }
    return names
  }

  /// The table that a list of facts stands for. Where the list names every symbol of the parameters its order counts;
  /// else the parameters' symbols come first.
  init(facts: [Symbol], parameters types: [TensorType]) {
    self.init()
    let appearing = SymbolTable.appearing(in: types)
    let stated = SymbolTable(facts)
    if !appearing.allSatisfy({ stated[$0] != nil }) {
      for name in appearing { declare(stated[name] ?? Symbol(name)) }
    }
    for symbol in stated.symbols { declare(symbol) }
  }

  /// `batch in 1..64 divisible 4, n`: what the parameters' types do not say by themselves.
  func factsText(parameters types: [TensorType]) -> String {
    let appearing = SymbolTable.appearing(in: types)
    let stated = symbols.filter { $0 != Symbol($0.name) || !appearing.contains($0.name) }
    let enough = SymbolTable(facts: stated, parameters: types) == self
    return (enough ? stated : symbols).map(\.factText).joined(separator: ", ")
  }
}

extension Symbol {
  /// `batch in 1..64 divisible 4`, `k computed <= 2*n`
  var factText: String {
    var text = Dimension(symbol: name).description
    if isComputed { text += " computed" + (bound.map { " <= \($0)" } ?? "") }
    if minimum != 0 || maximum != nil { text += " in \(minimum)..\(maximum.map(String.init) ?? "")" }
    if divisor != 1 { text += " divisible \(divisor)" }
    return text
  }
}
