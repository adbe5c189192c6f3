extension Registry {
  /// Ops that look at a window of each output's neighbourhood.
  static let windows: [any TensorOp.Type] = [
    MaxPool.self,
    MaxPoolTaps.self,
    MaxPoolGradient.self,
    AveragePool.self,
    AveragePoolGradient.self,
    MaxPoolIndices.self,
    TapValues.self,
    Unfold.self,
    Fold.self,
  ]
}
