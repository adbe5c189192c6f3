import TensorOps

/// A function of elements that an attribute names, with factors that depend on it: those of recurrent layers, and of
/// operators that others were fused into.
struct Activation {
  private enum Kind {
    case relu, tanh, sigmoid, softsign, softplus, gelu, mish, hardSwish, silu
    case affine, leakyRelu, thresholdedRelu, scaledTanh, hardSigmoid, elu, selu, parametricSoftplus, clip
  }

  private static let kinds: [String: Kind] = [
    "relu": .relu, "tanh": .tanh, "sigmoid": .sigmoid, "softsign": .softsign, "softplus": .softplus, "gelu": .gelu,
    "mish": .mish, "hardswish": .hardSwish, "silu": .silu, "swish": .silu, "affine": .affine,
    "leakyrelu": .leakyRelu, "thresholdedrelu": .thresholdedRelu, "scaledtanh": .scaledTanh,
    "hardsigmoid": .hardSigmoid, "elu": .elu, "selu": .selu, "parametricsoftplus": .parametricSoftplus, "clip": .clip,
  ]

  private let kind: Kind
  private let alpha: Double
  private let beta: Double

  /// - Parameter factors: alpha and beta; absent ones, or nil, are the defaults of the function.
  /// - Throws: for a name that is no function's.
  init(_ name: String, factors: [Double?]) throws {
    guard let kind = Activation.kinds[name.lowercased()] else {
      throw OnnxError("onnx-activation", "its activation '\(name)' is unknown")
    }
    self.kind = kind
    let usual = Activation.usual(kind)
    alpha = (factors.first ?? nil) ?? usual.alpha
    beta = (factors.dropFirst().first ?? nil) ?? usual.beta
  }

  /// How many factors the function of a name takes from a list of all functions' factors.
  static func factorCount(_ name: String) -> (alpha: Int, beta: Int) {
    guard let kind = kinds[name.lowercased()] else { return (0, 0) }
    let count = takesFactors(kind)
    return (min(count, 1), max(count - 1, 0))
  }

  private static func takesFactors(_ kind: Kind) -> Int {
    switch kind {
    case .relu, .tanh, .sigmoid, .softsign, .softplus, .gelu, .mish, .hardSwish, .silu: 0
    case .leakyRelu, .thresholdedRelu, .elu: 1
    case .affine, .scaledTanh, .hardSigmoid, .selu, .parametricSoftplus, .clip: 2
    }
  }

  private static func usual(_ kind: Kind) -> (alpha: Double, beta: Double) {
    switch kind {
    case .leakyRelu: (0.01, 0)
    case .hardSigmoid: (0.2, 0.5)
    case .selu: (1.67326319217681884765625, 1.05070102214813232421875)
    case .clip: (-.infinity, .infinity)
    case .affine: (1, 0)
    default: (1, 1)
    }
  }

  func applied(to x: Tensor) -> Tensor {
    switch kind {
    case .relu: x.relu()
    case .tanh: x.tanh()
    case .sigmoid: x.sigmoid()
    case .softsign: x.softsign()
    case .softplus: x.softplus()
    case .gelu: x.gelu()
    case .mish: x.mish()
    case .hardSwish: x.hardSwish()
    case .silu: x.silu()
    case .affine: x * x.like(alpha) + x.like(beta)
    case .leakyRelu: x.leakyRelu(alpha: alpha)
    case .thresholdedRelu: Tensor.select(x .>= x.like(alpha), x, x.like(0))
    case .scaledTanh: x.like(alpha) * (x * x.like(beta)).tanh()
    case .hardSigmoid: x.hardSigmoid(alpha: alpha, beta: beta)
    case .elu: x.elu(alpha: alpha)
    case .selu: x.elu(alpha: alpha) * x.like(beta)
    case .parametricSoftplus: x.like(alpha) * (x * x.like(beta)).softplus()
    case .clip: x.clip(minimum: alpha, maximum: beta)
    }
  }
}
