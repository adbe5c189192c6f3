import TensorIR
import TensorOps
import TestSupport

/// One op with attributes and operands, for the contract every op is held to: interpreted, and compiled.
public struct OpSample: Sendable, CustomStringConvertible {
  public let op: any TensorOp
  public let operands: [SampleOperand]
  /// Whether its pullback is to be compared with central differences.
  public var hasGradient: Bool
  /// The extents for which symbols may stand; nil: all.
  public var symbolicExtents: Set<Int>?

  public init(_ op: any TensorOp, _ operands: SampleOperand..., hasGradient: Bool = true) {
    self.init(op, operands, hasGradient: hasGradient)
  }

  public init(
    _ op: any TensorOp, _ operands: [SampleOperand], hasGradient: Bool = true,
    symbolic extents: Set<Int>? = nil
  ) {
    self.op = op
    self.operands = operands
    self.hasGradient = hasGradient
    symbolicExtents = extents
  }

  public var description: String { "\(op) of \(operands.map(\.description).joined(separator: ", "))" }

  /// Tells samples apart that differ in their values only.
  public var identity: String { "\(op) of \(operands.map { "\($0) \($0.values)" })" }

  public var types: [TensorType] { operands.map { $0.type { Dimension($0) } } }

  /// The types with a symbol for each extent above 1 that may be one.
  public func types(symbol: (Int) -> String) -> [TensorType] {
    operands.map { operand in
      operand.type { extent in
        extent > 1 && symbolicExtents?.contains(extent) ?? true
          ? Dimension(symbol: symbol(extent)) : Dimension(extent)
      }
    }
  }

  /// The operands' values, the same in every run.
  public var values: [ReferenceTensor] {
    var random = Mutations(seed: 7)
    return operands.map { $0.value(&random) }
  }

  /// The values of the operands that are there: the inputs of a function of this op.
  public var inputs: [ReferenceTensor] { values.filter { !$0.isAbsent } }

  /// Parameters of a trace for the operands that are there.
  public func parameters(of trace: TraceRecorder, _ types: [TensorType]) -> [Tensor] {
    zip(operands, types).map { $0.isAbsent ? .absent : trace.parameter($1) }
  }
}

/// A tensor to be made up: its type and where its values lie.
public struct SampleOperand: Sendable, CustomStringConvertible {
  public enum Values: Sendable {
    /// Evenly spread between two numbers; integers include both.
    case uniform(Double, Double)
    /// All different and well apart, in random order.
    case distinct
    case list([Double])
    /// Integers, of which doubles hold only those to 2^53; of u64 their patterns.
    case integers([Int])
    /// An optional operand that is left out.
    case absent
  }

  public var elementType: ElementType
  public var shape: [Int]
  public var values: Values

  public init(_ elementType: ElementType, _ shape: [Int], _ values: Values = .uniform(-2, 2)) {
    self.elementType = elementType
    self.shape = shape
    self.values = values
  }

  public static let absent = SampleOperand(.bool, [], .absent)

  public var isAbsent: Bool { if case .absent = values { true } else { false } }

  public var description: String { isAbsent ? "nothing" : "\(elementType)\(shape)" }

  /// Whether its integers go to the ends of their type.
  public var isWide: Bool { if case .integers = values { true } else { false } }

  func type(_ dimension: (Int) -> Dimension) -> TensorType {
    isAbsent ? FunctionBuilder.absent : TensorType(elementType, shape.map(dimension))
  }

  public func value(_ random: inout Mutations) -> ReferenceTensor {
    let count = shape.reduce(1, *)
    let numbers: [Double]
    switch values {
    case .absent: return .absent
    case .integers(let integers): return ReferenceTensor(elementType, shape, integers: integers)
    case .list(let list): numbers = list
    case .distinct:
      let order = (0..<count).shuffled(using: &random)
      numbers = order.map {
        elementType.isFloat ? Double($0) * 0.25 - 2.1 : Double($0) - (elementType.isSigned ? 5 : 0)
      }
    case .uniform(let low, let high):
      numbers = (0..<count).map { _ in
        elementType.isFloat
          ? Double.random(in: low...high, using: &random)
          : Double(Int.random(in: Int(low)...Int(high), using: &random))
      }
    }
    return elementType.isFloat
      ? ReferenceTensor(elementType, shape, floats: numbers)
      : ReferenceTensor(elementType, shape, integers: numbers.map { Int(exactly: $0.rounded(.towardZero)) ?? 0 })
  }

  /// The same operand in another type, its values where that has room for them.
  func with(_ type: ElementType) -> SampleOperand {
    let least: Double = type.isFloat || type.isSigned ? -2 : 0
    return SampleOperand(type, shape, type == .bool ? .uniform(0, 1) : .uniform(least, 2))
  }

  /// The same operand in f64 if it is a float.
  public var inDouble: SampleOperand {
    SampleOperand(elementType.isFloat ? .f64 : elementType, shape, values)
  }
}

/// The samples of all ops. Those of plain unary and binary pointwise ops come from what the op's own file says; add those
/// of another new op to its family's list.
public enum OpSamples {
  public static let all: [OpSample] = [
    plain,
    withAttributes,
    casts,
    chosen,
    quantised,
    movement,
    inOtherTypes(movement),
    indexing,
    reductions,
    inOtherTypes(reductions, [.f16, .bf16, .i8, .i64, .u8]),
    normalisation,
    windows,
    inOtherTypes(windows),
    pools,
    contractions,
    recurrent,
    sorting,
    randomness,
    sampling,
    found,
    blocked,
    more,
  ].flatMap { $0 }

  /// Those of the ops that the tests are restricted to, by `TENSORC_CONTRACT_OPS`; usually all.
  public static let selected = all.filter { OpSelection.chosen.contains($0.op.name) }

  /// The first sample of each op in f32 once more in types that it has no sample of, where it takes them.
  private static func inOtherTypes(
    _ samples: [OpSample], _ types: [ElementType] = [.f64, .f16, .bf16, .i8, .i64, .u8, .bool]
  ) -> [OpSample] {
    var seen: Set<String> = []
    let first = samples.filter { $0.operands.first?.elementType == .f32 && seen.insert($0.op.name).inserted }
    return types.flatMap { type in
      first.compactMap { sample in
        let copy = OpSample(
          sample.op, sample.operands.map { $0.elementType == .f32 ? $0.with(type) : $0 }, hasGradient: false,
          symbolic: sample.symbolicExtents)
        var context = InferenceContext(symbols: SymbolTable())
        return (try? copy.op.inferTypes(copy.types, &context)) == nil ? nil : copy
      }
    }
  }
}
