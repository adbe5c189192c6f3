extension Prelude {
  /// Vector types, and the forms of them that may alias anything and lie anywhere, through which memory is accessed.
  static let types: [PreludeSnippet] =
    vectorTypes + [
      PreludeSnippet("TC_LIKELY", "#define TC_LIKELY(x) __builtin_expect(!!(x), 1)"),
      PreludeSnippet("TC_UNLIKELY", "#define TC_UNLIKELY(x) __builtin_expect(!!(x), 0)"),
      PreludeSnippet("TC_PREFETCH", "#define TC_PREFETCH(address) __builtin_prefetch((address), 0, 3)"),
      PreludeSnippet("TC_PREFETCH_WRITE", "#define TC_PREFETCH_WRITE(address) __builtin_prefetch((address), 1, 3)"),
    ] + splats + bits

  /// Name, lane type and lane size of each vector type.
  static let lanes: [(suffix: String, type: String, bytes: Int)] = [
    ("f32", "float", 4), ("i32", "int32_t", 4), ("u32", "uint32_t", 4),
    ("f64", "double", 8), ("i64", "int64_t", 8), ("u64", "uint64_t", 8),
  ]

  private static let vectorTypes = lanes.flatMap { lane in
    [
      PreludeSnippet(
        "tc_\(lane.suffix)v",
        "typedef \(lane.type) tc_\(lane.suffix)v __attribute__((vector_size(TC_VECTOR_BYTES)));"),
      PreludeSnippet(
        "tc_\(lane.suffix)v_any",
        """
        typedef \(lane.type) tc_\(lane.suffix)v_any
            __attribute__((vector_size(TC_VECTOR_BYTES), aligned(\(lane.bytes)), may_alias));
        """),
    ]
  }

  /// One value in every lane. Subtracting zero keeps -0 and NaN, and compilers see through it.
  private static let splats = lanes.map { lane in
    PreludeSnippet(
      "tc_splat_\(lane.suffix)v",
      """
      TC_INLINE tc_\(lane.suffix)v tc_splat_\(lane.suffix)v(\(lane.type) x) {
        return x - (tc_\(lane.suffix)v){0};
      }
      """)
  }

  /// Reinterpretation, between the floating-point type and the signed integer of its width.
  private static let bits: [PreludeSnippet] =
    [PreludeShape.f32, .f64].flatMap { shape in
      [
        PreludeSnippet(
          "tc_bits_\(shape.suffix)",
          shape.fill(
            """
            TC_INLINE $I tc_bits_$s($F x) {
              $I bits;
              memcpy(&bits, &x, sizeof bits);
              return bits;
            }
            """)),
        PreludeSnippet(
          "tc_float_\(shape.suffix)",
          shape.fill(
            """
            TC_INLINE $F tc_float_$s($I bits) {
              $F x;
              memcpy(&x, &bits, sizeof x);
              return x;
            }
            """)),
      ]
    }
    + [PreludeShape.f32v, .f64v].flatMap { shape in
      [
        PreludeSnippet("tc_bits_\(shape.suffix)", shape.fill("TC_INLINE $I tc_bits_$s($F x) { return ($I)x; }")),
        PreludeSnippet(
          "tc_float_\(shape.suffix)", shape.fill("TC_INLINE $F tc_float_$s($I bits) { return ($F)bits; }")),
      ]
    }
}
