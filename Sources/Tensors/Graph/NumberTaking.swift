import TensorIR
import TensorOps

/// An op with floats among its attributes that can also take them as operands, so that one function serves every
/// number.
protocol NumberTaking: TensorOp {
  /// The element type in which the numbers are passed; nil where operands of these types do not allow it.
  func numberType(_ operands: [TensorType]) -> ElementType?
  /// Records what the op computes with scalars in the place of its numbers, as many as it has, in their order.
  func record(_ operands: [Tensor], numbers: [Tensor]) -> Tensor
}

extension NumberTaking {
  /// Short floats would round a number that is otherwise computed with in f32.
  func numberType(_ operands: [TensorType]) -> ElementType? {
    operands.first.map(\.elementType).flatMap { $0 == .f32 || $0 == .f64 ? $0 : nil }
  }
}

extension Full: NumberTaking {
  func numberType(_ operands: [TensorType]) -> ElementType? { elementType }
  func record(_ operands: [Tensor], numbers: [Tensor]) -> Tensor { numbers[0].broadcast(to: shape) }
}

extension Pad: NumberTaking {
  func numberType(_ operands: [TensorType]) -> ElementType? {
    mode == .constant ? operands.first?.elementType : nil
  }

  func record(_ operands: [Tensor], numbers: [Tensor]) -> Tensor {
    let x = operands[0]
    let inside = x.full(1, x.shape).cast(to: .bool).padded(before: before, after: after)
    return .select(inside, x.padded(before: before, after: after), numbers[0])
  }
}

extension LeakyRelu: NumberTaking {
  func record(_ operands: [Tensor], numbers: [Tensor]) -> Tensor {
    let x = operands[0]
    return .select(x .> x.like(0), x, x * numbers[0])
  }
}

extension Elu: NumberTaking {
  func record(_ operands: [Tensor], numbers: [Tensor]) -> Tensor {
    let x = operands[0]
    return .select(x .> x.like(0), x, x.expm1() * numbers[0])
  }
}

extension HardSigmoid: NumberTaking {
  func record(_ operands: [Tensor], numbers: [Tensor]) -> Tensor {
    (operands[0] * numbers[0] + numbers[1]).clip(minimum: 0, maximum: 1)
  }
}

extension Clip: NumberTaking {
  func record(_ operands: [Tensor], numbers: [Tensor]) -> Tensor {
    var result = operands[0]
    var rest = numbers[...]
    if minimum != nil, let low = rest.popFirst() { result = .select(result .< low, low, result) }
    if maximum != nil, let high = rest.popFirst() { result = .select(result .> high, high, result) }
    return result
  }
}
