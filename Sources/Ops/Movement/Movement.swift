extension Registry {
  /// Ops that make or move elements without arithmetic on them.
  static let movement: [any TensorOp.Type] = [
    Constant.self,
    Full.self,
    Iota.self,
    DimensionValues.self,
    BroadcastTo.self,
    Reshape.self,
    Transpose.self,
    Copy.self,
    StopGradient.self,
    Reorder.self,
    Reverse.self,
    Slice.self,
    SliceGradient.self,
    Pad.self,
    Concat.self,
    Gather.self,
    GatherGradient.self,
    PackedConstant.self,
    Fused.self,
  ]
}
