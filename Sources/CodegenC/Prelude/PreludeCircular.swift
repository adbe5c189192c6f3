extension Prelude {
  /// sin, cos and tan of f32, computed in f64: a float's remainder by π/2 then needs no more than three parts of it, and
  /// the result is the exact one rounded, nearly always.
  static let circular: [PreludeSnippet] =
    [reduce, sinPolynomial, cosPolynomial, sinTurns, cosTurns, tanTurns].flatMap { $0 }
    + [("sin", true), ("cos", false), ("tan", true)].flatMap { single($0, isOdd: $1) }

  /// x - n·π/2; the first two parts have 26 bits, so that n times them is exact for n < 2²⁶.
  private static let reduce = PreludeShape.instantiate(
    "tc_turn_reduce", for: PreludeShape.doubles,
    """
    TC_INLINE $F tc_turn_reduce_$s($F x, $F n) {
      $F r = tc_fma_$s(n, $k(-0x1.110b46p-26), tc_fma_$s(n, $k(-0x1.921fb5p+0), x));
      return tc_fma_$s(n, $k(-0x1.1a62633145c07p-54), r);
    }
    """)

  private static let sinPolynomial = PreludeShape.instantiate(
    "tc_sin_quarter", for: PreludeShape.doubles,
    """
    TC_INLINE $F tc_sin_quarter_$s($F r) {
      $F s = r * r;
      $F p = tc_fma_$s($k(0x1.6cd1be9de21b2p-19), s, $k(-0x1.a00f7e58d5416p-13));
      p = tc_fma_$s(p, s, $k(0x1.11110869710cap-7));
      p = tc_fma_$s(p, s, $k(-0x1.5555554c70aadp-3));
      return tc_fma_$s(p * s, r, r);
    }
    """)

  private static let cosPolynomial = PreludeShape.instantiate(
    "tc_cos_quarter", for: PreludeShape.doubles,
    """
    TC_INLINE $F tc_cos_quarter_$s($F r) {
      $F s = r * r;
      $F p = tc_fma_$s($k(-0x1.23c9570b5acd2p-22), s, $k(0x1.a00eb8df056c0p-16));
      p = tc_fma_$s(p, s, $k(-0x1.6c16b34747010p-10));
      p = tc_fma_$s(p, s, $k(0x1.55555545c3102p-5));
      p = tc_fma_$s(p, s, $k(-0x1.ffffffffe9878p-2));
      return tc_fma_$s(p, s, $k(1.0));
    }
    """)

  /// The quadrant is in the low bits of `shifted`, as in exp.
  private static func turns(_ name: String, _ result: String) -> [PreludeSnippet] {
    PreludeShape.instantiate(
      "tc_\(name)_turns", for: PreludeShape.doubles,
      """
      TC_INLINE $F tc_\(name)_turns_$s($F x) {
        $F shifted = tc_fma_$s(x, $k(0x1.45f306dc9c883p-1), $k(0x1.8p52));
        $F r = tc_turn_reduce_$s(x, shifted - 0x1.8p52);
        $F sine = tc_sin_quarter_$s(r), cosine = tc_cos_quarter_$s(r);
        $I quadrant = tc_bits_$s(shifted), odd = -(quadrant & 1);
      \(result)
      }
      """)
  }

  private static let sinTurns = turns(
    "sin",
    """
      $F y = tc_select_$s(odd, cosine, sine);
      return tc_float_$s(tc_bits_$s(y) ^ ($I)(($U)(quadrant & 2) << 62));
    """)

  private static let cosTurns = turns(
    "cos",
    """
      $F y = tc_select_$s(odd, sine, cosine);
      return tc_float_$s(tc_bits_$s(y) ^ ($I)(($U)((quadrant + 1) & 2) << 62));
    """)

  private static let tanTurns = turns(
    "tan",
    """
      return tc_select_$s(odd, -cosine, sine) / tc_select_$s(odd, sine, cosine);
    """)

  /// From 10⁸ on the C library reduces, lane by lane: such angles are hardly ever meant. Odd functions are x itself
  /// near 0, which also keeps the sign of zero.
  private static func single(_ name: String, isOdd: Bool) -> [PreludeSnippet] {
    func near(_ suffix: String, _ constant: String) -> String {
      isOdd
        ? "\n  y = tc_select_\(suffix)(tc_lt_\(suffix)(tc_abs_\(suffix)(x), \(constant)(0x1p-13f)), x, y);" : ""
    }
    return [
      PreludeSnippet(
        "tc_\(name)_f32",
        """
        TC_INLINE float tc_\(name)_f32(float x) {
          if (TC_UNLIKELY(tc_abs_f32(x) > 1e8f)) return (float)\(name)(x);
          float y = (float)tc_\(name)_turns_f64(x);\(near("f32", "(float)"))
          return y;
        }
        """),
      PreludeSnippet(
        "tc_\(name)_f32v",
        """
        TC_INLINE tc_f32v tc_\(name)_f32v(tc_f32v x) {
          tc_f32v y = tc_join_f32v(tc_\(name)_turns_f64v(tc_low_f64v(x)), tc_\(name)_turns_f64v(tc_high_f64v(x)));\
        \(near("f32v", "tc_splat_f32v"))
          tc_i32v far = tc_lt_f32v(tc_splat_f32v(1e8f), tc_abs_f32v(x));
          if (TC_UNLIKELY(tc_any_i32v(far)))
            for (size_t i = 0; i < sizeof x / sizeof x[0]; i++)
              if (far[i]) y[i] = (float)\(name)(x[i]);
          return y;
        }
        """),
    ]
  }
}
