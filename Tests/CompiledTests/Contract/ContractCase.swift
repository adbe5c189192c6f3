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

  /// Sizes to be tried where all symbols may have them: nothing, one, a prime, one past a vector and past two.
  private static let sizes = [0, 1, 5, 13, 17, 33]
  private static let mostElements = 2500

  /// The cases of samples; those that differ in symbols' numbers alone share one.
  static func cases(_ samples: [OpSample]) -> [ContractCase] {
    var order: [String] = []
    var found: [String: ContractCase] = [:]
    for sample in samples {
      let key = key(sample)
      if let known = found[key] {
        if !known.rounds.contains(where: { $0.description == sample.description }) {
          found[key]?.rounds.append(sample)
        }
      } else {
        order.append(key)
        found[key] = ContractCase(sample)
      }
    }
    return order.compactMap { found[$0] }.map { $0.withMoreSizes() }
  }

  private init(_ sample: OpSample) {
    (op, template, rounds) = (sample.op, sample, [sample])
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
    let all = Self.sizes.map { size in own.map { _ in size } } + [own.indices.map { [17, 13, 3, 2][$0 % 4] }]
    for sizes in all {
      guard let sample = resized(types, sizes) else { continue }
      if !result.rounds.contains(where: { $0.description == sample.description }) {
        result.rounds.append(sample)
      }
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
    let sample = OpSample(op, operands)
    var (symbolic, fixed) = (
      InferenceContext(symbols: SymbolTable()), InferenceContext(symbols: SymbolTable())
    )
    guard (try? op.inferTypes(types, &symbolic)) != nil,
      let results = try? op.inferTypes(sample.types, &fixed),
      (symbolic.guards + fixed.guards).allSatisfy({ $0.left.evaluate(size) == $0.right.evaluate(size) }),
      (sample.types + results).allSatisfy({ type in
        type.shape.allSatisfy { ($0.constant ?? -1) >= 0 }
          && (type.count.constant ?? .max) <= Self.mostElements
      })
    else { return nil }
    return sample
  }
}
