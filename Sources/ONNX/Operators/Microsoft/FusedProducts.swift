import TensorIR
import TensorOps

extension OnnxOperators {
  /// Products and convolutions with what comes after them.
  static let fusedProducts: [String: Converter] = [
    "FusedConv": one { node in
      var result = try convolution(
        node, node.tensor(0), node.tensor(1), bias: node.hasInput(2) ? node.tensor(2) : nil)
      if node.hasInput(3) { result = result + (try node.tensor(3)) }
      return try activated(node, result, factors: node.floats("activation_params") ?? [])
    },
    "NhwcConv": one { node in try channelsLastConvolution(node) },
    "NhwcFusedConv": one { node in
      try activated(node, channelsLastConvolution(node), factors: node.floats("activation_params") ?? [])
    },
    "NhwcMaxPool": { node in
      let pooled = try maxPool(node, channelsFirst(node, node.tensor(0), true))[0].tensor(in: node.graph.recorder)
      return [ImportedValue(try channelsLast(node, pooled, true))]
    },
    "FusedGemm": one { node in
      let factors = ["activation_alpha", "activation_beta", "activation_gamma"]
      return try activated(node, gemm(node), factors: factors.map { try node.float($0) })
    },
    "GemmFastGelu": one { node in
      let product = try product(node, node.tensor(0), node.tensor(1))
      return try node.add(Gelu(approximate: true), node.hasInput(2) ? product + node.tensor(2) : product)
    },
    "FusedMatMul": one(fusedProduct),
    "TransposeMatMul": one(fusedProduct),
    "FusedMatMulActivation": one { node in
      let names = ["activation_alpha", "activation_beta", "activation_gamma", "activation_axis"]
      node.ignore(names[3])
      return try activated(node, fusedProduct(node), factors: names.prefix(3).map { try node.float($0) })
    },
  ]

  /// A convolution of [n, …, c] by filters [o, …, c].
  private static func channelsLastConvolution(_ node: NodeConversion) throws -> Tensor {
    let x = try channelsFirst(node, node.tensor(0), true)
    let filters = try channelsFirst(node, node.tensor(1), true)
    let result = try convolution(node, x, filters, bias: node.hasInput(2) ? node.tensor(2) : nil)
    let sum = try node.hasInput(3) ? result + channelsFirst(node, node.tensor(3), true) : result
    return try channelsLast(node, sum, true)
  }

  private static func activated(_ node: NodeConversion, _ x: Tensor, factors: [Double?]) throws -> Tensor {
    guard let name = try node.string("activation"), !name.isEmpty else { return x }
    return try Activation(name, factors: factors).applied(to: x)
  }

  /// `alpha A B`, where A and B may be given with their last two axes exchanged, or with their first axis, that of the
  /// rows, before those of the batch.
  private static func fusedProduct(_ node: NodeConversion) throws -> Tensor {
    func operand(_ index: Int, _ batch: String) throws -> Tensor {
      let x = try node.tensor(index)
      guard try node.flag(batch), x.rank > 2 else { return x }
      return try node.transpose(x, Array(1..<x.rank - 1) + [0, x.rank - 1])
    }
    let (a, b) = (try operand(0, "transBatchA"), try operand(1, "transBatchB"))
    let (left, right) = (try node.flag("transA") && a.rank > 1, try node.flag("transB") && b.rank > 1)
    let alpha = try node.float("alpha") ?? 1
    let result =
      left || right
      ? try product(node, left ? swapped(node, a) : a, right ? swapped(node, b) : b) : try product(node, a, b)
    return alpha == 1 ? result : result * result.like(alpha)
  }

  /// The last two axes exchanged.
  private static func swapped(_ node: NodeConversion, _ x: Tensor) throws -> Tensor {
    try node.transpose(x, Array(0..<x.rank - 2) + [x.rank - 1, x.rank - 2])
  }
}
