import TensorLayers

/// All that a step of training changes: the model, what the optimiser remembers, the random state, and the mean of the
/// models so far and the scale of the loss, where there are such. A checkpoint is its tensors.
public struct TrainingState<Model: Module, Method: RatedOptimizer>: TensorContainer, TensorExample {
  public var model: Model
  public var optimizerState: Method.State
  public var random: RandomState
  public var average: AveragedModel<Model>?
  /// Where it changes during the run: ``LossScaling/dynamic``.
  public var lossScale: LossScale?

  public init(_ model: Model, _ optimizer: Method, seed: UInt64, averaging decay: Double? = nil) {
    self.model = model
    optimizerState = optimizer.state(for: model)
    random = RandomState(seed: seed)
    average = decay.map { AveragedModel(model, decay: $0) }
  }
}

extension TrainingState: Sendable where Model: Sendable, Method.State: Sendable {}

/// What the loss is multiplied by before it is differentiated, and its gradient divided by: with a great number, gradients in
/// f16 keep their small numbers.
public enum LossScaling: Sendable, Equatable {
  case none
  /// Always the same. A gradient that is not finite changes the weights to what is none either.
  case fixed(Float)
  /// From 2¹⁵ on: a step whose gradient is not finite is left out and halves it, and 2,000 steps that are taken double it
  /// (``LossScale``).
  case dynamic
}

/// What is done to a gradient before the optimiser gets it.
public enum GradientClipping: Sendable {
  case none
  case value(Double)
  /// The norm of each parameter's gradient.
  case norm(Double)
  /// The norm of all together.
  case globalNorm(Double)

  func callAsFunction<Gradient: TensorContainer>(_ gradient: Gradient) -> Gradient {
    switch self {
    case .none: gradient
    case .value(let limit): gradient.clipped(toValue: limit)
    case .norm(let limit): gradient.clipped(toNorm: limit)
    case .globalNorm(let limit): gradient.clipped(toGlobalNorm: limit)
    }
  }
}

/// When a run ends before its last pass: once a number of the validation, or the loss of training, has not become
/// better for some passes.
public struct EarlyStopping: Sendable {
  /// `loss`, or the name of a metric.
  public var metric: String
  /// How many passes may pass without a better one.
  public var patience: Int
  public var isBetterGreater: Bool
  /// By how much a better number is better.
  public var least: Double

  public init(_ metric: String = "loss", patience: Int, isBetterGreater: Bool = false, least: Double = 0) {
    self.metric = metric
    self.patience = patience
    self.isBetterGreater = isBetterGreater
    self.least = least
  }

  /// Whether the last of these numbers, one for each pass, ends the run.
  public func stops(_ values: [Double]) -> Bool {
    var best = Double.nan
    var since = 0
    for value in values {
      let isBetter = best.isNaN ? !value.isNaN : isBetterGreater ? value > best + least : value < best - least
      if isBetter { (best, since) = (value, 0) } else { since += 1 }
    }
    return since >= patience && !values.isEmpty
  }
}

/// The numbers of one pass.
public struct PassSummary: Sendable {
  /// From 1.
  public var pass: Int
  /// Steps so far.
  public var step: Int
  public var trainingLoss: Double
  /// Of the validation, where there is one.
  public var validationLoss: Double?
  public var metrics: [String: Double]
  public var stepsPerSecond: Double

  /// `loss`, that of the validation where there is one, or a metric.
  func value(_ name: String) -> Double { name == "loss" ? validationLoss ?? trainingLoss : metrics[name] ?? .nan }
}
