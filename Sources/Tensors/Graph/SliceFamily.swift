import TensorIR
import TensorOps
import TensorRuntime

/// Slices of one form, met with different numbers. The first is compiled as it is. When a second one comes, the numbers that differ become
/// symbols, so that one function serves all that follow.
struct SliceFamily {
  /// The numbers of the slices that were met and that no function of the family served.
  private var sightings: [[Int]] = []
  private var functions: [GeneralSlice] = []
  /// Whether some number cannot be a symbol, so that each slice is a function of its own.
  private var isRigid = false
  /// What the evaluator has done for slices of the family, in element operations.
  var spent = 0

  /// More functions than these are not kept: sizes that fit none of them are compiled as they are.
  private static let largestCount = 4

  /// From now on each slice is a function of its own.
  mutating func giveUp() {
    isRigid = true
    functions = []
  }

  /// The function that serves a slice; nil where it must be compiled as it is.
  mutating func function(for plan: SlicePlan, _ parts: SliceNumbers) -> GeneralSlice? {
    if let known = functions.first(where: { $0.symbols(for: parts.numbers) != nil }) { return known }
    sightings.append(parts.numbers)
    guard sightings.count > 1, !isRigid, functions.count < SliceFamily.largestCount else { return nil }
    guard let general = GeneralSlice(plan, parts, sightings) else {
      isRigid = true
      return nil
    }
    functions.append(general)
    return general
  }
}

/// A function that serves all slices of one form whose numbers follow a pattern.
final class GeneralSlice {
  /// What each number is, in the order of ``SliceNumbers/numbers``: itself, a symbol, or a symbol and a number combined.
  private let pattern: [Dimension]
  /// For each symbol, a number that it is.
  private let places: [(symbol: String, place: Int)]
  /// Symbols that are no extent of an input. Each is the extent of an additional input without elements.
  private let carried: [String]
  private let least: Int
  let function: Function
  var program: CompiledProgram?

  /// Nil where the ops do not take symbols in the place of the numbers that differ, or where their types with symbols are not those that
  /// they have with numbers.
  init?(_ plan: SlicePlan, _ parts: SliceNumbers, _ sightings: [[Int]]) {
    var finder = PatternFinder(sightings, extentCount: parts.extentCount)
    finder.run()
    pattern = finder.pattern
    places = finder.places
    carried = finder.carried
    // An extent that was never 0 is taken to be positive: more is known of the types then.
    least = finder.places.allSatisfy { place in sightings.allSatisfy { $0[place.place] > 0 } } ? 1 : 0
    guard !places.isEmpty, let made = try? GeneralSlice.function(plan, parts, finder, least: least) else { return nil }
    function = made
  }

  /// The symbols' values for a slice with these numbers; nil where it does not follow the pattern.
  func symbols(for numbers: [Int]) -> [String: Int]? {
    guard numbers.count == pattern.count else { return nil }
    let values = Dictionary(uniqueKeysWithValues: places.map { ($0.symbol, numbers[$0.place]) })
    guard values.values.allSatisfy({ $0 >= least }) else { return nil }
    return zip(pattern, numbers).allSatisfy { $0.evaluate { values[$0] } == $1 } ? values : nil
  }

  /// The inputs that carry symbols for a slice.
  func carriers(for numbers: [Int]) throws -> [HostArray] {
    let values = symbols(for: numbers) ?? [:]
    return try carried.map { try HostArray(zeros: [values[$0] ?? 0, 0], .u8) }
  }

  private static func function(
    _ plan: SlicePlan, _ parts: SliceNumbers, _ finder: PatternFinder, least: Int
  ) throws -> Function {
    let symbols = SymbolTable(finder.places.map { Symbol($0.symbol, minimum: least) })
    var builder = FunctionBuilder(name: "lazy", symbols: symbols)
    var extents = finder.pattern[...]
    var values: [ValueID?] = plan.key.inputs.enumerated().map { index, type in
      let shape = type.shape.map { extents.popFirst() ?? $0 }
      return builder.parameter(type.with(shape: shape), name: "x\(index)")
    }
    for symbol in finder.carried {
      _ = builder.parameter(TensorType(.u8, [Dimension(symbol: symbol), 0]), name: "size_of_\(symbol)")
    }
    let sizes = Dictionary(uniqueKeysWithValues: finder.places.map { ($0.symbol, parts.numbers[$0.place]) })
    var replacement = NumberReplacement(finder.pattern.dropFirst(parts.extentCount))
    for (operation, step) in zip(plan.operations, plan.key.steps) {
      let operands = step.operands.map { $0.flatMap { values[$0] } }
      let results = try builder.add(replacement.replaced(operation.op), operands, at: operation.location)
      for (result, wanted) in zip(results, operation.resultTypes) {
        let found = builder.type(of: result)
        guard found.elementType == wanted.elementType, found.rank == wanted.rank,
          zip(found.shape, wanted.shape).allSatisfy({ $0.evaluate { sizes[$0] } == $1.constant })
        else { throw Diagnostic("internal", "'\(operation.op.name)' has another type with symbols") }
      }
      values += results.map { $0 }
    }
    return builder.finish(plan.key.results.compactMap { values[$0] }, names: plan.key.results.indices.map { "y\($0)" })
  }
}

/// Finds what the numbers of several slices of one form have to do with each other.
private struct PatternFinder {
  private let sightings: [[Int]]
  private let extentCount: Int
  private(set) var pattern: [Dimension] = []
  private(set) var places: [(symbol: String, place: Int)] = []
  private(set) var carried: [String] = []
  /// For each symbol, its values in the sightings.
  private var columns: [[Int]] = []

  init(_ sightings: [[Int]], extentCount: Int) {
    self.sightings = sightings
    self.extentCount = extentCount
  }

  mutating func run() {
    for place in sightings[0].indices {
      let column = sightings.map { $0[place] }
      if column.allSatisfy({ $0 == column[0] }) {
        pattern.append(Dimension(column[0]))
      } else {
        pattern.append(known(column, isExtent: place < extentCount) ?? symbol(column, place))
      }
    }
  }

  /// A column as a symbol, or, where it is no extent of an input, as one and a number added or multiplied, or as two multiplied.
  private func known(_ column: [Int], isExtent: Bool) -> Dimension? {
    let names = places.map { Dimension(symbol: $0.symbol) }
    if let same = columns.firstIndex(of: column) { return names[same] }
    if isExtent { return nil }
    for (name, own) in zip(names, columns) {
      let difference = column[0] &- own[0]
      if zip(column, own).allSatisfy({ $0 &- $1 == difference }) { return name + Dimension(difference) }
      if own[0] != 0, column[0] % own[0] == 0 {
        let factor = column[0] / own[0]
        if zip(column, own).allSatisfy({ $0 == $1.multipliedSaturating(factor) }) { return name * Dimension(factor) }
      }
    }
    for (a, left) in zip(names, columns) {
      for (b, right) in zip(names, columns) {
        if zip(column, zip(left, right)).allSatisfy({ $0 == $1.0.multipliedSaturating($1.1) }) { return a * b }
      }
    }
    return nil
  }

  private mutating func symbol(_ column: [Int], _ place: Int) -> Dimension {
    let name = "n\(places.count)"
    places.append((name, place))
    columns.append(column)
    if place >= extentCount { carried.append(name) }
    return Dimension(symbol: name)
  }
}
