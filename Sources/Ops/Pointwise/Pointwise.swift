extension Registry {
  /// The pointwise ops.
  static let pointwise: [any TensorOp.Type] = [
    Add.self,
    Subtract.self,
    Multiply.self,
    Divide.self,
    Negate.self,
    Exp.self,
    Relu.self,
    Greater.self,
    Select.self,
    Cast.self,
  ]
}
