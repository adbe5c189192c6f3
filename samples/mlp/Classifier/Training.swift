import Tensors

/// A training run: the compiled step and the compiled network.
public struct Training {
  public static let batchSize = 64
  public private(set) var trainer: Trainer
  private let step: CompiledUpdate<Trainer, Tensor, Tensor, Tensor, Tensor>
  private let classify: CompiledFunction<Tensor, Network, Tensor>
  private var random: RandomNumbers
  /// The rate falls in a straight line over so many passes, to a hundredth.
  private let epochs: Int
  private var done = 0

  /// Compiles the step, forward, backward and optimiser in one function, and the network for any number of images.
  public init(activation: Activation = .relu, units: Int = 256, seed: UInt64 = 1, epochs: Int = 10) throws {
    self.epochs = epochs
    random = RandomNumbers(seed: seed)
    var network = Network(units: units, random: &random)
    network.activation = activation
    trainer = Trainer(network)
    let pixels = Dimension(FashionData.pixels)
    let batch = Dimension(Training.batchSize)
    let (images, labels) = (TensorType(.u8, [batch, pixels]), TensorType.i64(batch))
    step = try compile(updating: trainer, images, labels, TensorType.f32(), name: "training_step") {
      (trainer: inout Trainer, images: Tensor, labels: Tensor, rate: Tensor) in
      try trainer.step(images.brightness, labels, rate: rate)
    }
    classify = try compile(network, TensorType(.u8, ["n", pixels]), name: "classify") { network, images in
      network(images.brightness).argMax(axis: 1)
    }
  }

  /// The training step as it was traced.
  public var stepIR: Function { step.ir }

  /// One pass over the examples in random order; gives the mean loss.
  /// - Parameter stepEnded: is told the loss of each step.
  public mutating func epoch(
    _ data: FashionData, limit: Int = .max, stepEnded: (Double) throws -> Void = { _ in }
  ) throws -> Double {
    let order = random.permutation(data.count)
    var total = 0.0
    var steps = 0
    for start in stride(from: 0, through: order.count - Training.batchSize, by: Training.batchSize) where steps < limit
    {
      let (images, labels) = try data.batch(Array(order[start..<start + Training.batchSize]))
      let share = (Double(done) + Double(start) / Double(order.count)) / Double(epochs)
      let rate = trainer.optimizer.rate * max(1 - share, 0.01)
      let loss: Double = try step(&trainer, images, labels, Tensor(rate)).item()
      total += loss
      try stepEnded(loss)
      steps += 1
    }
    done += 1
    return steps == 0 ? .nan : total / Double(steps)
  }

  /// The fraction of the examples that are named rightly.
  public func accuracy(_ data: FashionData) throws -> Double {
    var right = 0
    for start in stride(from: 0, to: data.count, by: 1000) {
      let end = min(start + 1000, data.count)
      let (images, _) = try data.batch(Array(start..<end))
      let found = try classify(trainer.network, images).array(of: Int64.self)
      right += zip(found, data.labels[start..<end]).reduce(0) { $0 + ($1.0 == Int64($1.1) ? 1 : 0) }
    }
    return Double(right) / Double(max(data.count, 1))
  }
}
