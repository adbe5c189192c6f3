extension Prelude {
  /// Between widths of floats and integers, and from floats to integers by saturation.
  static let conversions: [PreludeSnippet] = halves + integerHalves + scalarSaturation + vectorSaturation

  /// The lower and upper lanes of a vector of f32, as f64, and back.
  private static let halves: [PreludeSnippet] = [
    PreludeSnippet(
      "tc_low_f64v",
      .each(
        avx512: "TC_INLINE tc_f64v tc_low_f64v(tc_f32v x) { return _mm512_cvtps_pd(_mm512_castps512_ps256(x)); }",
        avx2: "TC_INLINE tc_f64v tc_low_f64v(tc_f32v x) { return _mm256_cvtps_pd(_mm256_castps256_ps128(x)); }",
        generic: half("low", x86: "_mm_cvtps_pd(x)", neon: "vcvt_f64_f32(vget_low_f32(x))", first: 0))),
    PreludeSnippet(
      "tc_high_f64v",
      .each(
        avx512: "TC_INLINE tc_f64v tc_high_f64v(tc_f32v x) { return _mm512_cvtps_pd(_mm512_extractf32x8_ps(x, 1)); }",
        avx2: "TC_INLINE tc_f64v tc_high_f64v(tc_f32v x) { return _mm256_cvtps_pd(_mm256_extractf128_ps(x, 1)); }",
        generic: half("high", x86: "_mm_cvtps_pd(_mm_movehl_ps(x, x))", neon: "vcvt_high_f64_f32(x)", first: 2))),
    PreludeSnippet(
      "tc_join_f32v",
      .each(
        avx512: """
          TC_INLINE tc_f32v tc_join_f32v(tc_f64v low, tc_f64v high) {
            return _mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(low)), _mm512_cvtpd_ps(high), 1);
          }
          """,
        avx2: """
          TC_INLINE tc_f32v tc_join_f32v(tc_f64v low, tc_f64v high) {
            return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm256_cvtpd_ps(low)), _mm256_cvtpd_ps(high), 1);
          }
          """,
        generic: """
          TC_INLINE tc_f32v tc_join_f32v(tc_f64v low, tc_f64v high) {
          #if defined(__SSE2__)
            return _mm_movelh_ps(_mm_cvtpd_ps(low), _mm_cvtpd_ps(high));
          #elif defined(__aarch64__) && defined(__ARM_NEON)
            return vcvt_high_f32_f64(vcvt_f32_f64(low), high);
          #else
            return (tc_f32v){(float)low[0], (float)low[1], (float)high[0], (float)high[1]};
          #endif
          }
          """)),
  ]

  private static func half(_ name: String, x86: String, neon: String, first: Int) -> String {
    """
    TC_INLINE tc_f64v tc_\(name)_f64v(tc_f32v x) {
    #if defined(__SSE2__)
      return \(x86);
    #elif defined(__aarch64__) && defined(__ARM_NEON)
      return \(neon);
    #else
      return (tc_f64v){x[\(first)], x[\(first + 1)]};
    #endif
    }
    """
  }

  /// The same for 32- and 64-bit integers; joining keeps the low bits.
  private static let integerHalves: [PreludeSnippet] = ["i", "u"].flatMap { sign in
    let type = sign == "i" ? "int32_t" : "uint32_t"
    let narrow = "tc_\(sign)32v"
    let wide = "tc_\(sign)64v"
    let count = "sizeof(\(wide)) / 8"
    return [("low", ""), ("high", " + \(count)")].map { name, offset in
      PreludeSnippet(
        "tc_\(name)_\(sign)64v",
        """
        TC_INLINE \(wide) tc_\(name)_\(sign)64v(\(narrow) x) {
          \(wide) y;
          for (size_t i = 0; i < \(count); i++) y[i] = x[i\(offset)];
          return y;
        }
        """)
    } + [
      PreludeSnippet(
        "tc_join_\(sign)32v",
        """
        TC_INLINE \(narrow) tc_join_\(sign)32v(\(wide) low, \(wide) high) {
          \(narrow) y;
          for (size_t i = 0; i < \(count); i++) {
            y[i] = (\(type))low[i];
            y[i + \(count)] = (\(type))high[i];
          }
          return y;
        }
        """)
    ]
  }

  /// Truncation towards zero; NaN gives 0, and what is out of range the nearest value in it. `tc_u8_sat_f32` and so on.
  private static let scalarSaturation: [PreludeSnippet] =
    [8, 16, 32, 64].flatMap { bits in
      ["int", "uint"].flatMap { stem in
        [("f32", "float", "f"), ("f64", "double", "")].map { source, type, ending in
          let signed = stem == "int"
          let name = "tc_\(signed ? "i" : "u")\(bits)_sat_\(source)"
          let target = "\(stem)\(bits)_t"
          let least = signed ? "\(stem.uppercased())\(bits)_MIN" : "0"
          let above = signed ? bits - 1 : bits
          let below = signed ? "x <= -0x1p\(above)\(ending)" : "x <= 0"
          return PreludeSnippet(
            name,
            """
            TC_INLINE \(target) \(name)(\(type) x) {
              if (!(x == x)) return 0;
              return \(below) ? \(least) : x >= 0x1p\(above)\(ending) ? \(stem.uppercased())\(bits)_MAX : (\(target))x;
            }
            """)
        }
      }
    }

  /// In a vector the conversion is of a value that certainly fits: what it gives for others differs between machines.
  private static let vectorSaturation: [PreludeSnippet] = [
    PreludeSnippet(
      "tc_i32v_sat_f32v",
      """
      TC_INLINE tc_i32v tc_i32v_sat_f32v(tc_f32v x) {
        tc_f32v c = tc_below_f32v(tc_splat_f32v(0x1.fffffep30f), tc_above_f32v(tc_splat_f32v(-0x1p31f), x));
        tc_i32v y = tc_i32v_from_f32v(tc_select_f32v(tc_eq_f32v(x, x), c, tc_splat_f32v(0)));
        return tc_select_i32v(tc_le_f32v(tc_splat_f32v(0x1p31f), x), tc_splat_i32v(INT32_MAX), y);
      }
      """),
    PreludeSnippet(
      "tc_i64v_sat_f64v",
      """
      TC_INLINE tc_i64v tc_i64v_sat_f64v(tc_f64v x) {
        tc_i64v y;
        for (size_t i = 0; i < sizeof x / sizeof x[0]; i++) y[i] = tc_i64_sat_f64(x[i]);
        return y;
      }
      """, isSlow: true),
  ]
}
