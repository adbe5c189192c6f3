import Foundation
import TensorLayers

/// Where and how often a run is written down.
public struct Checkpoints: Sendable {
  /// A `.safetensors` file.
  public var path: String
  /// Steps from one to the next within a pass; at the end of a pass one is written always.
  public var everySteps: Int?
  /// Whether a run goes on from the file where there is one.
  public var resumes: Bool

  public init(_ path: String, everySteps: Int? = nil, resumes: Bool = true) {
    self.path = path
    self.everySteps = everySteps
    self.resumes = resumes
  }
}

/// Told how a run goes; may end it.
public protocol TrainingCallback {
  /// After each step.
  func stepEnded(_ step: Int, loss: Double) throws
  /// After each pass. A run ends where it gives false.
  func passEnded(_ summary: PassSummary) throws -> Bool
}

extension TrainingCallback {
  public func stepEnded(_ step: Int, loss: Double) throws {}
  public func passEnded(_ summary: PassSummary) throws -> Bool { true }
}

/// Trains a model on batches: forward, backward, clipping and optimiser are one compiled function.
///
///     let trainer = Trainer(Network(), AdamW(rate: 1e-3)) { network, images, mode in
///       network(images, mode)
///     } loss: { logits, labels in crossEntropy(logits, labels) }
///     try trainer.fit(training, validation: test, passes: 5, batchSize: 64, metrics: [Accuracy()])
///     let network = trainer.model
///
/// A last batch that is smaller runs by the same function. Runs with the same seed give the same bits, whether they
/// were interrupted or not.
///
/// Where there are several ranks (`Ranks.current`, which `withMPI` of TensorMPI sets), each takes its part of every batch, and
/// the gradient is the mean of theirs, to the same bits as of one rank with as many ``microBatches``. All ranks call `fit`
/// alike and end with the same state; the first one's state is everyone's at the beginning, and it alone loads and
/// writes checkpoints, writes reports and tells of progress.
public final class Trainer<Model: Module, Method: RatedOptimizer> {
  public typealias State = TrainingState<Model, Method>

  /// Model, optimiser's state and random state.
  public internal(set) var state: State
  /// The model as it was trained; see ``averagedModel``.
  public var model: Model { state.model }
  /// The mean of the models so far, where one is kept; else the model.
  public var averagedModel: Model { state.average?.model ?? state.model }
  public let optimizer: Method
  /// The rate of each step; the optimiser's own where there is none.
  public var schedule: (any Schedule)?
  public var clipping: GradientClipping
  public var seed: UInt64
  /// How much workspace the step may take, for batches of the size that `fit` is given: what would not fit is computed again
  /// in the backward pass, to the same bits. Counts for a step that is not compiled yet.
  public var memoryBudget: MemoryBudget?
  /// In what the products of a step, gradients among them, are computed; weights and the optimiser's state stay as they are, and
  /// so do evaluations. Counts for a step that is not compiled yet.
  public var precision = ProductPrecision.f32
  /// What the loss is multiplied by before it is differentiated: for models that compute in f16, whose weights are best kept in f32.
  /// Clipping and optimiser get the gradient of the loss itself. Counts for a step that is not compiled yet; a dynamic scale is
  /// part of the state, and of checkpoints.
  public var lossScaling = LossScaling.none {
    didSet {
      guard lossScaling != oldValue else { return }
      state.lossScale = lossScaling == .dynamic ? LossScale() : nil
      step = nil
    }
  }
  /// Into how many parts, computed one after the other, this rank's share of a batch is divided: memory for one of them is
  /// enough. The gradient is the mean of theirs.
  public var microBatches = 1
  /// Whether each of several ranks keeps what the optimiser remembers of its share of every parameter only, updates that, and gathers
  /// the others' shares of the updated parameters: to the same bits, with less memory. Weights and gradients are whole on all ranks,
  /// and so is what a checkpoint has, from which any number of ranks goes on. ``state`` has this rank's share from `fit` on. For an
  /// optimiser that is an ``ElementwiseOptimizer``; `fit` throws `TrainingError` for another. One rank has everything anyway.
  public var sharesOptimizerState = false {
    didSet { if sharesOptimizerState != oldValue { step = nil } }
  }
  /// The bytes of workspace of the step on the largest batch so far; nil before the first.
  public private(set) var workspaceByteCount: Int?
  /// Whether progress is told on the standard error output.
  public var showsProgress = true
  public var callbacks: [any TrainingCallback] = []
  /// A folder that gets a file of the losses, the rate and the metrics as TensorBoard shows them; none where nil.
  public var eventFolder: String?

  let forward: (Model, Tensor, Mode) throws -> Tensor
  let loss: (Tensor, Tensor) throws -> Tensor
  private var step: CompiledStep?
  /// The parts of a batch, of this rank and of all, that the step is compiled for.
  private var stepParts = [0, 0]
  private var evaluation: CompiledFunction<Tuple2<Tensor, Tensor>, Model, Tensor, Tensor>?
  var position = RunPosition()
  /// Among how many ranks the optimiser's state is divided; 1 where it is whole.
  var stateRanks = 1
  private var events: EventFile?

  /// - Parameters:
  ///   - averaging: keeps a running mean of the models, with this share of what was before; 0.999 is usual.
  ///   - forward: what the model computes from a batch of inputs.
  ///   - loss: of its predictions and the targets, a scalar.
  public init(
    _ model: Model, _ optimizer: Method, schedule: (any Schedule)? = nil, clipping: GradientClipping = .none,
    seed: UInt64 = 0, averaging: Double? = nil, forward: @escaping (Model, Tensor, Mode) throws -> Tensor,
    loss: @escaping (Tensor, Tensor) throws -> Tensor
  ) {
    state = State(model, optimizer, seed: seed, averaging: averaging)
    self.optimizer = optimizer
    self.schedule = schedule
    self.clipping = clipping
    self.seed = seed
    self.forward = forward
    self.loss = loss
  }

  /// Trains for some passes over the examples, counted from the run's beginning.
  /// - Parameters:
  ///   - validation: examples on which the model is evaluated after each pass.
  ///   - shuffles: whether each pass takes the examples in another order.
  ///   - metrics: of the validation.
  ///   - report: an HTML file with the run's curves, written after each pass.
  /// - Returns: the numbers of each pass, those before an interruption included.
  /// - Throws: what is wrong with the model, as a diagnostic; what the data set, a file or a callback throws.
  @discardableResult public func fit(
    _ data: any DataSet, validation: (any DataSet)? = nil, passes: Int, batchSize: Int, shuffles: Bool = true,
    metrics: [any PredictionMetric] = [], earlyStopping: EarlyStopping? = nil, checkpoints: Checkpoints? = nil,
    report: String? = nil
  ) throws -> [PassSummary] {
    guard data.count > 0 else { throw TrainingError("there are no examples to train on") }
    guard microBatches > 0 else {
      throw TrainingError("there are \(microBatches) micro-batches; there is at least one")
    }
    let ranks = Ranks.current
    let settings =
      "\(data.count) examples in batches of \(batchSize) for \(passes) passes, with seed \(seed), \(microBatches) "
      + "micro-batches\(shuffles ? "" : ", in order"), loss scaling \(lossScaling) and \(model.parameterCount) parameters"
      + (sharesOptimizerState ? ", sharing the optimiser's state" : "")
    try begin(checkpoints, settings, among: ranks)
    // The others have what the first rank has, which tells of it.
    let report = ranks.isFirst ? report : nil
    let order = BatchOrder(count: data.count, size: batchSize, seed: shuffles ? seed : nil)
    if position.batch > 0, let begun = position.order, begun != order {
      throw TrainingError(
        "the run was ended in a pass over \(begun.count) examples in batches of \(begun.size), and cannot go on over "
          + "\(order.count) in batches of \(order.size), or in another order")
    }
    position.order = order
    // TensorBoard forgets what a run that was ended told of the steps that are taken again.
    events = try (ranks.isFirst ? eventFolder : nil).map {
      try EventFile(in: $0, continuingAt: position.step > 0 ? position.step : nil)
    }
    defer { events = nil }
    var progress = Progress(showsProgress && ranks.isFirst)
    var all = summaries
    while position.pass < passes,
      !(earlyStopping.map { stopping in stopping.stops(all.map { $0.value(stopping.metric) }) } ?? false)
    {
      progress.beginPass()
      try pass(data, order, passes, BatchDivision(ranks: ranks, microBatches: microBatches), checkpoints, &progress)
      let summary = try finishPass(validation, batchSize, metrics, progress.rate)
      all.append(summary)
      try events?.add(summary.events, at: summary.step)
      progress.endPass(Trainer.line(summary, passes))
      if let checkpoints { try save(checkpoints, among: ranks) }
      if let report { try write(report, all) }
      let answers = try callbacks.map { try $0.passEnded(summary) }
      if try !goesOn(!answers.contains(false), among: ranks) { break }
    }
    return all
  }

  /// The rest of a pass.
  private func pass(
    _ data: any DataSet, _ order: BatchOrder, _ passes: Int, _ division: BatchDivision, _ checkpoints: Checkpoints?,
    _ progress: inout Progress
  ) throws {
    let rest = Array(order.positions(pass: position.pass).dropFirst(position.batch))
    let batches = Prefetcher(data, division.positions(rest), ahead: 2 * division.microBatches)
    defer { batches.stop() }
    for size in rest.map(\.count) {
      let rate = schedule?.rate(at: position.step) ?? optimizer.rate
      let value = try take(batches, division, size, rate)
      position.step += 1
      position.batch += 1
      position.lossSum += value * Double(size)
      position.examples += size
      position.curve.add(value, at: position.step)
      try events?.add([("loss/training", value), ("rate", rate)], at: position.step)
      progress.step(
        pass: position.pass + 1, of: passes, batch: position.batch, of: order.batches, loss: value)
      for callback in callbacks { try callback.stepEnded(position.step, loss: value) }
      if let checkpoints, let every = checkpoints.everySteps, every > 0, position.step % every == 0 {
        try save(checkpoints, among: division.ranks)
      }
    }
  }

  /// Takes one step on this rank's parts of a batch; gives the loss of all of it.
  private func take(
    _ batches: Prefetcher, _ division: BatchDivision, _ size: Int, _ rate: Double
  ) throws -> Double {
    let examples = try division.own.map { _ in
      guard let batch = try batches.next() else { throw TrainingError("the data set has become shorter") }
      return batch
    }
    if step == nil || stepParts != [division.microBatches, division.count] {
      step = try inTurn(among: division.ranks) { try compiled(examples[0], division) }
      stepParts = [division.microBatches, division.count]
    }
    guard let step else { return .nan }
    let parts = zip(division.own, examples).map { number, batch in
      BatchPart(
        batch, number: number, of: division.count, share: division.examples(of: number, in: size).count, size: size)
    }
    let value = try step(&state, parts, Tensor(rate)).item()
    let symbols = examples.indices.map { (division.microBatches == 1 ? "n" : "n\($0)", examples[$0].count) }
    let bytes = step.workspaceByteCount(Dictionary(uniqueKeysWithValues: symbols))
    workspaceByteCount = max(workspaceByteCount ?? 0, bytes ?? 0)
    return value
  }

  /// Ends a pass with what the validation says.
  private func finishPass(
    _ validation: (any DataSet)?, _ batchSize: Int, _ metrics: [any PredictionMetric], _ rate: Double
  ) throws -> PassSummary {
    var summary = RunPosition.Summary(
      step: position.step, trainingLoss: position.lossSum / Double(max(position.examples, 1)), metrics: [:])
    if let validation {
      var metrics = metrics
      summary.validationLoss = try evaluate(validation, batchSize: batchSize, &metrics)
      for metric in metrics { summary.metrics[metric.name] = metric.value }
    }
    if let scale = state.lossScale, try scale.scale.item() <= LossScale.least, try scale.goodSteps.item() == 0 {
      throw TrainingError(
        "the gradient is not finite even of a loss that is not scaled, so that steps are left out: look for NaN and infinities "
          + "in the model")
    }
    position.passes.append(summary)
    position.pass += 1
    (position.batch, position.lossSum, position.examples) = (0, 0, 0)
    var last = summaries[position.passes.count - 1]
    last.stepsPerSecond = rate
    return last
  }

  /// The mean loss of the model, or of the mean of models where one is kept, in inference. Metrics are reset first.
  public func evaluate(
    _ data: any DataSet, batchSize: Int, _ metrics: inout [any PredictionMetric]
  ) throws -> Double {
    var losses = LossMetric()
    for index in metrics.indices { metrics[index].reset() }
    let model = averagedModel
    let batches = Prefetcher(data, BatchOrder(count: data.count, size: batchSize, seed: nil).positions(pass: 0))
    defer { batches.stop() }
    while let batch = try batches.next() {
      let types = Trainer.types(batch)
      let function =
        try evaluation
        ?? compile(model, types.inputs, types.targets, name: "evaluation") { [forward, loss] model, inputs, targets in
          let prediction = try forward(model, inputs, .inference)
          return (try loss(prediction, targets), prediction)
        }
      evaluation = function
      let (value, prediction): (Tensor, Tensor) = try function(model, batch.inputs, batch.targets)
      losses.add(try value.item(), examples: batch.count)
      for index in metrics.indices { try metrics[index].add(prediction, batch.targets) }
    }
    return losses.value
  }

  private var summaries: [PassSummary] {
    position.passes.enumerated().map { index, pass in
      PassSummary(
        pass: index + 1, step: pass.step, trainingLoss: pass.trainingLoss, validationLoss: pass.validationLoss,
        metrics: pass.metrics, stepsPerSecond: .nan)
    }
  }

  private static func line(_ summary: PassSummary, _ passes: Int) -> String {
    var parts = ["pass \(summary.pass)/\(passes)", "loss \(text(summary.trainingLoss))"]
    if let loss = summary.validationLoss { parts.append("validation loss \(text(loss))") }
    parts += summary.metrics.sorted { $0.key < $1.key }.map { "\($0.key) \(text($0.value))" }
    return (parts + [String(format: "%.1f steps/s", summary.stepsPerSecond)]).joined(separator: "  ")
  }

  private static func text(_ value: Double) -> String { String(format: "%.4f", value) }

  private func write(_ path: String, _ all: [PassSummary]) throws {
    var validation = Curve("validation")
    var metrics: [String: Curve] = [:]
    for pass in all {
      if let loss = pass.validationLoss { validation.add(loss, at: pass.step) }
      for (name, value) in pass.metrics { metrics[name, default: Curve(name)].add(value, at: pass.step) }
    }
    let charts =
      [(title: "Loss", curves: [position.curve, validation])]
      + metrics.sorted { $0.key < $1.key }.map { (title: $0.key, curves: [$0.value]) }
    var facts = [
      ("Parameters", "\(state.model.parameterCount)"), ("Steps", "\(position.step)"), ("Passes", "\(all.count)"),
    ]
    if let workspaceByteCount { facts.append(("Workspace", "\(workspaceByteCount) bytes")) }
    if let last = all.last {
      facts.append(("Training loss", Trainer.text(last.trainingLoss)))
      if let loss = last.validationLoss { facts.append(("Validation loss", Trainer.text(loss))) }
      facts += last.metrics.sorted { $0.key < $1.key }.map { ($0.key, Trainer.text($0.value)) }
    }
    let html = Report.html(
      title: "Training of \(Model.self)", facts: facts, charts: charts, table: ReportTable(all))
    try Data(html.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
  }
}
