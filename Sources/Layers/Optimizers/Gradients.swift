import Tensors

// What is done to gradients before an optimiser gets them. A gradient is a container like the model.
extension TensorContainer {
  /// Every element kept between -limit and limit.
  public func clipped(toValue limit: Double) -> Self { changingTrained { $0.clip(minimum: -limit, maximum: limit) } }

  /// Each tensor whose norm is above the limit scaled down to it.
  public func clipped(toNorm limit: Double) -> Self {
    changingTrained { $0 * shrinking((($0 * $0).sum()).sqrt(), to: limit) }
  }

  /// All tensors scaled down together where the norm of all their elements is above the limit.
  public func clipped(toGlobalNorm limit: Double) -> Self {
    let norm = globalNorm
    return changingTrained { $0 * shrinking(norm, to: limit).cast(to: $0.elementType) }
  }

  /// √ of the sum of all elements' squares, in f32 at least.
  public var globalNorm: Tensor {
    let squares = trainedTensors.map { tensor -> Tensor in
      let wide = tensor.elementType == .f64 ? tensor : tensor.cast(to: .f32)
      return (wide * wide).sum()
    }
    guard let first = squares.first else { return Tensor(0) }
    return squares.dropFirst().reduce(first, +).sqrt()
  }

  private func changingTrained(_ change: (Tensor) -> Tensor) -> Self {
    replacing(trained: trainedTensors.map { tensor in Tensor.composed { change(tensor) } })
  }
}

/// limit / norm where the norm is above it, else 1.
private func shrinking(_ norm: Tensor, to limit: Double) -> Tensor {
  Tensor.select(norm .> limit, limit / norm, norm.like(1))
}

/// The sum of gradients of several batches, for a step as if of one large batch.
public struct GradientAccumulator<Model: TensorContainer & TensorExample>: TensorContainer, TensorExample {
  public var sum: Model
  /// A scalar f32.
  public var count: Tensor

  /// Nothing yet, for gradients like a model.
  public init(for model: Model) {
    sum = model.mapTensors { zeros(like: $0) }
    count = .zeros([])
  }

  public mutating func add(_ gradient: Model) {
    sum = sum.replacing(trained: zip(sum.trainedTensors, gradient.trainedTensors).map { $0 + $1 })
    count = count + 1
  }

  /// The mean of what was added, after which there is nothing.
  public mutating func takeMean() -> Model {
    let mean = sum.replacing(trained: sum.trainedTensors.map { $0 / count.cast(to: $0.elementType) })
    sum = sum.mapTensors { zeros(like: $0) }
    count = count * 0
    return mean
  }
}

/// A running mean of a model's tensors over the steps of training, which often does better than the last ones (Polyak,
/// Juditsky, 1992).
public struct AveragedModel<Model: TensorContainer & TensorExample>: TensorContainer, TensorExample {
  public var model: Model
  /// How many models went in, a scalar f32.
  public var count: Tensor
  /// The share of what was before; nil gives each model the same share.
  public var decay: Double?

  public init(_ model: Model, decay: Double? = 0.999) {
    self.model = model
    count = .zeros([])
    self.decay = decay
  }

  /// Takes in the model after a step; the first one replaces what was given.
  public mutating func add(_ next: Model) {
    count = count + 1
    let share = decay.map { Tensor.select(count .<= 1, count.like(1), count.like(1 - $0)) } ?? count.reciprocal()
    let mixed = zip(model.trainedTensors, next.trainedTensors).map { $0 + ($1 - $0) * share.cast(to: $0.elementType) }
    // Running statistics are means already.
    model = next.replacing(trained: mixed)
  }
}

extension GradientAccumulator: Sendable where Model: Sendable {}
extension AveragedModel: Sendable where Model: Sendable {}
