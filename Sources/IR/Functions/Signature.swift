/// How many operands, results and regions an operation of an op has. It is checked for every op before its types are
/// inferred, so that inference, and all that comes after, may take for granted what stands here.
public struct Signature: Hashable, Sendable {
  /// How many operands there may be, those left out before others counted.
  public var operands: ClosedRange<Int>
  /// The positions of operands that may be left out (`_` in the text form).
  public var optional: Set<Int>
  /// How many results there may be; nil where type inference alone decides.
  public var results: ClosedRange<Int>?
  /// The regions, in order; none for most ops.
  public var regions: [RegionSignature]
  /// Whether the regions may use values from outside that are not passed to them.
  public var captures: Bool

  public init(
    operands: ClosedRange<Int>, optional: Set<Int> = [], results: ClosedRange<Int>? = 1...1,
    regions: [RegionSignature] = [], captures: Bool = false
  ) {
    self.operands = operands
    self.optional = optional
    self.results = results
    self.regions = regions
    self.captures = captures
  }

  /// A signature with one number of operands, all of them needed, and one result unless another number is given.
  public static func operands(_ count: Int, results: Int = 1) -> Signature {
    Signature(operands: count...count, results: results...results)
  }

  /// Any number of operands, from `least` on.
  public static func operands(from least: Int) -> Signature { Signature(operands: least...(.max)) }
}

/// What an op wants of one of its regions.
public struct RegionSignature: Hashable, Sendable {
  /// What the parameters or the results of a region are.
  public enum Values: Hashable, Sendable {
    /// There are none.
    case none
    /// One for each operand from a position on, of the operand's type, layout included.
    case operands(from: Int)
    /// One for each result of the operation, of the result's type, layout included.
    case results
    /// What type inference asks for, which finds their types in its context.
    case inferred
  }

  /// What it is called in messages: `body`, `then`.
  public var name: String
  public var parameters: Values
  public var results: Values

  public init(_ name: String, parameters: Values = .none, results: Values = .results) {
    self.name = name
    self.parameters = parameters
    self.results = results
  }
}

extension Signature: CustomStringConvertible {
  /// The number of operands for the reference: `2`, `2 to 3`, `1 or more`.
  public var operandText: String { Signature.text(operands) }

  /// `2 to 3 operands, 1 region`
  public var description: String {
    let count = regions.count
    return "\(operandText) operands" + (count == 0 ? "" : count == 1 ? ", 1 region" : ", \(count) regions")
  }

  static func text(_ range: ClosedRange<Int>) -> String {
    if range.lowerBound == range.upperBound { return "\(range.lowerBound)" }
    return range.upperBound == .max ? "\(range.lowerBound) or more" : "\(range.lowerBound) to \(range.upperBound)"
  }
}

extension Signature {
  /// Throws where operands, nil for one that is left out, or regions are not what an op takes.
  func check(_ op: String, _ types: [TensorType?], _ found: [RegionTypes]) throws {
    guard operands.contains(types.count) else {
      let noun = operands == 1...1 ? "operand" : "operands"
      throw Diagnostic("arity", "'\(op)' takes \(operandText) \(noun) and was given \(types.count)")
    }
    for (place, type) in types.enumerated() {
      guard let type else {
        guard optional.contains(place) else {
          throw Diagnostic("arity", "operand \(place) of '\(op)' is left out, and it cannot do without")
        }
        continue
      }
      // Inference is told of an operand that is left out by this type.
      if optional.contains(place), type.plain == FunctionBuilder.absent {
        throw Diagnostic("element-type", "operand \(place) of '\(op)' cannot be a \(type); cast or reshape it")
      }
    }
    guard regions.count == found.count else {
      let wanted = regions.isEmpty ? "no region" : regions.count == 1 ? "one region" : "\(regions.count) regions"
      throw Diagnostic("regions", "'\(op)' has \(wanted) and was given \(found.count)")
    }
    for (region, types_) in zip(regions, found) {
      try region.check(region.parameters, types_.parameters, "parameter", of: op, operands: types, results: nil)
      try region.check(region.results, types_.results, "result", of: op, operands: types, results: nil)
    }
  }

  /// Throws where the results of regions are not those of the operation, layouts included.
  func check(_ op: String, results types: [TensorType], _ found: [RegionTypes]) throws {
    for (region, types_) in zip(regions, found) {
      try region.check(region.parameters, types_.parameters, "parameter", of: op, operands: nil, results: types)
      try region.check(region.results, types_.results, "result", of: op, operands: nil, results: types)
    }
  }
}

extension RegionSignature {
  /// Holds the parameters or results of a region to what is asked of them, as far as that is known.
  fileprivate func check(
    _ values: Values, _ found: [TensorType], _ what: String, of op: String, operands: [TensorType?]?,
    results: [TensorType]?
  ) throws {
    let wanted: [TensorType?]
    let source: String
    switch values {
    case .inferred: return
    case .none: (wanted, source) = ([], "")
    case .operands(let first):
      guard let operands else { return }
      (wanted, source) = (Array(operands.dropFirst(first)), "operand")
    case .results:
      guard let results else { return }
      (wanted, source) = (results, "result")
    }
    guard wanted.count == found.count else {
      let count = "\(found.count) \(what)\(found.count == 1 ? "" : "s")"
      let reason = source.isEmpty ? "none" : "\(wanted.count), one for each \(source)"
      throw Diagnostic("regions", "the \(name) of '\(op)' has \(count); it takes \(reason)")
    }
    for (place, (type, other)) in zip(found, wanted).enumerated() where type != other {
      let text = other.map { "\($0)" } ?? "left out"
      throw Diagnostic(
        "regions", "\(what) \(place) of the \(name) of '\(op)' is \(type), and the \(source) is \(text)")
    }
  }
}

extension Op {
  /// The types of the results: the op's own inference, its signature held to before and after. This, not
  /// ``inferTypes(_:_:)``, is what all but the op itself should call.
  ///
  /// - Parameter operands: nil for one that is left out.
  /// - Throws: a ``Diagnostic`` where operands, regions or attributes do not fit, or a result is larger than memory.
  public func resultTypes(_ operands: [TensorType?], _ context: inout InferenceContext) throws -> [TensorType] {
    try Self.signature.check(name, operands, context.regions)
    let types = try inferTypes(operands.map { $0 ?? FunctionBuilder.absent }, &context)
    for type in types {
      if let fault = type.sizeFault { throw Diagnostic("overflow", "the result of '\(name)': \(fault)") }
    }
    if let wanted = Self.signature.results, !wanted.contains(types.count) {
      throw Diagnostic("result-count", "'\(name)' infers \(types.count) results")
    }
    return types
  }
}
