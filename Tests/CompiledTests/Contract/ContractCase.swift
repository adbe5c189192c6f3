import TensorIR
import TensorOps
import TestSamples

/// An op on operand types that are compiled once, symbols for extents where they may be, and the sizes fed to it.
struct ContractCase: Sendable {
  let op: any TensorOp
  /// The operands' types for symbols that begin with a prefix.
  private let template: OpSample
  private let isSymbolic: Bool
  /// Samples with the numbers that are fed to it.
  private(set) var rounds: [OpSample]
  /// Those that were not made of others by another size.
  private(set) var written: [OpSample]

  /// Sizes to be tried where all symbols may have them: nothing, one, a prime, one past a vector and past two.
  private static let sizes = [0, 1, 5, 13, 17, 33]
  /// Sizes of which symbols that may differ get different ones.
  private static let mixed = [3, 17, 2, 1, 7, 33, 5, 0, 67, 4, 19]
  private static let mostElements = 2500
  /// The samples that every op has of every element type, each fed to the same code as far as sizes are symbols.
  static let wanted = 12

  /// The cases of samples; those that differ in symbols' numbers alone share one.
  static func cases(_ samples: [OpSample]) -> [ContractCase] {
    var order: [String] = []
    var found: [String: ContractCase] = [:]
    for sample in samples {
      let key = key(sample)
      if let known = found[key] {
        if !known.rounds.contains(where: { $0.identity == sample.identity }) {
          found[key]?.rounds.append(sample)
          found[key]?.written.append(sample)
        }
      } else {
        order.append(key)
        found[key] = ContractCase(sample)
      }
    }
    return order.compactMap { found[$0] }.map { $0.withMoreSizes() }
  }

  private init(_ sample: OpSample) {
    (op, template, rounds, written) = (sample.op, sample, [sample], [sample])
    var context = InferenceContext(symbols: SymbolTable())
    let types = Self.pattern(sample, prefix: "s").types
    isSymbolic = (try? sample.op.inferTypes(types, &context)) != nil
  }

  /// Whether two samples can be one case: same op, same types up to the numbers that symbols stand for.
  private static func key(_ sample: OpSample) -> String {
    "\(sample.op) of \(pattern(sample, prefix: "s").types.map(\.description))"
  }

  /// The types with a symbol for each different extent, numbered by their first appearance, and the symbols' values.
  private static func pattern(_ sample: OpSample, prefix: String) -> (types: [TensorType], sizes: [Int]) {
    // Where extents of 1 do not broadcast they are sizes like others.
    let least = sample.op is any UnaryOp || sample.op is any ReductionOp ? 0 : 2
    var sizes: [Int] = []
    let types = sample.operands.map { operand -> TensorType in
      if operand.isAbsent { return FunctionBuilder.absent }
      let shape = operand.shape.map { extent -> Dimension in
        guard extent >= least || extent == 0, sample.symbolicExtents?.contains(extent) ?? true else {
          return Dimension(extent)
        }
        if !sizes.contains(extent) { sizes.append(extent) }
        return Dimension(symbol: "\(prefix)\(sizes.firstIndex(of: extent) ?? 0)")
      }
      return TensorType(operand.elementType, shape)
    }
    return (types, sizes)
  }

  /// The least of the rounds that has something in it, for the interpreter.
  var interpretedRound: OpSample {
    func elements(_ sample: OpSample) -> Int { sample.operands.reduce(0) { $0 + $1.shape.reduce(1, *) } }
    let sorted = rounds.sorted { elements($0) < elements($1) }
    return sorted.first { elements($0) >= 40 } ?? sorted[sorted.count - 1]
  }

  /// The types of its operands in a function where its symbols begin with a prefix.
  func types(prefix: String) -> [TensorType] {
    isSymbolic ? Self.pattern(template, prefix: prefix).types : template.types
  }

  func parameters(of trace: TraceRecorder, prefix: String) -> [Tensor] {
    template.parameters(of: trace, types(prefix: prefix))
  }

  /// Whether the same code is run at every size.
  private func withMoreSizes() -> ContractCase {
    let (types, own) = Self.pattern(template, prefix: "s")
    guard isSymbolic, !own.isEmpty, template.operands.allSatisfy(Self.canGrow) else { return self }
    var result = self
    func add(_ sizes: [Int]) {
      guard let sample = resized(types, sizes) else { return }
      if !result.rounds.contains(where: { $0.description == sample.description }) { result.rounds.append(sample) }
    }
    for size in Self.sizes { add(own.map { _ in size }) }
    // The multipliers have no factor in common with the number of sizes, so every combination comes up.
    for step in 0..<60 where result.rounds.count < Self.wanted {
      add(own.indices.map { Self.mixed[(step * (2 * $0 + 1) + 3 * $0) % Self.mixed.count] })
    }
    return result
  }

  private static func canGrow(_ operand: SampleOperand) -> Bool {
    switch operand.values {
    case .list, .integers: false
    default: true
    }
  }

  /// The sample at other sizes; nil where the op cannot have them, or where it would be slow.
  private func resized(_ types: [TensorType], _ sizes: [Int]) -> OpSample? {
    func size(_ symbol: String) -> Int? { Int(symbol.dropFirst()).map { sizes[$0] } }
    var operands = template.operands
    for (index, type) in types.enumerated() where !operands[index].isAbsent {
      operands[index].shape = type.shape.compactMap { $0.evaluate(size) }
    }
    let sample = OpSample(op, operands, hasGradient: false, symbolic: template.symbolicExtents)
    var (symbolic, fixed) = (
      InferenceContext(symbols: SymbolTable()), InferenceContext(symbols: SymbolTable())
    )
    guard (try? op.inferTypes(types, &symbolic)) != nil,
      let results = try? op.inferTypes(sample.types, &fixed),
      (symbolic.guards + fixed.guards).allSatisfy({ $0.condition.holds(size) == true }),
      (sample.types + results).allSatisfy({ type in
        type.shape.allSatisfy { ($0.constant ?? -1) >= 0 }
          && (type.count.constant ?? .max) <= Self.mostElements
      })
    else { return nil }
    return sample
  }
}
