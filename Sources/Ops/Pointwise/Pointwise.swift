extension Registry {
  /// The pointwise ops.
  static let pointwise: [any TensorOp.Type] = arithmetic + activations + comparisons

  private static let arithmetic: [any TensorOp.Type] = [
    Add.self,
    Subtract.self,
    Multiply.self,
    Divide.self,
    Remainder.self,
    Power.self,
    Maximum.self,
    Minimum.self,
    Negate.self,
    Absolute.self,
    Sign.self,
    Reciprocal.self,
    Sqrt.self,
    Exp.self,
    Expm1.self,
    Log.self,
    Log1p.self,
    Sin.self,
    Cos.self,
    Tanh.self,
    Erf.self,
    Floor.self,
    Ceil.self,
    Round.self,
    Clip.self,
    Cast.self,
  ]

  private static let activations: [any TensorOp.Type] = [
    Relu.self,
    LeakyRelu.self,
    Elu.self,
    Sigmoid.self,
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
