import Tensors

// Activations without parameters as layers, for those who keep them in a field. The methods of `Tensor` do the same.

/// The greater of each element and 0.
public struct ReLU: Module, Sendable {
  public init() {}
  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { located(x, file: file, line: line, column: column) { x.relu() } }
}

/// Each element where it is positive, `slope` times the element elsewhere.
public struct LeakyReLU: Module, Sendable {
  public var slope: Double
  public init(slope: Double = 0.01) {
    self.slope = slope
  }
  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { located(x, file: file, line: line, column: column) { x.leakyRelu(alpha: slope) } }
}

/// Each element times the normal distribution at it, exactly or by tanh.
public struct GELU: Module, Sendable {
  public var approximate: Bool
  public init(approximate: Bool = false) {
    self.approximate = approximate
  }
  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { located(x, file: file, line: line, column: column) { x.gelu(approximate: approximate) } }
}

/// 1 / (1 + e⁻ˣ).
public struct Sigmoid: Module, Sendable {
  public init() {}
  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { located(x, file: file, line: line, column: column) { x.sigmoid() } }
}

/// The hyperbolic tangent.
public struct Tanh: Module, Sendable {
  public init() {}
  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { located(x, file: file, line: line, column: column) { x.tanh() } }
}

/// max(0, min(1, alpha x + beta)).
public struct HardSigmoid: Module, Sendable {
  public var alpha: Double
  public var beta: Double
  public init(alpha: Double = 0.2, beta: Double = 0.5) {
    self.alpha = alpha
    self.beta = beta
  }
  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { located(x, file: file, line: line, column: column) { x.hardSigmoid(alpha: alpha, beta: beta) } }
}

/// x max(0, min(1, x/6 + 1/2)).
public struct HardSwish: Module, Sendable {
  public init() {}
  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { located(x, file: file, line: line, column: column) { x.hardSwish() } }
}

/// log(1 + e^(beta x)) / beta.
public struct Softplus: Module, Sendable {
  public var beta: Double
  public init(beta: Double = 1) {
    self.beta = beta
  }
  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { located(x, file: file, line: line, column: column) { x.softplus(beta: beta) } }
}

/// x / (1 + |x|).
public struct Softsign: Module, Sendable {
  public init() {}
  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { located(x, file: file, line: line, column: column) { x.softsign() } }
}

/// x where positive, alpha (eˣ - 1) elsewhere.
public struct ELU: Module, Sendable {
  public var alpha: Double
  public init(alpha: Double = 1) {
    self.alpha = alpha
  }
  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { located(x, file: file, line: line, column: column) { x.elu(alpha: alpha) } }
}

/// x where positive, alpha (e^(x/alpha) - 1) elsewhere.
public struct CELU: Module, Sendable {
  public var alpha: Double
  public init(alpha: Double = 1) {
    self.alpha = alpha
  }
  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { located(x, file: file, line: line, column: column) { x.celu(alpha: alpha) } }
}

/// ELU with the constants that keep mean 0 and variance 1 (Klambauer et al., 2017).
public struct SELU: Module, Sendable {
  public init() {}
  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { located(x, file: file, line: line, column: column) { x.selu() } }
}

/// x where it is above the threshold, 0 elsewhere.
public struct ThresholdedReLU: Module, Sendable {
  public var threshold: Double
  public init(threshold: Double = 1) {
    self.threshold = threshold
  }
  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { located(x, file: file, line: line, column: column) { x.thresholdedRelu(threshold: threshold) } }
}

/// x where it is above the threshold, a value elsewhere.
public struct Threshold: Module, Sendable {
  public var threshold: Double
  public var value: Double
  public init(threshold: Double, value: Double) {
    self.threshold = threshold
    self.value = value
  }
  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { located(x, file: file, line: line, column: column) { x.thresholded(above: threshold, value: value) } }
}

/// x where |x| is above the threshold, 0 elsewhere.
public struct HardShrink: Module, Sendable {
  public var threshold: Double
  public init(threshold: Double = 0.5) {
    self.threshold = threshold
  }
  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { located(x, file: file, line: line, column: column) { x.hardShrink(threshold: threshold) } }
}

/// x moved towards 0 by the threshold.
public struct SoftShrink: Module, Sendable {
  public var threshold: Double
  public init(threshold: Double = 0.5) {
    self.threshold = threshold
  }
  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { located(x, file: file, line: line, column: column) { x.softShrink(threshold: threshold) } }
}

/// x moved towards 0 by `bias` where |x| is above the threshold, 0 elsewhere.
public struct Shrink: Module, Sendable {
  public var threshold: Double
  public var bias: Double
  public init(threshold: Double = 0.5, bias: Double = 0.5) {
    self.threshold = threshold
    self.bias = bias
  }
  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { located(x, file: file, line: line, column: column) { x.shrink(threshold: threshold, bias: bias) } }
}

/// The first half of an axis times the sigmoid of the second (Dauphin et al., 2016).
public struct GLU: Module, Sendable {
  public var axis: Int
  public init(axis: Int = -1) {
    self.axis = axis
  }
  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { located(x, file: file, line: line, column: column) { x.glu(axis: axis) } }
}

/// Each element kept between two numbers.
public struct HardTanh: Module, Sendable {
  public var minimum: Double
  public var maximum: Double
  public init(minimum: Double = -1, maximum: Double = 1) {
    self.minimum = minimum
    self.maximum = maximum
  }
  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { located(x, file: file, line: line, column: column) { x.hardTanh(minimum: minimum, maximum: maximum) } }
}

/// x - tanh x.
public struct TanhShrink: Module, Sendable {
  public init() {}
  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { located(x, file: file, line: line, column: column) { x.tanhShrink() } }
}

/// Each element kept between 0 and 6.
public struct ReLU6: Module, Sendable {
  public init() {}
  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { located(x, file: file, line: line, column: column) { x.relu6() } }
}

/// x tanh(softplus x).
public struct Mish: Module, Sendable {
  public init() {}
  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { located(x, file: file, line: line, column: column) { x.mish() } }
}

/// x sigmoid(x).
public struct SiLU: Module, Sendable {
  public init() {}
  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { located(x, file: file, line: line, column: column) { x.silu() } }
}

/// log sigmoid(x).
public struct LogSigmoid: Module, Sendable {
  public init() {}
  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { located(x, file: file, line: line, column: column) { x.logSigmoid() } }
}

/// The tensor itself.
public struct Identity: Module, Sendable {
  public init() {}
  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { x }
}
