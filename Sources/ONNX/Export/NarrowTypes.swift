import TensorIR
import TensorOps

/// Types of elements in which an op is written on wider ones: those that its operator does not take, and those for which
/// onnxruntime has no kernels. Results that wrap are the same when they are cut off later, since the wider type wraps at a
/// multiple.
enum NarrowTypes {
  static func wider(_ type: ElementType, for op: any TensorOp) -> ElementType? {
    let name = op.name
    if type == .bf16 { return moves.contains(name) || takesPairs.contains(name) ? nil : .f32 }
    if type == .bool { return ordersBooleans.contains(name) ? .i32 : nil }
    if type == .f16 { return walks.contains(name) ? .f32 : nil }
    guard !type.isFloat, computes.contains(name) else { return nil }
    switch type {
    case .i8, .i16, .u8, .u16: return .i32
    case .u32: return .i64
    case .u64: return wraps.contains(name) ? .i64 : nil
    default: return nil
    }
  }

  /// Ops that compute with numbers.
  private static let computes: Set<String> = wraps.union([
    "divide", "floor_divide", "remainder", "truncated_remainder", "maximum", "minimum", "clip", "sign", "relu",
    "equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "max", "min", "absolute", "cumulative_max",
    "cumulative_min", "sort", "arg_sort", "top_k", "arg_top_k", "arg_max", "arg_min", "max_pool", "max_pool_taps",
  ])

  /// Those of which 64 bits with a sign give the bits that 64 without one do.
  private static let wraps: Set<String> = [
    "add", "subtract", "multiply", "negate", "sum", "product", "cumulative_sum", "cumulative_product", "fold", "matmul",
    "power",
    "gather_gradient", "gather_planes_gradient",
  ]

  /// Ops that take nothing else; others stand for them.
  private static let takesPairs: Set<String> = ["matmul_bf16", "convolution_bf16"]

  /// Ops that ask of truth values which is the greater.
  private static let ordersBooleans: Set<String> = [
    "less", "less_equal", "greater", "greater_equal", "sort", "arg_sort", "top_k", "arg_top_k",
  ]

  /// Ops whose state a node would round in every step.
  private static let walks: Set<String> = ["cumulative_sum", "cumulative_product", "linear_scan"]

  /// Ops that give the least or the greatest number of a type where there is none; that of a wider type would not do.
  static func givesExtremes(_ op: any TensorOp) -> Bool {
    ["max", "min", "cumulative_max", "cumulative_min"].contains(op.name)
  }

  /// Ops that move elements about and leave them as they are.
  private static let moves: Set<String> = [
    "cast", "copy", "stop_gradient", "reshape", "transpose", "concat", "slice", "gather", "gather_elements",
    "gather_nd",
    "broadcast_to", "if", "loop", "bit_cast", "fused", "reorder", "slice_gradient", "reverse",
  ]
}
