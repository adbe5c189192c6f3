extension Prelude {
  /// exp and what is made of it. The coefficients are from bench/maths/derive.py, the bounds in docs/maths.md.
  ///
  /// All reduce x = n·ln 2 + r. Adding 1.5·2²³ rounds to an integer and leaves it in the low bits (`shifted`); ln 2 has
  /// a head of 15 bits, so that n times it is exact even where there is no fused multiply-add.
  static let exponentials: [PreludeSnippet] =
    scales
    + [power, biasedPower, remainder, quotient, exp, expNonpositive, exp2, exp2Nonpositive, expm1, sigmoid, tanh]
    .flatMap { $0 }

  /// x·2ⁿ for n in [-250, 250], rounded once, also to a subnormal; `shifted` is n + 1.5·2²³.
  private static let scales: [PreludeSnippet] = {
    let twoSteps = """
      TC_INLINE $F tc_scale_$s($F x, $F shifted) {
        $I n = ($I)(($U)tc_bits_$s(shifted) - 0x4b400000), half = n >> 1;
        return x * tc_float_$s(($I)(($U)(half + 127) << 23)) * tc_float_$s(($I)(($U)(n - half + 127) << 23));
      }
      """
    let vector = PreludeShape.f32v.fill(twoSteps)
    return [
      PreludeSnippet("tc_scale_f32", PreludeShape.f32.fill(twoSteps)),
      PreludeSnippet(
        "tc_scale_f32v",
        .each(
          avx512: """
            TC_INLINE tc_f32v tc_scale_f32v(tc_f32v x, tc_f32v shifted) {
              return _mm512_scalef_ps(x, shifted - 0x1.8p23f);
            }
            """, avx2: vector, generic: vector)),
    ]
  }()

  /// 2ⁿ for n in [-126, 127]; `shifted` is n + 1.5·2²³.
  private static let power = PreludeShape.instantiate(
    "tc_power", for: PreludeShape.singles,
    """
    TC_INLINE $F tc_power_$s($F shifted) {
      return tc_float_$s(($I)((($U)tc_bits_$s(shifted) - (0x4b400000 - 127)) << 23));
    }
    """)

  /// 2ⁿ, or 0 for -127, where the low bits of `shifted` are n + 127.
  private static let biasedPower = PreludeShape.instantiate(
    "tc_biased_power", for: PreludeShape.singles,
    """
    TC_INLINE $F tc_biased_power_$s($F shifted) { return tc_float_$s(($I)(($U)tc_bits_$s(shifted) << 23)); }
    """)

  /// x - n·ln 2, where x is of moderate size.
  private static let remainder = PreludeShape.instantiate(
    "tc_exp_reduce", for: PreludeShape.singles,
    """
    TC_INLINE $F tc_exp_reduce_$s($F x, $F n) {
      return tc_fma_$s(n, $k(-0x1.7f7d1cp-20f), tc_fma_$s(n, $k(-0x1.62e4p-1f), x));
    }
    """)

  /// expm1(r) / r to the precision of exp, that is, so that its product with r is right relative to 1.
  private static let quotient = PreludeShape.instantiate(
    "tc_exp_quotient", for: PreludeShape.singles,
    """
    TC_INLINE $F tc_exp_quotient_$s($F r) {
      $F p = tc_fma_$s($k(0x1.6a495ep-10f), r, $k(0x1.1239ap-7f));
      p = tc_fma_$s(p, r, $k(0x1.5558b4p-5f));
      p = tc_fma_$s(p, r, $k(0x1.555492p-3f));
      p = tc_fma_$s(p, r, $k(0x1.fffffcp-2f));
      return tc_fma_$s(p, r, $k(1.0f));
    }
    """)

  private static let exp = PreludeShape.instantiate(
    "tc_exp", for: PreludeShape.singles,
    """
    TC_INLINE $F tc_exp_$s($F x) {
      x = tc_below_$s($k(89.0f), tc_above_$s($k(-104.0f), x));  // beyond these it is infinite, or 0
      $F shifted = tc_fma_$s(x, $k(0x1.715476p+0f), $k(0x1.8p23f));
      $F r = tc_exp_reduce_$s(x, shifted - 0x1.8p23f);
      return tc_scale_$s(tc_fma_$s(r, tc_exp_quotient_$s(r), $k(1.0f)), shifted);
    }
    """)

  /// Little more than half the instructions of exp: one bound, and one scale.
  private static let expNonpositive = PreludeShape.instantiate(
    "tc_exp_nonpositive", for: PreludeShape.singles,
    """
    TC_INLINE $F tc_exp_nonpositive_$s($F x) {
      x = tc_above_$s($k(-88.0f), x);
      $F shifted = tc_fma_$s(x, $k(0x1.715476p+0f), $k(0x1.8000fep23f));  // n + 127 in the low bits
      $F r = tc_exp_reduce_$s(x, shifted - 0x1.8000fep23f);
      $F power = tc_biased_power_$s(shifted);
      return tc_fma_$s(power * r, tc_exp_quotient_$s(r), power);
    }
    """)

  private static let exp2 = PreludeShape.instantiate(
    "tc_exp2", for: PreludeShape.singles,
    """
    TC_INLINE $F tc_exp2_$s($F x) {
      x = tc_below_$s($k(129.0f), tc_above_$s($k(-151.0f), x));
      $F shifted = x + 0x1.8p23f;
      $F r = x - (shifted - 0x1.8p23f);
      $F p = tc_fma_$s($k(0x1.e400dap-17f), r, $k(0x1.440eeap-13f));
      p = tc_fma_$s(p, r, $k(0x1.5da2d6p-10f));
      p = tc_fma_$s(p, r, $k(0x1.3b2a5cp-7f));
      p = tc_fma_$s(p, r, $k(0x1.c6b07p-5f));
      p = tc_fma_$s(p, r, $k(0x1.ebfbep-3f));
      p = tc_fma_$s(p, r, $k(0x1.62e43p-1f));
      return tc_scale_$s(tc_fma_$s(p, r, $k(1.0f)), shifted);
    }
    """)

  /// As exp_nonpositive, but no part of log2 e is lost, so that additions do for products; and of one degree less.
  private static let exp2Nonpositive = PreludeShape.instantiate(
    "tc_exp2_nonpositive", for: PreludeShape.singles,
    """
    TC_INLINE $F tc_exp2_nonpositive_$s($F x) {
      x = tc_above_$s($k(-127.0f), x);
      $F shifted = x + 0x1.8000fep23f;  // n + 127 in the low bits
      $F r = x - (shifted - 0x1.8000fep23f);
      $F power = tc_biased_power_$s(shifted);
      $F p = tc_fma_$s($k(0x1.5bef2cp-10f), r, $k(0x1.3ceaaap-7f));
      p = tc_fma_$s(p, r, $k(0x1.c6b6b4p-5f));
      p = tc_fma_$s(p, r, $k(0x1.ebf9bcp-3f));
      p = tc_fma_$s(p, r, $k(0x1.62e42ap-1f));
      return tc_fma_$s(p * r, power, power);  // power * r may be subnormal
    }
    """)

  /// 2ⁿ·expm1(r) + (2ⁿ - 1), all halved so that 2ⁿ does not overflow before the result does.
  private static let expm1 = PreludeShape.instantiate(
    "tc_expm1", for: PreludeShape.singles,
    """
    TC_INLINE $F tc_expm1_$s($F x) {
      $F c = tc_below_$s($k(89.0f), tc_above_$s($k(-30.0f), x));
      $F shifted = tc_fma_$s(c, $k(0x1.715476p+0f), $k(0x1.8p23f));
      $F r = tc_exp_reduce_$s(c, shifted - 0x1.8p23f);
      $F p = tc_fma_$s($k(0x1.9e77f8p-13f), r, $k(0x1.6d3a5cp-10f));
      p = tc_fma_$s(p, r, $k(0x1.1112d6p-7f));
      p = tc_fma_$s(p, r, $k(0x1.5554f8p-5f));
      p = tc_fma_$s(p, r, $k(0x1.555554p-3f));
      p = tc_fma_$s(p, r, $k(0.5f));
      p = tc_fma_$s(r * r, p, r);
      $F half = tc_power_$s(shifted - 1.0f);  // 2ⁿ / 2
      $F y = tc_fma_$s(half, p, half - 0.5f) * 2.0f;
      return tc_select_$s(tc_lt_$s(tc_abs_$s(x), $k(0x1p-26f)), x, y);  // keeps -0 and subnormals
    }
    """)

  /// 1 / (1 + 2ⁿ(1 + p)) with both sides times 2⁻²⁴, so that the denominator stays finite until the result is 0; the exponent is
  /// as in `tc_exp_nonpositive`.
  private static let sigmoid = PreludeShape.instantiate(
    "tc_sigmoid", for: PreludeShape.singles,
    """
    TC_INLINE $F tc_sigmoid_$s($F x) {
      $F t = -tc_below_$s($k(30.0f), tc_above_$s($k(-105.0f), x));
      $F shifted = tc_fma_$s(t, $k(0x1.715476p+0f), $k(0x1.8000cep23f));  // n - 24 + 127 in the low bits
      $F r = tc_exp_reduce_$s(t, shifted - 0x1.8000cep23f);
      $F power = tc_biased_power_$s(shifted);
      return $k(0x1p-24f) / (tc_fma_$s(power * r, tc_exp_quotient_$s(r), power) + 0x1p-24f);
    }
    """)

  /// e / (e + 2), where e = exp(2|x|) - 1 = 2ⁿ·expm1(r) + (2ⁿ - 1), with the sign of x. What ln 2 loses counts for nothing where
  /// n is 0, and elsewhere for little. Below 1/3, where roundings of the quotient count most, it is once more e/2 - e/2 of itself.
  private static let tanh = PreludeShape.instantiate(
    "tc_tanh", for: PreludeShape.singles,
    """
    TC_INLINE $F tc_tanh_$s($F x) {
      $F t = tc_below_$s($k(19.0f), tc_abs_$s(x) * 2.0f);  // from 18.1 on it rounds to 1
      $F shifted = tc_fma_$s(t, $k(0x1.715476p+0f), $k(0x1.8000fep23f));  // n + 127 in the low bits
      $F r = tc_fma_$s(shifted - 0x1.8000fep23f, $k(-0x1.62e43p-1f), t);
      $F power = tc_biased_power_$s(shifted);
      $F p = tc_fma_$s($k(0x1.6b7cbap-10f), r, $k(0x1.12268ap-7f));
      p = tc_fma_$s(p, r, $k(0x1.55570ep-5f));
      p = tc_fma_$s(p, r, $k(0x1.5554b2p-3f));
      p = tc_fma_$s(p, r, $k(0x1.fffffep-2f));
      p = tc_fma_$s(r * r, p, r);
      $F e = tc_fma_$s(power, p, power - 1.0f);
      $F half = e * 0.5f, y = e / (e + 2.0f);
      y = tc_select_$s(tc_lt_$s(half, $k(0.5f)), tc_fma_$s(-half, y, half), y);
      return tc_copysign_$s(y, x);
    }
    """)
}
