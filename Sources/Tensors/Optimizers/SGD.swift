import TensorIR
import TensorOps

/// How a model is changed along its gradient: a pure function on tensors, so that a compiled step may hold it.
public protocol Optimizer {
  /// What it remembers from step to step.
  associatedtype State: TensorContainer & TensorExample

  /// The state before the first step.
  func state<Model: TensorContainer>(for model: Model) -> State

  /// Changes model and state by one step.
  ///
  /// Where both are parts of one global variable or of an object, Swift lends only one of them at a time and ends the
  /// program: use ``update(_:_:_:along:)`` there, or ``updated(_:_:along:)``.
  func update<Model: TensorContainer>(_ model: inout Model, _ state: inout State, along gradient: Model)
}

extension Optimizer {
  /// Changes the model and the state that are parts of one value, wherever that is stored: `optimizer.update(&trainer,
  /// \.model, \.state, along: gradient)`.
  public func update<Whole, Model: TensorContainer>(
    _ whole: inout Whole, _ model: WritableKeyPath<Whole, Model>, _ state: WritableKeyPath<Whole, State>,
    along gradient: Model
  ) {
    (whole[keyPath: model], whole[keyPath: state]) = updated(
      whole[keyPath: model], whole[keyPath: state], along: gradient)
  }

  /// Model and state after one step: `(t.model, t.state) = optimizer.updated(t.model, t.state, along: gradient)`.
  public func updated<Model: TensorContainer>(
    _ model: Model, _ state: State, along gradient: Model
  ) -> (model: Model, state: State) {
    var (model, state) = (model, state)
    update(&model, &state, along: gradient)
    return (model, state)
  }
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
    momentum == 0 ? [] : model.trainedTensors.map { zeros(like: $0) }
  }

  public func update<Model: TensorContainer>(_ model: inout Model, _ state: inout [Tensor], along gradient: Model) {
    step(&model, &state, gradient) { $0.like(rate) }
  }

  /// One step at a rate that is a scalar tensor: an input of a compiled step, which then serves every rate.
  public func update<Model: TensorContainer>(
    _ model: inout Model, _ state: inout [Tensor], along gradient: Model, rate: Tensor
  ) { step(&model, &state, gradient) { rate.cast(to: $0.elementType) } }

  /// - Parameter rate: the rate in a tensor's element type.
  private func step<Model: TensorContainer>(
    _ model: inout Model, _ state: inout [Tensor], _ gradient: Model, rate: (Tensor) -> Tensor
  ) {
    let old = model.trainedTensors
    let results = Composition.run {
      var velocities = zip(old, gradient.trainedTensors).map { weightDecay == 0 ? $1 : $1 + $0 * weightDecay }
      if momentum != 0 { velocities = zip(state, velocities).map { $0 * momentum + $1 } }
      return zip(old, velocities).map { $0 - $1 * rate($1) } + velocities
    }
    model = model.replacing(trained: Array(results.prefix(old.count)))
    if momentum != 0 { state = Array(results.dropFirst(old.count)) }
  }
}

/// Zeros of a tensor's type, recorded beside it; for a tensor outside a trace they are in memory at once.
package func zeros(like tensor: Tensor) -> Tensor {
  if let shape = tensor.type.constantShape, tensor.recorder === LazyGraph.shared {
    return .zeros(shape, tensor.elementType)
  }
  return tensor.full(0, tensor.shape)
}
