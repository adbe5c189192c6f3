import TensorData
import TensorIR
import TensorOps

/// The import of one model: walks its nodes in order and records what each becomes.
///
/// A node that fails leaves failed values; nodes that need them are passed over, so that one run reports every
/// mistake.
final class GraphImport {
  let model: OnnxModel
  let options: ImportOptions
  /// Records what is being imported: the function, or a graph inside it.
  private(set) var recorder: TraceRecorder
  /// What follows from constants alone.
  let known: KnownValues
  /// The versions of the operators by domain, those of the function whose nodes are imported.
  private(set) var opsets: [String: Int]
  /// The values of the graphs around the current node, outermost first.
  private var scopes: [[String: ImportedValue]] = []
  /// The functions of the model that the current node stands in; one that calls itself never ends.
  private var functions: [FunctionName] = []
  private let functionsByName: [FunctionName: Onnx_FunctionProto]
  private var errors: [OnnxError] = []
  /// What the user should know of the model's nodes, each once.
  private(set) var notes: [String] = []
  /// The texts of the outputs that are text, by name.
  private(set) var labels: [String: [String]] = [:]
  /// How deep graphs and functions are nested at the current node, and how many nodes have been imported: functions that
  /// call one another and loops in loops may come to any number.
  private var (depth, nodeCount) = (0, 0)
  private static let (greatestDepth, greatestNodeCount) = (100, 250_000)
  private var unsupported = UnsupportedOperators()
  /// The node imported last asks for both ways to go on; how many such forks there are around it.
  private var waiting: RankFork?
  private var forks = 0
  /// The symbols of sizes that the run finds; no two have one name, wherever they are found.
  private var sizeNames: Set<String> = []
  /// The sizes made of scalars so far.
  private var foundSizes: [(scalar: Tensor, size: Dimension)] = []
  /// The symbols that the user can fix: those of the inputs.
  let inputSymbols: Set<String>

  init(_ model: OnnxModel, _ options: ImportOptions) throws {
    self.model = model
    self.options = options
    functionsByName = Dictionary(
      model.functions.map { (FunctionName($0), $0) }, uniquingKeysWith: { first, _ in first })
    opsets = Dictionary(model.opsets.map { ($0.domain, $0.version) }, uniquingKeysWith: { first, _ in first })
    let inputs = GraphInputs(model, options)
    errors = inputs.errors
    inputSymbols = Set(inputs.symbols.symbols.map(\.name))
    recorder = TraceRecorder(name: "main", symbols: inputs.symbols)
    known = KnownValues(recorder)
    scopes = [inputs.declare(in: recorder)]
  }

  /// The version of ONNX's own operators. A model without any uses none, so any version will do.
  var opset: Int { opsets[""] ?? OnnxModel.newestOpset }

  func function() throws -> Function {
    defineInitializers(of: model.graph)
    importNodes(of: model.graph)
    recorder.location = .unknown
    var results: [Tensor] = []
    for output in model.graph.output {
      do { results.append(try result(output)) } catch { errors += OnnxError.list(error) }
    }
    errors += unsupported.errors
    guard errors.isEmpty else { throw OnnxErrors(distinctErrors()) }
    return try recorder.finish(results, names: model.graph.output.map(\.name))
  }

  func note(_ text: String) {
    if !notes.contains(text) { notes.append(text) }
  }

  /// Each fault once: a node in a loop may fail at every turn.
  private func distinctErrors() -> [OnnxError] {
    var seen: Set<String> = []
    return errors.filter { seen.insert($0.description).inserted }
  }

  private func result(_ output: Onnx_ValueInfoProto) throws -> Tensor {
    let name = output.name
    let value = try value(name)
    if value.isFailed { throw value.reason() ?? Diagnostic("poison", "") }
    guard value.isTensor else {
      throw OnnxError(
        "onnx-output-kind", "output '\(name)' is a list or an optional value; a compiled function gives tensors")
    }
    let tensor = try value.tensor(in: recorder)
    if let texts = value.texts {
      labels[name] = texts
      note("output '\(name)' is text: its elements are places among the texts \(TextTable.summary(texts))")
    }
    // What is stored in few bits leaves as these bits.
    guard let format = SmallFormat(output.type.tensorType.elemType) ?? value.format,
      tensor.elementType == format.carrierType
    else { return tensor }
    return format.encoded(tensor)
  }

  /// The value of a name, in the innermost graph that has one.
  func value(_ name: String) throws -> ImportedValue {
    for scope in scopes.reversed() {
      if let value = scope[name] { return value }
    }
    throw OnnxError("onnx-undefined", "'\(name)' is defined by nothing before it")
  }

  /// Imports a graph of an attribute where it stands, and gives its outputs.
  /// - Parameter inputs: the values of the graph's inputs, in order.
  func inline(_ graph: Onnx_GraphProto, _ inputs: [ImportedValue] = []) throws -> [ImportedValue] {
    guard graph.input.count == inputs.count else {
      throw OnnxError("onnx-graph-inputs", "its graph takes \(graph.input.count) inputs and gets \(inputs.count)")
    }
    scopes.append(Dictionary(zip(graph.input.map(\.name), inputs), uniquingKeysWith: { _, last in last }))
    defer { scopes.removeLast() }
    let place = recorder.location
    defineInitializers(of: graph)
    importNodes(of: graph)
    recorder.location = place
    return try graph.output.map { try value($0.name) }
  }

  /// Imports the body of a function of the model, which sees its inputs alone.
  func inline(_ function: Onnx_FunctionProto, _ node: Onnx_NodeProto) throws -> [ImportedValue] {
    let name = FunctionName(function)
    guard !functions.contains(name) else { throw OnnxError("onnx-recursion", "function '\(name)' calls itself") }
    guard node.input.count <= function.input.count, node.output.count <= function.output.count else {
      throw OnnxError("onnx-function", "function '\(name)' has fewer inputs or outputs than the node")
    }
    var inputs: [String: ImportedValue] = [:]
    for (inner, outer) in zip(function.input, node.input) where !outer.isEmpty { inputs[inner] = try value(outer) }
    let graph = try FunctionBody.graph(of: function, for: node, present: Set(inputs.keys))
    let outside = (scopes, opsets, functions, recorder.location)
    defer { (scopes, opsets, functions, recorder.location) = outside }
    scopes = [inputs]
    functions.append(name)
    opsets = FunctionBody.opsets(of: function)
    defineInitializers(of: graph)
    importNodes(of: graph)
    return try graph.output.map { try value($0.name) }
  }

  /// Imports what `body` does into a function of its own, whose parameters are tensors of some types and, behind them, what
  /// it uses from around it.
  func traced(
    _ parameters: [TensorType], _ body: ([Tensor]) throws -> [ImportedValue]
  ) throws -> TracedGraph {
    let outside = recorder
    defer { recorder = outside }
    recorder = TraceRecorder(name: "region", symbols: outside.symbols, capturingFrom: outside)
    recorder.location = outside.location
    let values = try body(parameters.map { recorder.parameter($0) })
    if values.contains(where: \.isFailed) { throw Diagnostic("poison", "") }
    if values.contains(where: { $0.texts != nil }) {
      throw OnnxError("onnx-strings", "text that leaves a branch or a loop is not supported; choose it after it")
    }
    return TracedGraph(recorder: recorder, values: values)
  }

  /// Runs `body`; where it fails nothing is left of the mistakes that it found.
  func attempt<Result>(_ body: () throws -> Result) -> Result? {
    let before = (errors, unsupported)
    guard let result = try? body(), errors.count == before.0.count else {
      (errors, unsupported) = before
      return nil
    }
    return result
  }

  /// The size that stands for a scalar of the graph being imported; nil where there is none yet.
  func foundSize(of scalar: Tensor) -> Dimension? { foundSizes.first { $0.scalar.isSame(as: scalar) }?.size }

  func note(_ size: Dimension, of scalar: Tensor) { foundSizes.append((scalar, size)) }

  /// A symbol for a size that the run finds, which no other has.
  func freshSize(_ stem: String, bound: Dimension?) -> Symbol {
    let names = [stem] + (1...sizeNames.count + inputSymbols.count + 1).map { "\(stem)_\($0)" }
    let name = names.first { !sizeNames.contains($0) && !inputSymbols.contains($0) } ?? stem
    sizeNames.insert(name)
    return .computed(name, bound: bound)
  }

  private func define(_ name: String, _ value: ImportedValue) { scopes[scopes.count - 1][name] = value }

  private func defineInitializers(of graph: Onnx_GraphProto) {
    for initializer in model.decodedInitializers(of: graph) {
      // A default of an input that the user gives as a constant gives way to it.
      if scopes.count == 1, functions.isEmpty, options.constants[initializer.name] != nil { continue }
      define(initializer.name, initializer.value)
    }
  }

  /// Imports the nodes that the outputs depend on; all others may be of operators that nothing here knows.
  private func importNodes(of graph: Onnx_GraphProto) {
    let needed = LiveNodes.names(in: graph)
    importNodes(graph.node.filter { $0.output.contains { !$0.isEmpty && needed.contains($0) } }[...], of: graph)
  }

  /// Imports nodes of a graph, of which the ones before have been imported.
  private func importNodes(_ nodes: ArraySlice<Onnx_NodeProto>, of graph: Onnx_GraphProto) {
    depth += 1
    defer { depth -= 1 }
    for (place, node) in zip(nodes.indices, nodes) {
      nodeCount += 1
      var results = importNode(node)
      if let fork = waiting {
        waiting = nil
        guard let chosen = go(on: fork, from: node, nodes[(place + 1)...], of: graph) else { return }
        results = chosen
      }
      define(results, of: node)
    }
  }

  private func define(_ results: [ImportedValue], of node: Onnx_NodeProto) {
    for (index, output) in node.output.enumerated() where !output.isEmpty {
      define(output, index < results.count ? results[index] : ImportedValue(.failed))
    }
  }

  /// Imports what comes behind a fork in the graph once for each side, where the sides' ranks meet again; then nil, and
  /// the graph's outputs are defined. Otherwise the values of the one side that can be.
  private func go(
    on fork: RankFork, from node: Onnx_NodeProto, _ rest: ArraySlice<Onnx_NodeProto>, of graph: Onnx_GraphProto
  ) -> [ImportedValue]? {
    let place = OnnxError.Node(node)
    func told(_ body: () throws -> [ImportedValue]) -> [ImportedValue] {
      do { return try Composition.apart(body) } catch {
        errors += OnnxError.list(error).map { $0.naming(node: place) }
        return []
      }
    }
    guard forks < RankFork.most, rest.count <= RankFork.longest else { return told(fork.usual) }
    forks += 1
    defer { forks -= 1 }
    let open = graph.output.map(\.name).filter { (try? value($0)) == nil }
    let sides = fork.sides.map { side in
      attempt {
        try traced([]) { _ in
          scopes.append([:])
          defer { scopes.removeLast() }
          define(try Composition.apart(side), of: node)
          importNodes(rest, of: graph)
          return try open.map { try value($0) }
        }
      }
    }
    recorder.location = .node(name: place.name, kind: place.operation)
    if let first = sides[0], let second = sides[1] {
      if let values = attempt({ try StructuredBranch.record([first, second], fork.condition, in: self) }) {
        for (name, value) in zip(open, values) { define(name, value) }
        return nil
      }
      if let isTrue = declared(open, sides: [first, second], of: graph) { return told { try fork.assume(isTrue) } }
    } else if sides[0] != nil || sides[1] != nil {
      return told { try fork.assume(sides[0] != nil) }
    }
    return told(fork.usual)
  }

  /// Whether the first of two sides alone gives outputs of the ranks that the graph declares, or the second alone; nil
  /// where the declarations do not tell.
  private func declared(_ names: [String], sides: [TracedGraph], of graph: Onnx_GraphProto) -> Bool? {
    let outputs = names.map { name in graph.output.first { $0.name == name } }
    let fits = sides.map { side in
      zip(outputs, side.values).allSatisfy { output, value in
        guard let type = output?.type.tensorType, type.hasShape else { return true }
        return (try? value.type().rank) == type.shape.dim.count
      }
    }
    return fits[0] == fits[1] ? nil : fits[0]
  }

  /// The values of a node's outputs; none where it fails.
  private func importNode(_ node: Onnx_NodeProto) -> [ImportedValue] {
    let place = OnnxError.Node(node)
    recorder.location = .node(name: place.name, kind: place.operation)
    do {
      try checkInputs(of: node, at: place)
      // The nodes of a graph in a node are rounded like all others.
      guard let results = try Composition.apart({ try results(of: node) }) else {
        unsupported.add(node)
        return []
      }
      return zip(results, node.output).map { named($0, $1) }
    } catch let fork as RankFork {
      waiting = fork
      return []
    } catch {
      errors += OnnxError.list(error).map { $0.naming(node: place) }
      // What it holds has perhaps not been looked at.
      for inner in LiveNodes.graphs(of: node) { noteUnsupported(in: inner) }
      return []
    }
  }

  /// Tells of inputs that failed and of which nobody has told yet.
  private func checkInputs(of node: Onnx_NodeProto, at place: OnnxError.Node) throws {
    for name in node.input where !name.isEmpty {
      guard let value = try? value(name), let reason = value.reason() else { continue }
      errors.append(reason.naming(node: place))
    }
  }

  /// Notes the operators that nothing here knows in a graph that is not imported.
  private func noteUnsupported(in graph: Onnx_GraphProto) {
    for node in graph.node {
      let isFunction = functionsByName[FunctionName(calledBy: node)] != nil
      if !isFunction, OnnxOperators.converter(of: node) == nil { unsupported.add(node) }
      for inner in LiveNodes.graphs(of: node) { noteUnsupported(in: inner) }
    }
  }

  /// The values of a node's outputs; nil where nothing here knows its operator.
  private func results(of node: Onnx_NodeProto) throws -> [ImportedValue]? {
    guard depth <= GraphImport.greatestDepth else {
      throw OnnxError("onnx-too-deep", "functions and graphs are nested deeper than \(GraphImport.greatestDepth)")
    }
    guard nodeCount <= GraphImport.greatestNodeCount else {
      throw OnnxError(
        "onnx-too-many",
        "the model has more than \(GraphImport.greatestNodeCount) nodes, those in functions and loops counted")
    }
    if let function = functionsByName[FunctionName(calledBy: node)] {
      return try inline(function, node)
    }
    guard let convert = OnnxOperators.converter(of: node) else { return nil }
    let conversion = try NodeConversion(node, in: self)
    if conversion.inputs.contains(where: { $0?.isFailed ?? false }) { throw Diagnostic("poison", "") }
    let (mistakes, operations) = (recorder.diagnostics.count, recorder.builder.function.body.operations.count)
    let isOwn = OnnxModel.canonicalDomain(node.domain).isEmpty
    let results: [ImportedValue]
    do {
      results = try TextOperators.results(of: conversion) {
        try (isOwn ? SymbolicOperators.results(of: conversion) : nil) ?? composed(convert, conversion)
      }
    } catch {
      // What follows from a mistake says less than the mistake.
      if let complaint = recorder.diagnostics.dropFirst(mistakes).first { throw complaint }
      throw error
    }
    // What tensors' methods record does not throw but leaves its complaint behind.
    if let complaint = recorder.diagnostics.dropFirst(mistakes).first { throw complaint }
    try conversion.checkResults(results)
    try checkExtents(since: operations)
    return results
  }

  /// Refuses values that no memory holds among those recorded since.
  private func checkExtents(since first: Int) throws {
    let function = recorder.builder.function
    for operation in function.body.operations[first...] {
      for result in operation.results {
        guard let fault = function.type(of: result).extentFault else { continue }
        throw OnnxError("onnx-overflow", "what it computes is out of reach: \(fault)")
      }
    }
  }

  /// What a converter records, with nothing rounded between the node's inputs and outputs.
  private func composed(_ convert: OnnxOperators.Converter, _ node: NodeConversion) throws -> [ImportedValue] {
    var values: [ImportedValue] = []
    var tensors = try Composition.run {
      values = try convert(node)
      return values.flatMap(\.tensors)
    }[...]
    return values.map { $0.replacing(&tensors) }
  }

  /// A value under the name that the graph gives it; one that has a name already keeps it.
  private func named(_ value: ImportedValue, _ name: String) -> ImportedValue {
    switch value.content {
    case .tensor(let tensor):
      if tensor.id >= 0, tensor.recorder === recorder, recorder.builder.function[ValueID(tensor.id)].name.isEmpty {
        recorder.setName(name, of: tensor)
      }
      return value
    case .literal, .dimensions:
      return value.name.isEmpty
        ? ImportedValue(value.content, name: name, format: value.format, texts: value.texts) : value
    case .list, .stack, .nothing, .failed: return value
    }
  }
}
