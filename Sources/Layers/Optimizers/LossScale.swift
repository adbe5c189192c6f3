import Tensors

/// What a loss is multiplied by before it is differentiated, so that the gradients of f16 keep their small numbers
/// (Micikevicius et al.: "Mixed precision training", 2018). It is part of the state of training: a step in which a gradient
/// is not finite halves it and is not taken, and it doubles after many steps that were.
///
///     let (_, loss, gradient) = try valueAndGradient(at: network) { network in
///       let loss = crossEntropy(network(images), labels)
///       return (lossScale(loss), loss)
///     }
///     let unscaled = lossScale.unscaled(gradient)
///     let isFinite = unscaled.allFinite
///     optimizer.update(&next, &nextState, along: unscaled)
///     (network, state) = (next.selected(isFinite, else: network), nextState.selected(isFinite, else: state))
///     lossScale.update(isFinite)
///
/// `Trainer` does all that with `lossScaling = .dynamic`.
public struct LossScale: TensorContainer, TensorExample, Sendable {
  /// A scalar f32.
  public var scale: Tensor
  /// How many steps were taken since it changed, a scalar f32.
  public var goodSteps: Tensor

  /// After so many steps it doubles.
  public static let interval = 2000
  /// It does not become less.
  public static let least = 1.0

  public init(_ scale: Float = 32768) { (self.scale, goodSteps) = (Tensor(of: [scale], shape: []), .zeros([])) }

  /// The loss times the scale, in f32 at least, for f16 would not hold it.
  public func callAsFunction(_ loss: Tensor) -> Tensor {
    loss.elementType == .f64 ? loss * scale.cast(to: .f64) : loss.cast(to: .f32) * scale
  }

  /// The gradient of the loss, from that of the scaled one.
  public func unscaled<Gradient: TensorContainer>(_ gradient: Gradient) -> Gradient {
    gradient.replacing(
      trained: gradient.trainedTensors.map { tensor in
        // In f32, for a great scale is no number of f16.
        let wide = tensor.elementType == .f64 ? ElementType.f64 : .f32
        return (tensor.cast(to: wide) / scale.cast(to: wide)).cast(to: tensor.elementType)
      })
  }

  /// Goes on to the next step, after one whose gradient was finite, and that was taken, or was not; a scalar bool.
  public mutating func update(_ isFinite: Tensor) {
    let count = goodSteps + 1
    let isTime = count .>= Double(LossScale.interval)
    let greater = Tensor.select(isTime, scale * 2, scale)
    let less = Tensor.maximum(scale * 0.5, scale.like(LossScale.least))
    scale = Tensor.select(isFinite, greater, less)
    goodSteps = Tensor.select(.!isTime .& isFinite, count, count.like(0))
  }
}

extension TensorContainer {
  /// Whether no element of what optimisers change is infinite or NaN: a scalar bool.
  public var allFinite: Tensor {
    let each = trainedTensors.map { $0.isFinite().all() }
    return each.dropFirst().reduce(each.first ?? Tensor(of: [true], shape: []), .&)
  }

  /// This container's tensors where a scalar bool is true, another's where it is not.
  public func selected(_ condition: Tensor, else other: Self) -> Self {
    replacing(
      zip(tensors, other.tensors).map { own, other in
        own.id == other.id && own.recorder === other.recorder ? own : Tensor.select(condition, own, other)
      })
  }
}
