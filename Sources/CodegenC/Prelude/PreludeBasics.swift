extension Prelude {
  /// Comparison, selection, fused multiply-add, minima and the operations on signs.
  static let basics: [PreludeSnippet] =
    comparisons + selects + fusedMultiplyAdds + minima + signs + squareRoots

  /// Comparisons give masks: 0 or -1, in an integer of the operands' width.
  private static let comparisons: [PreludeSnippet] =
    [("lt", "<"), ("le", "<="), ("eq", "=="), ("ne", "!=")].flatMap { name, sign in
      PreludeShape.all.map { shape in
        let isVector = shape.suffix.hasSuffix("v")
        return PreludeSnippet(
          "tc_\(name)_\(shape.suffix)",
          shape.fill(
            isVector
              ? "TC_INLINE $I tc_\(name)_$s($F a, $F b) { return ($I)(a \(sign) b); }"
              : "TC_INLINE $I tc_\(name)_$s($F a, $F b) { return -($I)(a \(sign) b); }"))
      }
    }

  /// `mask ? a : b` in each lane. Neither clang takes `?:` on vectors in C.
  private static let selects: [PreludeSnippet] =
    [
      PreludeSnippet(
        "tc_select_i32", "TC_INLINE int32_t tc_select_i32(int32_t mask, int32_t a, int32_t b) { return mask ? a : b; }"),
      PreludeSnippet(
        "tc_select_f32", "TC_INLINE float tc_select_f32(int32_t mask, float a, float b) { return mask ? a : b; }"),
      PreludeSnippet(
        "tc_select_i64", "TC_INLINE int64_t tc_select_i64(int64_t mask, int64_t a, int64_t b) { return mask ? a : b; }"),
      PreludeSnippet(
        "tc_select_f64", "TC_INLINE double tc_select_f64(int64_t mask, double a, double b) { return mask ? a : b; }"),
    ]
    + [("i32v", "i32v"), ("f32v", "i32v"), ("u32v", "i32v"), ("i64v", "i64v"), ("f64v", "i64v"), ("u64v", "i64v")].map {
      suffix, mask in
      PreludeSnippet(
        "tc_select_\(suffix)",
        """
        TC_INLINE tc_\(suffix) tc_select_\(suffix)(tc_\(mask) mask, tc_\(suffix) a, tc_\(suffix) b) {
          return (tc_\(suffix))((mask & (tc_\(mask))a) | (~mask & (tc_\(mask))b));
        }
        """)
    }

  /// a·b + c with one rounding where the target has the instruction, with two where it has not; never by the library.
  private static let fusedMultiplyAdds: [PreludeSnippet] = [
    PreludeSnippet("tc_fma_f32", scalarFusedMultiplyAdd(type: "float", suffix: "f32", builtin: "__builtin_fmaf")),
    PreludeSnippet(
      "tc_fma_f32v",
      .each(
        avx512: "TC_INLINE tc_f32v tc_fma_f32v(tc_f32v a, tc_f32v b, tc_f32v c) { return _mm512_fmadd_ps(a, b, c); }",
        avx2: "TC_INLINE tc_f32v tc_fma_f32v(tc_f32v a, tc_f32v b, tc_f32v c) { return _mm256_fmadd_ps(a, b, c); }",
        generic: genericFusedMultiplyAdd(suffix: "f32v", x86: "_mm_fmadd_ps", neon: "vfmaq_f32"))),
    PreludeSnippet("tc_fma_f64", scalarFusedMultiplyAdd(type: "double", suffix: "f64", builtin: "__builtin_fma")),
    PreludeSnippet(
      "tc_fma_f64v",
      .each(
        avx512: "TC_INLINE tc_f64v tc_fma_f64v(tc_f64v a, tc_f64v b, tc_f64v c) { return _mm512_fmadd_pd(a, b, c); }",
        avx2: "TC_INLINE tc_f64v tc_fma_f64v(tc_f64v a, tc_f64v b, tc_f64v c) { return _mm256_fmadd_pd(a, b, c); }",
        generic: genericFusedMultiplyAdd(suffix: "f64v", x86: "_mm_fmadd_pd", neon: "vfmaq_f64"))),
  ]

  private static func scalarFusedMultiplyAdd(type: String, suffix: String, builtin: String) -> PreludeText {
    let fused = "TC_INLINE \(type) tc_fma_\(suffix)(\(type) a, \(type) b, \(type) c) { return \(builtin)(a, b, c); }"
    let generic = """
      TC_INLINE \(type) tc_fma_\(suffix)(\(type) a, \(type) b, \(type) c) {
      #if defined(__FMA__) || defined(__aarch64__)
        return \(builtin)(a, b, c);
      #else
        return a * b + c;
      #endif
      }
      """
    return .each(avx512: fused, avx2: fused, generic: generic)
  }

  private static func genericFusedMultiplyAdd(suffix: String, x86: String, neon: String) -> String {
    """
    TC_INLINE tc_\(suffix) tc_fma_\(suffix)(tc_\(suffix) a, tc_\(suffix) b, tc_\(suffix) c) {
    #if defined(__FMA__)
      return \(x86)(a, b, c);
    #elif defined(__aarch64__) && defined(__ARM_NEON)
      return \(neon)(c, a, b);
    #else
      return a * b + c;
    #endif
    }
    """
  }

  /// Minimum and maximum where NaN wins, as in NumPy and ONNX; and the cheap forms `below` and `above`, whose first
  /// operand is a constant: a NaN in the second passes through, which on x86 is one instruction.
  private static let minima: [PreludeSnippet] =
    PreludeShape.all.flatMap { shape in
      [("below", "<", "min", "constant < x"), ("above", ">", "max", "x < constant")].flatMap { name, _, plain, test in
        [
          PreludeSnippet(
            "tc_\(name)_\(shape.suffix)",
            cheapMinimum(shape: shape, name: name, plain: plain, test: test)),
          PreludeSnippet(
            "tc_\(plain)_\(shape.suffix)",
            shape.fill(
              """
              TC_INLINE $F tc_\(plain)_$s($F a, $F b) {
                return tc_select_$s(tc_eq_$s(a, a), tc_\(name)_$s(a, b), a);
              }
              """)),
        ]
      }
    }

  private static func cheapMinimum(shape: PreludeShape, name: String, plain: String, test: String) -> PreludeText {
    let signature = shape.fill("TC_INLINE $F tc_\(name)_$s($F constant, $F x)")
    let parts = test.split(separator: " ")
    let portable =
      signature + shape.fill(" {\n  return tc_select_$s(tc_lt_$s(\(parts[0]), \(parts[2])), constant, x);\n}")
    guard shape.suffix.hasSuffix("v") else { return .same(portable) }
    let kind = shape.suffix == "f32v" ? "ps" : "pd"
    return .each(
      avx512: "\(signature) { return _mm512_\(plain)_\(kind)(constant, x); }",
      avx2: "\(signature) { return _mm256_\(plain)_\(kind)(constant, x); }",
      generic: """
        #if defined(__SSE2__)
        \(signature) { return _mm_\(plain)_\(kind)(constant, x); }
        #else
        \(portable)
        #endif
        """)
  }

  /// What only touches the sign bit, and what is made of it.
  private static let signs: [PreludeSnippet] =
    [("f32", "INT32_MIN"), ("f64", "INT64_MIN")].flatMap { suffix, sign in
      PreludeShape.all.filter { $0.suffix.hasPrefix(suffix) }.flatMap { shape in
        [
          PreludeSnippet(
            "tc_abs_\(shape.suffix)",
            shape.fill("TC_INLINE $F tc_abs_$s($F x) { return tc_float_$s(tc_bits_$s(x) & ~$n(\(sign))); }")),
          PreludeSnippet(
            "tc_copysign_\(shape.suffix)",
            shape.fill(
              """
              TC_INLINE $F tc_copysign_$s($F magnitude, $F sign) {
                return tc_float_$s((tc_bits_$s(magnitude) & ~$n(\(sign))) | (tc_bits_$s(sign) & $n(\(sign))));
              }
              """)),
        ]
      }
    }
    + PreludeShape.instantiate(
      "tc_sign", for: PreludeShape.all,
      """
      TC_INLINE $F tc_sign_$s($F x) {  // zeros and NaN are their own sign
        return tc_select_$s(tc_lt_$s($k(0), tc_abs_$s(x)), tc_copysign_$s($k(1), x), x);
      }
      """)
    + PreludeShape.instantiate(
      "tc_reciprocal", for: PreludeShape.all, "TC_INLINE $F tc_reciprocal_$s($F x) { return 1 / x; }")

  private static let squareRoots: [PreludeSnippet] =
    [
      PreludeSnippet(
        "TC_HIDDEN",
        """
        /* Clang 14, at least, takes 1 / sqrt(x) for never negative, but of -0 it is -infinity. This hides where x comes from. */
        #if defined(__clang__) && defined(__AVX512F__)
        #define TC_HIDDEN(x) __asm__("" : "+v"(x))
        #elif defined(__clang__) && defined(__SSE2__)
        #define TC_HIDDEN(x) __asm__("" : "+x"(x))
        #elif defined(__clang__) && defined(__aarch64__)
        #define TC_HIDDEN(x) __asm__("" : "+w"(x))
        #else
        #define TC_HIDDEN(x) (void)(x)
        #endif
        """)
    ]
    + [("f32", "float", "sqrtf"), ("f64", "double", "sqrt")].map { suffix, type, function in
      PreludeSnippet("tc_sqrt_\(suffix)", rooted(suffix, type, "\(function)(x)"))
    }
    + [("f32v", "ps", "float", "sqrtf", "f32"), ("f64v", "pd", "double", "sqrt", "f64")].map {
      suffix, kind, type, scalar, neon in
      let vector = "tc_\(suffix)"
      return PreludeSnippet(
        "tc_sqrt_\(suffix)",
        .each(
          avx512: rooted(suffix, vector, "_mm512_sqrt_\(kind)(x)"),
          avx2: rooted(suffix, vector, "_mm256_sqrt_\(kind)(x)"),
          generic: """
            #if defined(__SSE2__)
            \(rooted(suffix, vector, "_mm_sqrt_\(kind)(x)"))
            #elif defined(__aarch64__) && defined(__ARM_NEON)
            \(rooted(suffix, vector, "vsqrtq_\(neon)(x)"))
            #else
            TC_INLINE \(vector) tc_sqrt_\(suffix)(\(vector) x) {
              for (size_t i = 0; i < sizeof x / sizeof x[0]; i++) x[i] = \(scalar)(x[i]);
              return x;
            }
            #endif
            """))
    }
    + PreludeShape.instantiate(
      "tc_rsqrt", for: PreludeShape.all, "TC_INLINE $F tc_rsqrt_$s($F x) { return 1 / tc_sqrt_$s(x); }")

  private static func rooted(_ suffix: String, _ type: String, _ root: String) -> String {
    """
    TC_INLINE \(type) tc_sqrt_\(suffix)(\(type) x) {
      \(type) root = \(root);
      TC_HIDDEN(root);
      return root;
    }
    """
  }
}
