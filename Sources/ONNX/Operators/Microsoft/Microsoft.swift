extension OnnxOperators {
  /// Operators of `com.microsoft`, which onnxruntime's optimiser and quantiser and the exporters made for it write.
  static let microsoft: [String: Converter] = [
    fusedProducts, fusedActivations, fusedNormalisation, fusedAttention, blockQuantised, quantisedArithmetic,
    quantisedProducts, quantisedRecurrence, shared,
  ].reduce(into: [:]) { all, theme in all.merge(theme) { first, _ in first } }

  /// Operators that are the default domain's under another name, or were there before it had them.
  private static let shared: [String: Converter] = [
    "Trilu", "GridSample", "QuantizeLinear", "DequantizeLinear", "GatherND", "Range", "Pad", "LinearAttention",
    "CausalConvWithState",
  ].reduce(into: [:]) { all, name in all[name] = OnnxOperators.table[name] }
}
