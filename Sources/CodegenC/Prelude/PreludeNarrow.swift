extension Prelude {
  /// f16, bf16 and the small integers, to and from what is computed in. Rounding is to nearest, halves to even; NaN
  /// stays NaN, quiet, with the bits of its payload that fit.
  static let narrow: [PreludeSnippet] =
    integerComparisons + widenings + narrowings + software + halfPrecision + brain + odd

  private static let integerComparisons: [PreludeSnippet] = [
    PreludeSnippet("tc_lt_i32", "TC_INLINE int32_t tc_lt_i32(int32_t a, int32_t b) { return -(a < b); }"),
    PreludeSnippet("tc_lt_i32v", "TC_INLINE tc_i32v tc_lt_i32v(tc_i32v a, tc_i32v b) { return a < b; }"),
  ]

  private static let widenings = narrowLanes.flatMap { lane in
    [
      PreludeSnippet(
        "tc_i32v_from_\(lane.suffix)",
        "TC_INLINE tc_i32v tc_i32v_from_\(lane.suffix)(tc_\(lane.suffix) x) { return __builtin_convertvector(x, tc_i32v); }"
      ),
      PreludeSnippet(
        "tc_f32v_from_\(lane.suffix)",
        """
        TC_INLINE tc_f32v tc_f32v_from_\(lane.suffix)(tc_\(lane.suffix) x) {
          return tc_f32v_from_i32v(tc_i32v_from_\(lane.suffix)(x));
        }
        """),
    ]
  }

  /// These keep the low bits; clamp before, with tc_min_i32v and tc_max_i32v, what should saturate.
  private static let narrowings = narrowLanes.map { lane in
    PreludeSnippet(
      "tc_\(lane.suffix)_from_i32v",
      """
      TC_INLINE tc_\(lane.suffix) tc_\(lane.suffix)_from_i32v(tc_i32v x) {
        return __builtin_convertvector(x, tc_\(lane.suffix));
      }
      """)
  }

  /// By integer arithmetic, where the target has no instruction. Half precision lies in the low bits of an integer.
  private static let software: [PreludeSnippet] =
    PreludeShape.instantiate(
      "tc_widen_f16", for: PreludeShape.singles,
      """
      TC_INLINE $F tc_widen_f16_$s($I half) {
        $I size = half & 0x7fff, bits = size << 13;
        $I scaled = tc_bits_$s(tc_float_$s(bits) * 0x1p112f);  // makes subnormals normal, too
        bits |= 0x7f800000 | (tc_lt_$i($n(0x7c00), size) & 0x400000);
        bits = tc_select_$i(tc_lt_$i(size, $n(0x7c00)), scaled, bits);
        return tc_float_$s(bits | ($I)(($U)(half & 0x8000) << 16));
      }
      """)
    + PreludeShape.instantiate(
      "tc_narrow_f16", for: PreludeShape.singles,
      """
      TC_INLINE $I tc_narrow_f16_$s($F x) {
        $I size = tc_bits_$s(x) & 0x7fffffff;
        $I normal = ($I)(($U)size + 0xfff + (($U)(size >> 13) & 1) - 0x38000000) >> 13;
        normal = tc_select_$i(tc_lt_$i(normal, $n(0x7c00)), normal, $n(0x7c00));
        $I subnormal = tc_bits_$s(tc_float_$s(size) + 0.5f) - 0x3f000000;  // the addition rounds at 2⁻²⁴
        $I half = tc_select_$i(tc_lt_$i(size, $n(0x38800000)), subnormal, normal);
        half = tc_select_$i(tc_lt_$i($n(0x7f800000), size), 0x7e00 | ((size >> 13) & 0x3ff), half);
        return half | ((tc_bits_$s(x) >> 16) & 0x8000);
      }
      """)
    + PreludeShape.instantiate(
      "tc_narrow_bf16", for: PreludeShape.singles,
      """
      TC_INLINE $I tc_narrow_bf16_$s($F x) {
        $U bits = ($U)tc_bits_$s(x);
        $I rounded = ($I)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
        return tc_select_$i(tc_ne_$s(x, x), ($I)((bits >> 16) | 0x40), rounded);
      }
      """)

  private static let halfPrecision: [PreludeSnippet] = [
    converter(
      "tc_f32_from_f16", "TC_INLINE float tc_f32_from_f16(uint16_t x)", x86: "_cvtsh_ss(x)",
      software: "tc_widen_f16_f32(x)"),
    converter(
      "tc_f16_from_f32", "TC_INLINE uint16_t tc_f16_from_f32(float x)",
      x86: "(uint16_t)_cvtss_sh(x, _MM_FROUND_TO_NEAREST_INT)", software: "(uint16_t)tc_narrow_f16_f32(x)"),
    PreludeSnippet(
      "tc_f32v_from_f16",
      .each(
        avx512: "TC_INLINE tc_f32v tc_f32v_from_f16(tc_u16h x) { return _mm512_cvtph_ps((__m256i)x); }",
        avx2: "TC_INLINE tc_f32v tc_f32v_from_f16(tc_u16h x) { return _mm256_cvtph_ps((__m128i)x); }",
        generic: "TC_INLINE tc_f32v tc_f32v_from_f16(tc_u16h x) { return tc_widen_f16_f32v(tc_i32v_from_u16h(x)); }")),
    PreludeSnippet(
      "tc_f16_from_f32v",
      .each(
        avx512: """
          TC_INLINE tc_u16h tc_f16_from_f32v(tc_f32v x) {
            return (tc_u16h)_mm512_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
          }
          """,
        avx2: """
          TC_INLINE tc_u16h tc_f16_from_f32v(tc_f32v x) {
            return (tc_u16h)_mm256_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT);
          }
          """,
        generic: "TC_INLINE tc_u16h tc_f16_from_f32v(tc_f32v x) { return tc_u16h_from_i32v(tc_narrow_f16_f32v(x)); }")),
  ]

  private static func converter(_ name: String, _ signature: String, x86: String, software: String) -> PreludeSnippet {
    let fast = "\(signature) { return \(x86); }"
    return PreludeSnippet(name, .each(avx512: fast, avx2: fast, generic: "\(signature) { return \(software); }"))
  }

  private static let brain: [PreludeSnippet] = [
    PreludeSnippet(
      "tc_f32_from_bf16",
      "TC_INLINE float tc_f32_from_bf16(uint16_t x) { return tc_float_f32((int32_t)((uint32_t)x << 16)); }"),
    PreludeSnippet(
      "tc_bf16_from_f32", "TC_INLINE uint16_t tc_bf16_from_f32(float x) { return (uint16_t)tc_narrow_bf16_f32(x); }"),
    PreludeSnippet(
      "tc_f32v_from_bf16",
      "TC_INLINE tc_f32v tc_f32v_from_bf16(tc_u16h x) { return (tc_f32v)((tc_u32v)tc_i32v_from_u16h(x) << 16); }"),
    PreludeSnippet(
      "tc_bf16_from_f32v",
      "TC_INLINE tc_u16h tc_bf16_from_f32v(tc_f32v x) { return tc_u16h_from_i32v(tc_narrow_bf16_f32v(x)); }"),
  ]

  /// On the way to a 16-bit float, the nearest f32 would be a second rounding. To odd instead: where bits are lost, the
  /// last one that stays is set, so that the rounding behind sees that there was more.
  private static let odd: [PreludeSnippet] = [
    PreludeSnippet(
      "tc_odd_f32_f64",
      """
      TC_INLINE float tc_odd_f32_f64(double x) {
        float y = (float)x;
        if ((double)y == x || x != x) return y;
        return tc_float_f32((tc_bits_f32(y) - (tc_abs_f64(y) > tc_abs_f64(x))) | 1);
      }
      """),
    PreludeSnippet(
      "tc_odd_f32_u64",
      """
      TC_INLINE float tc_odd_f32_u64(uint64_t x) {
        if (x >> 53) x = (x >> 11 | ((x & 0x7ff) != 0)) << 11;
        return tc_odd_f32_f64((double)x);
      }
      """),
    PreludeSnippet(
      "tc_odd_f32_i64",
      """
      TC_INLINE float tc_odd_f32_i64(int64_t x) {
        return x < 0 ? -tc_odd_f32_u64(0 - (uint64_t)x) : tc_odd_f32_u64((uint64_t)x);
      }
      """),
  ]
}
