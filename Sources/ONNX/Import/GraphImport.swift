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
  /// The version of ONNX's own operators.
  let opset: Int
  /// The values of the graphs around the current node, outermost first.
  private var scopes: [[String: ImportedValue]] = []
  private var errors: [OnnxError] = []
  private var unsupported = UnsupportedOperators()

  init(_ model: OnnxModel, _ options: ImportOptions) throws {
    self.model = model
    self.options = options
    // A model without operators of ONNX's own uses none, so any version will do.
    opset = model.opsetVersion() ?? OnnxModel.newestOpset
    let inputs = try GraphInputs(model, options)
    recorder = TraceRecorder(name: "main", symbols: inputs.symbols)
    scopes = [inputs.declare(in: recorder)]
  }

  func function() throws -> Function {
    try defineInitializers(of: model.graph)
    importNodes(of: model.graph)
    errors += unsupported.errors
    guard errors.isEmpty else { throw OnnxErrors(errors) }
    recorder.location = .unknown
    let results = try model.graph.output.map { try value($0.name).tensor(in: recorder) }
    do {
      return try recorder.finish(results, names: model.graph.output.map(\.name))
    } catch let diagnostics as Diagnostics {
      throw OnnxErrors(diagnostics.list.map { OnnxError($0) })
    }
  }

  /// The value of a name, in the innermost graph that has one.
  func value(_ name: String) throws -> ImportedValue {
    for scope in scopes.reversed() {
      if let value = scope[name] { return value }
    }
    throw OnnxError("onnx-undefined", "'\(name)' is defined by nothing before it")
  }

  /// Imports a graph of an attribute where it stands, and gives its outputs.
  func inline(_ graph: Onnx_GraphProto) throws -> [ImportedValue] {
    scopes.append([:])
    defer { scopes.removeLast() }
    let place = recorder.location
    try defineInitializers(of: graph)
    importNodes(of: graph)
    recorder.location = place
    return try graph.output.map { try value($0.name) }
  }

  private func define(_ name: String, _ value: ImportedValue) { scopes[scopes.count - 1][name] = value }

  private func defineInitializers(of graph: Onnx_GraphProto) throws {
    for tensor in try model.initializers(of: graph) {
      // A default of an input that the user gives as a constant gives way to it.
      if scopes.count == 1, options.constants[tensor.name] != nil { continue }
      if case .numbers(let literal) = tensor.value {
        define(tensor.name, ImportedValue(.literal(literal), name: tensor.name))
      }
    }
  }

  private func importNodes(of graph: Onnx_GraphProto) {
    let needed = LiveNodes.names(in: graph)
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
    guard OnnxModel.canonicalDomain(node.domain).isEmpty, let convert = OnnxOperators.table[node.opType] else {
      unsupported.add(place)
      return []
    }
    recorder.location = .node(name: place.name, kind: place.operation)
    do {
      let conversion = try NodeConversion(node, in: self)
      if conversion.inputs.contains(where: { $0?.isFailed ?? false }) { return [] }
      let results = try SymbolicOperators.results(of: conversion) ?? convert(conversion)
      try conversion.checkResults(results)
      return zip(results, node.output).map { named($0, $1) }
    } catch {
      if (error as? Diagnostic)?.id != "poison" { errors.append(OnnxError(error).naming(node: place)) }
      return []
    }
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
    case .failed: return value
    }
  }
}

/// Gathers the operators that have no converter, so that all of them are reported at once.
struct UnsupportedOperators {
  private static let namesShown = 3
  private var nodes: [(operation: String, places: [OnnxError.Node])] = []

  mutating func add(_ place: OnnxError.Node) {
    if let index = nodes.firstIndex(where: { $0.operation == place.operation }) {
      nodes[index].places.append(place)
    } else {
      nodes.append((place.operation, [place]))
    }
  }

  /// An error for each operator, at the first of its nodes.
  var errors: [OnnxError] {
    nodes.map { operation, places in
      let names = places.prefix(UnsupportedOperators.namesShown).map { "'\($0.name)'" }.joined(separator: ", ")
      let rest = places.count > UnsupportedOperators.namesShown ? ", …" : ""
      return OnnxError(
        id: "onnx-unsupported-operator",
        message: "operator '\(operation)' is not supported; \(places.count) "
          + "\(places.count == 1 ? "node uses" : "nodes use") it: \(names)\(rest)",
        node: places[0])
    }
  }
}
