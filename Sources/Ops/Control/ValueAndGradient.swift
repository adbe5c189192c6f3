import TensorIR

/// An op that stands for its region differentiated. The stage `differentiate` puts the operations of both in its place.
public protocol DifferentiatingOp: ControlOp {
  /// Records what an operation gives: the region's operations, then those of its backward pass. Which of the first the
  /// second need are values like others to all that comes after.
  func expand(_ operation: Operation, of function: Function, _ operands: [Tensor]) throws -> [Tensor]
}

/// A function together with the gradient of its first result, a float scalar, by reverse-mode differentiation.
///
/// Operands: what the region takes. Results: the region's, then a gradient of the shape of each operand that is
/// differentiated by. Its own gradient, second derivatives, is that of the operations that it stands for.
public struct ValueAndGradient: DifferentiatingOp {
  public static let name = "value_and_gradient"
  public static let summary =
    "The results of its region, the first a float scalar, and behind them the gradient of that one by some operands."
  /// The operands to differentiate by: their positions, in the order of the gradients.
  public var by: [Int]

  public init(by: [Int]) { self.by = by }

  public static let signature = Signature(
    operands: 1...(.max), results: 1...(.max),
    regions: [RegionSignature("region", parameters: .operands(from: 0), results: .inferred)])

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let results = context.regions[0].results.map(\.plain)
    guard let value = results.first, value.rank == 0, value.elementType.isFloat else {
      throw Diagnostic(
        "gradient-of-tensor",
        "what '\(name)' differentiates is a float scalar, the first result of its region, not "
          + (results.first?.description ?? "nothing"))
    }
    guard Set(by).count == by.count, by.allSatisfy(operands.indices.contains) else {
      throw Diagnostic(
        "bad-attribute", "'\(name)' differentiates by operands, each named once, of \(operands.count): not \(by)")
    }
    for place in by where !operands[place].elementType.isFloat {
      throw Diagnostic(
        "gradient-of-integer", "'\(name)' differentiates by floats, and operand \(place) is \(operands[place])")
    }
    return results + by.map { operands[$0].plain }
  }

  public func evaluate(
    _ operands: [ReferenceTensor], _ types: [TensorType], regions: [Region], of function: Function,
    _ sizes: [String: Int]
  ) throws -> [ReferenceTensor] {
    let whole = try Gradient.valueAndGradient(of: function.function(of: regions[0]), at: by)
    return try Evaluator.run(whole.body, of: whole, arguments: operands, sizes)
  }

  public func expand(_ operation: Operation, of function: Function, _ operands: [Tensor]) throws -> [Tensor] {
    let tape = try Gradient.Tape(function.function(of: operation.regions[0]), present: operands)
    return tape.results + (try tape.gradients(at: by, of: operands))
  }

  public func differentiate(
    _ operation: Operation, of function: Function, _ operands: [Tensor]
  ) throws -> Differentiated {
    let whole = try Composition.apart {
      try Gradient.valueAndGradient(of: function.function(of: operation.regions[0]), at: by)
    }
    return try Gradient.differentiate(whole, at: operands, of: operands)
  }
}
