import Foundation
import TensorIR
import TensorOps

/// What Adam remembers: the running means of the gradient and of its square, and how many steps were taken.
public struct AdamState: TensorContainer, TensorExample, Sendable {
  public var means: [Tensor]
  public var squares: [Tensor]
  /// A scalar f32: were it a number, every step would be another function.
  public var step: Tensor
}

/// Adam (Kingma, Ba: "Adam: a method for stochastic optimization", 2014):
/// `m = β₁m + (1-β₁)g`, `v = β₂v + (1-β₂)g²`, `p -= rate · m̂ / (√v̂ + ε)` with `m̂ = m/(1-β₁ᵗ)`, `v̂ = v/(1-β₂ᵗ)`.
public struct Adam: Optimizer, Sendable {
  public var rate: Double
  public var beta1: Double
  public var beta2: Double
  public var epsilon: Double
  /// Adds `decay · p` to the gradient; ``AdamW`` decouples it.
  public var weightDecay: Double

  public init(
    rate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-5, weightDecay: Double = 0
  ) {
    self.rate = rate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  public func state<Model: TensorContainer>(for model: Model) -> AdamState {
    let trained = model.trainedTensors
    return AdamState(
      means: trained.map { Tensors.zeros(like: $0) }, squares: trained.map { Tensors.zeros(like: $0) },
      step: Tensor.zeros([]))
  }

  public func update<Model: TensorContainer>(_ model: inout Model, _ state: inout AdamState, along gradient: Model) {
    update(&model, &state, gradient) { $0.like(rate) }
  }

  /// One step at a rate that is a scalar tensor: an input of a compiled step, which then serves every rate.
  public func update<Model: TensorContainer>(
    _ model: inout Model, _ state: inout AdamState, along gradient: Model, rate: Tensor
  ) { update(&model, &state, gradient) { rate.cast(to: $0.elementType) } }

  /// - Parameter rate: the rate in a tensor's element type.
  private func update<Model: TensorContainer>(
    _ model: inout Model, _ state: inout AdamState, _ gradient: Model, rate: (Tensor) -> Tensor
  ) {
    step(&model, &state) { old, state in
      let gradients = zip(old, gradient.trainedTensors).map { weightDecay == 0 ? $1 : $1 + $0 * weightDecay }
      return zip(old, changes(gradients, &state, rate: rate)).map { $0 - $1 }
    }
  }

  /// Changes model and state by what a body makes of the model's tensors, with nothing rounded on the way.
  func step<Model: TensorContainer>(
    _ model: inout Model, _ state: inout AdamState, _ body: (_ old: [Tensor], inout AdamState) -> [Tensor]
  ) {
    var next = state
    let old = model.trainedTensors
    let results = Composition.run {
      let tensors = body(old, &next)
      return tensors + next.tensors
    }
    model = model.replacing(trained: Array(results.prefix(old.count)))
    state = state.replacing(Array(results.dropFirst(old.count)))
  }

  /// What to subtract from each parameter.
  package func changes(_ gradients: [Tensor], _ state: inout AdamState, rate: (Tensor) -> Tensor) -> [Tensor] {
    state.step = state.step + 1.0
    state.means = zip(state.means, gradients).map { $0 * beta1 + $1 * (1 - beta1) }
    state.squares = zip(state.squares, gradients).map { $0 * beta2 + $1 * $1 * (1 - beta2) }
    let step = state.step
    return zip(state.means, state.squares).map { mean, square in
      let scale = rate(mean) / biasCorrection(beta1, step, like: mean)
      // √v̂ = √v / √(1-β₂ᵗ): numbers are divided and rooted once instead of for each element.
      let root = square.sqrt() * (1 / biasCorrection(beta2, step, like: square).sqrt())
      return mean * scale / (root + epsilon)
    }
  }
}

/// 1 - βᵗ = -(e^(t·log β) - 1), which keeps its digits in f32 where β is nearly 1, in a tensor's element type.
/// - Parameter step: t, a scalar f32.
package func biasCorrection(_ beta: Double, _ step: Tensor, like tensor: Tensor) -> Tensor {
  (-(step * log(beta)).expm1()).cast(to: tensor.elementType)
}

/// Adam with decoupled weight decay (Loshchilov, Hutter, 2017): besides Adam's step, `p -= rate · decay · p`.
public struct AdamW: Optimizer, Sendable {
  public var adam: Adam
  public var weightDecay: Double

  public init(
    rate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-5, weightDecay: Double = 1e-4
  ) {
    adam = Adam(rate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon)
    self.weightDecay = weightDecay
  }

  public func state<Model: TensorContainer>(for model: Model) -> AdamState { adam.state(for: model) }

  public func update<Model: TensorContainer>(_ model: inout Model, _ state: inout AdamState, along gradient: Model) {
    update(&model, &state, gradient) { $0.like(adam.rate) }
  }

  /// One step at a rate that is a scalar tensor: an input of a compiled step, which then serves every rate.
  public func update<Model: TensorContainer>(
    _ model: inout Model, _ state: inout AdamState, along gradient: Model, rate: Tensor
  ) { update(&model, &state, gradient) { rate.cast(to: $0.elementType) } }

  /// - Parameter rate: the rate in a tensor's element type.
  private func update<Model: TensorContainer>(
    _ model: inout Model, _ state: inout AdamState, _ gradient: Model, rate: (Tensor) -> Tensor
  ) {
    adam.step(&model, &state) { old, state in
      zip(old, adam.changes(gradient.trainedTensors, &state, rate: rate)).map { $0 * (1 - rate($0) * weightDecay) - $1 }
    }
  }
}
