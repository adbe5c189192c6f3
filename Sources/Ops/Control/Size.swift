import TensorIR

/// A size that is found while the function runs: from here on a symbol stands for the number that a scalar holds, in
/// types, attributes and guards. The symbol is declared as computed, with a bound where one is known; a number that is
/// out of it is an error of the run.
public struct Size: ControlOp, AliasOp, NotDifferentiable {
  public static let name = "size"
  public static let summary =
    "Has a symbol stand for the number that an i64 scalar holds, so that shapes may depend on data."
  public static let signature = Signature.operands(1)
  /// The symbol, declared as computed.
  public var symbol: Dimension

  public init(_ symbol: Dimension) { self.symbol = symbol }

  public var definedSizes: [String] { symbol.symbolName.map { [$0] } ?? [] }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    guard operands[0].plain == TensorType(.i64, []) else {
      throw Diagnostic("element-type", "'size' takes an i64 scalar and not \(operands[0]); cast and reshape it")
    }
    guard let name = symbol.symbolName, context.symbols[name]?.isComputed == true else {
      throw Diagnostic("bad-attribute", "'size' defines a symbol that is declared as computed, and not '\(symbol)'")
    }
    return [TensorType(.i64, [])]
  }

  /// The result is the operand.
  public func isView(_ operand: TensorType, _ result: TensorType) -> Bool { true }

  public func viewLayouts(of operand: TensorType) -> (operand: Layout?, result: Layout?) { (.plain, nil) }

  public func evaluate(
    _ operands: [ReferenceTensor], _ types: [TensorType], regions: [Region], of function: Function,
    _ sizes: [String: Int]
  ) throws -> [ReferenceTensor] { operands }
}
