import TensorIR
import TensorOps

extension OnnxOperators {
  /// One step of training, for any number of tensors at once (ai.onnx.preview.training).
  static let optimizers: [String: Converter] = [
    "Adagrad": { node in
      let step = try OptimizerStep(node, states: 1)
      let decay = try node.float("decay_factor") ?? 0
      let epsilon = try node.float("epsilon") ?? 0
      return try step.results { x, gradient, states in
        let rate = step.rate / (x.like(1) + step.time.cast(to: x.elementType) * x.like(decay))
        let squares = states[0] + gradient * gradient
        return [x - rate * gradient / (squares.sqrt() + x.like(epsilon)), squares]
      }
    },
    "Adam": adam,
    "Momentum": { node in
      let step = try OptimizerStep(node, states: 1)
      guard let alpha = try node.float("alpha"), let beta = try node.float("beta") else {
        throw OnnxError("onnx-missing-attribute", "its alpha or beta is missing")
      }
      let mode = try node.string("mode") ?? "standard"
      guard ["standard", "nesterov"].contains(mode) else {
        throw OnnxError("onnx-momentum", "mode '\(mode)' is unknown")
      }
      return try step.results { x, gradient, states in
        // The first step has no past to weigh against.
        let isLater = step.time .> step.time.like(0)
        let factor = Tensor.select(isLater, x.like(beta), x.like(1))
        let velocity = x.like(alpha) * states[0] + factor * gradient
        let change = mode == "standard" ? velocity : gradient + x.like(alpha) * velocity
        return [x - step.rate * change, velocity]
      }
    },
  ]

  private static func adam(_ node: NodeConversion) throws -> [ImportedValue] {
    let step = try OptimizerStep(node, states: 2)
    let (alpha, beta) = (try node.float("alpha") ?? 0.9, try node.float("beta") ?? 0.999)
    let epsilon = try node.float("epsilon") ?? 1e-6
    let decay = try node.float("norm_coefficient_post") ?? 0
    return try step.results { x, gradient, states in
      let mean = x.like(alpha) * states[0] + x.like(1 - alpha) * gradient
      let squares = x.like(beta) * states[1] + x.like(1 - beta) * gradient * gradient
      let (time, one) = (step.time.cast(to: x.elementType), x.like(1))
      let correction = (one - x.like(beta).power(time)).sqrt() / (one - x.like(alpha).power(time))
      let rate = Tensor.select(time .> x.like(0), step.rate * correction, step.rate)
      let updated = x - rate * mean / (squares.sqrt() + x.like(epsilon))
      return [updated * x.like(1 - decay), mean, squares]
    }
  }
}

/// The operands that optimisers share: a learning rate, the number of steps so far, then tensors, their gradients and
/// their states, all of one kind behind one another.
private struct OptimizerStep {
  let rate: Tensor
  let time: Tensor
  private let node: NodeConversion
  private let count: Int
  private let states: Int
  private let weightDecay: Double

  init(_ node: NodeConversion, states: Int) throws {
    self.node = node
    self.states = states
    count = (node.inputs.count - 2) / (2 + states)
    guard count > 0, node.inputs.count == 2 + count * (2 + states) else {
      throw OnnxError("onnx-optimizer", "\(node.inputs.count) inputs are no whole number of tensors with their states")
    }
    rate = try node.reshape(node.tensor(0), [])
    time = try node.reshape(node.tensor(1), [])
    weightDecay = try node.float("norm_coefficient") ?? 0
  }

  /// The new tensors, then the new states of each kind.
  /// - Parameter update: gives the new tensor and its new states.
  func results(
    _ update: (_ x: Tensor, _ gradient: Tensor, _ states: [Tensor]) throws -> [Tensor]
  ) throws -> [ImportedValue] {
    let updates = try (0..<count).map { index in
      let tensors = try (0..<2 + states).map { try node.tensor(2 + $0 * count + index) }
      let gradient = weightDecay == 0 ? tensors[1] : tensors[1] + tensors[0] * tensors[0].like(weightDecay)
      return try update(tensors[0], gradient, Array(tensors.dropFirst(2)))
    }
    return (0...states).flatMap { kind in updates.map { ImportedValue($0[kind]) } }
  }
}
