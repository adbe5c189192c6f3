extension Prelude {
  /// asin, acos and atan of f32, computed in f64 as sin and its like are, so that nothing of what cancels shows.
  static let inverseCircular: [PreludeSnippet] =
    [asinCore, acosCore, atanCore].flatMap { $0 } + ["asin", "acos", "atan"].flatMap(throughDouble)

  /// Above 1/2 by the half angle: asin x = π/2 - 2 asin √((1 - x)/2).
  private static let asinCore = PreludeShape.instantiate(
    "tc_asin_core", for: PreludeShape.doubles,
    """
    TC_INLINE $F tc_asin_core_$s($F x) {
      $F size = tc_abs_$s(x);
      $I steep = tc_lt_$s($k(0.5), size);
      $F s = tc_select_$s(steep, (1.0 - size) * 0.5, size * size);
      $F r = tc_select_$s(steep, tc_sqrt_$s(s), size);
      $F p = tc_fma_$s($k(0x1.336b2b5d63f6ap-5), s, $k(0x1.d8e68e4991099p-7));
      p = tc_fma_$s(p, s, $k(0x1.04951de8265e6p-5));
      p = tc_fma_$s(p, s, $k(0x1.6cae712474042p-5));
      p = tc_fma_$s(p, s, $k(0x1.33387ed6fbdbep-4));
      p = tc_fma_$s(p, s, $k(0x1.55554c5b9d0dfp-3));
      $F y = tc_fma_$s(p * s, r, r);
      return tc_copysign_$s(tc_select_$s(steep, 0x1.921fb54442d18p+0 - y * 2.0, y), x);
    }
    """)

  private static let acosCore = PreludeShape.instantiate(
    "tc_acos_core", for: PreludeShape.doubles,
    "TC_INLINE $F tc_acos_core_$s($F x) { return 0x1.921fb54442d18p+0 - tc_asin_core_$s(x); }")

  /// The angle less π/4 or π/2 where the tangent is above tan π/8 or tan 3π/8; what is left has a tangent below tan π/8.
  private static let atanCore = PreludeShape.instantiate(
    "tc_atan_core", for: PreludeShape.doubles,
    """
    TC_INLINE $F tc_atan_core_$s($F x) {
      $F size = tc_abs_$s(x);
      $I middle = tc_lt_$s($k(0x1.a827999fcef32p-2), size), steep = tc_lt_$s($k(0x1.3504f333f9de6p+1), size);
      $F over = tc_select_$s(steep, $k(-1.0), tc_select_$s(middle, size - 1.0, size));
      $F under = tc_select_$s(steep, size, tc_select_$s(middle, size + 1.0, $k(1.0)));
      $F base = tc_select_$s(steep, $k(0x1.921fb54442d18p+0), tc_select_$s(middle, $k(0x1.921fb54442d18p-1), $k(0.0)));
      $F r = over / under, s = r * r;
      $F p = tc_fma_$s($k(0x1.849035063c10cp-5), s, $k(-0x1.5b2c102c715aap-4));
      p = tc_fma_$s(p, s, $k(0x1.c4634cdeb9fa8p-4));
      p = tc_fma_$s(p, s, $k(-0x1.247ed3b5beed3p-3));
      p = tc_fma_$s(p, s, $k(0x1.9999186a1142ap-3));
      p = tc_fma_$s(p, s, $k(-0x1.555554c5bda6ep-2));
      return tc_copysign_$s(base + tc_fma_$s(p * s, r, r), x);
    }
    """)

  /// A function of f32 made of its core in f64; of a vector, half by half.
  static func throughDouble(_ name: String) -> [PreludeSnippet] {
    [
      PreludeSnippet(
        "tc_\(name)_f32", "TC_INLINE float tc_\(name)_f32(float x) { return (float)tc_\(name)_core_f64(x); }"),
      PreludeSnippet(
        "tc_\(name)_f32v",
        """
        TC_INLINE tc_f32v tc_\(name)_f32v(tc_f32v x) {
          return tc_join_f32v(tc_\(name)_core_f64v(tc_low_f64v(x)), tc_\(name)_core_f64v(tc_high_f64v(x)));
        }
        """),
    ]
  }
}
