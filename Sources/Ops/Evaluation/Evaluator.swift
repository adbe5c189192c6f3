import TensorIR

/// Runs a function by each op's own formula, slowly and plainly: what compiled code is held to.
public enum Evaluator {
  /// The results of a function for given inputs, in order.
  public static func run(_ function: Function, _ inputs: [ReferenceTensor]) throws -> [ReferenceTensor] {
    guard inputs.count == function.body.parameters.count else {
      throw Diagnostic(
        "input-count",
        "'\(function.name)' takes \(function.body.parameters.count) inputs and was given \(inputs.count)")
    }
    var sizes: [String: Int] = [:]
    var values: [ValueID: ReferenceTensor] = [:]
    for (parameter, input) in zip(function.body.parameters, inputs) {
      try bind(function[parameter], input, &sizes)
      values[parameter] = input
    }
    try run(function.body, of: function, &values, sizes)
    return try function.body.results.map { try value($0, values) }
  }

  /// Runs the operations of a region in order.
  static func run(
    _ region: Region, of function: Function, _ values: inout [ValueID: ReferenceTensor], _ known: [String: Int]
  ) throws {
    var sizes = known
    for operation in region.operations {
      guard let op = operation.op as? any TensorOp else {
        throw Diagnostic("unknown-op", "'\(operation.op.name)' cannot be evaluated", at: operation.location)
      }
      for item in operation.guards where item.condition.holds({ sizes[$0] }) != true {
        throw Diagnostic("guard-failed", item.text { sizes[$0] }, at: item.location).located(at: operation.location)
      }
      let operands = try operation.operands.map { try $0.map { try value($0, values) } ?? .absent }
      // What it found in an earlier trip it finds anew.
      for name in op.definedSizes + op.regionSizes { sizes[name] = nil }
      let types = operation.results.map { id in
        function.type(of: id).substituting { sizes[$0].map { Dimension($0) } }
      }
      do {
        try types.forEach(requireSize)
        let op = sizes.isEmpty ? op : try op.substituting { sizes[$0].map { Dimension($0) } } as? any TensorOp ?? op
        let found =
          if let holder = op as? any RegionOp {
            try holder.evaluate(operands, types, regions: operation.regions, of: function, sizes)
          } else { try op.evaluate(operands, types) }
        let results = alteration.map { own in found.map { own.rule($0, op, operands) } } ?? found
        for (id, result) in zip(operation.results, results) { values[id] = result }
        try learn(op.definedSizes, from: results, types, op, function.symbols, &sizes)
      } catch let diagnostic as Diagnostic {
        throw diagnostic.located(at: operation.location)
      }
    }
  }

  private static func value(_ id: ValueID, _ values: [ValueID: ReferenceTensor]) throws -> ReferenceTensor {
    guard let value = values[id] else { throw Diagnostic("internal", "\(id) is used before it is computed") }
    return value
  }

  /// Checks an input against its parameter and learns the values of symbols from it.
  private static func bind(_ parameter: Value, _ input: ReferenceTensor, _ sizes: inout [String: Int]) throws {
    let type = parameter.type
    guard input.elementType == type.elementType else {
      throw Diagnostic(
        "input-type", "input '\(parameter.name)' is \(type.elementType) and was given \(input.elementType)")
    }
    guard input.rank == type.rank else {
      throw Diagnostic("input-shape", "input '\(parameter.name)' has shape \(type) and was given \(input.shape)")
    }
    for (dimension, size) in zip(type.shape, input.shape) {
      if let symbol = dimension.symbolName, sizes[symbol] == nil { sizes[symbol] = size }
      guard let expected = dimension.evaluate({ sizes[$0] }), expected == size else {
        throw Diagnostic("input-shape", "input '\(parameter.name)' has shape \(type) and was given \(input.shape)")
      }
    }
  }

  /// What an operation has found: the shapes of its results tell, or the result itself.
  private static func learn(
    _ names: [String], from results: [ReferenceTensor], _ types: [TensorType], _ op: any TensorOp,
    _ symbols: SymbolTable, _ sizes: inout [String: Int]
  ) throws {
    for name in names {
      if op is Size { sizes[name] = results[0].integers[0] }
      for (result, type) in zip(results, types) {
        guard let axis = type.shape.firstIndex(of: Dimension(symbol: name)) else { continue }
        sizes[name] = result.shape[axis]
      }
      guard let size = sizes[name], let symbol = symbols[name] else { continue }
      let most = symbol.bound.flatMap { $0.evaluate { sizes[$0] } } ?? symbol.maximum ?? .max
      guard size >= symbol.minimum, size <= most else {
        throw Diagnostic("guard-failed", "'\(name)' came out as \(size), and is from \(symbol.minimum) to \(most)")
      }
    }
  }

  /// What becomes of each result of an operation with certain operands before others use it, in regions too; for tests that
  /// ask what hangs on the last digits.
  public final class Alteration: Sendable {
    public typealias Rule =
      @Sendable (_ result: ReferenceTensor, _ op: any TensorOp, _ operands: [ReferenceTensor]) -> ReferenceTensor
    let rule: Rule

    public init(_ rule: @escaping Rule) { self.rule = rule }
  }

  @TaskLocal public static var alteration: Alteration?

  /// The most elements that a result may have; the evaluator keeps each in 8 bytes.
  @TaskLocal public static var mostElements = 1 << 28

  /// Requires a size that a result can have here.
  private static func requireSize(_ type: TensorType) throws {
    let fault = type.sizeFault
    guard fault == nil, type.constantShape?.reduce(1, { $0 * max($1, 1) }) ?? 0 <= mostElements else {
      throw Diagnostic("too-large", fault ?? "\(type) has more than the \(mostElements) elements that can be evaluated")
    }
  }

  /// The shape as numbers.
  public static func numbers(_ type: TensorType) throws -> [Int] {
    guard let shape = type.constantShape else {
      throw Diagnostic("unknown-size", "the shape \(type) is not known when it is needed")
    }
    return shape
  }

  /// A float as an integer: towards zero, saturated, NaN to 0.
  public static func saturate(_ value: Double, _ type: ElementType) -> Int {
    if type == .bool { return value == 0 ? 0 : 1 }
    if value.isNaN { return 0 }
    if type == .u64 {
      return value <= 0 ? 0 : value >= 18446744073709551616.0 ? -1 : Int(Int64(bitPattern: UInt64(value)))
    }
    let width = Double(type.bitWidth)
    let low = type.isSigned ? -_exp2(width - 1) : 0
    let high = type.isSigned ? _exp2(width - 1) : _exp2(width)
    if value <= low { return Int(low) }
    if value >= high { return type.bitWidth == 64 ? Int.max : Int(high - 1) }
    return Int(value)
  }

  private static func _exp2(_ power: Double) -> Double { Double(sign: .plus, exponent: Int(power), significand: 1) }
}

/// An op that holds regions: `fused`, and control flow.
public protocol RegionOp: TensorOp {
  func evaluate(
    _ operands: [ReferenceTensor], _ types: [TensorType], regions: [Region], of function: Function,
    _ sizes: [String: Int]
  ) throws -> [ReferenceTensor]
}
