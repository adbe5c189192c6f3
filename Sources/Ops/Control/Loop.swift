import TensorIR

/// A region run again and again (ONNX `Loop`): for at most a number of trips, and as long as it says so.
///
/// Operands: the number of trips (an i64 scalar; may be absent), whether to begin (a boolean), if it may exit, the values
/// carried from trip to trip, and what the region uses besides. The region takes the number of the trip, from 0, the carried
/// values and the rest; it gives whether to go on, if it may exit, the carried values for the next trip, and what is
/// collected: an element of each is stacked along a new first axis. Results: the last carried values, and what was collected.
///
/// An extent of a carried value may change: the region's parameter has a computed size there, which each trip finds anew,
/// and the result another one.
public struct Loop: ControlOp {
  public static let name = "loop"
  public static let summary =
    "A region run again and again, with values carried from trip to trip; what else it gives is stacked."
  /// How many values are carried.
  public var carried: Int
  /// The number of trips where it is a dimension; then the first operand is absent.
  public var trips: Dimension?
  /// Whether the second operand and the region's first result say whether there is a trip, or another one.
  public var exits: Bool
  /// How many elements are collected, a computed size, where that is not the number of trips.
  public var length: Dimension?
  /// The computed sizes of carried values that a trip begins with, and in the same order those that the loop ends with.
  public var within: [Dimension]?
  public var after: [Dimension]?

  public init(carried: Int, trips: Dimension?, exits: Bool) {
    self.carried = carried
    self.trips = trips
    self.exits = exits
  }

  public static let signature = Signature(
    operands: 1...(.max), optional: [0], results: 0...(.max),
    regions: [RegionSignature("body", parameters: .inferred, results: .inferred)])

  public var definedSizes: [String] { ((after ?? []) + (length.map { [$0] } ?? [])).compactMap(\.symbolName) }
  public var regionSizes: [String] { (within ?? []).compactMap(\.symbolName) }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    guard carried >= 0, operands.count >= 1 + extra + carried else {
      throw Diagnostic("arity", "'loop' takes trips, a condition if it exits, and the values that it carries")
    }
    try checkLimits(operands)
    let region = context.regions[0]
    let values = Array(operands.dropFirst(1 + extra))
    let state = try changing(Array(values.prefix(carried)), region)
    try Loop.require(
      region.parameters, equal: [TensorType(.i64, [])] + state + values.dropFirst(carried), "the body of 'loop' takes")
    let later = try changing(Array(region.results.dropFirst(extra).prefix(carried)), region)
    let expected = (exits ? [TensorType(.bool, [])] : []) + state
    try Loop.require(
      Array(region.results.prefix(extra)) + later, equal: expected, "the body of 'loop' gives")
    let collected = region.results.dropFirst(expected.count)
    guard collected.isEmpty || length != nil || (trips != nil && !exits) else {
      throw Diagnostic(
        "loop-length",
        "a 'loop' that collects results needs a number of trips that is a dimension, and no exit, or a computed length")
    }
    let ends = Dictionary(zip(regionSizes, after ?? []), uniquingKeysWith: { first, _ in first })
    return state.map { $0.plain.substituting { ends[$0] } }
      + collected.map { TensorType($0.elementType, [length ?? trips ?? 0] + $0.shape) }
  }

  /// Types of carried values, with what the region's parameters have where an extent may change.
  private func changing(_ types: [TensorType], _ region: RegionTypes) throws -> [TensorType] {
    guard let within else { return types }
    guard within.count == after?.count, regionSizes.count == within.count,
      definedSizes.count == within.count + (length == nil ? 0 : 1)
    else { throw Diagnostic("bad-attribute", "the sizes of 'loop' are computed ones, as many within as after") }
    return zip(types, region.parameters.dropFirst()).map { type, parameter in
      guard type.rank == parameter.rank else { return type }
      return type.plain.with(
        shape: zip(type.shape, parameter.shape).map { own, extent in within.contains(extent) ? extent : own })
    }
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

  /// Where each changing size is found: the carried value and the axis.
  package func places(of sizes: [Dimension], in types: [TensorType]) -> [(value: Int, axis: Int)?] {
    sizes.map { size in
      for (value, type) in types.enumerated() {
        if let axis = type.shape.firstIndex(of: size) { return (value, axis) }
      }
      return nil
    }
  }

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
    let parameters = regions[0].parameters.dropFirst().prefix(carried).map { function.type(of: $0) }
    let changing = places(of: within ?? [], in: parameters)
    var collected = types.dropFirst(carried).map { Stack($0.elementType) }
    var trip = 0
    while trip < limit, goesOn {
      let count = ReferenceTensor(.i64, [], integers: [trip])
      var sizes = sizes
      for (name, place) in zip(regionSizes, changing) {
        if let place { sizes[name] = state[place.value].shape[place.axis] }
      }
      let results = try Evaluator.run(regions[0], of: function, arguments: [count] + state + rest, sizes)
      if exits { goesOn = results[0].integers[0] != 0 }
      state = Array(results[extra..<extra + carried])
      for (index, result) in results.dropFirst(extra + carried).enumerated() { collected[index].append(result) }
      trip += 1
    }
    return try state
      + zip(collected, types.dropFirst(carried)).map { stack, type in
        try stack.tensor(length == nil ? type : type.with(shape: [Dimension(trip)] + type.shape.dropFirst()))
      }
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
}
