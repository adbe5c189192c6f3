import TensorIR
import TensorOps

/// `Scan`: its body once for each element where their number is known at import and small, else a loop.
struct UnrolledScan {
  private let node: NodeConversion
  let body: Onnx_GraphProto
  /// How many of the inputs are walked over; the others are the state.
  private let scanned: Int
  /// Before opset 9 everything has a batch axis in front, and lengths may stand before the inputs.
  let hasBatch: Bool
  private let inputs: [Tensor]

  init(_ node: NodeConversion) throws {
    self.node = node
    body = try node.subgraph("body")
    hasBatch = node.opset < 9
    if hasBatch, node.hasInput(0) { throw OnnxError("onnx-scan", "lengths of sequences are not supported") }
    inputs = try node.inputs.indices.dropFirst(hasBatch ? 1 : 0).map { try node.tensor($0) }
    guard let scanned = try node.integer("num_scan_inputs"), scanned >= 1, scanned <= inputs.count,
      body.input.count == inputs.count, body.output.count >= inputs.count - scanned
    else { throw OnnxError("onnx-scan", "its inputs do not fit its body") }
    self.scanned = scanned
  }

  private var carried: Int { inputs.count - scanned }

  func results() throws -> [ImportedValue] {
    guard hasBatch else { return try run(inputs).map { ImportedValue($0) } }
    let batch = try number(inputs[0].shape[0])
    let rows = try (0..<batch).map { row in try run(inputs.map { try part($0, axis: 0, at: row) }) }
    return try body.output.indices.map { index in
      ImportedValue(try node.stacked(rows.map { ImportedValue($0[index]) }, axis: 0, like: body.output[index]))
    }
  }

  /// The extent that it walks over; nil where there are batches of them.
  func length() throws -> Dimension? {
    if hasBatch { return nil }
    let axes = try list(["scan_input_axes"], count: scanned)
    let source = inputs[carried]
    return source.shape[try node.axis(axes[0], rank: source.rank)]
  }

  /// As a loop of the function, whose trips pick their elements.
  func loop() throws -> [ImportedValue] {
    let sources = Array(inputs.suffix(scanned))
    let places = try zip(sources, list(["scan_input_axes"], count: scanned)).map { try node.axis($1, rank: $0.rank) }
    let backwards = try list(["scan_input_directions", "directions"], count: scanned)
    let count = sources[0].shape[places[0]]
    for (source, place) in zip(sources, places) where node.symbols.isEqual(source.shape[place], count) != .yes {
      throw OnnxError("onnx-scan", "it walks over \(count) and over \(source.shape[place]) elements")
    }
    let initial = Array(inputs.prefix(carried))
    var state = LoopState(node.graph, initial.map(\.type))
    let traced = try state.trace(first: 0) { trip, state in
      let elements = try sources.indices.map { index in
        let place = backwards[index] != 0 ? trip.dimensionValue(count - 1) - trip : trip
        return try node.add(Gather(axis: places[index]), sources[index], place)
      }
      return try node.graph.inline(body, (state + elements).map { ImportedValue($0) })
    }
    let results = try LoopPlan(node.graph).record(
      traced, carrying: initial, state, .dimension(count), LoopPlan.Condition(exits: false, first: nil),
      conditionResults: 0)
    return try results.prefix(carried) + placed(Array(results.dropFirst(carried)))
  }

  /// What was collected along a first axis, along the axes and in the directions asked for.
  private func placed(_ results: [ImportedValue]) throws -> [ImportedValue] {
    let axes = try list(["scan_output_axes"], count: results.count)
    let backwards = try list(["scan_output_directions"], count: results.count)
    return try results.indices.map { index in
      var tensor = try results[index].tensor(in: node.graph.recorder)
      if backwards[index] != 0 { tensor = try node.add(Reverse(axes: [0]), tensor) }
      let axis = try node.axis(axes[index], rank: tensor.rank)
      var order = Array(1..<tensor.rank)
      order.insert(0, at: axis)
      return ImportedValue(try node.transpose(tensor, order))
    }
  }

  /// The final state, and what each element gave along an axis.
  private func run(_ operands: [Tensor]) throws -> [Tensor] {
    let axes = try list(["scan_input_axes"], count: scanned)
    let backwards = try list(["scan_input_directions", "directions"], count: scanned)
    let outputs = body.output.count - carried
    let outputAxes = try list(["scan_output_axes"], count: outputs)
    let outputBackwards = try list(["scan_output_directions"], count: outputs)
    let sources = Array(operands.suffix(scanned))
    let places = try zip(sources, axes).map { try node.axis($1, rank: $0.rank) }
    let count = try number(sources[0].shape[places[0]])
    var state = operands.prefix(carried).map { ImportedValue($0) }
    var collected = [[ImportedValue]](repeating: [], count: outputs)
    for step in 0..<count {
      let elements = try sources.indices.map { index in
        let place = backwards[index] != 0 ? count - 1 - step : step
        return ImportedValue(try part(sources[index], axis: places[index], at: place))
      }
      let results = try node.graph.inline(body, state + elements)
      if results.contains(where: \.isFailed) { throw Diagnostic("poison", "") }
      state = Array(results.prefix(carried))
      for (index, value) in results.dropFirst(carried).enumerated() { collected[index].append(value) }
    }
    let final = try state.map { try $0.tensor(in: node.graph.recorder) }
    return try final
      + collected.indices.map { index in
        let values = outputBackwards[index] != 0 ? collected[index].reversed() : collected[index]
        return try node.stacked(values, axis: outputAxes[index], like: body.output[carried + index])
      }
  }

  /// An attribute with an entry for each input or output; zeros where it is left out.
  private func list(_ names: [String], count: Int) throws -> [Int] {
    for name in names {
      guard let values = try node.integers(name), !values.isEmpty else { continue }
      guard values.count == count else { throw OnnxError("onnx-scan", "\(name) has \(values.count) entries") }
      return values
    }
    return Array(repeating: 0, count: count)
  }

  private func number(_ extent: Dimension) throws -> Int {
    guard let count = extent.constant, count <= UnrolledLoop.limit else {
      throw OnnxError(
        "onnx-scan",
        "it walks over \(extent) elements; that must be a number of at most \(UnrolledLoop.limit)\(node.hint([extent]))"
      )
    }
    return count
  }

  private func part(_ tensor: Tensor, axis: Int, at place: Int) throws -> Tensor {
    var shape = tensor.shape
    shape.remove(at: axis)
    return try node.reshape(tensor.sliced(axis: axis, start: Dimension(place), size: 1), shape)
  }
}
