extension Prelude {
  /// erf: odd polynomial below 1; above, 1 - exp(g) where g approximates log(erfc), which is nearly a parabola.
  static let errorFunctions: [PreludeSnippet] = PreludeShape.instantiate(
    "tc_erf", for: PreludeShape.singles,
    """
    TC_INLINE $F tc_erf_$s($F x) {
      $F s = x * x;
      $F p = tc_fma_$s($k(0x1.4766cap-14f), s, $k(-0x1.a34e4ap-11f));
      p = tc_fma_$s(p, s, $k(0x1.53f1dep-8f));
      p = tc_fma_$s(p, s, $k(-0x1.b7f716p-6f));
      p = tc_fma_$s(p, s, $k(0x1.ce2ce6p-4f));
      p = tc_fma_$s(p, s, $k(-0x1.81273ep-2f));
      p = tc_fma_$s(p, s, $k(0x1.06eba8p-3f));
      p = tc_fma_$s(p, x, x);
      $F t = tc_below_$s($k(4.0f), tc_abs_$s(x));  // from 3.92 on it rounds to 1
      $F q = tc_fma_$s($k(-0x1.fd2722p-19f), t, $k(0x1.0767e2p-15f));
      q = tc_fma_$s(q, t, $k(0x1.024cbp-13f));
      q = tc_fma_$s(q, t, $k(-0x1.9b3d3p-9f));
      q = tc_fma_$s(q, t, $k(0x1.791c38p-6f));
      q = tc_fma_$s(q, t, $k(-0x1.b084e4p-4f));
      q = tc_fma_$s(q, t, $k(-0x1.4559a6p-1f));
      q = tc_fma_$s(q, t, $k(-0x1.075a8ep-3f));
      q = tc_copysign_$s(1.0f - tc_exp_$s(tc_fma_$s(q, t, -t)), x);
      return tc_select_$s(tc_lt_$s(t, $k(1.0f)), p, q);
    }
    """)
}
