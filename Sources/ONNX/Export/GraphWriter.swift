import TensorIR
import TensorOps

/// What the graphs of one model share: names, each given once, and the tensors that are known.
final class ModelNames {
  private var used: Set<String> = []
  /// For each stem, the number to try next.
  private var numbers: [String: Int] = [:]
  private(set) var initializers: [Onnx_TensorProto] = []
  private var known: [TensorLiteral: String] = [:]

  /// A name that nothing in the model has yet; the wish itself if that is free.
  func fresh(_ wish: String) -> String {
    let stem = wish.isEmpty ? "value" : wish
    if used.insert(stem).inserted { return stem }
    var number = numbers[stem] ?? 1
    while !used.insert("\(stem)_\(number)").inserted { number += 1 }
    numbers[stem] = number + 1
    return "\(stem)_\(number)"
  }

  /// The name of a tensor that is known; equal ones are stored once.
  func initializer(_ value: TensorLiteral, name wish: String) throws -> String {
    if let name = known[value] { return name }
    let name = fresh(wish)
    known[value] = name
    try add(value, name: name)
    return name
  }

  /// A tensor under the very name that it is to have.
  func add(_ value: TensorLiteral, name: String) throws {
    var tensor = Onnx_TensorProto()
    tensor.name = name
    tensor.dataType = try value.elementType.onnx
    tensor.dims = value.shape.map { Int64($0) }
    tensor.rawData = value.bytes
    initializers.append(tensor)
  }
}

/// Writes the operations of a function, or of a region, as the nodes of a graph.
final class GraphWriter {
  let function: Function
  let names: ModelNames
  /// The graph around this one, whose values nodes here may read.
  private let outer: GraphWriter?
  private(set) var nodes: [Onnx_NodeProto] = []
  private var values: [ValueID: String] = [:]
  /// The names that results are to have, known before they are written.
  private var wanted: [ValueID: String] = [:]
  /// Sizes as i64 tensors of one element.
  private var sizes: [Dimension: String] = [:]
  /// Where a symbol is an extent: the name of a value, and the axis.
  private var sources: [String: SizeSource] = [:]

  init(_ function: Function, _ names: ModelNames, in outer: GraphWriter? = nil) {
    (self.function, self.names, self.outer) = (function, names, outer)
  }

  func type(of id: ValueID) -> TensorType { function.type(of: id) }

  /// The name of a value of this graph or of one around it.
  func name(of id: ValueID) throws -> String {
    if let name = values[id] { return name }
    guard let outer else { throw Diagnostic("internal", "\(id) is used before it is written") }
    return try outer.name(of: id)
  }

  func set(_ id: ValueID, to name: String) { values[id] = name }

  /// The name under which an operation's result is to be written.
  func resultName(_ id: ValueID) -> String {
    let name = wanted[id] ?? names.fresh(function[id].name.isEmpty ? "v\(id.index)" : function[id].name)
    values[id] = name
    return name
  }

  func append(_ node: Onnx_NodeProto) { nodes.append(node) }

  // MARK: Operations

  func write(_ operations: [Operation]) throws {
    for operation in operations {
      guard let op = operation.op as? any TensorOp, let write = ExportTable.rules[op.name]?.write else {
        throw Diagnostic("internal", "'\(operation.op.name)' has no rule", at: operation.location)
      }
      do { try write(op, ExportNode(operation, in: self)) } catch let error as Diagnostic {
        throw error.located(at: operation.location)
      }
      for symbol in op.definedSizes where knownSource(symbol) == nil { noteSize(symbol, in: operation.results) }
    }
  }

  /// Has the results of a region, or of the function, names of their own: a value may be one of several, or come from outside.
  func prepare(_ results: [ValueID], names wishes: [String], made operations: [Operation]) {
    let made = Set(operations.flatMap(\.results))
    for (id, wish) in zip(results, wishes) where made.contains(id) && wanted[id] == nil { wanted[id] = wish }
  }

  /// The results under the names that they are to have; nodes that copy them where they have others.
  func finish(_ results: [ValueID], names wishes: [String]) throws {
    for (id, wish) in zip(results, wishes) {
      let name = try self.name(of: id)
      if name == wish { continue }
      append(NodeText.node("Identity", [name], [wish], name: names.fresh("Identity")))
    }
  }

  // MARK: Sizes

  func setSource(_ symbol: String, _ source: SizeSource) { sources[symbol] = source }

  private func knownSource(_ symbol: String) -> SizeSource? { sources[symbol] ?? outer?.knownSource(symbol) }

  /// Notes where the extents of values tell of symbols that nothing told of before.
  func noteSizes(of ids: [ValueID]) throws {
    for id in ids {
      for (axis, extent) in type(of: id).shape.enumerated() {
        guard let (symbol, factor, offset) = extent.line, knownSource(symbol) == nil else { continue }
        sources[symbol] = .extent(of: try name(of: id), axis: axis, factor: factor, offset: offset)
      }
    }
  }

  /// Notes that symbols which a region finds anew are extents of its parameters.
  func noteSizes(_ symbols: [String], of ids: [ValueID]) { for symbol in symbols { noteSize(symbol, in: ids) } }

  private func noteSize(_ symbol: String, in ids: [ValueID]) {
    for id in ids {
      guard let axis = type(of: id).shape.firstIndex(of: Dimension(symbol: symbol)), let name = values[id] else {
        continue
      }
      sources[symbol] = .extent(of: name, axis: axis, factor: 1, offset: 0)
      return
    }
  }

  /// A dimension as an i64 tensor of one element.
  func size(_ dimension: Dimension) throws -> String {
    if let known = knownSize(dimension) { return known }
    let name = try SizeWriter(graph: self).write(dimension)
    sizes[dimension] = name
    return name
  }

  private func knownSize(_ dimension: Dimension) -> String? {
    // What a region finds anew is another number than outside.
    if let own = sizes[dimension] { return own }
    if dimension.symbols.contains(where: { sources[$0] != nil }) { return nil }
    return outer?.knownSize(dimension)
  }

  func source(of symbol: String) throws -> SizeSource {
    if let source = knownSource(symbol) { return source }
    throw Diagnostic("onnx-export", "the size '\(symbol)' is no extent of an input, so that no node can find it")
  }

  /// Adds a node with one result that nothing but other nodes reads; gives its name.
  func put(_ kind: String, _ inputs: [String], _ attributes: [String: NodeAttribute] = [:]) throws -> String {
    let result = names.fresh(kind.lowercased())
    append(NodeText.node(kind, inputs, [result], attributes, name: names.fresh(kind)))
    return result
  }
}

/// Where a size is found.
enum SizeSource {
  /// An axis has `factor` times as many elements, and `offset`.
  case extent(of: String, axis: Int, factor: Int, offset: Int)
  /// The one element of a scalar.
  case scalar(String)
}

extension Dimension {
  /// A symbol times a positive number, and a number added; nil where it is anything else.
  fileprivate var line: (symbol: String, factor: Int, offset: Int)? {
    guard !isOverflow, terms.count == 1, terms[0].atoms.count == 1, terms[0].coefficient > 0,
      case .symbol(let name) = terms[0].atoms[0]
    else { return nil }
    return (name, terms[0].coefficient, constantTerm)
  }
}
