extension Prelude {
  /// pow of f32 as exp2(y · log2(x)) in f64, whose precision leaves the product's error below that of the last rounding.
  static let powers: [PreludeSnippet] = [logarithm, exponential, core, single].flatMap { $0 }

  /// log2(x) for x ≥ 0, apart from 0, infinity and NaN. x = 2ᵏm with m in [√½, √2), and log2(m) is a series in
  /// (m-1)/(m+1).
  private static let logarithm = PreludeShape.instantiate(
    "tc_log2_core", for: PreludeShape.doubles,
    """
    TC_INLINE $F tc_log2_core_$s($F x) {
      $U bits = ($U)tc_bits_$s(x) + (0x3ff0000000000000 - 0x3fe6a09e667f3bcd);
      // k + 1023 as a float, by placing it in the low bits of 2⁵²: few targets convert 64-bit integers.
      $F k = tc_float_$s(($I)((bits >> 52) | 0x4330000000000000)) - (0x1p52 + 1023);
      $F m = tc_float_$s(($I)((bits & 0xfffffffffffff) + 0x3fe6a09e667f3bcd));
      $F s = (m - 1.0) / (m + 1.0), s2 = s * s;
      $F p = tc_fma_$s($k(0x1.21b020d25f996p-2), s2, $k(0x1.47956a6af61e0p-2));
      p = tc_fma_$s(p, s2, $k(0x1.a61a2e1611c74p-2));
      p = tc_fma_$s(p, s2, $k(0x1.2776c2948ed6ap-1));
      p = tc_fma_$s(p, s2, $k(0x1.ec709dc53a79cp-1));
      p = tc_fma_$s(p, s2, $k(0x1.71547652b8254p+1));
      return tc_fma_$s(p, s, k);
    }
    """)

  /// 2ᵗ, where what is beyond ±200 is as good as infinite or 0; NaN stays NaN.
  private static let exponential = PreludeShape.instantiate(
    "tc_exp2_core", for: PreludeShape.doubles,
    """
    TC_INLINE $F tc_exp2_core_$s($F t) {
      t = tc_below_$s($k(200.0), tc_above_$s($k(-200.0), t));
      $F shifted = t + 0x1.8p52;
      $F r = t - (shifted - 0x1.8p52);
      $F e = tc_fma_$s($k(0x1.fde490094ee66p-17), r, $k(0x1.445ca9cc68433p-13));
      e = tc_fma_$s(e, r, $k(0x1.5d8a877d70b58p-10));
      e = tc_fma_$s(e, r, $k(0x1.3b29f3705aaefp-7));
      e = tc_fma_$s(e, r, $k(0x1.c6b08abeca419p-5));
      e = tc_fma_$s(e, r, $k(0x1.ebfbe077b558ap-3));
      e = tc_fma_$s(e, r, $k(0x1.62e42ff0e243cp-1));
      return tc_fma_$s(e, r, $k(1.0)) * tc_float_$s(($I)((($U)tc_bits_$s(shifted) + 1023) << 52));
    }
    """)

  private static let core = PreludeShape.instantiate(
    "tc_pow_core", for: PreludeShape.doubles,
    "TC_INLINE $F tc_pow_core_$s($F x, $F y) { return tc_exp2_core_$s(tc_log2_core_$s(x) * y); }")

  /// The special cases are those of C's pow, and so of IEEE 754.
  private static let single = [
    (PreludeShape.f32, "(float)tc_pow_core_f64(size, y)"),
    (
      .f32v,
      """
      tc_join_f32v(
            tc_pow_core_f64v(tc_low_f64v(size), tc_low_f64v(y)), tc_pow_core_f64v(tc_high_f64v(size), tc_high_f64v(y)))
      """
    ),
  ].map { shape, core in
    PreludeSnippet(
      "tc_pow_\(shape.suffix)",
      shape.fill(
        """
        TC_INLINE $F tc_pow_$s($F x, $F y) {
          $F size = tc_abs_$s(x), zero = $k(0.0f), infinite = $k(INFINITY);
          $F z = \(core);
          $I end = tc_eq_$s(size, infinite), grows = tc_lt_$s(y, zero) ^ end;
          z = tc_select_$s((end | tc_eq_$s(x, zero)) & tc_eq_$s(y, y), tc_select_$s(grows, infinite, zero), z);
          $I whole = tc_eq_$s(tc_trunc_$s(y), y);
          $I odd = whole & tc_ne_$s(tc_trunc_$s(y * 0.5f), y * 0.5f);
          z = tc_select_$s(tc_lt_$s(x, zero) & ~whole & ~end, $k(NAN), z);
          z = tc_float_$s(tc_bits_$s(z) | (tc_bits_$s(x) & odd & $n(INT32_MIN)));
          z = tc_select_$s(tc_eq_$s(x, x), z, x);
          $I one = tc_eq_$s(size, $k(1.0f)) & tc_eq_$s(tc_abs_$s(y), infinite);
          return tc_select_$s(one | tc_eq_$s(y, zero) | tc_eq_$s(x, $k(1.0f)), $k(1.0f), z);
        }
        """))
  }
}
