extension Prelude {
  /// Rounding to integers that stay floating-point, and conversion between integers and floats of one width.
  static let rounding: [PreludeSnippet] = scalarRounding + vectorRounding + conversionsOfOneWidth

  /// Name, C function, and the rounding mode of the x86 instruction.
  private static let modes: [(name: String, function: String, mode: String)] = [
    ("floor", "floor", "_MM_FROUND_TO_NEG_INF"),
    ("ceil", "ceil", "_MM_FROUND_TO_POS_INF"),
    ("trunc", "trunc", "_MM_FROUND_TO_ZERO"),
    // Halves to even: what the machine does anyway, and what ONNX and NumPy ask for.
    ("rint", "rint", "_MM_FROUND_TO_NEAREST_INT"),
  ]

  private static let scalarRounding = modes.flatMap { mode in
    [
      PreludeSnippet(
        "tc_\(mode.name)_f32", "TC_INLINE float tc_\(mode.name)_f32(float x) { return __builtin_\(mode.function)f(x); }"
      ),
      PreludeSnippet(
        "tc_\(mode.name)_f64",
        "TC_INLINE double tc_\(mode.name)_f64(double x) { return __builtin_\(mode.function)(x); }"),
    ]
  }

  private static let vectorRounding = modes.flatMap { mode in
    [("f32v", "ps", "f32", "0x1p23f"), ("f64v", "pd", "f64", "0x1p52")].map { suffix, kind, neon, integral in
      let signature = "TC_INLINE tc_\(suffix) tc_\(mode.name)_\(suffix)(tc_\(suffix) x)"
      let instruction = ["floor": "vrndm", "ceil": "vrndp", "trunc": "vrnd", "rint": "vrndn"][mode.name]!
      return PreludeSnippet(
        "tc_\(mode.name)_\(suffix)",
        .each(
          avx512: "\(signature) { return _mm512_roundscale_\(kind)(x, \(mode.mode) | _MM_FROUND_NO_EXC); }",
          avx2: "\(signature) { return _mm256_round_\(kind)(x, \(mode.mode) | _MM_FROUND_NO_EXC); }",
          generic: """
            \(signature) {
            #if defined(__SSE4_1__)
              return _mm_round_\(kind)(x, \(mode.mode) | _MM_FROUND_NO_EXC);
            #elif defined(__aarch64__) && defined(__ARM_NEON)
              return \(instruction)q_\(neon)(x);
            #else
              // Above \(integral) there are no fractions, and adding it shifts those of smaller numbers out.
              tc_\(suffix) size = tc_abs_\(suffix)(x), whole = size + \(integral) - \(integral);
            \(adjustment(mode.name, suffix: suffix))
              return tc_select_\(suffix)(
                  tc_lt_\(suffix)(size, tc_splat_\(suffix)(\(integral))), tc_copysign_\(suffix)(whole, x), x);
            #endif
            }
            """))
    }
  }

  /// From the nearest integer of the magnitude to that of the mode, for targets without the instruction.
  private static func adjustment(_ mode: String, suffix: String) -> String {
    let down = "tc_lt_\(suffix)(size, whole)"
    let up = "tc_lt_\(suffix)(whole, size)"
    let negative = "tc_lt_\(suffix)(x, tc_splat_\(suffix)(0))"
    func step(_ mask: String, _ sign: String) -> String {
      "  whole = tc_select_\(suffix)(\(mask), whole \(sign) 1, whole);"
    }
    switch mode {
    case "trunc": return step(down, "-")
    case "floor": return step("~\(negative) & \(down)", "-") + "\n" + step("\(negative) & \(up)", "+")
    case "ceil": return step("\(negative) & \(down)", "-") + "\n" + step("~\(negative) & \(up)", "+")
    default: return "  // Halves went to even in the addition."
    }
  }

  /// Exact or rounded to nearest; to an integer by truncation, of values known to fit. `tc_f32v_from_i32v` and so on.
  private static let conversionsOfOneWidth: [PreludeSnippet] = PreludeShape.all.flatMap { shape in
    let isVector = shape.suffix.hasSuffix("v")
    return [
      PreludeSnippet(
        "tc_\(shape.suffix)_from_\(shape.intSuffix)",
        shape.fill(
          isVector
            ? "TC_INLINE $F tc_$s_from_$i($I x) { return __builtin_convertvector(x, $F); }"
            : "TC_INLINE $F tc_$s_from_$i($I x) { return ($F)x; }")),
      PreludeSnippet(
        "tc_\(shape.intSuffix)_from_\(shape.suffix)",
        shape.fill(
          isVector
            ? "TC_INLINE $I tc_$i_from_$s($F x) { return __builtin_convertvector(x, $I); }"
            : "TC_INLINE $I tc_$i_from_$s($F x) { return ($I)x; }")),
    ]
  }
}
