import TensorIR
import TensorOps
import TestSamples
import TestSupport

/// A function made at random, and inputs for it at some sizes.
public struct RandomProgram: Sendable {
  public let seed: UInt64
  public var function: Function
  public let inputs: [ReferenceTensor]
  /// How many of the results, the last ones, are the gradient of the first.
  public let gradients: Int
  /// What was differentiated, and by which parameters, where the gradient is of all.
  var differentiated: (function: Function, parameters: [Int])?

  public init(seed: UInt64, function: Function, inputs: [ReferenceTensor], gradients: Int = 0) {
    (self.seed, self.function, self.inputs, self.gradients) = (seed, function, inputs, gradients)
  }
}

/// Makes functions of 5 to 40 operations from a seed: the ops of the samples of the contract suite, applied to each other's
/// results where types and shapes fit, otherwise to parameters of their own. Extents are symbols or numbers.
public struct ProgramGenerator {
  private var random: Mutations
  private let trace: TraceRecorder
  private let seed: UInt64
  /// What the symbols stand for.
  private let sizes: [String: Int]
  private var pool: [Tensor] = []
  private var parameters: [SampleOperand] = []
  private var values: [ReferenceTensor] = []

  /// Results beyond this are refused, so that the reference evaluation is fast.
  private static let mostElements = 1500
  private static let extents = [0, 1, 1, 2, 3, 4, 5, 7, 9, 16, 17, 33]
  private static let samples = OpSamples.all.filter { sample in
    !sample.operands.isEmpty && sample.operands.allSatisfy { $0.shape.reduce(1, *) <= 300 }
      && sample.operands.allSatisfy { $0.elementType.bitWidth >= 8 || $0.isAbsent }
      && sample.operands.allSatisfy { !hasHugeNumbers($0) }
  }

  /// Sums of such numbers overflow in one order and not in another.
  private static func hasHugeNumbers(_ operand: SampleOperand) -> Bool {
    guard case .list(let list) = operand.values else { return false }
    return list.contains { $0.isFinite && abs($0) > 1e4 }
  }
  private static let byOp = Dictionary(grouping: samples, by: \.op.name)
  private static let names = byOp.keys.sorted()
  private static let types: [ElementType] = [.f32, .f32, .f32, .f64, .f16, .bf16, .i32, .i64, .i8, .u8, .bool]

  private init(seed: UInt64) {
    self.seed = seed
    var random = Mutations(seed: seed &* 0x9E37_79B9 &+ 12345)
    let symbols = ["a", "b", "c"]
    var sizes: [String: Int] = [:]
    for symbol in symbols { sizes[symbol] = Self.extents.randomElement(using: &random) ?? 1 }
    self.sizes = sizes
    self.random = random
    trace = TraceRecorder(name: "p\(seed)", symbols: SymbolTable(symbols.map { Symbol($0) }))
  }

  /// - Parameter differentiated: whether it has the gradient of all its float results by all its float parameters, as far as
  ///   they have one; half of the others have that of one result by one parameter.
  public static func program(seed: UInt64, differentiated: Bool = false) throws -> RandomProgram {
    var generator = ProgramGenerator(seed: seed)
    return try generator.make(differentiated: differentiated)
  }

  private mutating func make(differentiated: Bool) throws -> RandomProgram {
    for _ in 0..<Int.random(in: 1...3, using: &random) { addParameter() }
    let wanted = Int.random(in: 5...40, using: &random)
    var attempts = 0
    while trace.builder.function.body.operations.count < wanted, attempts < 400 {
      attempts += 1
      try addOperation()
    }
    let results = try chosenResults()
    let function = try trace.finish(results)
    let plain = RandomProgram(seed: seed, function: function, inputs: values)
    if differentiated { return ProgramGradient.ofAll(plain) ?? plain }
    guard Bool.random(using: &random), let whole = ProgramGradient.ofOne(function, &random) else { return plain }
    return RandomProgram(
      seed: seed, function: whole, inputs: values, gradients: whole.body.results.count - 1 - results.count)
  }

  // MARK: Parameters

  private mutating func addParameter() {
    let type = Self.types.randomElement(using: &random) ?? .f32
    let shape = (0..<Int.random(in: 0...4, using: &random)).map { _ in extent() }
    let numbers = shape.compactMap { $0.evaluate { sizes[$0] } }
    guard numbers.reduce(1, *) <= Self.mostElements else { return }
    add(SampleOperand(type, numbers, uniform(type)), TensorType(type, shape))
  }

  private func uniform(_ type: ElementType) -> SampleOperand.Values {
    if type == .bool { return .uniform(0, 1) }
    return type.isFloat || type.isSigned ? .uniform(-3, 3) : .uniform(0, 5)
  }

  private mutating func extent() -> Dimension {
    if Int.random(in: 0..<3, using: &random) > 0 {
      return Dimension(symbol: sizes.keys.sorted().randomElement(using: &random) ?? "a")
    }
    return Dimension(Self.extents.randomElement(using: &random) ?? 1)
  }

  @discardableResult
  private mutating func add(_ operand: SampleOperand, _ type: TensorType) -> Tensor {
    let tensor = trace.parameter(type, name: "x\(values.count)")
    values.append(operand.value(&random))
    pool.append(tensor)
    return tensor
  }

  // MARK: Operations

  private mutating func addOperation() throws {
    if Int.random(in: 0..<3, using: &random) == 0, let op = moving() { return try record(op.0, op.1) }
    guard let name = Self.names.randomElement(using: &random),
      let sample = Self.byOp[name]?.randomElement(using: &random)
    else { return }
    var operands: [Tensor] = []
    for (place, operand) in sample.operands.enumerated() {
      if operand.isAbsent {
        operands.append(.absent)
      } else if let known = fitting(operand, isFirst: place == 0, sample) {
        operands.append(known)
      } else {
        operands.append(add(operand, TensorType(operand.elementType, operand.shape.map { Dimension($0) })))
      }
    }
    try record(sample.op, operands)
  }

  /// A value that the op takes in place of a sample's operand: of any shape as long as nothing else decides it.
  private mutating func fitting(_ operand: SampleOperand, isFirst: Bool, _ sample: OpSample) -> Tensor? {
    // Lists are indices and the like.
    if case .list = operand.values { return nil }
    let isFree = sample.operands.count == 1 || sample.op is any PointwiseOp
    let candidates = pool.filter { tensor in
      guard tensor.elementType == operand.elementType, !(operand.elementType == .i64 && !isFree) else { return false }
      return isFree ? true : tensor.shape == operand.shape.map { Dimension($0) }
    }
    return candidates.isEmpty || (isFree && Int.random(in: 0..<6, using: &random) == 0)
      ? nil : candidates.randomElement(using: &random)
  }

  /// Views and reductions of a value of the pool, made to fit it.
  private mutating func moving() -> (any TensorOp, [Tensor])? {
    guard let x = pool.randomElement(using: &random) else { return nil }
    let axes = (0..<x.rank).filter { _ in Bool.random(using: &random) }
    switch Int.random(in: 0..<9, using: &random) {
    case 0: return (Transpose((0..<x.rank).shuffled(using: &random)), [x])
    case 1: return (Reverse(axes: axes), [x])
    case 2: return (Reshape([x.shape.reduce(1, *)]), [x])
    case 3 where x.elementType.isFloat: return (Sum(axes: axes, keepAxes: Bool.random(using: &random)), [x])
    case 4 where x.elementType != .bool: return (Max(axes: axes, keepAxes: true), [x])
    case 5: return (Cast(to: Self.types.randomElement(using: &random) ?? .f32), [x])
    case 6 where x.rank > 0:
      return (Concat(axis: Int.random(in: 0..<x.rank, using: &random)), [x, x])
    case 7 where x.rank > 0:
      return (Pad(before: x.shape.map { _ in 1 }, after: x.shape.map { _ in 0 }, mode: .constant, value: 2), [x])
    case 8:
      guard let other = pool.filter({ $0.elementType == x.elementType }).randomElement(using: &random) else {
        return nil
      }
      let ops: [any TensorOp] = x.elementType == .bool ? [LogicalAnd()] : [Add(), Multiply(), Subtract(), Maximum()]
      return (ops.randomElement(using: &random) ?? Add(), [x, other])
    default: return nil
    }
  }

  /// Records an operation where it fits at the sizes at hand; does nothing otherwise.
  private mutating func record(_ op: any TensorOp, _ operands: [Tensor]) throws {
    var (context, fixed) = (InferenceContext(symbols: trace.symbols), InferenceContext(symbols: SymbolTable()))
    let known: (String) -> Dimension? = { [sizes] in sizes[$0].map { Dimension($0) } }
    // With numbers as well: two symbols that broadcast need not do so at these sizes.
    guard let numbered = try? op.substituting(known) as? any TensorOp,
      (try? numbered.inferTypes(operands.map { $0.type.substituting(known) }, &fixed)) != nil,
      let types = try? op.inferTypes(operands.map(\.type), &context),
      context.guards.allSatisfy({ $0.condition.holds { sizes[$0] } == true }),
      types.allSatisfy({ type in
        let shape = type.shape.compactMap { $0.evaluate { sizes[$0] } }
        return shape.count == type.rank && shape.allSatisfy { $0 >= 0 } && shape.reduce(1, *) <= Self.mostElements
          && type.layout.isPlain
      }),
      let results = try? trace.add(op, operands)
    else { return }
    pool += results
  }

  // MARK: Results

  /// The last values, and some others.
  private mutating func chosenResults() throws -> [Tensor] {
    let last = Array(pool.suffix(2))
    let others = pool.dropLast(2).filter { _ in Int.random(in: 0..<12, using: &random) == 0 }
    return last + others
  }
}
