extension Registry {
  /// The pointwise ops.
  static let pointwise: [any TensorOp.Type] = arithmetic + circular + integers + activations + comparisons

  private static let arithmetic: [any TensorOp.Type] = [
    Add.self,
    Subtract.self,
    Multiply.self,
    Divide.self,
    FloorDivide.self,
    Remainder.self,
    TruncatedRemainder.self,
    Power.self,
    Maximum.self,
    Minimum.self,
    Negate.self,
    Absolute.self,
    Sign.self,
    Reciprocal.self,
    Sqrt.self,
    ReciprocalSqrt.self,
    Hypot.self,
    Exp.self,
    Exp2.self,
    Expm1.self,
    Log.self,
    Log2.self,
    Log10.self,
    Log1p.self,
    Erf.self,
    Floor.self,
    Ceil.self,
    Round.self,
    Truncate.self,
    Clip.self,
    Cast.self,
    BitCast.self,
    Quantize.self,
    Dequantize.self,
  ]

  private static let circular: [any TensorOp.Type] = [
    Sin.self,
    Cos.self,
    Tan.self,
    Asin.self,
    Acos.self,
    Atan.self,
    Atan2.self,
    Sinh.self,
    Cosh.self,
    Tanh.self,
    Asinh.self,
    Acosh.self,
    Atanh.self,
  ]

  private static let integers: [any TensorOp.Type] = [
    BitwiseAnd.self,
    BitwiseOr.self,
    BitwiseXor.self,
    BitwiseNot.self,
    ShiftLeft.self,
    ShiftRight.self,
  ]

  private static let activations: [any TensorOp.Type] = [
    Relu.self,
    LeakyRelu.self,
    Elu.self,
    Sigmoid.self,
    LogSigmoid.self,
    HardSigmoid.self,
    Softplus.self,
    Gelu.self,
    Silu.self,
    HardSwish.self,
    Mish.self,
  ]

  private static let comparisons: [any TensorOp.Type] = [
    Equal.self,
    NotEqual.self,
    Less.self,
    LessEqual.self,
    Greater.self,
    GreaterEqual.self,
    LogicalAnd.self,
    LogicalOr.self,
    LogicalXor.self,
    LogicalNot.self,
    IsNaN.self,
    IsInfinite.self,
    Select.self,
  ]
}
