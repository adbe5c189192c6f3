/// The types of the parameters and results of an operation's region, for inference.
public struct RegionTypes: Sendable {
  public var parameters: [TensorType]
  public var results: [TensorType]

  public init(parameters: [TensorType], results: [TensorType]) {
    self.parameters = parameters
    self.results = results
  }
}

/// What an op infers, and how it compares with what stands in a function.
struct InferredTypes {
  var types: [TensorType]
  var guards: [InferenceContext.Guard]
  /// The symbols that inference made, such as the number of elements found.
  var fresh: [Symbol]
  /// The symbols of the function with all that inference made or learnt.
  var symbols: SymbolTable

  /// The guards with the place of the operation that asks for them.
  func guards(at place: Location) -> [InferenceContext.Guard] { guards.map { $0.located(at: place) } }

  /// Holds written types to the inferred ones, layouts aside; a message where they differ.
  ///
  /// A fresh symbol may have another name in the function, because names depend on what was inferred before: it is
  /// matched with what is written in its place and then renamed here.
  mutating func match(_ written: [TensorType]) -> String? {
    guard written.count == types.count else {
      return "expected \(types.count) types, found \(written.count)"
    }
    bindFresh(to: written)
    for (index, (found, wanted)) in zip(written, types).enumerated() where found.plain != wanted.plain {
      let place = types.count == 1 ? "" : " for result \(index)"
      return "the op infers \(wanted.plain)\(place), written is \(found.plain)"
    }
    return nil
  }

  private mutating func bindFresh(to written: [TensorType]) {
    guard !fresh.isEmpty else { return }
    var names: [String: String] = [:]
    for (found, wanted) in zip(written, types) {
      for (there, here) in zip(found.shape, wanted.shape) {
        guard let name = here.symbolName, names[name] == nil, fresh.contains(where: { $0.name == name }),
          let other = there.symbolName, !names.values.contains(other)
        else { continue }
        names[name] = other
      }
    }
    func rename(_ name: String) -> Dimension? { names[name].map { Dimension(symbol: $0) } }
    types = types.map { $0.substituting(rename) }
    for index in guards.indices { guards[index].condition = guards[index].condition.substituting(rename) }
    for index in fresh.indices { fresh[index].name = names[fresh[index].name] ?? fresh[index].name }
  }
}

extension Function {
  /// The types of the parameters and results of regions.
  func types(of regions: [Region]) -> [RegionTypes] {
    regions.map { region in
      RegionTypes(
        parameters: region.parameters.map { type(of: $0) }, results: region.results.map { type(of: $0) })
    }
  }

  /// Throws where regions do not give what an operation's results are, layouts included.
  func checkRegions(of operation: Operation) throws {
    if operation.regions.isEmpty { return }
    try operation.op.signature.check(
      operation.op.name, results: operation.results.map { type(of: $0) }, types(of: operation.regions))
  }

  /// What an op infers of operands and regions of this function; throws the op's diagnostic.
  func inferTypes(of op: any Op, _ operands: [ValueID?], regions: [Region]) throws -> InferredTypes {
    var context = InferenceContext(symbols: symbols)
    context.regions = types(of: regions)
    if !op.signature.captures, let value = Region.captures(of: regions).first {
      let name = self[value].name.isEmpty ? "a value" : "%\(TextForm.word(self[value].name))"
      throw Diagnostic("regions", "a region of '\(op.name)' uses \(name) from outside; pass it as an operand")
    }
    let types = try op.resultTypes(operands.map { $0.map { type(of: $0) } }, &context)
    for type in types where !Swift.type(of: op).allowsNegativeExtents {
      for (axis, extent) in type.shape.enumerated() where !extent.holdsOverflow {
        try context.require(
          SizeCondition(0, .atMost, extent), "'\(op.name)' \(InferenceContext.Guard.negativeExtent) \(axis)")
      }
    }
    let fresh = context.symbols.symbols.filter { symbols[$0.name] == nil }
    return InferredTypes(types: types, guards: context.guards, fresh: fresh, symbols: context.symbols)
  }
}
