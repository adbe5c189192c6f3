extension Prelude {
  /// Four unsigned bytes of `a` by four signed ones of `b`, added to `c`; sums wrap around. One instruction where the processor
  /// has it, else products of 16 bits, which are exact where those of bytes would saturate.
  static let byteProducts: [PreludeSnippet] = [
    PreludeSnippet(
      "tc_dot4_i32",
      """
      TC_INLINE int32_t tc_dot4_i32(int32_t a, int32_t b, int32_t c) {
        uint32_t sum = (uint32_t)c;
        for (int i = 0; i < 32; i += 8)
          sum += (uint32_t)((int32_t)((uint32_t)a >> i & 255) * (int8_t)(uint8_t)((uint32_t)b >> i));
        return (int32_t)sum;
      }
      """),
    PreludeSnippet(
      "tc_dot4_i32v",
      .each(
        avx512: function(
          "tc_dot4_i32v",
          vnni("__AVX512VNNI__", "__m512i", "_mm512_dpbusd_epi32")
            + products("__m512i", prefix: "_mm512", suffix: "si512") + "#endif"),
        avx2: function(
          "tc_dot4_i32v",
          vnni("__AVXVNNI__", "__m256i", "_mm256_dpbusd_avx_epi32")
            + products("__m256i", prefix: "_mm256", suffix: "si256") + "#endif"),
        generic: function(
          "tc_dot4_i32v",
          """
          #if defined(__SSE2__)
          \(products("__m128i", prefix: "_mm", suffix: "si128"))#else
            for (size_t i = 0; i < sizeof a / sizeof a[0]; i++) c[i] = tc_dot4_i32(a[i], b[i], c[i]);
            return c;
          #endif
          """))),
  ]

  /// Two integers of 16 bits of `a` by two of `b`, added to `c`; sums wrap around.
  static let shortProducts: [PreludeSnippet] = [
    PreludeSnippet(
      "tc_dot2_i32",
      """
      TC_INLINE int32_t tc_dot2_i32(int32_t a, int32_t b, int32_t c) {
        const uint32_t low = (uint32_t)((int16_t)a * (int16_t)b);
        return (int32_t)((uint32_t)c + low + (uint32_t)((a >> 16) * (b >> 16)));
      }
      """),
    PreludeSnippet(
      "tc_dot2_i32v",
      .each(
        avx512: function(
          "tc_dot2_i32v",
          vnni("__AVX512VNNI__", "__m512i", "_mm512_dpwssd_epi32") + sums("__m512i", "_mm512") + "#endif"),
        avx2: function("tc_dot2_i32v", sums("__m256i", "_mm256")),
        generic: function(
          "tc_dot2_i32v",
          """
          #if defined(__SSE2__)
          \(sums("__m128i", "_mm"))#elif defined(__aarch64__)
            const int16x8_t x = (int16x8_t)a, y = (int16x8_t)b;
            const int32x4_t low = vmull_s16(vget_low_s16(x), vget_low_s16(y)), high = vmull_high_s16(x, y);
            return (tc_i32v)vaddq_s32((int32x4_t)c, vpaddq_s32(low, high));
          #else
            for (size_t i = 0; i < sizeof a / sizeof a[0]; i++) c[i] = tc_dot2_i32(a[i], b[i], c[i]);
            return c;
          #endif
          """))),
    PreludeSnippet(
      "tc_widen_i16",
      """
      TC_INLINE int32_t tc_widen_i16(int16_t a) {
        return (int32_t)(((uint32_t)(int8_t)a & 0xffff) | (uint32_t)(int8_t)(a >> 8) << 16);
      }
      """),
    // Vectors of narrow elements are held in wide ones; the load and the conversions compile to one instruction.
    PreludeSnippet(
      "tc_widen_i32v",
      """
      TC_INLINE tc_i32v tc_widen_i32v(tc_i32v a) {
        typedef int16_t words __attribute__((vector_size(TC_VECTOR_BYTES / 2)));
        typedef int8_t bytes __attribute__((vector_size(TC_VECTOR_BYTES / 2)));
        typedef int16_t halves __attribute__((vector_size(TC_VECTOR_BYTES)));
        return (tc_i32v)__builtin_convertvector((bytes)__builtin_convertvector(a, words), halves);
      }
      """),
  ]

  private static func sums(_ type: String, _ prefix: String) -> String {
    """
      return (tc_i32v)\(prefix)_add_epi32((\(type))c, \(prefix)_madd_epi16((\(type))a, (\(type))b));

    """
  }

  private static func function(_ name: String, _ body: String) -> String {
    "TC_INLINE tc_i32v \(name)(tc_i32v a, tc_i32v b, tc_i32v c) {\n\(body)\n}"
  }

  private static func vnni(_ macro: String, _ type: String, _ intrinsic: String) -> String {
    """
    #if defined(\(macro))
      return (tc_i32v)\(intrinsic)((\(type))c, (\(type))a, (\(type))b);
    #else

    """
  }

  /// Even and odd bytes apart, widened to 16 bits.
  private static func products(_ type: String, prefix: String, suffix: String) -> String {
    """
      const \(type) x = (\(type))a, y = (\(type))b;
      const \(type) even = \(prefix)_madd_epi16(
          \(prefix)_and_\(suffix)(x, \(prefix)_set1_epi16(255)), \(prefix)_srai_epi16(\(prefix)_slli_epi16(y, 8), 8));
      const \(type) odd = \(prefix)_madd_epi16(\(prefix)_srli_epi16(x, 8), \(prefix)_srai_epi16(y, 8));
      return (tc_i32v)\(prefix)_add_epi32((\(type))c, \(prefix)_add_epi32(even, odd));

    """
  }
}
