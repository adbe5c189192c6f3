import TensorIR

/// A region run again and again (ONNX `Loop`): for at most a number of trips, and as long as it says so.
///
/// Operands: the number of trips (an i64 scalar; may be absent), whether to begin (a boolean), if it may exit, the values
/// carried from trip to trip, and what the region uses besides. The region takes the number of the trip, from 0, the carried
/// values and the rest; it gives whether to go on, if it may exit, the carried values for the next trip, and what is
/// collected: an element of each is stacked along a new first axis. Results: the last carried values, and what was collected.
public struct Loop: ControlOp {
  public static let name = "loop"
  public static let summary =
    "A region run again and again, with values carried from trip to trip; what else it gives is stacked."
  /// How many values are carried.
  public var carried: Int
  /// The number of trips where it is a dimension; then the first operand is absent. Needed to collect anything.
  public var trips: Dimension?
  /// Whether the second operand and the region's first result say whether there is a trip, or another one.
  public var exits: Bool

  public init(carried: Int, trips: Dimension?, exits: Bool) {
    self.carried = carried
    self.trips = trips
    self.exits = exits
  }

  public static let signature = Signature(
    operands: 1...(.max), optional: [0], results: 0...(.max),
    regions: [RegionSignature("body", parameters: .inferred, results: .inferred)])

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    guard carried >= 0, operands.count >= 1 + extra + carried else {
      throw Diagnostic("arity", "'loop' takes trips, a condition if it exits, and the values that it carries")
    }
    try checkLimits(operands)
    let region = context.regions[0]
    let values = Array(operands.dropFirst(1 + extra))
    try Loop.require(region.parameters, equal: [TensorType(.i64, [])] + values, "the body of 'loop' takes")
    let expected = (exits ? [TensorType(.bool, [])] : []) + values.prefix(carried)
    try Loop.require(Array(region.results.prefix(expected.count)), equal: expected, "the body of 'loop' gives")
    let collected = region.results.dropFirst(expected.count)
    guard collected.isEmpty || (trips != nil && !exits) else {
      throw Diagnostic(
        "loop-length", "a 'loop' that collects results needs a number of trips that is a dimension, and no exit")
    }
    return values.prefix(carried).map(\.plain)
      + collected.map { TensorType($0.elementType, [trips ?? 0] + $0.shape) }
  }

  private func checkLimits(_ operands: [TensorType]) throws {
    let hasLimit = operands[0] != FunctionBuilder.absent
    if hasLimit, operands[0].plain != TensorType(.i64, []) || trips != nil {
      throw Diagnostic("element-type", "the trips of 'loop' are i64[] or an attribute, and not \(operands[0])")
    }
    if exits { try Loop.require(condition: operands[1]) }
    guard hasLimit || trips != nil || exits else { throw Diagnostic("endless", "nothing ends this 'loop'") }
  }

  /// How many operands stand between the trips and the carried values, and how many results of the body before them.
  public var extra: Int { exits ? 1 : 0 }

  // MARK: Evaluation

  public func evaluate(
    _ operands: [ReferenceTensor], _ types: [TensorType], regions: [Region], of function: Function,
    _ sizes: [String: Int]
  ) throws -> [ReferenceTensor] {
    let stored = operands[0].isAbsent ? nil : operands[0].integers.first
    let limit = trips.flatMap(\.constant) ?? stored ?? Int.max
    var goesOn = !exits || operands[1].integers.first != 0
    var state = Array(operands.dropFirst(1 + extra).prefix(carried))
    let rest = Array(operands.dropFirst(1 + extra + carried))
    var collected = types.dropFirst(carried).map { Stack($0.elementType) }
    var trip = 0
    while trip < limit, goesOn {
      let count = ReferenceTensor(.i64, [], integers: [trip])
      let results = try Evaluator.run(regions[0], of: function, arguments: [count] + state + rest, sizes)
      if exits { goesOn = results[0].integers[0] != 0 }
      state = Array(results[extra..<extra + carried])
      for (index, result) in results.dropFirst(extra + carried).enumerated() { collected[index].append(result) }
      trip += 1
    }
    return try state + zip(collected, types.dropFirst(carried)).map { try $0.tensor($1) }
  }

  /// Elements that are collected.
  private struct Stack {
    let type: ElementType
    private var floats: [Double] = []
    private var integers: [Int] = []

    init(_ type: ElementType) { self.type = type }

    mutating func append(_ element: ReferenceTensor) {
      if type.isFloat { floats += element.floats } else { integers += element.integers }
    }

    func tensor(_ type: TensorType) throws -> ReferenceTensor {
      let shape = try Evaluator.numbers(type)
      return type.elementType.isFloat
        ? ReferenceTensor(type.elementType, shape, floats: floats)
        : ReferenceTensor(type.elementType, shape, integers: integers)
    }
  }

  // MARK: Lowering

  public func lower(_ operation: Operation, into sink: any ControlSink) throws {
    try LoopLowering(self, operation, sink).run()
  }
}
