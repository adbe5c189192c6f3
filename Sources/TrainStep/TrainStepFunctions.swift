import TensorIR
import TensorLayers
import TensorOps

/// What a model is trained towards.
public enum TrainStepLoss: String, CaseIterable, Sendable {
  /// Of logits [n, …, classes] against labels, i64 [n, …]. Where a model ends with a softmax, what goes into that is taken.
  case crossEntropy = "cross-entropy"
  /// Of results against others of their shape.
  case mse
}

/// How weights are changed.
public enum TrainStepOptimizer: String, CaseIterable, Sendable { case sgd, adam, adamw }

/// What is decided about a training step when it is compiled. The rate is an argument of each step.
public struct TrainStepOptions: Sendable {
  public var loss: TrainStepLoss
  public var optimizer: TrainStepOptimizer
  /// Of sgd.
  public var momentum: Double
  /// Of sgd and adam it is added to the gradient; adamw takes it off the weights.
  public var weightDecay: Double

  public init(loss: TrainStepLoss, optimizer: TrainStepOptimizer, momentum: Double = 0, weightDecay: Double = 0) {
    (self.loss, self.optimizer, self.momentum, self.weightDecay) = (loss, optimizer, momentum, weightDecay)
  }
}

/// The functions of a training library. Each takes the weights first.
struct TrainStepFunctions {
  /// Weights, the optimiser's tensors, inputs, target and rate; gives weights and the optimiser's tensors anew, and the loss.
  var step: Function
  /// Weights, inputs and target; gives the loss, then the results.
  var evaluate: Function
  /// Weights and inputs; gives the results.
  var infer: Function
  /// Gives the weights that the model came with.
  var initial: Function
  /// The names and types of what the optimiser remembers, which begins with zeros.
  var slots: [(name: String, type: TensorType)]

  init(_ model: TrainableModel, _ options: TrainStepOptions) throws {
    infer = model.function
    infer.name = "infer"
    evaluate = try TrainStepFunctions.withLoss(model, options.loss)
    initial = try TrainStepFunctions.constants(model)
    let made =
      switch options.optimizer {
      case .sgd:
        try TrainStepFunctions.step(
          evaluate, model, SGD(rate: 0, momentum: options.momentum, weightDecay: options.weightDecay))
      case .adam: try TrainStepFunctions.step(evaluate, model, Adam(epsilon: 1e-8, weightDecay: options.weightDecay))
      case .adamw: try TrainStepFunctions.step(evaluate, model, AdamW(epsilon: 1e-8, weightDecay: options.weightDecay))
      }
    (step, slots) = made
  }

  /// The model with a target behind its inputs, and with the loss before its results.
  private static func withLoss(_ model: TrainableModel, _ loss: TrainStepLoss) throws -> Function {
    let function = model.function
    guard let first = function.body.results.first, function.type(of: first).elementType == .f32 else {
      throw Diagnostic("element-type", "a model is trained by its first result, which is f32")
    }
    let trace = TraceRecorder(name: "evaluate", symbols: function.symbols)
    var ids: [ValueID: ValueID] = [:]
    for id in function.body.parameters {
      ids[id] = ValueID(trace.parameter(function.type(of: id), name: function[id].name).id)
    }
    for operation in function.body.operations {
      let results = try trace.copy(
        operation, from: function, operands: operation.operands.map { $0.flatMap { ids[$0] } })
      for (id, result) in zip(operation.results, results) { ids[id] = result }
    }
    func tensor(_ id: ValueID) -> Tensor { Tensor(trace, (ids[id] ?? id).index) }
    let prediction = tensor(first)
    let value: Tensor
    switch loss {
    case .crossEntropy:
      guard prediction.rank >= 2 else {
        throw Diagnostic(
          "rank", "cross-entropy is of logits [n, …, classes], and the first result of the model is \(prediction.type)")
      }
      let labels = trace.parameter(TensorType(.i64, Array(prediction.shape.dropLast())), name: "target")
      value = crossEntropy(logits(of: prediction, trace), labels)
    case .mse: value = meanSquaredError(prediction, trace.parameter(prediction.type.plain, name: "target"))
    }
    return try trace.finish(
      [value] + function.body.results.map(tensor), names: ["loss"] + function.resultNames)
  }

  /// What a softmax over the last axis, or its logarithm, was taken of.
  private static func logits(of prediction: Tensor, _ trace: TraceRecorder) -> Tensor {
    guard let maker = trace.maker(of: prediction), let operand = maker.operands.first ?? nil else { return prediction }
    let axis = (maker.op as? Softmax)?.axis ?? (maker.op as? LogSoftmax)?.axis
    return axis == prediction.rank - 1 ? Tensor(trace, operand.index) : prediction
  }

  private static func constants(_ model: TrainableModel) throws -> Function {
    let trace = TraceRecorder(name: "initial")
    let results = try model.weights.map { try trace.add(Constant($0.value), [])[0] }
    return try trace.finish(results, names: model.weights.map(\.name))
  }

  private static func step<Method: RatedOptimizer>(
    _ evaluate: Function, _ model: TrainableModel, _ method: Method
  ) throws -> (Function, slots: [(name: String, type: TensorType)]) {
    let trace = TraceRecorder(name: "step", symbols: evaluate.symbols)
    var weights = model.weights.map { trace.parameter($0.value.type, name: $0.name) }
    let empty = method.state(for: model.weights.map { Tensor.zeros($0.value.shape) })
    let slots = empty.namedTensors.map { (name: "optimizer.\($0.name)", type: $0.tensor.type.plain) }
    var state = empty.replacing(slots.map { trace.parameter($0.type, name: $0.name) })
    let rest = evaluate.body.parameters.dropFirst(weights.count).map {
      trace.parameter(evaluate.type(of: $0), name: evaluate[$0].name)
    }
    let rate = trace.parameter(TensorType(.f32, []), name: "rate")
    let arguments = weights + rest
    let differentiated = try Gradient.differentiate(evaluate, at: arguments, of: arguments)
    let loss = differentiated.results[0]
    let found = try differentiated.pull([loss.full(1, [])] + differentiated.results.dropFirst().map { _ in nil })
    let gradients = zip(weights, found).map { $1 ?? $0.full(0, $0.shape) }
    method.update(&weights, &state, along: gradients, rate: rate)
    let results = weights + state.tensors
    var function = try trace.finish(
      results + [loss], names: (model.weights.map(\.name) + slots.map(\.name)).map { "new \($0)" } + ["loss"])
    function.donations = Dictionary(uniqueKeysWithValues: results.indices.map { ($0, $0) })
    return (function, slots)
  }
}
