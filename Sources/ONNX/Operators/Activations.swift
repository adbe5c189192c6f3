import TensorIR
import TensorOps

extension OnnxOperators {
  /// Activation functions and other element-by-element functions that models end layers with.
  static let activations: [String: Converter] = [
    "Relu": plain(Relu()),
    "Sigmoid": plain(Sigmoid()),
    "Tanh": plain(Tanh()),
    "HardSigmoid": one { node in
      try node.add(
        HardSigmoid(alpha: node.float("alpha") ?? 0.2, beta: node.float("beta") ?? 0.5), node.tensor(0))
    },
    "HardSwish": plain(HardSwish()),
    "LeakyRelu": one { node in try node.add(LeakyRelu(alpha: node.float("alpha") ?? 0.01), node.tensor(0)) },
    "PRelu": one { node in
      let x = try node.tensor(0)
      let negative = try node.add(Multiply(), x, node.tensor(1))
      return try node.add(Select(), node.add(Less(), x, node.scalar(0, x.elementType)), negative, x)
    },
    "Elu": one { node in try node.add(Elu(alpha: node.float("alpha") ?? 1), node.tensor(0)) },
    "Selu": one(selu),
    "Celu": one(celu),
    "Softplus": plain(Softplus()),
    "Softsign": one { node in
      let x = try node.tensor(0)
      return try node.add(Divide(), x, node.add(Add(), node.add(Absolute(), x), node.scalar(1, x.elementType)))
    },
    "Gelu": one { node in
      let form = try node.string("approximate") ?? "none"
      guard ["none", "tanh"].contains(form) else {
        throw OnnxError("onnx-gelu", "approximation '\(form)' is unknown")
      }
      return try node.add(Gelu(approximate: form == "tanh"), node.tensor(0))
    },
    "Mish": plain(Mish()),
    "Swish": one(swish),
    "ThresholdedRelu": one { node in
      let x = try node.tensor(0)
      let threshold = try node.scalar(node.float("alpha") ?? 1, x.elementType)
      return try node.add(Select(), node.add(Greater(), x, threshold), x, node.scalar(0, x.elementType))
    },
    "Shrink": one(shrink),
  ]

  private static func selu(_ node: NodeConversion) throws -> Tensor {
    // The first version's were shorter.
    let alpha = try node.float("alpha") ?? (node.opset < 6 ? 1.6732 : 1.67326319217681884765625)
    let gamma = try node.float("gamma") ?? (node.opset < 6 ? 1.0507 : 1.05070102214813232421875)
    let x = try node.add(Elu(alpha: alpha), node.tensor(0))
    return try node.add(Multiply(), x, node.scalar(gamma, x.elementType))
  }

  /// `max(0, x) + min(0, alpha (e^(x/alpha) - 1))`
  private static func celu(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    let alpha = try node.scalar(node.float("alpha") ?? 1, x.elementType)
    let scaled = try node.add(Multiply(), alpha, node.add(Expm1(), node.add(Divide(), x, alpha)))
    let negative = try node.add(Minimum(), scaled, node.scalar(0, x.elementType))
    return try node.add(Add(), node.add(Relu(), x), negative)
  }

  private static func swish(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    let alpha = try node.float("alpha") ?? 1
    if alpha == 1 { return try node.add(Silu(), x) }
    let gate = try node.add(Sigmoid(), node.add(Multiply(), x, node.scalar(alpha, x.elementType)))
    return try node.add(Multiply(), x, gate)
  }

  /// `x + bias` below `-lambd`, `x - bias` above `lambd`, 0 between.
  private static func shrink(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    let limit = try node.float("lambd") ?? 0.5
    let bias = try node.scalar(node.float("bias") ?? 0, x.elementType)
    let isBelow = try node.add(Less(), x, node.scalar(-limit, x.elementType))
    let isAbove = try node.add(Greater(), x, node.scalar(limit, x.elementType))
    let above = try node.add(Select(), isAbove, node.add(Subtract(), x, bias), node.scalar(0, x.elementType))
    return try node.add(Select(), isBelow, node.add(Add(), x, bias), above)
  }
}
