import TensorIR

extension OnnxOperators {
  /// Operators with graphs inside.
  static let control: [String: Converter] = [
    "If": { node in
      guard let condition = node.symbolic(0)?.numbers, condition.count == 1 else {
        throw OnnxError(
          "onnx-if",
          "its condition is computed from data, which is not supported; if it depends on an input alone, "
            + "give that input with --const")
      }
      let branches = (try node.subgraph("then_branch"), try node.subgraph("else_branch"))
      return try node.graph.inline(condition[0] != 0 ? branches.0 : branches.1)
    }
  ]
}
