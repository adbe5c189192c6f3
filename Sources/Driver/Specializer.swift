import TensorIR
import TensorOps

/// Rewrites a function for dimensions and inputs that have become known.
///
/// Every operation is inferred again, so whatever followed from a symbol now follows from its value: guards that have
/// become true are gone, and those that have become false are errors.
public struct Specializer {
  private let source: Function
  private var builder: FunctionBuilder
  private var values: [ValueID: ValueID] = [:]
  /// What symbols of the source have become.
  private var replacements: [String: Dimension] = [:]

  /// The function with symbols fixed or bounded, and with inputs replaced by constants.
  ///
  /// - Throws: a ``Diagnostic`` where a setting names no dimension, or does not fit.
  public static func specialize(
    _ function: Function, dimensions: [DimensionSetting] = [], constants: [String: TensorLiteral] = [:]
  ) throws -> Function {
    if dimensions.isEmpty && constants.isEmpty { return function }
    var specializer = Specializer(function)
    return try specializer.run(dimensions, constants)
  }

  private init(_ function: Function) {
    source = function
    builder = FunctionBuilder(like: function)
  }

  private mutating func run(
    _ dimensions: [DimensionSetting], _ constants: [String: TensorLiteral]
  ) throws -> Function {
    try checkNames(of: constants)
    builder.function.symbols = try symbols(with: dimensions + shapes(of: constants))
    var kept: [Int: Int] = [:]
    var literals: [(ValueID, TensorLiteral)] = []
    for (index, parameter) in source.body.parameters.enumerated() {
      let value = source[parameter]
      if let literal = constants[value.name] {
        literals.append((parameter, literal))
      } else {
        kept[index] = kept.count
        values[parameter] = builder.parameter(substituted(value.type), name: value.name)
      }
    }
    for (parameter, literal) in literals {
      let added = try builder.add(Constant(literal), [], names: [source[parameter].name])
      values[parameter] = added[0]
    }
    builder.function.donations = source.donations.compactMapValues { kept[$0] }
    for operation in source.body.operations { try add(operation) }
    return builder.finish(source.body.results.compactMap { values[$0] }, names: source.resultNames)
  }

  // MARK: What is known

  private func checkNames(of constants: [String: TensorLiteral]) throws {
    let names = source.body.parameters.map { source[$0].name }
    for name in constants.keys.sorted() where !names.contains(name) {
      let known = names.map { "'\($0)'" }.joined(separator: ", ")
      throw Diagnostic("unknown-input", "the model has no input '\(name)'; its inputs are \(known)")
    }
  }

  /// The dimensions that the shapes of constants fix.
  private func shapes(of constants: [String: TensorLiteral]) throws -> [DimensionSetting] {
    var settings: [DimensionSetting] = []
    for parameter in source.body.parameters {
      guard let literal = constants[source[parameter].name] else { continue }
      let shape = TensorShape(literal.elementType, literal.shape)
      settings += try shape.sizes(asInput: source[parameter]).map {
        DimensionSetting($0.key, minimum: $0.value, maximum: $0.value)
      }
    }
    return settings.sorted { $0.name < $1.name }
  }

  /// The symbols of the parameters as the settings leave them. Those that operations make are made again.
  private mutating func symbols(with settings: [DimensionSetting]) throws -> SymbolTable {
    var names: [String] = []
    for type in source.parameterTypes {
      for extent in type.shape { names += extent.symbols.filter { !names.contains($0) } }
    }
    var table = SymbolTable(names.map { source.symbols[$0] ?? Symbol($0) })
    for setting in settings {
      guard var symbol = table[setting.name] else {
        let known =
          names.isEmpty ? "it has none" : "it has \(names.map { "'\($0)'" }.joined(separator: ", "))"
        throw Diagnostic("unknown-dimension", "the model has no dimension '\(setting.name)'; \(known)")
      }
      try setting.check(against: symbol)
      symbol.minimum = max(symbol.minimum, setting.minimum)
      symbol.maximum = [symbol.maximum, setting.maximum].compactMap { $0 }.min()
      table.declare(symbol)
      if let size = setting.fixed { replacements[setting.name] = Dimension(size) }
    }
    var kept = SymbolTable(table.symbols.filter { replacements[$0.name] == nil })
    for var symbol in source.symbols.symbols where symbol.isComputed {
      symbol.bound = symbol.bound?.substituting { replacements[$0] }
      kept.declare(symbol)
    }
    return kept
  }

  private func substituted(_ type: TensorType) -> TensorType { type.substituting { replacements[$0] } }

  // MARK: Operations

  @discardableResult
  private mutating func add(_ operation: Operation) throws -> [ValueID] {
    let replacements = self.replacements
    let op = try operation.op.substituting { replacements[$0] }
    let regions = try operation.regions.map { try copy($0) }
    let operands = operation.operands.map { $0.flatMap { values[$0] } }
    let results = try builder.add(
      op, operands, regions: regions, at: operation.location,
      names: operation.results.map { source[$0].name },
      layouts: operation.results.map { source.type(of: $0).layout })
    for (old, new) in zip(operation.results, results) {
      values[old] = new
      learn(from: source.type(of: old), to: builder.type(of: new))
    }
    return results
  }

  private mutating func copy(_ region: Region) throws -> Region {
    let types = region.parameters.map { substituted(source.type(of: $0)) }
    let parameters = builder.beginRegion(parameters: types, names: region.parameters.map { source[$0].name })
    for (old, new) in zip(region.parameters, parameters) { values[old] = new }
    for operation in region.operations { try add(operation) }
    return builder.endRegion(results: region.results.compactMap { values[$0] })
  }

  /// A symbol that an operation makes may have another name or have become a number.
  private mutating func learn(from old: TensorType, to new: TensorType) {
    for (before, after) in zip(old.shape, new.shape) {
      if let name = before.symbolName, replacements[name] == nil, before != after {
        replacements[name] = after
      }
    }
  }
}

extension DimensionSetting {
  /// - Throws: a ``Diagnostic`` where the setting allows a size that the model does not.
  func check(against symbol: Symbol) throws {
    let isLow = minimum < symbol.minimum
    let isHigh = symbol.maximum.map { limit in maximum.map { $0 > limit } ?? false } ?? false
    let isUneven = fixed.map { $0 % max(symbol.divisor, 1) != 0 } ?? false
    guard isLow || isHigh || isUneven else { return }
    let limit = symbol.maximum.map { " to \($0)" } ?? " or more"
    let multiple = symbol.divisor > 1 ? ", a multiple of \(symbol.divisor)" : ""
    throw Diagnostic(
      "dimension-range",
      "dimension '\(name)' of the model is \(symbol.minimum)\(limit)\(multiple), which the setting exceeds")
  }
}
