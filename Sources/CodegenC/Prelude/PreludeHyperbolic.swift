extension Prelude {
  /// sinh, cosh and the inverse hyperbolic functions of f32, computed in f64 from the exponential and the logarithm of
  /// pow. Near 0, where those cancel, by the first terms of the series; hypot beside them.
  static let hyperbolic: [PreludeSnippet] =
    [sinhCore, coshCore, logCore, asinhCore, acoshCore, atanhCore].flatMap { $0 }
    + ["sinh", "cosh", "asinh", "acosh", "atanh"].flatMap(throughDouble) + hypotCore + hypot

  private static let sinhCore = PreludeShape.instantiate(
    "tc_sinh_core", for: PreludeShape.doubles,
    """
    TC_INLINE $F tc_sinh_core_$s($F x) {
      $F size = tc_abs_$s(x), s = x * x;
      $F power = tc_exp2_core_$s(size * 0x1.71547652b82fep+0);
      $F y = (power - 1.0 / power) * 0.5;
      $F series = tc_fma_$s(tc_fma_$s(s, $k(1.0 / 120), $k(1.0 / 6)) * s, size, size);
      return tc_copysign_$s(tc_select_$s(tc_lt_$s(size, $k(0x1p-4)), series, y), x);
    }
    """)

  private static let coshCore = PreludeShape.instantiate(
    "tc_cosh_core", for: PreludeShape.doubles,
    """
    TC_INLINE $F tc_cosh_core_$s($F x) {
      $F power = tc_exp2_core_$s(tc_abs_$s(x) * 0x1.71547652b82fep+0);
      return (power + 1.0 / power) * 0.5;
    }
    """)

  /// log(x) for x ≥ 0: what is infinite or NaN stays as it is, of 0 it is -∞.
  private static let logCore = PreludeShape.instantiate(
    "tc_log_core", for: PreludeShape.doubles,
    """
    TC_INLINE $F tc_log_core_$s($F x) {
      $F y = tc_log2_core_$s(x) * 0x1.62e42fefa39efp-1;
      y = tc_select_$s(tc_lt_$s(x, $k(INFINITY)), y, x);
      return tc_select_$s(tc_eq_$s(x, $k(0.0)), $k(-INFINITY), y);
    }
    """)

  private static let asinhCore = PreludeShape.instantiate(
    "tc_asinh_core", for: PreludeShape.doubles,
    """
    TC_INLINE $F tc_asinh_core_$s($F x) {
      $F size = tc_abs_$s(x), s = x * x;
      $F y = tc_log_core_$s(size + tc_sqrt_$s(s + 1.0));
      $F series = tc_fma_$s(tc_fma_$s(s, $k(3.0 / 40), $k(-1.0 / 6)) * s, size, size);
      return tc_copysign_$s(tc_select_$s(tc_lt_$s(size, $k(0x1p-6)), series, y), x);
    }
    """)

  /// Below 1 the root is NaN, and so is all.
  private static let acoshCore = PreludeShape.instantiate(
    "tc_acosh_core", for: PreludeShape.doubles,
    """
    TC_INLINE $F tc_acosh_core_$s($F x) {
      return tc_select_$s(tc_lt_$s(x, $k(1.0)), $k(NAN), tc_log_core_$s(x + tc_sqrt_$s((x - 1.0) * (x + 1.0))));
    }
    """)

  private static let atanhCore = PreludeShape.instantiate(
    "tc_atanh_core", for: PreludeShape.doubles,
    """
    TC_INLINE $F tc_atanh_core_$s($F x) {
      $F size = tc_abs_$s(x), s = x * x;
      $F y = tc_log_core_$s((1.0 + size) / (1.0 - size)) * 0.5;
      $F series = tc_fma_$s(tc_fma_$s(s, $k(1.0 / 5), $k(1.0 / 3)) * s, size, size);
      y = tc_select_$s(tc_lt_$s(size, $k(0x1p-6)), series, y);
      return tc_copysign_$s(tc_select_$s(tc_lt_$s($k(1.0), size), $k(NAN), y), x);
    }
    """)

  /// Squares of f32 neither overflow nor vanish in f64. An infinity wins over NaN, as in C.
  private static let hypot = [
    (PreludeShape.f32, "(float)tc_hypot_core_f64(x, y)"),
    (
      .f32v,
      """
      tc_join_f32v(
            tc_hypot_core_f64v(tc_low_f64v(x), tc_low_f64v(y)), tc_hypot_core_f64v(tc_high_f64v(x), tc_high_f64v(y)))
      """
    ),
  ].map { shape, core in
    PreludeSnippet(
      "tc_hypot_\(shape.suffix)",
      shape.fill(
        """
        TC_INLINE $F tc_hypot_$s($F x, $F y) {
          $F z = \(core);
          $I infinite = tc_eq_$s(tc_abs_$s(x), $k(INFINITY)) | tc_eq_$s(tc_abs_$s(y), $k(INFINITY));
          return tc_select_$s(infinite, $k(INFINITY), z);
        }
        """))
  }

  private static let hypotCore = PreludeShape.instantiate(
    "tc_hypot_core", for: PreludeShape.doubles,
    "TC_INLINE $F tc_hypot_core_$s($F x, $F y) { return tc_sqrt_$s(x * x + y * y); }")
}
