import TensorIR
import TensorLayers
import TensorOps

/// A model with some of its weights taken out, to be trained: a function whose first parameters they are.
public struct TrainableModel {
  /// The weights that are trained, by the names that they have in the model, with their values.
  public var weights: [(name: String, value: TensorLiteral)]
  /// What the adapters' learning is scaled by, times their rank; nil without adapters.
  public private(set) var adapterAlpha: Double?
  /// Takes the weights, then what the model takes.
  var function: Function

  /// - Parameters:
  ///   - trainable: patterns of names, in which `*` stands for any text and `?` for one character.
  ///   - frozen: patterns of those among them that stay as they are.
  ///   - adapters: weights that stay as they are and get low-rank adapters, which are trained.
  /// - Throws: `no-weights` where nothing is left to be trained, or nothing chosen, with the names that there are;
  ///   `lora-weight` where a weight cannot have an adapter.
  public init(
    _ model: Function, trainable: [String], frozen: [String] = [], adapters options: LowRankAdapterOptions? = nil
  ) throws {
    let adapters = try options.map { try LowRankAdapters(model, $0) }
    let model = adapters?.function ?? model
    adapterAlpha = options?.alpha
    let named = TrainableModel.weights(of: model)
    let chosen = named.filter { weight in
      if let adapters, adapters.adapted.contains(weight.name) || adapters.names.contains(weight.name) {
        return adapters.names.contains(weight.name)
      }
      return trainable.contains { NamePattern($0).matches(weight.name) }
        && !frozen.contains { NamePattern($0).matches(weight.name) }
    }
    guard !chosen.isEmpty else {
      let names = named.prefix(12).map { "'\($0.name)'" }.joined(separator: ", ")
      let rest = named.count > 12 ? ", … (\(named.count))" : ""
      throw Diagnostic(
        "no-weights",
        named.isEmpty
          ? "the model has no weights of f32 with names of their own, so that none can be trained"
          : "no weight is left to be trained: --trainable and --frozen choose among \(names)\(rest)")
    }
    weights = chosen.map { ($0.name, $0.value) }
    function = try TrainableModel.taking(chosen, out: model)
  }

  private struct Weight {
    var name: String
    var value: TensorLiteral
    var id: ValueID
  }

  /// The floats that the model knows under names, in its order; of names that are there twice the first.
  private static func weights(of model: Function) -> [Weight] {
    var known: Set<String> = []
    return model.body.operations.compactMap { operation in
      guard let constant = operation.op as? Constant, let id = operation.results.first, !model[id].name.isEmpty,
        constant.value.elementType == .f32, constant.value.count > 0, known.insert(model[id].name).inserted
      else { return nil }
      return Weight(name: model[id].name, value: constant.value, id: id)
    }
  }

  /// The model with weights as its first parameters. Where gradients could flow into what no weight has a part in, they are
  /// stopped: what is frozen need not be differentiable.
  private static func taking(_ weights: [Weight], out model: Function) throws -> Function {
    let trace = TraceRecorder(name: model.name, symbols: model.symbols)
    var tensors: [ValueID: Tensor] = [:]
    var trained: Set<ValueID> = []
    var stopped: [ValueID: Tensor] = [:]
    for weight in weights {
      tensors[weight.id] = trace.parameter(weight.value.type, name: weight.name)
      trained.insert(weight.id)
    }
    for id in model.body.parameters { tensors[id] = trace.parameter(model.type(of: id), name: model[id].name) }
    for operation in model.body.operations {
      if let id = operation.results.first, tensors[id] != nil { continue }
      let isTrained = operation.operands.contains { $0.map(trained.contains) ?? false }
      let operands = try operation.operands.map { id -> ValueID? in
        guard let id, let tensor = tensors[id] else { return nil }
        guard isTrained, !trained.contains(id), tensor.elementType.isFloat else { return ValueID(tensor.id) }
        let stop = try stopped[id] ?? trace.add(StopGradient(), [tensor], at: operation.location)[0]
        stopped[id] = stop
        return ValueID(stop.id)
      }
      let results = try trace.copy(operation, from: model, operands: operands)
      for (id, result) in zip(operation.results, results) {
        tensors[id] = Tensor(trace, result.index)
        if isTrained { trained.insert(id) }
      }
    }
    guard let first = model.body.results.first, trained.contains(first) else {
      throw Diagnostic("no-weights", "the model's first result does not depend on the weights that are to be trained")
    }
    return try trace.finish(model.body.results.compactMap { tensors[$0] }, names: model.resultNames)
  }
}
