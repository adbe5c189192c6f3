import Tensors

/// A network of which low-rank adapters are trained and nothing else (``LoRA``): each of its ``Linear`` layers that is
/// chosen by name computes `x·W + (alpha / rank) · (x·A)·B`, and optimisers know of A and B alone.
///
///     let tuned = try Adapted(network, "blocks.*.query", "blocks.*.value", rank: 8, alpha: 16)
///     let trainer = Trainer(tuned, AdamW(rate: 1e-3)) { tuned, x, mode in tuned.model(x, mode) } loss: {
///       crossEntropy($0, $1)
///     }
///     try trainer.fit(training, passes: 3, batchSize: 16)
///     try saveTensors(trainer.model.adapters, to: "adapters.safetensors")
///     let network = trainer.model.merged()
///
/// The network needs no change for it. What reads a layer's `weight` itself, rather than calling the layer, sees the
/// frozen one. Running statistics are not weights, and move in training as ever.
@dynamicMemberLookup
public struct Adapted<Model: Module>: Module {
  public var model: Model
  private let training: [NamePattern]

  /// How the frozen weights of the chosen layers are held.
  public enum Weights: Sendable {
    /// As they are.
    case unchanged
    /// In so many bits (QLoRA; Dettmers et al., 2023), in blocks of a multiple of 32 / bits inputs that share a scale.
    case int8(block: Int = 32)
    case int4(block: Int = 32)
  }

  /// Gives adapters to layers of a network, under which it computes what it did before.
  /// - Parameters:
  ///   - patterns: names of weights or layers, `blocks.0.query`, in which `*` stands for any text and `?` for one
  ///     character. Layers inside of ``Frozen`` have none.
  ///   - rank: the extent between A and B.
  ///   - alpha: what is learnt counts alpha / rank times.
  ///   - weights: how the chosen layers' frozen weights are held.
  ///   - training: patterns of the names of tensors that are trained beside the adapters, such as a new head's.
  /// - Throws: `no-weights` where a pattern chooses no layer, with the names that there are; `lora-rank`; `block-weight`
  ///   where a weight is not held in blocks of that size.
  public init(
    _ model: Model, _ patterns: String..., rank: Int = 8, alpha: Double = 16, weights: Weights = .unchanged,
    training: [String] = []
  ) throws {
    try self.init(model, patterns, rank: rank, alpha: alpha, weights: weights, training: training)
  }

  /// As ``init(_:_:rank:alpha:weights:training:)``, of a list of patterns.
  public init(
    _ model: Model, _ patterns: [String], rank: Int = 8, alpha: Double = 16, weights: Weights = .unchanged,
    training: [String] = []
  ) throws {
    guard rank > 0, alpha.isFinite else {
      throw Diagnostic("lora-rank", "an adapter has a rank from 1 on and a finite alpha, not \(rank) and \(alpha)")
    }
    self.model = model
    self.training = training.map { NamePattern($0) }
    let choice = AdapterChoice(patterns, rank: rank, alpha: alpha) { linear in
      switch weights {
      case .unchanged: break
      case .int8(let block): try linear.quantizeWeight(bits: 8, block: block)
      case .int4(let block): try linear.quantizeWeight(bits: 4, block: block)
      }
    }
    self.model.visit(.layers { choice.consider($0, &$1) })
    try choice.check()
    let names = model.namedTensors.map(\.name)
    for (pattern, text) in zip(self.training, training) where !names.contains(where: pattern.matches) {
      throw Diagnostic("no-weights", "no tensor of the network is named '\(text)'")
    }
  }

  public subscript<Member>(dynamicMember path: KeyPath<Model, Member>) -> Member { model[keyPath: path] }

  public mutating func visit(_ visitor: TensorVisitor) { visitor.adapted(&model, trained: training) }

  /// What is trained, by the names that it has in the network: `blocks.0.query.lora.a`, and what `training` chose.
  public var adapters: [String: Tensor] {
    Dictionary(
      zip(namedTensors, areTrained).filter(\.1).map { ($0.0.name, $0.0.tensor) },
      uniquingKeysWith: { first, _ in first })
  }

  /// Takes what ``adapters`` gave, from another run or a file (``loadTensors(_:)``).
  /// - Throws: `adapters` where one is missing, is left over or is of another type; nothing is replaced then.
  public mutating func load(adapters stored: [String: Tensor]) throws {
    let own = adapters
    guard Set(own.keys) == Set(stored.keys) else {
      let (missing, extra) = (Set(own.keys).subtracting(stored.keys), Set(stored.keys).subtracting(own.keys))
      let name = (missing.sorted() + extra.sorted())[0]
      throw Diagnostic(
        "adapters", "'\(name)' is \(missing.isEmpty ? "no adapter of the network" : "not among what is to be loaded")")
    }
    for (name, tensor) in stored where own[name]?.type.plain != tensor.type.plain {
      throw Diagnostic(
        "adapters", "'\(name)' is \(tensor.type.plain), and \(own[name]?.type.plain.description ?? "") in the network")
    }
    self = replacing(zip(namedTensors, areTrained).map { $1 ? stored[$0.name] ?? $0.tensor : $0.tensor })
  }

  /// The network without adapters that computes the same: `W + (alpha / rank) · A·B` are its weights, in floats.
  public func merged() -> Model {
    var merged = model
    merged.visit(.layers { $1.mergeAdapter() })
    return merged
  }
}

extension Adapted: Sendable where Model: Sendable {}

/// Gives adapters to the layers that patterns choose, and remembers which were there.
private final class AdapterChoice {
  private let patterns: [(text: String, pattern: NamePattern)]
  private let rank: Int
  private let alpha: Double
  private let prepare: (inout Linear) throws -> Void
  private var names: [String] = []
  private var used: Set<Int> = []
  private var mistake: (any Error)?

  init(_ patterns: [String], rank: Int, alpha: Double, prepare: @escaping (inout Linear) throws -> Void) {
    self.patterns = patterns.map { ($0, NamePattern($0)) }
    (self.rank, self.alpha, self.prepare) = (rank, alpha, prepare)
  }

  func consider(_ name: String, _ linear: inout Linear) {
    let weight = name.isEmpty ? "weight" : "\(name).weight"
    names.append(weight)
    let matching = patterns.indices.filter {
      patterns[$0].pattern.matches(weight) || patterns[$0].pattern.matches(name)
    }
    guard !matching.isEmpty, mistake == nil else { return }
    used.formUnion(matching)
    let type = linear.weight.type
    guard let shape = type.constantShape, shape.count == 2, linear.lora == nil else {
      mistake = Diagnostic(
        "lora-weight",
        linear.lora == nil
          ? "'\(weight)' is \(type), and an adapter is for a matrix whose sizes are known"
          : "'\(name)' has an adapter already")
      return
    }
    do { try prepare(&linear) } catch {
      let diagnostic = error as? Diagnostic
      mistake = diagnostic.map { Diagnostic($0.id, "'\(weight)': \($0.message)") } ?? error
    }
    linear.lora = LoRA(shape[0], shape[1], rank: rank, alpha: alpha, type.elementType)
  }

  func check() throws {
    if let mistake { throw mistake }
    guard let unused = patterns.indices.first(where: { !used.contains($0) }) ?? (patterns.isEmpty ? 0 : nil) else {
      return
    }
    let known = names.prefix(12).map { "'\($0)'" }.joined(separator: ", ")
    let rest = names.count > 12 ? ", … (\(names.count))" : ""
    let text =
      patterns.isEmpty ? "no pattern is given" : "'\(patterns[unused].text)' chooses no weight of a linear layer"
    throw Diagnostic(
      "no-weights", names.isEmpty ? "\(text); the network has none" : "\(text); there are \(known)\(rest)")
  }
}
