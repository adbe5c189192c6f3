import TensorIR
import TensorOps

extension GraphWriter {
  /// A function as the graph of a model.
  /// - Parameter initializers: the values of parameters that are no inputs.
  static func graph(of function: Function, initializers: [String: TensorLiteral]) throws -> Onnx_GraphProto {
    let names = ModelNames()
    let writer = GraphWriter(function, names)
    var graph = Onnx_GraphProto()
    graph.name = function.name
    var inputs: [ValueID] = []
    for id in function.body.parameters {
      let name = names.fresh(function[id].name.isEmpty ? "x\(id.index)" : function[id].name)
      writer.set(id, to: name)
      if let value = initializers[function[id].name] {
        try names.add(value, name: name)
      } else {
        inputs.append(id)
        graph.input.append(try NodeText.info(name, function.type(of: id)))
      }
    }
    try writer.noteSizes(of: inputs)
    let wishes = try writer.outputNames()
    writer.prepare(function.body.results, names: wishes, made: function.body.operations)
    try writer.write(function.body.operations)
    try writer.finish(function.body.results, names: wishes)
    graph.output = try zip(function.body.results, wishes).map { try NodeText.info($1, function.type(of: $0)) }
    graph.node = writer.nodes
    graph.initializer = names.initializers
    return graph
  }

  /// The names of the function's results: their own, unless an input has it that is not the result itself.
  private func outputNames() throws -> [String] {
    var taken: Set<String> = []
    return try function.body.results.enumerated().map { place, id in
      let wish = place < function.resultNames.count ? function.resultNames[place] : "y\(place)"
      if function.body.parameters.contains(id), try name(of: id) == wish, taken.insert(wish).inserted { return wish }
      let name = names.fresh(wish.isEmpty ? "y\(place)" : wish)
      taken.insert(name)
      return name
    }
  }

  /// A region as a graph inside a node.
  /// - Parameters:
  ///   - inputs: how many of the region's parameters, from the first on, are inputs of the graph; the others are values of
  ///     the graph around it.
  ///   - others: the names of those values.
  ///   - sizes: the symbols that the region finds anew.
  ///   - before: what adds results in front of the region's, from the names of the inputs.
  func graph(
    of region: Region, named name: String, inputs: Int = 0, others: [String], sizes: [String] = [],
    addingInputs extra: [(place: Int, type: TensorType)] = [],
    addingResults first: ([String]) throws -> [String] = { _ in [] }
  ) throws -> Onnx_GraphProto {
    let writer = GraphWriter(function, names, in: self)
    var graph = Onnx_GraphProto()
    graph.name = name
    for id in region.parameters.prefix(inputs) {
      let own = names.fresh(function[id].name.isEmpty ? "v\(id.index)" : function[id].name)
      writer.set(id, to: own)
      graph.input.append(try NodeText.info(own, function.type(of: id)))
    }
    for input in extra { graph.input.insert(try NodeText.info(names.fresh("goes_on"), input.type), at: input.place) }
    for (id, outside) in zip(region.parameters.dropFirst(inputs), others) { writer.set(id, to: outside) }
    writer.noteSizes(sizes, of: Array(region.parameters.prefix(inputs)))
    let wishes = region.results.map { _ in names.fresh("\(name)_result") }
    writer.prepare(region.results, names: wishes, made: region.operations)
    try writer.write(region.operations)
    for result in try first(graph.input.map(\.name)) {
      let copy = names.fresh("\(name)_result")
      writer.append(NodeText.node("Identity", [result], [copy], name: names.fresh("Identity")))
      graph.output.append(try NodeText.info(copy, TensorType(.bool, [])))
    }
    try writer.finish(region.results, names: wishes)
    graph.output += try zip(region.results, wishes).map { try NodeText.info($1, function.type(of: $0)) }
    graph.node = writer.nodes
    return graph
  }
}
