extension Registry {
  /// Ops that sample a tensor between its elements or in bins.
  static let sampling: [any TensorOp.Type] = [
    Resample.self,
    ResampleGradient.self,
    GatherPlanes.self,
    GatherPlanesGradient.self,
    AdaptiveAveragePool.self,
    AdaptiveMaxPool.self,
    Interpolate.self,
    GridSample.self,
    RoiAlign.self,
    DeformableConvolution.self,
  ]
}
