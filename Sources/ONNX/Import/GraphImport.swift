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
  let recorder: TraceRecorder
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
  private var unsupported = UnsupportedOperators()

  init(_ model: OnnxModel, _ options: ImportOptions) throws {
    self.model = model
    self.options = options
    functionsByName = Dictionary(
      model.functions.map { (FunctionName($0), $0) }, uniquingKeysWith: { first, _ in first })
    opsets = Dictionary(model.opsets.map { ($0.domain, $0.version) }, uniquingKeysWith: { first, _ in first })
    let inputs = try GraphInputs(model, options)
    recorder = TraceRecorder(name: "main", symbols: inputs.symbols)
    known = KnownValues(recorder)
    scopes = [inputs.declare(in: recorder)]
  }

  /// The version of ONNX's own operators. A model without any uses none, so any version will do.
  var opset: Int { opsets[""] ?? OnnxModel.newestOpset }

  func function() throws -> Function {
    try importBody(of: model.graph)
    errors += unsupported.errors
    guard errors.isEmpty else { throw OnnxErrors(errors) }
    recorder.location = .unknown
    let results = try model.graph.output.map { try result($0.name) }
    do {
      return try recorder.finish(results, names: model.graph.output.map(\.name))
    } catch let diagnostics as Diagnostics {
      throw OnnxErrors(diagnostics.list.map { OnnxError($0) })
    }
  }

  private func result(_ name: String) throws -> Tensor {
    let value = try value(name)
    guard value.isTensor else {
      throw OnnxError(
        "onnx-output-kind", "output '\(name)' is a list or an optional value; a compiled function gives tensors")
    }
    return try value.tensor(in: recorder)
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
    try importBody(of: graph)
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
    try importBody(of: graph)
    return try graph.output.map { try value($0.name) }
  }

  private func define(_ name: String, _ value: ImportedValue) { scopes[scopes.count - 1][name] = value }

  /// Imports what the outputs of a graph depend on; all else may be of types and operators that nothing here knows.
  private func importBody(of graph: Onnx_GraphProto) throws {
    let needed = LiveNodes.names(in: graph)
    try defineInitializers(of: graph, needed)
    importNodes(of: graph, needed)
  }

  private func defineInitializers(of graph: Onnx_GraphProto, _ needed: Set<String>) throws {
    for tensor in try model.initializers(of: graph, needed: needed) {
      // A default of an input that the user gives as a constant gives way to it.
      if scopes.count == 1, functions.isEmpty, options.constants[tensor.name] != nil { continue }
      if case .numbers(let literal) = tensor.value {
        define(tensor.name, ImportedValue(.literal(literal), name: tensor.name))
      }
    }
  }

  private func importNodes(of graph: Onnx_GraphProto, _ needed: Set<String>) {
    for node in graph.node where node.output.contains(where: { !$0.isEmpty && needed.contains($0) }) {
      let results = importNode(node)
      for (index, output) in node.output.enumerated() where !output.isEmpty {
        define(output, index < results.count ? results[index] : ImportedValue(.failed))
      }
    }
  }

  /// The values of a node's outputs; none where it fails.
  private func importNode(_ node: Onnx_NodeProto) -> [ImportedValue] {
    let place = OnnxError.Node(node)
    recorder.location = .node(name: place.name, kind: place.operation)
    do {
      guard let results = try results(of: node) else {
        unsupported.add(place)
        return []
      }
      return zip(results, node.output).map { named($0, $1) }
    } catch {
      if (error as? Diagnostic)?.id != "poison" { errors.append(OnnxError(error).naming(node: place)) }
      return []
    }
  }

  /// The values of a node's outputs; nil where nothing here knows its operator.
  private func results(of node: Onnx_NodeProto) throws -> [ImportedValue]? {
    if let function = functionsByName[FunctionName(calledBy: node)] {
      return try inline(function, node)
    }
    guard let convert = OnnxOperators.converter(of: node) else { return nil }
    let conversion = try NodeConversion(node, in: self)
    if conversion.inputs.contains(where: { $0?.isFailed ?? false }) { throw Diagnostic("poison", "") }
    let mistakes = recorder.diagnostics.count
    let isOwn = OnnxModel.canonicalDomain(node.domain).isEmpty
    let results = try (isOwn ? SymbolicOperators.results(of: conversion) : nil) ?? convert(conversion)
    // What tensors' methods record does not throw but leaves its complaint behind.
    if let complaint = recorder.diagnostics.dropFirst(mistakes).first { throw complaint }
    try conversion.checkResults(results)
    return results
  }

  /// A value under the name that the graph gives it; one that has a name already keeps it.
  private func named(_ value: ImportedValue, _ name: String) -> ImportedValue {
    switch value.content {
    case .tensor(let tensor):
      if tensor.id >= 0, recorder.builder.function[ValueID(tensor.id)].name.isEmpty {
        recorder.setName(name, of: tensor)
      }
      return value
    case .literal, .dimensions: return value.name.isEmpty ? ImportedValue(value.content, name: name) : value
    case .list, .nothing, .failed: return value
    }
  }
}
