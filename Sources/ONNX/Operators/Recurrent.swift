import TensorIR
import TensorOps

extension OnnxOperators {
  /// Recurrent layers.
  static let recurrent: [String: Converter] = [
    "LSTM": { node in
      try layer(node, activations: ["Sigmoid", "Tanh", "Tanh"], .lstm) { direction, hidden in
        Lstm(direction: direction, hidden: hidden)
      }
    },
    "GRU": { node in
      let isAfter = try node.flag("linear_before_reset")
      return try layer(node, activations: ["Sigmoid", "Tanh"], isAfter ? .gruResetAfter : .gru) { direction, hidden in
        Gru(direction: direction, hidden: hidden, linearBeforeReset: isAfter)
      }
    },
    "RNN": { node in
      try layer(node, activations: ["Tanh"], .rnn) { direction, hidden in Rnn(direction: direction, hidden: hidden) }
    },
  ]

  /// Layers whose input and state are quantised as they go.
  static let quantisedRecurrence: [String: Converter] = [
    "DynamicQuantizeLSTM": { node in
      let hidden = try hiddenSize(node)
      var loop = try RecurrentLoop(node, .lstm, usual: ["Sigmoid", "Tanh", "Tanh"], hidden: hidden)
      loop.operands = try (0..<8).map { try node.optionalTensor($0) }
      loop.products = QuantisedRecurrence(node)
      return try loop.results().map { ImportedValue($0) }
    }
  ]

  private static func hiddenSize(_ node: NodeConversion) throws -> Int {
    guard let hidden = try node.integer("hidden_size") ?? node.shape(2).last?.constant, (1...1 << 24).contains(hidden)
    else { throw OnnxError("onnx-recurrent", "its hidden_size is missing or not a size") }
    return hidden
  }

  /// The op of the layer, or a loop where its activations are others or its gates are clipped.
  private static func layer(
    _ node: NodeConversion, activations: [String], _ cell: RecurrentCell,
    _ make: (RecurrentDirection, Int) -> any TensorOp
  ) throws -> [ImportedValue] {
    let hidden = try hiddenSize(node)
    var loop = try RecurrentLoop(node, cell, usual: activations, hidden: hidden)
    node.ignore("output_sequence")
    let isBatchFirst = try node.flag("layout")
    var operands = try (0..<(cell == .lstm ? 8 : 6)).map { try node.optionalTensor($0) }
    // Batch first: the input is [batch, steps, …] and states are [batch, directions, …].
    if isBatchFirst {
      for index in [0, 5, 6] where index < operands.count && !operands[index].isAbsent {
        operands[index] = try node.transpose(operands[index], [1, 0, 2])
      }
    }
    var results: [Tensor]
    if loop.isPlain {
      results = try node.add(make(loop.direction, hidden), list: operands)
    } else {
      loop.operands = operands
      loop.products = PlainRecurrence()
      results = try loop.results()
    }
    if isBatchFirst {
      for index in results.indices {
        results[index] = try node.transpose(results[index], index == 0 ? [2, 0, 1, 3] : [1, 0, 2])
      }
    }
    return results.map { ImportedValue(.tensor($0)) }
  }
}
