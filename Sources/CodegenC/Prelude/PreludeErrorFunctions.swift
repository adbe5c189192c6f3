extension Prelude {
  /// erf: x times a quotient of polynomials in x², from bench/maths/derive.py. From 3.93 on it is 1, and rounding never passes that.
  static let errorFunctions: [PreludeSnippet] = PreludeShape.instantiate(
    "tc_erf", for: PreludeShape.singles,
    """
    TC_INLINE $F tc_erf_$s($F x) {
      x = tc_below_$s($k(3.93f), tc_above_$s($k(-3.93f), x));
      $F s = x * x;
      $F p = tc_fma_$s($k(0x1.121104p-19f), s, $k(0x1.2aa0ccp-12f));
      p = tc_fma_$s(p, s, $k(0x1.ef5984p-9f));
      p = tc_fma_$s(p, s, $k(0x1.b072a2p-5f));
      p = tc_fma_$s(p, s, $k(0x1.86b554p-3f));
      p = tc_fma_$s(p, s, $k(0x1.20dd74p+0f));
      $F q = tc_fma_$s($k(0x1.3ecb22p-15f), s, $k(0x1.316d0ap-10f));
      q = tc_fma_$s(q, s, $k(0x1.eb6904p-7f));
      q = tc_fma_$s(q, s, $k(0x1.d3fbf6p-4f));
      q = tc_fma_$s(q, s, $k(0x1.013afcp-1f));
      q = tc_fma_$s(q, s, $k(1.0f));
      return tc_below_$s($k(1.0f), tc_above_$s($k(-1.0f), x * p / q));
    }
    """)
}
