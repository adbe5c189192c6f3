import TensorIR
import TensorOps

extension OnnxOperators {
  /// Recurrent layers.
  static let recurrent: [String: Converter] = [
    "LSTM": { node in
      guard try (node.integer("input_forget") ?? 0) == 0 else {
        throw OnnxError("onnx-recurrent", "input_forget is not supported")
      }
      return try layer(node, activations: ["Sigmoid", "Tanh", "Tanh"], operands: 8) { direction, hidden in
        Lstm(direction: direction, hidden: hidden)
      }
    },
    "GRU": { node in
      let isAfter = try node.flag("linear_before_reset")
      return try layer(node, activations: ["Sigmoid", "Tanh"], operands: 6) { direction, hidden in
        Gru(direction: direction, hidden: hidden, linearBeforeReset: isAfter)
      }
    },
    "RNN": { node in
      try layer(node, activations: ["Tanh"], operands: 6) { direction, hidden in
        Rnn(direction: direction, hidden: hidden)
      }
    },
  ]

  private static func layer(
    _ node: NodeConversion, activations: [String], operands count: Int,
    _ make: (RecurrentDirection, Int) -> any TensorOp
  ) throws -> [ImportedValue] {
    let name = try node.string("direction") ?? "forward"
    guard let direction = RecurrentDirection(rawValue: name) else {
      throw OnnxError("onnx-recurrent", "direction '\(name)' is unknown")
    }
    try check(node, activations: activations, direction)
    node.ignore("output_sequence")
    guard let hidden = try node.integer("hidden_size") ?? node.shape(2).last?.constant, (1...1 << 24).contains(hidden)
    else { throw OnnxError("onnx-recurrent", "its hidden_size is missing or not a size") }
    let isBatchFirst = try node.flag("layout")
    var operands = try (0..<count).map { try node.optionalTensor($0) }
    // Batch first: the input is [batch, steps, …] and states are [batch, directions, …].
    if isBatchFirst {
      for index in [0, 5, 6] where index < count && !operands[index].isAbsent {
        operands[index] = try node.transpose(operands[index], [1, 0, 2])
      }
    }
    var results = try node.add(make(direction, hidden), list: operands)
    if isBatchFirst {
      for index in results.indices {
        results[index] = try node.transpose(results[index], index == 0 ? [2, 0, 1, 3] : [1, 0, 2])
      }
    }
    return results.map { ImportedValue(.tensor($0)) }
  }

  private static func check(
    _ node: NodeConversion, activations: [String], _ direction: RecurrentDirection
  ) throws {
    let expected = Array(repeating: activations, count: direction.count).flatMap { $0 }
    let given = try node.strings("activations") ?? expected
    if given.map({ $0.lowercased() }) != expected.map({ $0.lowercased() }) {
      throw OnnxError("onnx-recurrent", "activations \(given) are not supported, only \(expected)")
    }
    // The activations that are supported take no factors.
    node.ignore("activation_alpha", "activation_beta")
    if let clip = try node.float("clip"), clip > 0 { throw OnnxError("onnx-recurrent", "clip is not supported") }
  }
}
