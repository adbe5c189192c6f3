import Tensors

// Activations without parameters as layers, for those who keep them in a field. The methods of `Tensor` do the same.

/// A layer of one tensor to one tensor, whose mistakes name the line that calls it.
public protocol UnaryLayer: Module, Sendable {
  /// What it computes.
  func applied(to x: Tensor) -> Tensor
}

extension UnaryLayer {
  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { located(x, file: file, line: line, column: column) { applied(to: x) } }
}

/// The greater of each element and 0.
public struct ReLU: UnaryLayer {
  public init() {}
  public func applied(to x: Tensor) -> Tensor { x.relu() }
}

/// Each element where it is positive, `slope` times the element elsewhere.
public struct LeakyReLU: UnaryLayer {
  public var slope: Double
  public init(slope: Double = 0.01) {
    self.slope = slope
  }
  public func applied(to x: Tensor) -> Tensor { x.leakyRelu(alpha: slope) }
}

/// Each element times the normal distribution at it, exactly or by tanh.
public struct GELU: UnaryLayer {
  public var approximate: Bool
  public init(approximate: Bool = false) {
    self.approximate = approximate
  }
  public func applied(to x: Tensor) -> Tensor { x.gelu(approximate: approximate) }
}

/// 1 / (1 + e⁻ˣ).
public struct Sigmoid: UnaryLayer {
  public init() {}
  public func applied(to x: Tensor) -> Tensor { x.sigmoid() }
}

/// The hyperbolic tangent.
public struct Tanh: UnaryLayer {
  public init() {}
  public func applied(to x: Tensor) -> Tensor { x.tanh() }
}

/// max(0, min(1, alpha x + beta)).
public struct HardSigmoid: UnaryLayer {
  public var alpha: Double
  public var beta: Double
  public init(alpha: Double = 0.2, beta: Double = 0.5) {
    self.alpha = alpha
    self.beta = beta
  }
  public func applied(to x: Tensor) -> Tensor { x.hardSigmoid(alpha: alpha, beta: beta) }
}

/// x max(0, min(1, x/6 + 1/2)).
public struct HardSwish: UnaryLayer {
  public init() {}
  public func applied(to x: Tensor) -> Tensor { x.hardSwish() }
}

/// log(1 + e^(beta x)) / beta.
public struct Softplus: UnaryLayer {
  public var beta: Double
  public init(beta: Double = 1) {
    self.beta = beta
  }
  public func applied(to x: Tensor) -> Tensor { x.softplus(beta: beta) }
}

/// x / (1 + |x|).
public struct Softsign: UnaryLayer {
  public init() {}
  public func applied(to x: Tensor) -> Tensor { x.softsign() }
}

/// x where positive, alpha (eˣ - 1) elsewhere.
public struct ELU: UnaryLayer {
  public var alpha: Double
  public init(alpha: Double = 1) {
    self.alpha = alpha
  }
  public func applied(to x: Tensor) -> Tensor { x.elu(alpha: alpha) }
}

/// x where positive, alpha (e^(x/alpha) - 1) elsewhere.
public struct CELU: UnaryLayer {
  public var alpha: Double
  public init(alpha: Double = 1) {
    self.alpha = alpha
  }
  public func applied(to x: Tensor) -> Tensor { x.celu(alpha: alpha) }
}

/// ELU with the constants that keep mean 0 and variance 1 (Klambauer et al., 2017).
public struct SELU: UnaryLayer {
  public init() {}
  public func applied(to x: Tensor) -> Tensor { x.selu() }
}

/// x where it is above the threshold, 0 elsewhere.
public struct ThresholdedReLU: UnaryLayer {
  public var threshold: Double
  public init(threshold: Double = 1) {
    self.threshold = threshold
  }
  public func applied(to x: Tensor) -> Tensor { x.thresholdedRelu(threshold: threshold) }
}

/// x where it is above the threshold, a value elsewhere.
public struct Threshold: UnaryLayer {
  public var threshold: Double
  public var value: Double
  public init(threshold: Double, value: Double) {
    self.threshold = threshold
    self.value = value
  }
  public func applied(to x: Tensor) -> Tensor { x.thresholded(above: threshold, value: value) }
}

/// x where |x| is above the threshold, 0 elsewhere.
public struct HardShrink: UnaryLayer {
  public var threshold: Double
  public init(threshold: Double = 0.5) {
    self.threshold = threshold
  }
  public func applied(to x: Tensor) -> Tensor { x.hardShrink(threshold: threshold) }
}

/// x moved towards 0 by the threshold.
public struct SoftShrink: UnaryLayer {
  public var threshold: Double
  public init(threshold: Double = 0.5) {
    self.threshold = threshold
  }
  public func applied(to x: Tensor) -> Tensor { x.softShrink(threshold: threshold) }
}

/// x moved towards 0 by `bias` where |x| is above the threshold, 0 elsewhere.
public struct Shrink: UnaryLayer {
  public var threshold: Double
  public var bias: Double
  public init(threshold: Double = 0.5, bias: Double = 0.5) {
    self.threshold = threshold
    self.bias = bias
  }
  public func applied(to x: Tensor) -> Tensor { x.shrink(threshold: threshold, bias: bias) }
}

/// The first half of an axis times the sigmoid of the second (Dauphin et al., 2016).
public struct GLU: UnaryLayer {
  public var axis: Int
  public init(axis: Int = -1) {
    self.axis = axis
  }
  public func applied(to x: Tensor) -> Tensor { x.glu(axis: axis) }
}

/// Each element kept between two numbers.
public struct HardTanh: UnaryLayer {
  public var minimum: Double
  public var maximum: Double
  public init(minimum: Double = -1, maximum: Double = 1) {
    self.minimum = minimum
    self.maximum = maximum
  }
  public func applied(to x: Tensor) -> Tensor { x.hardTanh(minimum: minimum, maximum: maximum) }
}

/// x - tanh x.
public struct TanhShrink: UnaryLayer {
  public init() {}
  public func applied(to x: Tensor) -> Tensor { x.tanhShrink() }
}

/// Each element kept between 0 and 6.
public struct ReLU6: UnaryLayer {
  public init() {}
  public func applied(to x: Tensor) -> Tensor { x.relu6() }
}

/// x tanh(softplus x).
public struct Mish: UnaryLayer {
  public init() {}
  public func applied(to x: Tensor) -> Tensor { x.mish() }
}

/// x sigmoid(x).
public struct SiLU: UnaryLayer {
  public init() {}
  public func applied(to x: Tensor) -> Tensor { x.silu() }
}

/// log sigmoid(x).
public struct LogSigmoid: UnaryLayer {
  public init() {}
  public func applied(to x: Tensor) -> Tensor { x.logSigmoid() }
}

/// The tensor itself.
public struct Identity: UnaryLayer {
  public init() {}
  public func applied(to x: Tensor) -> Tensor { x }
}
