import Tensors

/// Two layers: 784 pixels, hidden units, 10 kinds of clothing. There is no derivative in this file.
public struct Network: Module {
  public var hidden: Linear
  public var output: Linear
  /// Change `relu` to `tanh`, here or with `--activation`, and it still trains.
  public var activation = Activation.relu

  public init(inputs: Int = 784, units: Int = 256, classes: Int = 10, random: inout RandomNumbers) {
    hidden = Linear(inputs, units, random: &random)
    output = Linear(units, classes, random: &random)
  }

  /// Images [n, 784] give logits [n, 10].
  public func callAsFunction(_ images: Tensor) -> Tensor { output(activation(hidden(images))) }
}

/// A network with what its optimiser remembers.
public struct Trainer: Module {
  public var network: Network
  public var state: AdamState
  public let optimizer: Adam

  public init(_ network: Network, optimizer: Adam = Adam(rate: 2e-3)) {
    self.network = network
    self.optimizer = optimizer
    state = optimizer.state(for: network)
  }

  /// Forward, backward and optimiser: one step on a batch at a rate that is a scalar; gives the loss.
  public mutating func step(_ images: Tensor, _ labels: Tensor, rate: Tensor) throws -> Tensor {
    let (loss, gradient) = try valueAndGradient(at: network) { crossEntropy($0(images), labels) }
    optimizer.update(&network, &state, along: gradient, rate: rate)
    return loss
  }
}
