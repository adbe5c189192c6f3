extension Prelude {
  /// log and what is made of it: x = 2ᵏ(1 + f) with 1 + f in [2/3, 4/3), so that f is exact and small around x = 1.
  static let logarithms: [PreludeSnippet] = [logFraction, log2Fraction, log, log2, log1p].flatMap { $0 }

  /// log(1 + f) by a polynomial.
  private static let logFraction = PreludeShape.instantiate(
    "tc_log_fraction", for: PreludeShape.singles,
    """
    TC_INLINE $F tc_log_fraction_$s($F f) {
      $F p = tc_fma_$s($k(-0x1.07bedep-3f), f, $k(0x1.1e72ap-3f));
      p = tc_fma_$s(p, f, $k(-0x1.f332dp-4f));
      p = tc_fma_$s(p, f, $k(0x1.1ed452p-3f));
      p = tc_fma_$s(p, f, $k(-0x1.559c88p-3f));
      p = tc_fma_$s(p, f, $k(0x1.99d05cp-3f));
      p = tc_fma_$s(p, f, $k(-0x1.fffef8p-3f));
      p = tc_fma_$s(p, f, $k(0x1.555506p-2f));
      p = tc_fma_$s(p, f, $k(-0.5f));
      return tc_fma_$s(f * f, p, f);
    }
    """)

  /// The same to base 2; the factor of f needs a head and a tail, because it multiplies the largest term.
  private static let log2Fraction = PreludeShape.instantiate(
    "tc_log2_fraction", for: PreludeShape.singles,
    """
    TC_INLINE $F tc_log2_fraction_$s($F f) {
      $F p = tc_fma_$s($k(-0x1.7bc74p-3f), f, $k(0x1.9cddeep-3f));
      p = tc_fma_$s(p, f, $k(-0x1.68534ep-3f));
      p = tc_fma_$s(p, f, $k(0x1.9de5bap-3f));
      p = tc_fma_$s(p, f, $k(-0x1.ecd0aep-3f));
      p = tc_fma_$s(p, f, $k(0x1.279d7p-2f));
      p = tc_fma_$s(p, f, $k(-0x1.7153ep-2f));
      p = tc_fma_$s(p, f, $k(0x1.ec703p-2f));
      p = tc_fma_$s(p, f, $k(-0x1.715476p-1f));
      p = tc_fma_$s(f * f, p, f * 0x1.4ae0cp-26f);
      return tc_fma_$s(f, $k(0x1.715476p+0f), p);
    }
    """)

  /// What log and log2 share: taking x apart, and the results that are not numbers of the polynomial.
  private static func logarithm(_ name: String, result: String) -> [PreludeSnippet] {
    PreludeShape.instantiate(
      name, for: PreludeShape.singles,
      """
      TC_INLINE $F \(name)_$s($F x) {
        $I tiny = tc_lt_$s(x, $k(0x1p-126f));
        $I bits = ($I)(($U)tc_bits_$s(tc_select_$s(tiny, x * 0x1p23f, x)) - 0x3f2aaaab);  // less 2/3
        $F k = tc_$s_from_$i((bits >> 23) + (tiny & -23));
        $F f = tc_float_$s((bits & 0x7fffff) + 0x3f2aaaab) - 1.0f;
        $F y = \(result);
        y = tc_select_$s(tc_lt_$s(x, $k(INFINITY)), y, x);
        y = tc_select_$s(tc_lt_$s(x, $k(0.0f)), $k(NAN), y);
        return tc_select_$s(tc_eq_$s(x, $k(0.0f)), $k(-INFINITY), y);
      }
      """)
  }

  private static let log = logarithm(
    "tc_log", result: "tc_fma_$s(k, $k(0x1.62e4p-1f), tc_fma_$s(k, $k(0x1.7f7d1cp-20f), tc_log_fraction_$s(f)))")

  private static let log2 = logarithm("tc_log2", result: "k + tc_log2_fraction_$s(f)")

  /// f is made from x and not from the rounded 1 + x, whose low bits are lost.
  private static let log1p = PreludeShape.instantiate(
    "tc_log1p", for: PreludeShape.singles,
    """
    TC_INLINE $F tc_log1p_$s($F x) {
      $I huge = tc_lt_$s($k(0x1p125f), x);  // divided by 4, so that 2⁻ⁿ is a normal number
      $F c = tc_select_$s(huge, x * 0.25f, x);
      $I n = ($I)(($U)tc_bits_$s(c + 1.0f) - 0x3f2aaaab) >> 23;
      $F scale = tc_float_$s(($I)(($U)(127 - n) << 23));
      $F f = tc_fma_$s(c, scale, scale - 1.0f);
      $F k = tc_$s_from_$i(n + (huge & 2));
      $F y = tc_fma_$s(k, $k(0x1.62e4p-1f), tc_fma_$s(k, $k(0x1.7f7d1cp-20f), tc_log_fraction_$s(f)));
      y = tc_select_$s(tc_lt_$s(x, $k(INFINITY)), y, x);
      y = tc_select_$s(tc_lt_$s(x, $k(-1.0f)), $k(NAN), y);
      y = tc_select_$s(tc_eq_$s(x, $k(-1.0f)), $k(-INFINITY), y);
      return tc_select_$s(tc_lt_$s(tc_abs_$s(x), $k(0x1p-26f)), x, y);
    }
    """)
}
