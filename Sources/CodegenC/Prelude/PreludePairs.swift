extension Prelude {
  /// The products of two bf16 in each word, added to `c` one after the other.
  static let pairProducts: [PreludeSnippet] = [
    PreludeSnippet(
      "tc_dot2_f32",
      """
      TC_INLINE float tc_dot2_f32(float a, float b, float c) {
        uint32_t x[2], y[2];
        memcpy(&x[0], &a, 4);
        memcpy(&y[0], &b, 4);
        x[1] = x[0] << 16, x[0] &= 0xffff0000u;
        y[1] = y[0] << 16, y[0] &= 0xffff0000u;
        float p[2], q[2];
        memcpy(p, x, 8);
        memcpy(q, y, 8);
        return tc_fma_f32(p[1], q[1], tc_fma_f32(p[0], q[0], c));
      }
      """),
    PreludeSnippet(
      "tc_dot2_f32v",
      .each(
        avx512: pairs(
          """
          #if defined(__AVX512BF16__)
            return (tc_f32v)_mm512_dpbf16_ps((__m512)c, (__m512bh)a, (__m512bh)b);
          #else
          \(halves)
          #endif
          """), avx2: pairs(halves), generic: pairs(halves))),
  ]

  private static func pairs(_ body: String) -> String {
    "TC_INLINE tc_f32v tc_dot2_f32v(tc_f32v a, tc_f32v b, tc_f32v c) {\n\(body)\n}"
  }

  private static let halves = """
      const tc_i32v x = (tc_i32v)a, y = (tc_i32v)b, high = tc_splat_i32v(-65536);
      c = tc_fma_f32v((tc_f32v)(x & high), (tc_f32v)(y & high), c);
      return tc_fma_f32v((tc_f32v)((tc_u32v)x << 16), (tc_f32v)((tc_u32v)y << 16), c);
    """
}
