extension Registry {
  /// Ops whose every element depends on those before it on an axis.
  static let scans: [any TensorOp.Type] = [
    CumulativeSum.self,
    CumulativeProduct.self,
    CumulativeMax.self,
    CumulativeMin.self,
    LinearScan.self,
  ]
}
