import TensorData
import TensorIR
import TensorOps

/// What a training library saved, to be put into the model that it was made of.
public struct TrainedWeights {
  private let path: String
  private let tensors: [String: HostTensor]
  private let alpha: Double?

  /// Reads a safetensors file. What an optimiser remembers is left out.
  /// - Throws: `TensorDataError`, naming the file.
  public init(path: String) throws {
    let file = try SafetensorsFile(path: path)
    self.path = path
    tensors = Dictionary(
      file.tensors.filter { !$0.name.hasPrefix("optimizer.") }.map { ($0.name, $0.tensor) },
      uniquingKeysWith: { first, _ in first })
    alpha = file.metadata["lora_alpha"].flatMap { Double($0) }
  }

  /// The model with these weights in the place of its own. An adapter becomes part of its weight,
  /// `W + (alpha / rank) · A·B`, summed in f64.
  /// - Throws: `trained-weights` where the model has no weight of a name, or one of another type; nothing is left out.
  public func replacing(in model: Function) throws -> Function {
    let uses = ProductUses(model)
    var left = Set(tensors.keys)
    var result = model
    var known: Set<String> = []
    for index in model.body.operations.indices {
      let operation = model.body.operations[index]
      guard let constant = operation.op as? Constant, let id = operation.results.first, !model[id].name.isEmpty,
        known.insert(model[id].name).inserted
      else { continue }
      let name = model[id].name
      let adapter = LowRankAdapters.names(of: name)
      if left.remove(name) != nil, let stored = tensors[name] {
        result.body.operations[index].op = Constant(try literal(stored, named: name, like: constant.value))
      }
      if left.remove(adapter.a) != nil, let a = tensors[adapter.a], left.remove(adapter.b) != nil,
        let b = tensors[adapter.b]
      {
        guard let weight = uses.weights.first(where: { $0.id == id }) else {
          throw Diagnostic(
            "trained-weights", "\(path): '\(name)' has an adapter, and is no weight of a product in the model")
        }
        guard let present = result.body.operations[index].op as? Constant else { continue }
        result.body.operations[index].op = Constant(try merged(present.value, weight, a, b))
      }
    }
    guard let rest = left.min() else { return result }
    throw Diagnostic("trained-weights", "\(path): the model has no weight for '\(rest)'")
  }

  private func literal(_ stored: HostTensor, named name: String, like old: TensorLiteral) throws -> TensorLiteral {
    guard stored.type.rawValue == old.elementType.rawValue, stored.shape == old.shape,
      let literal = TensorLiteral(old.elementType, shape: stored.shape, bytes: stored.bytes)
    else {
      throw Diagnostic(
        "trained-weights",
        "\(path): '\(name)' is \(stored.type.rawValue)\(stored.shape), and \(old.type) in the model")
    }
    return literal
  }

  private func merged(
    _ old: TensorLiteral, _ weight: ProductUses.Weight, _ a: HostTensor, _ b: HostTensor
  ) throws -> TensorLiteral {
    let rank = a.shape.last ?? 0
    guard let alpha else {
      throw Diagnostic("trained-weights", "\(path) has adapters and does not say of what 'lora_alpha'")
    }
    guard old.elementType == .f32 else {
      throw Diagnostic(
        "trained-weights", "'\(weight.name)' is held in few bits, which have no room for what its adapter learnt")
    }
    guard a.type == .f32, b.type == .f32, rank > 0, a.shape == [weight.inputs, rank], b.shape == [rank, weight.outputs]
    else {
      throw Diagnostic(
        "trained-weights",
        "\(path): the adapter of '\(weight.name)', \(a.shape) and \(b.shape), is not for \(weight.inputs) inputs and "
          + "\(weight.outputs) outputs")
    }
    let (left, right) = (try a.elements(as: Float.self), try b.elements(as: Float.self))
    var sums = Array(repeating: 0.0, count: weight.inputs * weight.outputs)
    for input in 0..<weight.inputs {
      for step in 0..<rank {
        let factor = Double(left[input * rank + step])
        for output in 0..<weight.outputs {
          sums[input * weight.outputs + output] += factor * Double(right[step * weight.outputs + output])
        }
      }
    }
    let scale = alpha / Double(rank)
    let before = old.elements(as: Float.self) { $0 }
    let numbers = before.indices.map { place -> Double in
      let (row, column) = (place / old.shape[1], place % old.shape[1])
      let own = weight.isTurned ? column * weight.outputs + row : place
      return Double(before[place]) + scale * sums[own]
    }
    guard let literal = TensorLiteral.numbers(numbers, shape: old.shape) else {
      throw Diagnostic("trained-weights", "'\(weight.name)' is too large")
    }
    return literal
  }
}
