import TensorIR
import TensorOps
import TestSupport

/// Makes functions with `if`, `loop` and sizes found while running: branches and loops in each other, conditions, trip
/// counts and sizes computed by the program, carried values of changing extent, collected ones.
public final class ControlGenerator {
  var random: Mutations
  /// What the symbols of the parameters stand for.
  let sizes: [String: Int]
  /// The float type that most values have.
  let float: ElementType
  var values: [ReferenceTensor] = []
  private var names = 0
  /// How many operations may still be made.
  var budget: Int

  /// What is recorded in one region.
  final class Scope {
    let trace: TraceRecorder
    let depth: Int
    var pool: [Tensor] = []

    init(_ trace: TraceRecorder, depth: Int) { (self.trace, self.depth) = (trace, depth) }
  }

  /// Types of more elements than these are not made where that is known.
  private static let mostElements = 600
  private static let mostEvaluated = 1 << 14
  static let deepest = 3

  private init(seed: UInt64, attempt: Int) {
    var random = Mutations(seed: (seed &* 0x2545_F491_4F6C_DD1D) &+ UInt64(attempt) &* 0x9E37_79B9 &+ 777)
    var sizes: [String: Int] = [:]
    for symbol in ["a", "b"] { sizes[symbol] = [0, 1, 1, 2, 3, 4, 5, 7].randomElement(using: &random) ?? 1 }
    self.sizes = sizes
    float = [ElementType.f32, .f32, .f32, .f64, .f64, .f16].randomElement(using: &random) ?? .f32
    budget = Int.random(in: 4...14, using: &random)
    self.random = random
  }

  /// The program of a seed.
  /// - Parameter differentiated: whether it has the gradient of all its float results by all its float parameters, where
  ///   they have one; half of the others have too.
  public static func program(seed: UInt64, differentiated: Bool = false) throws -> RandomProgram {
    for attempt in 0..<200 {
      let generator = ControlGenerator(seed: seed, attempt: attempt)
      if let program = generator.make(seed, differentiated: differentiated) { return program }
    }
    throw Diagnostic("no-program", "no program that can be evaluated was made")
  }

  private func make(_ seed: UInt64, differentiated: Bool) -> RandomProgram? {
    let trace = TraceRecorder(name: "p\(seed)", symbols: SymbolTable(["a", "b"].map { Symbol($0) }))
    let scope = Scope(trace, depth: 0)
    addParameters(scope)
    var attempts = 0
    while budget > 0, attempts < 300 {
      attempts += 1
      step(scope)
    }
    let own = scope.pool.dropFirst(values.count)
    guard own.count > 3 else { return nil }
    let results = own.suffix(2) + own.dropLast(2).filter { _ in chance(4) }
    guard let function = try? trace.finish(Array(results)), Self.decides(function) else { return nil }
    let isEvaluated = Evaluator.$mostElements.withValue(Self.mostEvaluated) {
      (try? Evaluator.run(function, values)) != nil
    }
    guard isEvaluated else { return nil }
    let plain = RandomProgram(seed: seed, function: function, inputs: values)
    guard differentiated || chance(2) else { return plain }
    return ProgramGradient.ofAll(plain) ?? plain
  }

  private static func decides(_ function: Function) -> Bool {
    function.body.operations.contains { $0.op is any ControlOp }
  }

  // MARK: Parameters

  private func addParameters(_ scope: Scope) {
    // Each symbol is an input's extent.
    parameter(scope, float, [Dimension(symbol: "a")])
    parameter(scope, float, [Dimension(symbol: "b")] + (chance(2) ? [extent()] : []))
    for _ in 0..<number(0...2) {
      parameter(scope, float, (0..<[0, 1, 1, 2, 2, 3][number(0...5)]).map { _ in extent() })
    }
    parameter(scope, .i64, [])
    parameter(scope, .bool, [])
    if chance(2) { parameter(scope, .i64, [extent()]) }
    if chance(4) { parameter(scope, .bool, [extent()]) }
  }

  private func parameter(_ scope: Scope, _ type: ElementType, _ shape: [Dimension]) {
    let numbers = shape.compactMap { $0.evaluate { sizes[$0] } }
    let count = numbers.reduce(1, *)
    guard numbers.count == shape.count, count <= 300 else { return }
    scope.pool.append(scope.trace.parameter(TensorType(type, shape), name: "x\(values.count)"))
    // Halves, a third of them zero: most of what is computed of them is exact, and conditions fall either way.
    let elements = (0..<count).map { _ in chance(3) ? 0 : number(-6...6) }
    values.append(
      type.isFloat
        ? ReferenceTensor(type, numbers, floats: elements.map { Double($0) / 2 })
        : ReferenceTensor(type, numbers, integers: type == .bool ? elements.map { $0 > 0 ? 1 : 0 } : elements))
  }

  private func extent() -> Dimension {
    chance(3) ? Dimension([1, 2, 3, 4, 5][number(0...4)]) : Dimension(symbol: chance(2) ? "a" : "b")
  }

  // MARK: Chance

  func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

  /// True once in so many times.
  func chance(_ times: Int) -> Bool { number(1...times) == 1 }

  /// One of a scope's values that fits, later ones more often.
  func pick(_ scope: Scope, where fits: (Tensor) -> Bool = { _ in true }) -> Tensor? {
    let fitting = scope.pool.filter(fits)
    guard !fitting.isEmpty else { return nil }
    return fitting[max(number(0...fitting.count - 1), number(0...fitting.count - 1))]
  }

  func pickFloat(_ scope: Scope, rank least: Int = 0) -> Tensor? {
    pick(scope) { $0.elementType.isFloat && $0.rank >= least }
  }

  // MARK: Recording

  /// A symbol for a size that the run finds.
  func freshSize(_ scope: Scope, bound: Dimension?) -> Dimension {
    names += 1
    let symbol = Symbol.computed("k\(names)", bound: chance(3) ? nil : bound)
    scope.trace.declare(symbol)
    return Dimension(symbol: symbol.name)
  }

  /// Records an operation if it fits; whether what it gives may be picked is the caller's to say.
  func tryAdd(
    _ scope: Scope, _ op: any TensorOp, _ operands: [Tensor], bodies: [Function] = []
  ) -> [Tensor]? {
    if bodies.isEmpty {
      var context = InferenceContext(symbols: scope.trace.symbols)
      guard let types = try? op.inferTypes(operands.map(\.type), &context),
        context.guards.allSatisfy({ item in item.condition.holds { sizes[$0] } ?? self.chance(12) }),
        types.allSatisfy({ isSmall($0, scope) })
      else { return nil }
    }
    guard let results = try? scope.trace.add(op, operands, bodies: bodies) else { return nil }
    return results
  }

  func add(_ scope: Scope, _ op: any TensorOp, _ operands: Tensor...) -> Tensor? {
    tryAdd(scope, op, operands)?.first
  }

  private func isSmall(_ type: TensorType, _ scope: Scope) -> Bool {
    guard let most = scope.trace.symbols.bound(of: type) else { return true }
    let numbers = most.shape.compactMap { $0.evaluate { sizes[$0] } }
    return numbers.count == type.rank && numbers.allSatisfy { $0 >= 0 } && numbers.reduce(1, *) <= Self.mostElements
  }

  func integer(_ scope: Scope, _ value: Int) -> Tensor? { add(scope, Full(Double(value), .i64, [])) }

  func clipped(_ scope: Scope, _ x: Tensor?, _ low: Int, _ high: Tensor?) -> Tensor? {
    guard let x, let high, let low = integer(scope, low), let least = add(scope, Maximum(), x, low) else { return nil }
    return add(scope, Minimum(), least, high)
  }

  /// A boolean scalar, as a rule one that is computed.
  func condition(_ scope: Scope) -> Tensor? {
    if chance(4), let known = pick(scope, where: { $0.elementType == .bool && $0.rank == 0 }) { return known }
    if chance(3), let count = pick(scope, where: { $0.elementType == .i64 && $0.rank == 0 }),
      let limit = integer(scope, number(-1...3))
    {
      return add(scope, [Less(), GreaterEqual(), Equal()][number(0...2)] as any TensorOp, count, limit)
    }
    guard let x = pickFloat(scope), let sum = x.rank == 0 ? x : add(scope, Sum(axes: Array(0..<x.rank)), x),
      let limit = add(scope, Full(Double(number(-3...3)) / 2, x.elementType, []))
    else { return nil }
    return add(scope, chance(2) ? Less() as any TensorOp : Greater(), sum, limit)
  }

  // MARK: Steps

  /// Makes something of what a scope has.
  func step(_ scope: Scope) {
    budget -= 1
    let made: [Tensor?]
    switch number(0...21) {
    case 0...4: made = [pickFloat(scope).flatMap { changed(scope, $0) }]
    case 5...6: made = [reduced(scope)]
    case 7...8: made = [moved(scope)]
    case 9: made = [condition(scope)]
    case 10: made = [integers(scope)]
    case 11: made = [composed(scope)]
    case 12...14: made = found(scope)
    case 15...18: made = scope.depth < Self.deepest ? branches(scope) : []
    default: made = scope.depth < Self.deepest ? repeated(scope) : []
    }
    scope.pool += made.compactMap { $0 }
  }
}
