import TensorIR
import TensorOps

/// Computes products of f32 in bf16: rounds the operands, and multiplies those. Padding is put around before and a bias added
/// behind, in f32. Weights are rounded when the function is compiled, and take half the memory.
struct LowerPrecision {
  static func run(_ function: Function, _ precision: Precision, _ target: Target) throws -> Function {
    let function = target.hasPairs ? try withPairs(function) : function
    switch precision {
    case .f32: return function
    case .bf16: return try all(function, .f32, .one)
    case .bf16x3: return try all(function, .f32, .three)
    case .bf16x6: return try all(function, .f32, .six)
    case .some(let chosen):
      return chosen.isEmpty ? function : try Simplify.run(try rewrite(function, .f32, .one, chosen.contains))
    }
  }

  private static func all(_ function: Function, _ element: ElementType, _ terms: PairTerms) throws -> Function {
    try Simplify.run(try Nested.run(function) { try rewrite($0, element, terms) { _ in true } })
  }

  /// Products of bf16, whose sums are f32 as well, by the instructions that are there for them.
  private static func withPairs(_ function: Function) throws -> Function {
    var isFound = false
    function.forEachOperation { isFound = isFound || pairs($0, in: function, .bf16) != nil }
    return isFound ? try all(function, .bf16, .one) : function
  }

  /// How a product of an element type is computed by pairs of bf16; nil for what is none, or has no such form.
  private static func pairs(
    _ operation: Operation, in function: Function, _ element: ElementType, _ terms: PairTerms = .one
  ) -> (([Tensor]) -> Tensor)? {
    guard let product = operation.op as? any ProductOp, let result = operation.results.first,
      function.type(of: result).elementType == element
    else { return nil }
    return product.pairs(terms)
  }

  /// A function with the same products of which each result is a number: how far the product is in bf16 from what it is in f32,
  /// as the root of the mean square of differences over that of the product.
  static func measured(_ function: Function) throws -> Function {
    var errors: [Tensor] = []
    let (trace, _) = try Replay.run(function) { operation, operands in
      guard let pairs = pairs(operation, in: function, .f32), let op = operation.op as? any TensorOp else { return nil }
      let exact = try Tensor.record(op, operands)
      let difference = pairs(operands) - exact[0]
      let axes = Array(0..<difference.rank)
      let squares = (difference * difference).sum(axes: axes)
      let expected = (exact[0] * exact[0]).sum(axes: axes)
      let least = try Tensor.record(Maximum(), [expected, expected.full(leastSquare, [])])[0]
      errors.append(try Tensor.record(Sqrt(), [squares / least])[0])
      return exact
    }
    return try trace.finish(errors, names: errors.indices.map { "error_\($0)" })
  }

  /// What nothing is divided by less than: of a product of zeros the error is zero.
  private static let leastSquare = 1e-30

  private static func rewrite(
    _ function: Function, _ element: ElementType, _ terms: PairTerms, _ isChosen: (Int) -> Bool
  ) throws -> Function {
    var number = 0
    let (trace, tensors) = try Replay.run(function) { operation, operands in
      guard let pairs = pairs(operation, in: function, element, terms) else { return nil }
      defer { number += 1 }
      return isChosen(number)
        ? try Checkpointing.like(operation) { [pairs(operands).cast(to: element)] } : nil
    }
    return try trace.finish(function.body.results.compactMap { tensors[$0] }, names: function.resultNames)
  }
}

extension Pipeline {
  /// A function whose results say how far each product would be from itself in bf16, relative to its size: by the number that
  /// ``Precision/some(_:)`` calls it by.
  public static func measuringPrecision(_ function: Function, _ options: PipelineOptions) throws -> Function {
    try LowerPrecision.measured(try rewrite(function, options, to: .decompose))
  }
}
