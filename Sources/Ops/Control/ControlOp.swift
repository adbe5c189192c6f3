import TensorIR

/// An op that decides while the function runs which of its regions are run, or how often. A region sees nothing but its
/// parameters, so that it is a function of its own to every pass: what it uses from outside is an operand.
public protocol ControlOp: RegionOp {
  /// As ``TensorOp/differentiate(_:)``, with the regions of the operation of a function.
  func differentiate(_ operation: Operation, of function: Function, _ operands: [Tensor]) throws -> Differentiated
}

extension ControlOp {
  public static var contractExclusion: String? { "it holds regions; control flow is tried by tests of its own" }

  public func differentiate(
    _ operation: Operation, of function: Function, _ operands: [Tensor]
  ) throws -> Differentiated {
    throw Diagnostic("not-differentiable", "'\(name)' has no gradient")
  }

  /// The function being traced, in which a gradient is recorded.
  func trace(of operands: [Tensor]) throws -> TraceRecorder {
    if let trace = Tensor.recorder(of: operands) as? TraceRecorder { return trace }
    throw Diagnostic("not-differentiable", "'\(name)' has a gradient in a traced function alone")
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    throw Diagnostic("internal", "'\(name)' is evaluated with its regions")
  }

  /// Requires a boolean scalar.
  static func require(condition: TensorType) throws {
    if condition.plain == TensorType(.bool, []) { return }
    throw Diagnostic("element-type", "the condition of '\(name)' is bool[] and not \(condition)")
  }

  /// Requires that a region takes and gives values of certain types, in row-major order.
  static func require(
    _ found: [TensorType], equal wanted: [TensorType], _ what: @autoclosure () -> String
  ) throws {
    let (found, wanted) = (found.map(\.plain), wanted.map(\.plain))
    if found == wanted { return }
    func text(_ types: [TensorType]) -> String { "(\(types.map(\.description).joined(separator: ", ")))" }
    throw Diagnostic("region-type", "\(what()) \(text(found)) and not \(text(wanted))")
  }
}

extension ControlOp where Self: NotDifferentiable {
  public func differentiate(
    _ operation: Operation, of function: Function, _ operands: [Tensor]
  ) throws -> Differentiated { try differentiate(operands) }
}

extension Evaluator {
  /// The results of a region for values of its parameters.
  static func run(
    _ region: Region, of function: Function, arguments: [ReferenceTensor], _ sizes: [String: Int]
  ) throws -> [ReferenceTensor] {
    var values = Dictionary(uniqueKeysWithValues: zip(region.parameters, arguments))
    try run(region, of: function, &values, sizes)
    return try region.results.map { id in
      guard let value = values[id] else { throw Diagnostic("internal", "\(id) is used before it is computed") }
      return value
    }
  }
}
