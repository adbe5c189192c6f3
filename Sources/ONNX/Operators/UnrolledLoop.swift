import TensorIR
import TensorOps

/// `Loop` with a trip count that is known at import: its body as many times, one behind the other.
struct UnrolledLoop {
  /// Up to so many trips are always written out.
  static let always = 8
  /// What is unrolled beyond would be a long wait and a large library.
  static let limit = 2048

  private let node: NodeConversion
  private let body: Onnx_GraphProto

  init(_ node: NodeConversion) throws {
    self.node = node
    body = try node.subgraph("body")
    guard node.inputs.count >= 2, body.input.count == node.inputs.count,
      body.output.count >= max(node.inputs.count - 1, 1)
    else {
      throw OnnxError("onnx-loop", "its body's inputs and outputs do not fit its own")
    }
  }

  func results() throws -> [ImportedValue] {
    let trips = node.hasInput(0) ? try node.integers(0).first : nil
    let carried = node.inputs.count - 2
    var state = node.inputs.dropFirst(2).map { $0 ?? ImportedValue(.nothing) }
    var collected = [[ImportedValue]](repeating: [], count: body.output.count - 1 - carried)
    var condition = node.hasInput(1) ? try node.input(1) : nil
    var trip = 0
    while try trip < trips ?? .max && goesOn(condition) {
      guard trip < UnrolledLoop.limit else {
        throw OnnxError("onnx-loop", "it runs more than \(UnrolledLoop.limit) times, which is not unrolled")
      }
      let count = ImportedValue(.dimensions(.scalar(Dimension(trip))))
      let results = try node.graph.inline(body, [count, condition ?? UnrolledLoop.yes] + state)
      if results.contains(where: \.isFailed) { throw Diagnostic("poison", "") }
      // Without a condition at the start only the trip count ends it.
      condition = node.hasInput(1) || trips == nil ? results[0] : nil
      state = Array(results[1..<1 + carried])
      for (index, value) in results.suffix(from: 1 + carried).enumerated() { collected[index].append(value) }
      trip += 1
    }
    return try state
      + collected.enumerated().map { index, values in
        try ImportedValue(node.stacked(values, axis: 0, like: body.output[1 + carried + index]))
      }
  }

  static var yes: ImportedValue {
    ImportedValue(.dimensions(SymbolicTensor(.bool, [], [1]) ?? .scalar(1)))
  }

  private func goesOn(_ condition: ImportedValue?) throws -> Bool {
    guard let condition else { return true }
    guard let known = condition.symbolic(node.graph.known)?.numbers, known.count == 1 else {
      throw OnnxError(
        "onnx-data-dependent",
        "how often it runs is computed from data, which is not supported"
          + Origins(condition, in: node.graph).hint)
    }
    return known[0] != 0
  }
}

extension NodeConversion {
  /// Tensors of one shape along a new axis; of none, an empty tensor of the type that a graph declares for one.
  func stacked(_ values: [ImportedValue], axis: Int, like declared: Onnx_ValueInfoProto) throws -> Tensor {
    if values.isEmpty {
      guard case .tensor(let element, let shape?) = OnnxValue(declared).type else {
        throw OnnxError("onnx-loop", "it never runs, and the type of output '\(declared.name)' is not declared")
      }
      var extents = try shape.map { extent in
        guard case .fixed(let size) = extent else {
          throw OnnxError("onnx-loop", "it never runs, and the shape of output '\(declared.name)' is not declared")
        }
        return Dimension(size)
      }
      let place = axis < 0 ? axis + extents.count + 1 : axis
      guard (0...extents.count).contains(place) else {
        throw OnnxError("onnx-axis", "axis \(axis) is not one of a tensor of rank \(extents.count + 1)")
      }
      extents.insert(0, at: place)
      return try add(Full(0, ElementType(element), extents))
    }
    let parts = try values.map { value in
      let tensor = try value.tensor(in: graph.recorder)
      var shape = tensor.shape
      shape.insert(1, at: try self.axis(axis, rank: shape.count + 1))
      return try reshape(tensor, shape)
    }
    let place = axis < 0 ? axis + parts[0].rank : axis
    return parts.count == 1 ? parts[0] : try add(Concat(axis: place), list: parts)[0]
  }
}
