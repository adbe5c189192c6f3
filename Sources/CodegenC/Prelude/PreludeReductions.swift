extension Prelude {
  /// Of a vector, one number. Sums fold the upper half onto the lower until one lane is left: the same order whichever
  /// way it is written, so that targets of one width agree.
  static let reductions: [PreludeSnippet] =
    tests + [
      reduction("sum", lane: "f32", "float", operation: "add"),
      reduction("sum", lane: "f64", "double", operation: "add"),
      reduction("fold_max", lane: "f32", "float", operation: "max"),
      reduction("fold_max", lane: "f64", "double", operation: "max"),
      reduction("fold_min", lane: "f32", "float", operation: "min"),
      reduction("fold_min", lane: "f64", "double", operation: "min"),
    ] + extrema + integerReductions

  /// Whether any lane of a mask is set, and whether all are.
  private static let tests: [PreludeSnippet] = [("i32", "ps"), ("i64", "pd")].flatMap { lane, kind in
    let bits = lane.dropFirst()
    let wide = kind == "ps" ? 0xffff : 0xff
    return [("any", "!= 0"), ("all", "== \(wide)")].map { name, test512 in
      let signature = "TC_INLINE int tc_\(name)_\(lane)v(tc_\(lane)v mask)"
      func moved(_ prefix: String, _ cast: String, lanes: Int) -> String {
        "return \(prefix)_movemask_\(kind)((\(cast))mask) \(name == "any" ? "!= 0" : "== \((1 << lanes) - 1)");"
      }
      let castOf256 = kind == "ps" ? "__m256" : "__m256d"
      let castOf128 = kind == "ps" ? "__m128" : "__m128d"
      return PreludeSnippet(
        "tc_\(name)_\(lane)v",
        .each(
          avx512: "\(signature) { return _mm512_movepi\(bits)_mask((__m512i)mask) \(test512); }",
          avx2: "\(signature) { \(moved("_mm256", castOf256, lanes: kind == "ps" ? 8 : 4)) }",
          generic: """
            \(signature) {
            #if defined(__SSE2__)
              \(moved("_mm", castOf128, lanes: kind == "ps" ? 4 : 2))
            #else
              \(lane == "i32" ? "int32_t" : "int64_t") joined = mask[0];
              for (size_t i = 1; i < sizeof mask / sizeof mask[0]; i++) joined \(name == "any" ? "|" : "&")= mask[i];
              return joined != 0;
            #endif
            }
            """))
    }
  }

  private static func reduction(_ name: String, lane: String, _ type: String, operation: String) -> PreludeSnippet {
    let signature = "TC_INLINE \(type) tc_\(name)_\(lane)v(tc_\(lane)v x)"
    let kind = lane == "f32" ? "ps" : "pd"
    let narrow = lane == "f32" ? "__m128" : "__m128d"
    let middle = lane == "f32" ? "__m256" : "__m256d"
    let last =
      lane == "f32"
      ? """
        b = _mm_\(operation)_ps(b, _mm_movehl_ps(b, b));
        b = _mm_\(operation)_ps(b, _mm_shuffle_ps(b, b, 1));
        return _mm_cvtss_f32(b);
      """
      : """
        b = _mm_\(operation)_pd(b, _mm_unpackhi_pd(b, b));
        return _mm_cvtsd_f64(b);
      """
    let halve =
      "  \(narrow) b = _mm_\(operation)_\(kind)(_mm256_cast\(kind)256_\(kind)128(a), _mm256_extractf128_\(kind)(a, 1));"
    let upper = lane == "f32" ? "_mm512_extractf32x8_ps(x, 1)" : "_mm512_extractf64x4_pd(x, 1)"
    let step =
      switch operation {
      case "add": "x[i] += x[i + half];"
      case "max": "x[i] = x[i] > x[i + half] ? x[i] : x[i + half];"
      default: "x[i] = x[i] < x[i + half] ? x[i] : x[i + half];"
      }
    return PreludeSnippet(
      "tc_\(name)_\(lane)v",
      .each(
        avx512: """
          \(signature) {
            \(middle) a = _mm256_\(operation)_\(kind)(_mm512_cast\(kind)512_\(kind)256(x), \(upper));
          \(halve)
          \(last)
          }
          """,
        avx2: """
          \(signature) {
            \(middle) a = x;
          \(halve)
          \(last)
          }
          """,
        generic: """
          \(signature) {
            for (size_t half = sizeof x / sizeof x[0] / 2; half > 0; half /= 2)
              for (size_t i = 0; i < half; i++) \(step)
            return x[0];
          }
          """))
  }

  /// The extreme lane, or NaN if there is one; the fold alone would lose it.
  private static let extrema: [PreludeSnippet] = ["max", "min"].flatMap { name in
    [("f32", "float", "i32"), ("f64", "double", "i64")].map { lane, type, mask in
      PreludeSnippet(
        "tc_h\(name)_\(lane)v",
        """
        TC_INLINE \(type) tc_h\(name)_\(lane)v(tc_\(lane)v x) {
          return TC_UNLIKELY(tc_any_\(mask)v(tc_ne_\(lane)v(x, x))) ? (\(type))NAN : tc_fold_\(name)_\(lane)v(x);
        }
        """)
    }
  }

  private static let integerReductions: [PreludeSnippet] =
    lanes.filter { !$0.suffix.hasPrefix("f") }.flatMap { lane in
      [("sum", "add"), ("hmax", "max"), ("hmin", "min")].map { name, step in
        PreludeSnippet(
          "tc_\(name)_\(lane.suffix)v",
          """
          TC_INLINE \(lane.type) tc_\(name)_\(lane.suffix)v(tc_\(lane.suffix)v x) {
            \(lane.type) y = x[0];
            for (size_t i = 1; i < sizeof x / sizeof x[0]; i++) y = tc_\(step)_\(lane.suffix)(y, x[i]);
            return y;
          }
          """)
      }
    }
}
