import TensorIR
import TensorOps

extension ExportTable {
  /// Products and convolutions.
  static let contractions: [ExportRule] = [
    .nodes(Matmul.self) { op, node in
      let left = try turned(node, 0, op.transposeLeft)
      let right = try turned(node, 1, op.transposeRight)
      try node.result("MatMul", [left, right])
    },
    .node(MatmulInteger.self, "MatMulInteger").when(isOfBytes),
    .nodes(ConvolutionInteger.self) { op, node in
      try node.result(
        "ConvInteger", node.inputs,
        ["strides": .ints(op.strides), "dilations": .ints(op.dilations), "kernel_shape": .ints(kernel(node))])
    }.when(hasKnownKernel),
    .nodes(Convolution.self) { op, node in
      try node.result(
        "Conv", node.inputs,
        [
          "strides": .ints(op.strides), "pads": .ints(op.before + op.after), "dilations": .ints(op.dilations),
          "group": .int(op.groups), "kernel_shape": .ints(kernel(node)),
        ])
    }.when(hasKnownKernel),
    .nodes(
      TransposedConvolution.self,
      when: { op, _ in
        op.outputPadding.indices.allSatisfy { op.outputPadding[$0] < max(op.strides[$0], op.dilations[$0]) }
      }
    ) { op, node in
      try node.result(
        "ConvTranspose", node.inputs,
        [
          "strides": .ints(op.strides), "pads": .ints(op.before + op.after), "dilations": .ints(op.dilations),
          "group": .int(op.groups), "output_padding": .ints(op.outputPadding), "kernel_shape": .ints(kernel(node)),
        ])
    }.when(hasKnownKernel),
  ]

  /// An operand with its last two axes exchanged, if they are to be.
  private static func turned(_ node: ExportNode, _ place: Int, _ isTurned: Bool) throws -> String {
    let rank = node.type(place).rank
    guard isTurned, rank >= 2 else { return try node.input(place) }
    let order = Array(0..<rank - 2) + [rank - 1, rank - 2]
    return try node.put("Transpose", [node.input(place)], ["perm": .ints(order)])
  }

  private static func hasKnownKernel(_ operands: ExportOperands) -> Bool {
    operands[1]?.shape.dropFirst(2).allSatisfy { $0.constant != nil } ?? false
  }

  /// Integers of 16 bits are a form of this compiler's alone.
  private static func isOfBytes(_ operands: ExportOperands) -> Bool { operands[0]?.elementType == .u8 }

  private static func kernel(_ node: ExportNode) -> [Int] { node.type(1).shape.dropFirst(2).compactMap(\.constant) }

  // MARK: Recurrent layers, whose operands are ONNX's

  static let recurrent: [ExportRule] = [
    .nodes(Lstm.self) { op, node in
      try node.result(
        "LSTM", node.inputs, ["hidden_size": .int(op.hidden), "direction": .string(op.direction.rawValue)])
    },
    .nodes(Gru.self) { op, node in
      try node.result(
        "GRU", node.inputs,
        [
          "hidden_size": .int(op.hidden), "direction": .string(op.direction.rawValue),
          "linear_before_reset": .int(op.linearBeforeReset ? 1 : 0),
        ])
    },
    .nodes(Rnn.self) { op, node in
      try node.result(
        "RNN", node.inputs, ["hidden_size": .int(op.hidden), "direction": .string(op.direction.rawValue)])
    },
  ]
}
