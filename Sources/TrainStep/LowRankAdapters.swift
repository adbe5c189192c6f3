import TensorIR
import TensorLayers
import TensorOps

/// Which weights of products get low-rank adapters, and of what kind.
public struct LowRankAdapterOptions: Sendable {
  /// Patterns of names, in which `*` stands for any text and `?` for one character.
  public var patterns: [String]
  public var rank: Int
  /// What is learnt counts alpha / rank times.
  public var alpha: Double

  public init(_ patterns: [String], rank: Int = 8, alpha: Double = 16) {
    (self.patterns, self.rank, self.alpha) = (patterns, rank, alpha)
  }
}

/// Adapters for weights of a function: a product x·W becomes x·W + (alpha / rank) · (x·A)·B, where A [inputs, rank] and
/// B [rank, outputs] are constants under the names `W.lora.a` and `W.lora.b`. W on the left, or turned, likewise.
struct LowRankAdapters {
  private(set) var function: Function
  /// A and B of each weight.
  private(set) var names: Set<String> = []
  /// The weights that have adapters.
  private(set) var adapted: Set<String> = []

  static func names(of weight: String) -> (a: String, b: String) { ("\(weight).lora.a", "\(weight).lora.b") }

  /// - Throws: `no-weights` where a pattern chooses no weight of a product; `lora-weight` where a weight is used by
  ///   something else too, which would not see the adapter.
  init(_ model: Function, _ options: LowRankAdapterOptions) throws {
    function = model
    let uses = ProductUses(model)
    let chosen = try LowRankAdapters.chosen(uses, options.patterns)
    let trace = TraceRecorder(name: model.name, symbols: model.symbols)
    var tensors: [ValueID: Tensor] = [:]
    var adapters: [ValueID: (a: Tensor, b: Tensor)] = [:]
    for id in model.body.parameters { tensors[id] = trace.parameter(model.type(of: id), name: model[id].name) }
    for operation in model.body.operations {
      let results = try trace.copy(
        operation, from: model, operands: operation.operands.map { $0.flatMap { tensors[$0] }.map { ValueID($0.id) } })
      for (id, result) in zip(operation.results, results) { tensors[id] = Tensor(trace, result.index) }
      guard let id = operation.results.first else { continue }
      if let product = chosen[id] {
        adapters[id] = try addConstants(product, number: adapters.count, options, trace)
      } else if let use = uses.use(in: operation, of: chosen), let (a, b) = adapters[use.weight],
        let other = operation.operands[1 - use.side].flatMap({ tensors[$0] }), let product = tensors[id]
      {
        tensors[id] = Tensor.located([other], at: operation.location) {
          product + use.adapted(other, a, b, scale: options.alpha / Double(options.rank))
        }
      }
    }
    function = try trace.finish(model.body.results.compactMap { tensors[$0] }, names: model.resultNames)
  }

  /// The weights that patterns choose, by their values.
  private static func chosen(_ uses: ProductUses, _ patterns: [String]) throws -> [ValueID: ProductUses.Weight] {
    var chosen: [ValueID: ProductUses.Weight] = [:]
    for text in patterns {
      let pattern = NamePattern(text)
      let matching = uses.weights.filter { pattern.matches($0.name) }
      guard !matching.isEmpty else {
        let names = uses.weights.prefix(12).map { "'\($0.name)'" }.joined(separator: ", ")
        let rest = uses.weights.count > 12 ? ", … (\(uses.weights.count))" : ""
        throw Diagnostic(
          "no-weights",
          uses.weights.isEmpty
            ? "the model has no product with a named matrix of f32, to which an adapter could be added"
            : "'\(text)' of --lora chooses no weight of a product; there are \(names)\(rest)")
      }
      for weight in matching {
        if let other = weight.other { throw Diagnostic("lora-weight", "'\(weight.name)' \(other)") }
        chosen[weight.id] = weight
      }
    }
    return chosen
  }

  private mutating func addConstants(
    _ weight: ProductUses.Weight, number: Int, _ options: LowRankAdapterOptions, _ trace: TraceRecorder
  ) throws -> (a: Tensor, b: Tensor) {
    let bound = 1 / Double(max(weight.inputs, 1)).squareRoot()
    let words = RandomBits.words(weight.inputs * options.rank, from: 0, key: (UInt32(truncatingIfNeeded: number), 0))
    let numbers = words.map { bound * (Double($0 >> 8) * 0x1p-23 - 1) }
    func constant(_ name: String, _ numbers: [Double], _ shape: [Int]) throws -> Tensor {
      guard let literal = TensorLiteral.numbers(numbers, shape: shape) else {
        throw Diagnostic("lora-weight", "'\(weight.name)' is too large for an adapter of rank \(options.rank)")
      }
      names.insert(name)
      return try trace.add(Constant(literal), [], names: [name])[0]
    }
    let own = LowRankAdapters.names(of: weight.name)
    adapted.insert(weight.name)
    return (
      try constant(own.a, numbers, [weight.inputs, options.rank]),
      try constant(own.b, Array(repeating: 0, count: options.rank * weight.outputs), [options.rank, weight.outputs])
    )
  }
}

/// Named matrices of f32, or of few bits in blocks, that are operands of products, and how they are used.
struct ProductUses {
  struct Weight {
    var name: String
    var id: ValueID
    var inputs: Int
    var outputs: Int
    /// Whether it is stored as [outputs, inputs].
    var isTurned: Bool
    /// Where it is used otherwise too: what to say of it.
    var other: String?
  }

  /// An operation that multiplies by a weight.
  struct Use {
    var weight: ValueID
    /// The weight's position among the operands.
    var side: Int
    /// Whether what it is multiplied with is stored the other way around.
    var isOtherTurned: Bool
    /// Whether the weight is stored as [outputs, inputs].
    var isTurned: Bool
    /// How many numbers an element on its last axis holds.
    var packed = 1

    /// `scale · (x·A)·B`, or on the left `scale · Bᵀ·(Aᵀ·x)`.
    func adapted(_ x: Tensor, _ a: Tensor, _ b: Tensor, scale: Double) -> Tensor {
      if side == 1 {
        return (Tensor.applying(Matmul(transposeLeft: isOtherTurned), to: x, a) * scale).matmul(b)
      }
      let low = Tensor.applying(Matmul(transposeLeft: true, transposeRight: isOtherTurned), to: a, x) * scale
      return .applying(Matmul(transposeLeft: true), to: b, low)
    }
  }

  private(set) var weights: [Weight] = []
  private var positions: [ValueID: Int] = [:]

  init(_ function: Function) {
    var named: [ValueID: (name: String, shape: [Int])] = [:]
    var known: Set<String> = []
    for operation in function.body.operations {
      if let constant = operation.op as? Constant, let id = operation.results.first,
        [.f32, .u8].contains(constant.value.elementType), constant.value.shape.count == 2, constant.value.count > 0,
        !function[id].name.isEmpty,
        known.insert(function[id].name).inserted
      {
        named[id] = (function[id].name, constant.value.shape)
      }
      for (position, operand) in operation.operands.enumerated() {
        guard let operand, let (name, shape) = named[operand] else { continue }
        note(ProductUses.use(operation, at: position), of: operand, name, shape, by: operation)
      }
    }
    for id in function.body.results {
      if let position = positions[id] { weights[position].other = "is a result of the model as well" }
    }
    // A matrix that no product takes is no weight here.
    weights.removeAll { $0.inputs < 0 }
    positions = Dictionary(uniqueKeysWithValues: weights.enumerated().map { ($1.id, $0) })
  }

  private mutating func note(_ use: Use?, of id: ValueID, _ name: String, _ shape: [Int], by operation: Operation) {
    if positions[id] == nil {
      positions[id] = weights.count
      weights.append(Weight(name: name, id: id, inputs: -1, outputs: -1, isTurned: false))
    }
    guard let position = positions[id] else { return }
    let isFirst = weights[position].inputs < 0
    if let use {
      if !isFirst, weights[position].isTurned != use.isTurned {
        weights[position].other = "is multiplied with as it is and turned, for which one adapter does not do"
      }
      guard isFirst else { return }
      let (rows, columns) = (shape[0], shape[1] * use.packed)
      (weights[position].inputs, weights[position].outputs) = use.isTurned ? (columns, rows) : (rows, columns)
      weights[position].isTurned = use.isTurned
    } else {
      weights[position].other =
        "is an operand of '\(operation.op.name)' as well as of products, which would not see what an adapter changes"
    }
  }

  /// How an operation multiplies by one of its operands; nil where it does something else with it.
  private static func use(_ operation: Operation, at position: Int) -> Use? {
    guard let id = operation.operands[position] else { return nil }
    if let product = operation.op as? MatmulNBits, position == 1 {
      return Use(weight: id, side: 1, isOtherTurned: false, isTurned: true, packed: 8 / product.bits)
    }
    guard let product = operation.op as? Matmul else { return nil }
    return position == 1
      ? Use(weight: id, side: 1, isOtherTurned: product.transposeLeft, isTurned: product.transposeRight)
      : Use(weight: id, side: 0, isOtherTurned: product.transposeRight, isTurned: !product.transposeLeft)
  }

  /// How an operation multiplies by one of some weights.
  func use(in operation: Operation, of chosen: [ValueID: Weight]) -> Use? {
    for (position, id) in operation.operands.enumerated() {
      if let id, chosen[id] != nil { return ProductUses.use(operation, at: position) }
    }
    return nil
  }
}
