import TensorIR

/// An op that puts values into a copy of a tensor at places that indices name: operands x, indices, values.
///
/// Values go in row-major order of the indices, so that the result does not depend on the number of threads. Negative
/// indices count from the end; one that is out of range is an error of the run.
public protocol ScatterOp: TensorOp {
  var reduction: ScatterReduction { get set }
  /// How many axes of x come before those that an index names.
  var slabAxes: Int { get }
  /// How many axes of x an index names.
  func pickedAxes(_ indices: TensorType) -> Int
  /// Whether there is an index for each value, rather than for each slice of values.
  var takesElements: Bool { get }
  /// Whether the last axis of the indices holds tuples, one index for each axis that they name.
  var takesTuples: Bool { get }
  /// Picks what this puts.
  var gather: any TensorOp { get }
  /// The shape of the values for given indices.
  func valueShape(_ x: TensorType, _ indices: TensorType, _ context: inout InferenceContext) throws -> [Dimension]
  /// The flat position in x of each value.
  func places(_ x: [Int], _ indices: ReferenceTensor) throws -> [Int]
}

extension ScatterOp {
  public static var signature: Signature { .operands(3) }

  public var takesElements: Bool { false }
  public var takesTuples: Bool { false }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let (x, indices, values) = (operands[0], operands[1], operands[2])
    guard values.elementType == x.elementType else {
      throw Diagnostic(
        "element-type", "'\(name)' puts values of its operand's element type, and was given \(values) for \(x)")
    }
    let expected = try valueShape(x, indices, &context)
    let message = "'\(name)' needs values of shape \(InferenceContext.text([expected])) and was given \(values)"
    guard expected.count == values.rank else { throw Diagnostic("shape-mismatch", message) }
    for (found, wanted) in zip(values.shape, expected) { try context.require(found, equals: wanted, message) }
    return [x.plain]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let places = operands[2].count == 0 ? [] : try places(operands[0].shape, operands[1])
    return [operands[0].scattering(operands[2], at: places, reduction)]
  }

  // MARK: The gradient

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let result = try Tensor.record(self, operands)
    return Differentiated(result) { cotangents in
      guard let cotangent = cotangents[0], cotangent.elementType.isFloat else { return [nil, nil, nil] }
      let pullback = ScatterPullback(op: self, x: operands[0], indices: operands[1], values: operands[2])
      let (x, values) = pullback.pull(cotangent, result: result[0])
      return [x, nil, values]
    }
  }
}

/// What flows back through a scatter.
private struct ScatterPullback {
  let op: any ScatterOp
  let x: Tensor
  let indices: Tensor
  let values: Tensor

  private func scatter(_ reduction: ScatterReduction, into target: Tensor, _ values: Tensor) -> Tensor {
    var other = op
    other.reduction = reduction
    return .one(other, target, indices, values)
  }

  /// For each value, what stands in a tensor of x's shape where it went.
  private func gather(_ tensor: Tensor) -> Tensor { .one(op.gather, tensor, indices) }

  /// For each value its number, in row-major order.
  private var numbers: Tensor {
    let count = values.shape.reduce(1, *)
    return values.iota(.i64, [count], axis: 0).reshaped(to: values.shape)
  }

  func pull(_ cotangent: Tensor, result: Tensor) -> (x: Tensor, values: Tensor) {
    let zero = cotangent.like(0)
    switch op.reduction {
    case .add: return (cotangent, gather(cotangent))
    case .replace:
      // Of several values for one element, the last has taken its place.
      let last = scatter(.replace, into: numbers.full(0, x.shape), numbers)
      let kept = scatter(.replace, into: cotangent, values.full(0, values.shape))
      return (kept, .select(gather(last) .== numbers, gather(cotangent), zero))
    case .multiply: return product(cotangent)
    case .maximum, .minimum: return extremum(cotangent, result)
    }
  }

  /// The first of equal ones takes it: what was there before, then the values in order.
  private func extremum(_ cotangent: Tensor, _ result: Tensor) -> (x: Tensor, values: Tensor) {
    let zero = cotangent.like(0)
    let stays = isSame(x, result)
    // The number of the first value that reaches the result, where none was there before.
    let candidates = Tensor.select(isSame(values, gather(result)), numbers, numbers.full(9e15, []))
    let first = scatter(.minimum, into: candidates.full(9e15, x.shape), candidates)
    let taker = Tensor.select(stays, first.full(-1, []), first)
    return (.select(stays, cotangent, zero), .select(gather(taker) .== numbers, gather(cotangent), zero))
  }

  /// Equal, or both NaN.
  private func isSame(_ a: Tensor, _ b: Tensor) -> Tensor { (a .== b) .| (a.isNaN() .& b.isNaN()) }

  /// The product of all other factors: the quotient where none is zero, else the product of those that are not, where only
  /// this one is.
  private func product(_ cotangent: Tensor) -> (x: Tensor, values: Tensor) {
    let (zero, one) = (cotangent.like(0), cotangent.like(1))
    let alone = scatter(.multiply, into: x.full(1, x.shape), values)
    let isZero = values .== values.like(0)
    let factors = Tensor.select(isZero, one, values)
    let xIsZero = x .== x.like(0)
    let all = gather(scatter(.multiply, into: .select(xIsZero, one, x), factors))
    let count = gather(scatter(.add, into: xIsZero.cast(to: .i32), isZero.cast(to: .i32)))
    let others = Tensor.select(
      isZero, .select(count .== count.like(1), all, zero), .select(count .== count.like(0), all / factors, zero))
    return (cotangent * alone, gather(cotangent) * others)
  }
}
