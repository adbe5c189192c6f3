import Tensors

/// Normalises each channel, axis 1, over all other axes (Ioffe, Szegedy, 2015): in training by the batch's mean and
/// biased variance, which also move the running statistics by `momentum`; in inference by the running statistics.
public struct BatchNorm: Module, Sendable {
  public var scale: Tensor
  public var bias: Tensor
  public var mean: Frozen<Tensor>
  public var variance: Frozen<Tensor>
  public var epsilon: Double
  /// running = (1 - momentum) · running + momentum · batch.
  public var momentum: Double

  public init(_ channels: Int, epsilon: Double = 1e-5, momentum: Double = 0.1) {
    scale = .ones([channels])
    bias = .zeros([channels])
    mean = Frozen(.zeros([channels]))
    variance = Frozen(.ones([channels]))
    self.epsilon = epsilon
    self.momentum = momentum
  }

  public func callAsFunction(
    _ x: Tensor, _ mode: Mode, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x, scale], file, line, column) {
      if let mistake = mode.mistake(x) { return mistake }
      guard x.rank >= 2 else { return x.mistake("rank", "'BatchNorm' takes [n, channels, …], not \(x.type)") }
      guard mode.isTraining else {
        return x.batchNorm(scale: scale, bias: bias, mean: mean.value, variance: variance.value, epsilon: epsilon)
      }
      let axes = x.shape.indices.filter { $0 != 1 }
      let batchMean = x.mean(axes: axes)
      let spread = x - perChannel(batchMean, x)
      // The variance is mean((x - m)²) - (mean - m)² for every number m. With the mean as a number, without a gradient, what comes back to
      // x is a multiple of x - m, which adds up to zero: a walk over x less than the gradient of mean((x - mean)²) takes.
      let number = batchMean.stoppingGradient()
      let (distance, shift) = (x - perChannel(number, x), batchMean - number)
      let batchVariance = (distance * distance).mean(axes: axes) - shift * shift
      let result = spread * perChannel((batchVariance + epsilon).reciprocalSqrt() * scale, x) + perChannel(bias, x)
      mode.update(mean) { $0 * (1 - momentum) + batchMean.stoppingGradient().cast(to: $0.elementType) * momentum }
      mode.update(variance) {
        $0 * (1 - momentum) + batchVariance.stoppingGradient().cast(to: $0.elementType) * momentum
      }
      return result
    }
  }
}

/// Numbers of channels in the place of axis 1 of a tensor.
private func perChannel(_ numbers: Tensor, _ x: Tensor) -> Tensor {
  numbers.reshaped(to: x.shape.indices.map { $0 == 1 ? numbers.shape[0] : 1 })
}

/// Normalises the channels of each example in groups (Wu, He, 2018): [n, channels, …], biased variance, ε inside the
/// root.
public struct GroupNorm: Module, Sendable {
  public var groups: Int
  /// [channels]; nil where the layer has none.
  public var scale: Tensor?
  public var bias: Tensor?
  public var epsilon: Double

  public init(groups: Int, _ channels: Int, epsilon: Double = 1e-5, affine: Bool = true) {
    self.groups = groups
    scale = affine ? .ones([channels]) : nil
    bias = affine ? .zeros([channels]) : nil
    self.epsilon = epsilon
  }

  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x, scale ?? .absent], file, line, column) {
      guard x.rank >= 2, let channels = x.shape[1].constant, groups > 0, channels % groups == 0 else {
        return x.mistake("shape-mismatch", "\(groups) groups do not divide the channels, axis 1, of \(x.type)")
      }
      let grouped = x.reshaped(to: [x.shape[0], Dimension(groups), -1])
      let spread = grouped - grouped.mean(axes: [2], keepAxes: true)
      let variance = (spread * spread).mean(axes: [2], keepAxes: true)
      var result = (spread * (variance + epsilon).reciprocalSqrt()).reshaped(to: x.shape)
      if let scale { result = result * perChannel(scale, x) }
      if let bias { result = result + perChannel(bias, x) }
      return result
    }
  }
}

/// Normalises each channel of each example (Ulyanov, Vedaldi, Lempitsky, 2016).
public struct InstanceNorm: Module, Sendable {
  public var norm: GroupNorm

  public init(_ channels: Int, epsilon: Double = 1e-5, affine: Bool = true) {
    norm = GroupNorm(groups: channels, channels, epsilon: epsilon, affine: affine)
  }

  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { norm(x, file: file, line: line, column: column) }
}

/// x / √(mean(x²) + ε) · scale over the last axis (Zhang, Sennrich, 2019).
public struct RMSNorm: Module, Sendable {
  public var scale: Tensor
  public var epsilon: Double

  public init(_ size: Int, epsilon: Double = 1e-5) {
    scale = .ones([size])
    self.epsilon = epsilon
  }

  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x, scale], file, line, column) {
      guard epsilon > 0 else {
        return x.mistake("bad-attribute", "the epsilon of 'RMSNorm' is positive, not \(epsilon)")
      }
      return x * ((x * x).mean(axes: [x.rank - 1], keepAxes: true) + epsilon).reciprocalSqrt() * scale
    }
  }
}

/// Divides by (k + α/size · Σ x²)^β, the sum over `size` neighbouring channels (Krizhevsky, Sutskever, Hinton, 2012).
public struct LocalResponseNorm: Module, Sendable {
  public var size: Int
  public var alpha: Double
  public var beta: Double
  public var k: Double

  public init(_ size: Int, alpha: Double = 1e-4, beta: Double = 0.75, k: Double = 1) {
    self.size = size
    self.alpha = alpha
    self.beta = beta
    self.k = k
  }

  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x], file, line, column) {
      guard x.rank >= 3, size > 0 else {
        return x.mistake("rank", "'LocalResponseNorm' takes [n, channels, spatial …], not \(x.type)")
      }
      // The channels become the only spatial axis of a pool, whose padding counts as zeros.
      let squares = (x * x).reshaped(to: [x.shape[0], 1, x.shape[1], -1])
      let window = Window(kernel: [size, 1], before: [size / 2, 0], after: [(size - 1) / 2, 0])
      let mean = squares.averagePool(window, countIncludePad: true).reshaped(to: x.shape)
      return x / (mean * alpha + k).power(beta)
    }
  }
}
