import TensorIR
import TensorOps

/// How a model is changed along its gradient: a pure function on tensors, so that a compiled step may hold it.
public protocol Optimizer {
  /// What it remembers from step to step.
  associatedtype State: TensorContainer & TensorExample

  /// The state before the first step.
  func state<Model: TensorContainer>(for model: Model) -> State

  /// Changes model and state by one step.
  func update<Model: TensorContainer>(_ model: inout Model, _ state: inout State, along gradient: Model)
}

/// Stochastic gradient descent: `p -= rate · v`, where `v = momentum · v + g + decay · p`.
public struct SGD: Optimizer, Sendable {
  public var rate: Double
  /// 0 is plain descent.
  public var momentum: Double
  /// Adds `decay · p` to the gradient.
  public var weightDecay: Double

  public init(rate: Double, momentum: Double = 0, weightDecay: Double = 0) {
    self.rate = rate
    self.momentum = momentum
    self.weightDecay = weightDecay
  }

  /// The velocities, none without momentum.
  public func state<Model: TensorContainer>(for model: Model) -> [Tensor] {
    momentum == 0 ? [] : model.tensors.map { zeros(like: $0) }
  }

  public func update<Model: TensorContainer>(_ model: inout Model, _ state: inout [Tensor], along gradient: Model) {
    let old = model.tensors
    let results = Composition.run {
      var velocities = zip(old, gradient.tensors).map { weightDecay == 0 ? $1 : $1 + $0 * weightDecay }
      if momentum != 0 { velocities = zip(state, velocities).map { $0 * momentum + $1 } }
      return zip(old, velocities).map { $0 - $1 * rate } + velocities
    }
    model = model.replacing(Array(results.prefix(old.count)))
    if momentum != 0 { state = Array(results.dropFirst(old.count)) }
  }
}

/// Zeros of a tensor's type, recorded beside it; for a tensor outside a trace they are in memory at once.
func zeros(like tensor: Tensor) -> Tensor {
  if let shape = tensor.type.constantShape, tensor.recorder === LazyGraph.shared {
    return .zeros(shape, tensor.elementType)
  }
  return tensor.full(0, tensor.shape)
}
