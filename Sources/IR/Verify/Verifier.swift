/// Checks that a function is well formed. It reports everything it finds, not only the first fault:
///
/// - every value that is used or defined is in the function's table;
/// - every value is defined once, by a parameter, an operation or a region;
/// - a definition stands before its uses, in the same region or in one around it;
/// - operands and regions are those of the op's signature; what a region gives and takes has the layouts of what stands
///   outside;
/// - the types of the results are what the op infers: element type and shape, layouts aside;
/// - no extent is negative, and no tensor of known shape larger than any memory;
/// - layouts fit the rank of their types, are those that the op works in, and row-major for parameters;
/// - no dimension has overflowed, in a type, an attribute or a guard;
/// - every symbol used is declared, once, with facts that some number satisfies;
/// - a computed size is defined once, and used behind what defines it, in the same region or in one inside it;
/// - attributes can be written as text;
/// - the names of the results are as many as the results, or none, and are unique;
/// - a donated parameter exists, has the type of its result, and is donated once.
///
/// Operands and regions are held to the op's ``Signature``; where that leaves the results of a region to inference, the op
/// says what it wants.
public struct Verifier {
  private let function: Function
  private var faults: [(place: FunctionPrinter.Place, diagnostic: Diagnostic)] = []
  /// For each value, whether it is defined somewhere, and whether it may be used here.
  private var isDefined: [Bool]
  private var isVisible: [Bool]
  /// The computed sizes that may be used here, and all that have been defined so far.
  private var visibleSizes: Set<String> = []
  private var definedSizes: Set<String> = []
  private var place = FunctionPrinter.Place.header
  private var location = Location.unknown
  private var operationCount = 0

  private init(_ function: Function) {
    self.function = function
    isDefined = Array(repeating: false, count: function.values.count)
    isVisible = isDefined
  }

  /// All that is wrong with the function; nil if nothing is.
  public static func check(_ function: Function) -> VerificationError? {
    var verifier = Verifier(function)
    verifier.checkSymbols()
    verifier.check(function.body) { $0.place = .results(of: nil, region: 0) }
    verifier.place = .header
    verifier.location = .unknown
    verifier.checkParameters()
    verifier.checkResultNames()
    verifier.checkDonations()
    if verifier.faults.isEmpty { return nil }
    return VerificationError(function, verifier.faults)
  }

  /// More faults than these tell nothing new.
  private static let faultLimit = 100

  private mutating func fault(_ id: String, _ message: String) {
    guard faults.count < Verifier.faultLimit else { return }
    faults.append((place, Diagnostic(id, message, at: location)))
  }

  // MARK: Regions and operations

  /// Values defined in the region are visible until its end; `beforeResults` moves the place to its last line.
  private mutating func check(_ region: Region, beforeResults: (inout Verifier) -> Void) {
    var local: [ValueID] = []
    let sizes = visibleSizes
    defer { visibleSizes = sizes }
    for id in region.parameters { define(id, &local) }
    for operation in region.operations { check(operation, &local) }
    beforeResults(&self)
    for id in region.results { use(id) }
    for id in local { isVisible[id.index] = false }
  }

  private mutating func check(_ operation: Operation, _ local: inout [ValueID]) {
    let here = FunctionPrinter.Place.operation(operationCount)
    let number = operationCount
    operationCount += 1
    (place, location) = (here, operation.location)
    let faultCount = faults.count
    for id in operation.operands { if let id { use(id) } }
    let sizes = visibleSizes
    defineSizes(operation.op.regionSizes, of: operation)
    for (index, region) in operation.regions.enumerated() {
      (place, location) = (here, operation.location)
      check(region) { $0.place = .results(of: number, region: index) }
    }
    (place, location) = (here, operation.location)
    visibleSizes = sizes
    defineSizes(operation.op.definedSizes, of: operation)
    for id in operation.results { define(id, &local) }
    checkAttributes(operation, beside: operation.op.regionSizes)
    for item in operation.guards {
      check(dimensions: [item.condition.left, item.condition.right]) { _ in "a guard" }
    }
    // Inference on operands that are wrong would only repeat what is said already.
    if faults.count == faultCount { checkTypes(operation) }
  }

  private mutating func use(_ id: ValueID) {
    guard isVisible.indices.contains(id.index) else { return faultForMissing(id) }
    if isVisible[id.index] { return }
    fault(
      "undefined",
      isDefined[id.index]
        ? "\(shown(id)) is used outside the region that defines it" : "\(shown(id)) is used before it is defined")
    // Once is enough for each value.
    isVisible[id.index] = true
  }

  private mutating func define(_ id: ValueID, _ local: inout [ValueID]) {
    guard isDefined.indices.contains(id.index) else { return faultForMissing(id) }
    if isDefined[id.index] { return fault("redefined", "\(shown(id)) is defined twice") }
    isDefined[id.index] = true
    isVisible[id.index] = true
    local.append(id)
    let type = function.type(of: id)
    let faultCount = faults.count
    check(dimensions: type.shape) { "the type of \($0.shown(id))" }
    if faults.count == faultCount, let message = type.sizeFault { fault("overflow", "\(shown(id)): \(message)") }
    if !type.layout.fits(rank: type.rank) {
      fault("layout", "the layout \(type.layout) of \(shown(id)) does not fit rank \(type.rank)")
    }
  }

  private mutating func faultForMissing(_ id: ValueID) {
    fault("undefined", "the value \(id.raw) is not in the function's table")
  }

  /// The value as it is printed.
  private func shown(_ id: ValueID) -> String { ValueNames(function)[id] }

  private mutating func checkTypes(_ operation: Operation) {
    let written = operation.results.map { function.type(of: $0) }
    do {
      var inferred = try function.inferTypes(of: operation.op, operation.operands, regions: operation.regions)
      if let message = inferred.match(written) {
        return fault("type-mismatch", "'\(operation.op.name)': \(message)")
      }
      try function.checkRegions(of: operation)
      try operation.op.checkLayouts(operation.operands.compactMap { $0.map { function.type(of: $0) } }, written)
    } catch let diagnostic as Diagnostic {
      fault(diagnostic.id, diagnostic.message)
    } catch {
      fault("internal", "\(error)")
    }
  }

  private mutating func defineSizes(_ names: [String], of operation: Operation) {
    for name in names {
      if function.symbols[name]?.isComputed != true {
        fault("undeclared-symbol", "'\(operation.op.name)' finds '\(name)', which is not declared as computed")
      } else if !definedSizes.insert(name).inserted {
        fault("redefined", "the size '\(name)' is defined twice")
      }
      visibleSizes.insert(name)
    }
  }

  /// - Parameter own: the sizes that it names because its regions find them.
  private mutating func checkAttributes(_ operation: Operation, beside own: [String]) {
    let sizes = visibleSizes
    defer { visibleSizes = sizes }
    visibleSizes.formUnion(own)
    do {
      let fields = try AttributeEncoder().fields(of: operation.op)
      for field in fields {
        for type in field.value.types { check(dimensions: type.shape) { _ in "the attribute '\(field.name)'" } }
      }
    } catch {
      fault("attribute-type", "\((error as? Diagnostic)?.message ?? "\(error)")")
    }
  }

  // MARK: Dimensions and symbols

  private mutating func check(dimensions: [Dimension], of what: (Verifier) -> String) {
    for dimension in dimensions {
      if dimension.holdsOverflow { fault("overflow", "a dimension in \(what(self)) does not fit in 64 bits") }
      for name in dimension.symbols {
        guard let symbol = function.symbols[name] else {
          fault("undeclared-symbol", "the symbol '\(name)' in \(what(self)) is not declared")
          continue
        }
        guard symbol.isComputed, !visibleSizes.contains(name) else { continue }
        fault(
          "undefined",
          definedSizes.contains(name)
            ? "the size '\(name)' in \(what(self)) is used outside the region that defines it"
            : "the size '\(name)' in \(what(self)) is used before it is defined")
        visibleSizes.insert(name)
      }
    }
  }

  private mutating func checkSymbols() {
    if let symbol = function.symbols.unfoundedBound {
      fault("symbol-fact", "the bound of '\(symbol.name)' is made of symbols that are not declared before it")
    }
    for symbol in function.symbols.symbols {
      if symbol.divisor < 1 || symbol.maximum.map({ $0 < symbol.minimum }) ?? false {
        fault("symbol-fact", "no number satisfies '\(symbol.factText)'")
      }
    }
  }

  // MARK: Results

  /// Callers pass row-major memory alone.
  private mutating func checkParameters() {
    for id in function.body.parameters where function.values.indices.contains(id.index) {
      let type = function.type(of: id)
      if !type.layout.isPlain { fault("layout", "\(shown(id)) is a parameter and cannot be \(type): reorder it") }
    }
  }

  private mutating func checkResultNames() {
    let names = function.resultNames
    if names.isEmpty { return }
    if names.count != function.body.results.count {
      fault("result-count", "\(names.count) names are given to \(function.body.results.count) results")
    }
    for (index, name) in names.enumerated() where !name.isEmpty && names[..<index].contains(name) {
      fault("redefined", "two results are named '\(name)'")
    }
  }

  private mutating func checkDonations() {
    var owners: [Int: Int] = [:]
    for (result, parameter) in function.donations.sorted(by: { $0.key < $1.key }) {
      guard function.body.results.indices.contains(result), function.body.parameters.indices.contains(parameter)
      else {
        fault("donation", "parameter \(parameter) is donated to result \(result), and one of them does not exist")
        continue
      }
      if let other = owners.updateValue(result, forKey: parameter) {
        fault("donation", "parameter \(parameter) is donated to the results \(other) and \(result)")
      }
      let (from, to) = (function.body.parameters[parameter], function.body.results[result])
      guard function.values.indices.contains(from.index), function.values.indices.contains(to.index) else { continue }
      if function.type(of: from) != function.type(of: to) {
        fault("donation", "\(shown(from)) is donated to result \(result), whose type is \(function.type(of: to))")
      }
    }
  }
}

extension Function {
  /// Throws ``VerificationError`` with all that is wrong, if anything is.
  public func verify() throws { if let error = Verifier.check(self) { throw error } }
}
