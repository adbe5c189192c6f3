import TensorIR
import TensorOps

/// Computes products of f32 in bf16: rounds the operands, and multiplies those. Padding is put around before and a bias added
/// behind, in f32. Weights are rounded when the function is compiled, and take half the memory.
struct LowerPrecision {
  static func run(_ function: Function, _ precision: Precision, _ target: Target) throws -> Function {
    let function = target.hasPairs ? try withPairs(function) : function
    switch precision {
    case .f32: return function
    case .bf16: return try Simplify.run(try Nested.run(function) { try rewrite($0, .f32) { _ in true } })
    case .some(let chosen):
      return chosen.isEmpty ? function : try Simplify.run(try rewrite(function, .f32, chosen.contains))
    }
  }

  /// Products of bf16, whose sums are f32 as well, by the instructions that are there for them.
  private static func withPairs(_ function: Function) throws -> Function {
    var isFound = false
    function.forEachOperation { isFound = isFound || ProductSite($0, function, .bf16) != nil }
    return isFound ? try Simplify.run(try Nested.run(function) { try rewrite($0, .bf16) { _ in true } }) : function
  }

  /// A function with the same products of which each result is a number: how far the product is in bf16 from what it is in f32,
  /// as the root of the mean square of differences over that of the product.
  static func measured(_ function: Function) throws -> Function {
    var errors: [Tensor] = []
    let (trace, _) = try replay(function, .f32) { product, operands in
      let exact = try Tensor.record(product.op, operands)
      guard let lowered = product.op.pairs(operands) else { return exact }
      let difference = lowered - exact[0]
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
    _ function: Function, _ element: ElementType, _ isChosen: (Int) -> Bool
  ) throws -> Function {
    var number = 0
    let (trace, tensors) = try replay(function, element) { product, operands in
      defer { number += 1 }
      guard isChosen(number), let lowered = product.op.pairs(operands) else {
        return try Tensor.record(product.op, operands)
      }
      return [lowered.cast(to: element)]
    }
    return try trace.finish(function.body.results.compactMap { tensors[$0] }, names: function.resultNames)
  }

  /// Records a function again, with something else for its products.
  private static func replay(
    _ function: Function, _ element: ElementType, _ product: (ProductSite, [Tensor]) throws -> [Tensor]
  ) throws -> (TraceRecorder, [ValueID: Tensor]) {
    let trace = TraceRecorder(like: function)
    var tensors: [ValueID: Tensor] = [:]
    for id in function.body.parameters { tensors[id] = trace.parameter(function.type(of: id), name: function[id].name) }
    for operation in function.body.operations {
      let operands = operation.operands.map { $0.flatMap { tensors[$0] } ?? .absent }
      trace.location = operation.location
      var results: [Tensor]
      if let site = ProductSite(operation, function, element) {
        results = try Checkpointing.like(operation) { try product(site, operands) }
        if results.contains(where: \.isPoison) { throw Diagnostics(trace.diagnostics) }
        trace.addGuards(operation.guards)
        for (tensor, id) in zip(results, operation.results) { trace.setName(function[id].name, of: tensor) }
      } else {
        let ids = operands.map { $0.isAbsent ? nil : ValueID($0.id) }
        results = try trace.copy(operation, from: function, operands: ids).map { Tensor(trace, $0.index) }
      }
      for (id, tensor) in zip(operation.results, results) { tensors[id] = tensor }
    }
    return (trace, tensors)
  }
}

/// A product of f32, or of bf16, that has a form of pairs of bf16.
private struct ProductSite {
  let op: any ProductOp

  init?(_ operation: Operation, _ function: Function, _ element: ElementType) {
    guard let product = operation.op as? any ProductOp, product.hasPairs, let result = operation.results.first,
      function.type(of: result).elementType == element
    else { return nil }
    op = product
  }
}

extension Pipeline {
  /// A function whose results say how far each product would be from itself in bf16, relative to its size: by the number that
  /// ``Precision/some(_:)`` calls it by.
  public static func measuringPrecision(_ function: Function, _ options: PipelineOptions) throws -> Function {
    try LowerPrecision.measured(try rewrite(function, options, to: .decompose))
  }
}
