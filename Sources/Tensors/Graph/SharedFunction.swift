import TensorIR
import TensorOps
import TensorRuntime

/// A compiled function and the slices of one form that it serves: those whose numbers follow a pattern.
final class SharedFunction: Sendable {
  /// What each size is, in the order of ``SliceNumbers/Numbers/sizes``: itself, a symbol, or a symbol and a number
  /// combined.
  private let sizes: [Dimension]
  /// The bits of each float that is an attribute; nil for one that is an operand.
  private let scalars: [UInt64?]
  /// For each symbol, a size that it is.
  private let places: [(symbol: String, place: Int)]
  /// Symbols that are no extent of an input. Each is the extent of an additional input without elements.
  private let carried: [String]
  /// The least value of a symbol.
  private let least: Int
  /// The element types of the floats that are operands, after the inputs that carry symbols.
  private let scalarTypes: [(place: Int, type: TensorIR.ElementType)]
  /// Whether it has symbols or operands in the place of numbers.
  let isGeneral: Bool
  let program: CompiledOnce

  /// The function for one slice alone.
  init(_ plan: SlicePlan, _ numbers: SliceNumbers.Numbers) throws {
    sizes = numbers.sizes.map { Dimension($0) }
    scalars = numbers.scalars
    (places, carried, scalarTypes) = ([], [], [])
    least = 0
    isGeneral = false
    program = CompiledOnce(try plan.function())
  }

  /// The function for slices like those that were met. Nil where the ops do not take symbols and operands in the place
  /// of the numbers that differ, or where their types with symbols are not those that they have with numbers.
  init?(_ plan: SlicePlan, _ parts: SliceNumbers, _ sightings: [SliceNumbers.Numbers]) {
    var finder = PatternFinder(sightings.map(\.sizes), extentCount: parts.extentCount)
    finder.run()
    sizes = finder.pattern
    places = finder.places
    carried = finder.carried
    scalars = parts.numbers.scalars.indices.map { place in
      let first = sightings[0].scalars[place]
      return sightings.allSatisfy { $0.scalars[place] == first } ? first : nil
    }
    // An extent that was never 0 is taken to be positive: more is known of the types then.
    least = finder.places.allSatisfy { place in sightings.allSatisfy { $0.sizes[place.place] > 0 } } ? 1 : 0
    isGeneral = true
    var maker = FunctionMaker(plan, parts, sizes, scalars, places: places, carried: carried, least: least)
    guard !places.isEmpty || scalars.contains(nil), let function = try? maker.function() else { return nil }
    scalarTypes = maker.scalarTypes
    program = CompiledOnce(function)
  }

  /// What the function takes after the inputs of a slice with these numbers; nil where it does not serve it.
  func arguments(for numbers: SliceNumbers.Numbers) -> [HostArray]? {
    guard numbers.sizes.count == sizes.count, numbers.scalars.count == scalars.count else { return nil }
    let values = Dictionary(uniqueKeysWithValues: places.map { ($0.symbol, numbers.sizes[$0.place]) })
    guard values.values.allSatisfy({ $0 >= least }),
      zip(scalars, numbers.scalars).allSatisfy({ $0 == nil || $0 == $1 }),
      zip(sizes, numbers.sizes).allSatisfy({ $0.evaluate { values[$0] } == $1 })
    else { return nil }
    return try? carried.map { try HostArray(zeros: [values[$0] ?? 0, 0], .u8) }
      + scalarTypes.map { place, type in
        let number = Full(Double(bitPattern: numbers.scalars[place]), type, [])
        return try HostArray(number.evaluate([], [TensorType(type, [])])[0])
      }
  }
}

/// Records a slice with symbols and operands in the place of numbers.
private struct FunctionMaker {
  private let plan: SlicePlan
  private let parts: SliceNumbers
  private let sizes: [Dimension]
  private let scalars: [UInt64?]
  private let carried: [String]
  private let values: [String: Int]
  private let trace: TraceRecorder
  private var nextScalar = 0
  private(set) var scalarTypes: [(place: Int, type: TensorIR.ElementType)] = []

  init(
    _ plan: SlicePlan, _ parts: SliceNumbers, _ sizes: [Dimension], _ scalars: [UInt64?],
    places: [(symbol: String, place: Int)], carried: [String], least: Int
  ) {
    self.plan = plan
    self.parts = parts
    self.sizes = sizes
    self.scalars = scalars
    self.carried = carried
    values = Dictionary(uniqueKeysWithValues: places.map { ($0.symbol, parts.numbers.sizes[$0.place]) })
    trace = TraceRecorder(name: "lazy", symbols: SymbolTable(places.map { Symbol($0.symbol, minimum: least) }))
  }

  mutating func function() throws -> Function {
    var extents = sizes[...]
    var tensors = plan.key.inputs.enumerated().map { index, type in
      trace.parameter(type.with(shape: type.shape.map { extents.popFirst() ?? $0 }), name: "x\(index)")
    }
    for symbol in carried {
      _ = trace.parameter(TensorType(.u8, [Dimension(symbol: symbol), 0]), name: "size_of_\(symbol)")
    }
    var replacement = NumberReplacement(sizes.dropFirst(parts.extentCount))
    try Composition.apart {
      for (operation, step) in zip(plan.operations, plan.key.steps) {
        let (op, numbers) = try replacement.replaced(operation.op)
        let results = try record(op, numbers, step.operands.map { $0.map { tensors[$0] } ?? .absent }, operation)
        try check(results, operation)
        tensors += results
      }
    }
    return try trace.finish(plan.key.results.map { tensors[$0] }, names: plan.key.results.indices.map { "y\($0)" })
  }

  private mutating func record(
    _ op: any TensorOp, _ numbers: [Double], _ operands: [Tensor], _ operation: LazyOperation
  ) throws -> [Tensor] {
    let own = nextScalar..<nextScalar + numbers.count
    nextScalar = own.upperBound
    guard own.contains(where: { scalars[$0] == nil }) else {
      return try trace.add(op, operands, at: operation.location)
    }
    guard let op = op as? any NumberTaking, let type = op.numberType(operands.map(\.type)) else {
      throw Diagnostic("internal", "'\(op.name)' takes no operands in the place of its numbers")
    }
    let tensors = try zip(own, numbers).map { place, number in
      if scalars[place] != nil { return try trace.add(Full(number, type, []), [])[0] }
      scalarTypes.append((place, type))
      return trace.parameter(TensorType(type, []), name: "number\(place)")
    }
    return [op.record(operands, numbers: tensors)]
  }

  private func check(_ results: [Tensor], _ operation: LazyOperation) throws {
    for (result, wanted) in zip(results, operation.resultTypes) {
      let found = result.type
      guard !result.isPoison, found.elementType == wanted.elementType, found.rank == wanted.rank,
        zip(found.shape, wanted.shape).allSatisfy({ $0.evaluate { values[$0] } == $1.constant })
      else { throw Diagnostic("internal", "'\(operation.op.name)' has another type with symbols") }
    }
  }
}
