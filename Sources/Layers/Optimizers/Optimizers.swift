import Tensors

/// Descent with momentum: v = momentum · v + (1 - dampening) · g, in the first step v = g; p -= rate · v, or with
/// Nesterov's look ahead p -= rate · (g + momentum · v).
public struct Momentum: SlotOptimizer, Sendable {
  public var rate: Double
  public var momentum: Double
  public var dampening: Double
  public var isNesterov: Bool
  /// Adds `decay · p` to the gradient.
  public var weightDecay: Double

  public init(
    rate: Double, momentum: Double = 0.9, dampening: Double = 0, isNesterov: Bool = false, weightDecay: Double = 0
  ) {
    self.rate = rate
    self.momentum = momentum
    self.dampening = dampening
    self.isNesterov = isNesterov
    self.weightDecay = weightDecay
  }

  public func slots(for parameter: Tensor) -> [Tensor] { [zeros(like: parameter)] }

  public func updated(
    _ parameter: Tensor, _ gradient: Tensor, _ slots: inout [Tensor], step: Tensor, rate: Tensor
  ) -> Tensor {
    let gradient = decayed(gradient, parameter, weightDecay)
    let later = slots[0] * momentum + gradient * (1 - dampening)
    slots[0] = dampening == 0 ? later : Tensor.select(step .<= 1, gradient, later)
    return parameter - rate * (isNesterov ? gradient + slots[0] * momentum : slots[0])
  }
}

/// AdaGrad (Duchi, Hazan, Singer, 2011): s += g²; p -= rate / (1 + (t - 1) · rateDecay) · g / (√s + ε).
public struct AdaGrad: SlotOptimizer, Sendable {
  public var rate: Double
  public var rateDecay: Double
  public var epsilon: Double
  public var weightDecay: Double

  public init(rate: Double = 0.01, rateDecay: Double = 0, epsilon: Double = 1e-5, weightDecay: Double = 0) {
    self.rate = rate
    self.rateDecay = rateDecay
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  public func slots(for parameter: Tensor) -> [Tensor] { [zeros(like: parameter)] }

  public func updated(
    _ parameter: Tensor, _ gradient: Tensor, _ slots: inout [Tensor], step: Tensor, rate: Tensor
  ) -> Tensor {
    let gradient = decayed(gradient, parameter, weightDecay)
    slots[0] = slots[0] + gradient * gradient
    let slowed = rateDecay == 0 ? rate : rate / ((step - 1) * rateDecay + 1).cast(to: rate.elementType)
    return parameter - slowed * gradient / (slots[0].sqrt() + epsilon)
  }
}

/// RMSProp (Tieleman, Hinton, 2012): v = α v + (1 - α) g²; b = momentum · b + g / (√v + ε); p -= rate · b. Centred, the
/// square of the gradient's running mean is taken off v.
public struct RMSProp: SlotOptimizer, Sendable {
  public var rate: Double
  public var alpha: Double
  public var momentum: Double
  public var epsilon: Double
  public var isCentred: Bool
  public var weightDecay: Double

  public init(
    rate: Double = 0.01, alpha: Double = 0.99, momentum: Double = 0.9, epsilon: Double = 1e-5,
    isCentred: Bool = false, weightDecay: Double = 0
  ) {
    self.rate = rate
    self.alpha = alpha
    self.momentum = momentum
    self.epsilon = epsilon
    self.isCentred = isCentred
    self.weightDecay = weightDecay
  }

  public func slots(for parameter: Tensor) -> [Tensor] {
    (0..<(isCentred ? 3 : 2)).map { _ in zeros(like: parameter) }
  }

  public func updated(
    _ parameter: Tensor, _ gradient: Tensor, _ slots: inout [Tensor], step: Tensor, rate: Tensor
  ) -> Tensor {
    let gradient = decayed(gradient, parameter, weightDecay)
    slots[0] = slots[0] * alpha + gradient * gradient * (1 - alpha)
    var square = slots[0]
    if isCentred {
      slots[2] = slots[2] * alpha + gradient * (1 - alpha)
      square = square - slots[2] * slots[2]
    }
    slots[1] = slots[1] * momentum + gradient / (square.sqrt() + epsilon)
    return parameter - rate * slots[1]
  }
}

/// Adan (Xie et al.: "Adaptive Nesterov momentum algorithm", 2022), with d the difference from the last gradient: m =
/// β₁m + (1-β₁)g, v = β₂v + (1-β₂)d, n = β₃n + (1-β₃)(g + β₂d)²; p = (p - rate · (m̂ + β₂v̂) / (√n̂ + ε)) / (1 + rate ·
/// decay).
public struct Adan: SlotOptimizer, Sendable {
  public var rate: Double
  public var beta1: Double
  public var beta2: Double
  public var beta3: Double
  public var epsilon: Double
  public var weightDecay: Double

  public init(
    rate: Double = 1e-3, beta1: Double = 0.98, beta2: Double = 0.92, beta3: Double = 0.99, epsilon: Double = 1e-8,
    weightDecay: Double = 0
  ) {
    self.rate = rate
    self.beta1 = beta1
    self.beta2 = beta2
    self.beta3 = beta3
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// The three means and the last gradient.
  public func slots(for parameter: Tensor) -> [Tensor] { (0..<4).map { _ in zeros(like: parameter) } }

  public func updated(
    _ parameter: Tensor, _ gradient: Tensor, _ slots: inout [Tensor], step: Tensor, rate: Tensor
  ) -> Tensor {
    let change = (gradient - slots[3]).replacing(where: step .<= 1, with: gradient * 0)
    slots[0] = slots[0] * beta1 + gradient * (1 - beta1)
    slots[1] = slots[1] * beta2 + change * (1 - beta2)
    let ahead = gradient + change * beta2
    slots[2] = slots[2] * beta3 + ahead * ahead * (1 - beta3)
    slots[3] = gradient
    let mean = slots[0] / biasCorrection(beta1, step, like: parameter)
    let trend = slots[1] / biasCorrection(beta2, step, like: parameter)
    let root = (slots[2] / biasCorrection(beta3, step, like: parameter)).sqrt()
    let moved = parameter - rate * (mean + trend * beta2) / (root + epsilon)
    return weightDecay == 0 ? moved : moved / (rate * weightDecay + 1)
  }
}

/// Muon (Jordan et al., 2024): of matrices the momentum made orthogonal by five steps of Newton and Schulz; what is no
/// matrix is changed by AdamW.
public struct Muon: SlotOptimizer, Sendable {
  /// What the rate of a matrix [a, b] is multiplied by.
  public enum RateScale: Sendable {
    /// √max(1, a / b).
    case original
    /// 0.2 √max(a, b), which suits a rate chosen for AdamW.
    case matchingAdamW
  }

  public var rate: Double
  public var momentum: Double
  public var isNesterov: Bool
  public var weightDecay: Double
  public var scale: RateScale
  public var epsilon: Double
  /// For what is no matrix; its rate is not used.
  public var others: AdamW

  public init(
    rate: Double = 1e-3, momentum: Double = 0.95, isNesterov: Bool = true, weightDecay: Double = 0.1,
    scale: RateScale = .original, epsilon: Double = 1e-7, others: AdamW = AdamW()
  ) {
    self.rate = rate
    self.momentum = momentum
    self.isNesterov = isNesterov
    self.weightDecay = weightDecay
    self.scale = scale
    self.epsilon = epsilon
    self.others = others
  }

  public func slots(for parameter: Tensor) -> [Tensor] {
    (0..<(parameter.rank == 2 ? 1 : 2)).map { _ in zeros(like: parameter) }
  }

  public func updated(
    _ parameter: Tensor, _ gradient: Tensor, _ slots: inout [Tensor], step: Tensor, rate: Tensor
  ) -> Tensor {
    guard parameter.rank == 2, let shape = parameter.type.constantShape else {
      return adapted(parameter, gradient, &slots, step: step, rate: rate)
    }
    slots[0] = slots[0] * momentum + gradient
    let direction = orthogonal(isNesterov ? gradient + slots[0] * momentum : slots[0], shape)
    let (a, b) = (Double(shape[0]), Double(max(shape[1], 1)))
    let factor = scale == .original ? max(1, a / b).squareRoot() : 0.2 * max(a, b).squareRoot()
    return parameter * (1 - rate * weightDecay) - rate * factor * direction
  }

  /// The matrix nearest to one with all singular values about 1.
  private func orthogonal(_ matrix: Tensor, _ shape: [Int]) -> Tensor {
    let isTall = shape[0] > shape[1]
    var x = isTall ? matrix.transposed() : matrix
    x = x / ((x * x).sum(axes: [0, 1]).sqrt() + epsilon)
    for _ in 0..<5 {
      let square = x.matmul(x.transposed())
      x = x * 3.4445 + (square * -4.7750 + square.matmul(square) * 2.0315).matmul(x)
    }
    return isTall ? x.transposed() : x
  }

  private func adapted(
    _ parameter: Tensor, _ gradient: Tensor, _ slots: inout [Tensor], step: Tensor, rate: Tensor
  ) -> Tensor {
    var state = others.state(for: parameter)
    (state.means, state.squares, state.step) = ([slots[0]], [slots[1]], step - 1)
    let change = others.adam.changes([gradient], &state) { _ in rate }
    slots = [state.means[0], state.squares[0]]
    return parameter * (1 - rate * others.weightDecay) - change[0]
  }
}

/// The gradient with `decay · p` added.
private func decayed(_ gradient: Tensor, _ parameter: Tensor, _ decay: Double) -> Tensor {
  decay == 0 ? gradient : gradient + parameter * decay
}
