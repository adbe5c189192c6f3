extension Prelude {
  /// Functions left to the C library: of f32 those that models seldom use, of f64 all. Vectors call it once per lane.
  static let library: [PreludeSnippet] =
    unary.flatMap { calls($0, "f32") } + binary.flatMap { calls($0, "f32", arity: 2) } + modulo("f32")
    + (unary + fastSingles).flatMap { calls($0, "f64") } + ofDouble
    + (binary + ["pow", "hypot"]).flatMap { calls($0, "f64", arity: 2) } + modulo("f64")

  private static let unary = ["log10", "erfc"]
  private static let binary = ["atan2", "fmod"]
  /// Those of which there is a vector form of our own for f32.
  private static let fastSingles = [
    "exp", "exp2", "expm1", "log", "log2", "log1p", "tanh", "erf", "sin", "cos", "tan", "asin", "acos", "atan", "sinh",
    "cosh", "asinh", "acosh", "atanh",
  ]

  private static func calls(_ name: String, _ lane: String, arity: Int = 1) -> [PreludeSnippet] {
    let call = lane == "f32" ? name + "f" : name
    let type = lane == "f32" ? "float" : "double"
    let parameters = arity == 1 ? "\(type) x" : "\(type) x, \(type) y"
    let arguments = arity == 1 ? "x" : "x, y"
    return [
      PreludeSnippet(
        "tc_\(name)_\(lane)", "TC_INLINE \(type) tc_\(name)_\(lane)(\(parameters)) { return \(call)(\(arguments)); }",
        isSlow: true),
      lanewise(name, lane, arity: arity),
    ]
  }

  private static func lanewise(_ name: String, _ lane: String, arity: Int) -> PreludeSnippet {
    let parameters = arity == 1 ? "tc_\(lane)v x" : "tc_\(lane)v x, tc_\(lane)v y"
    let arguments = arity == 1 ? "x[i]" : "x[i], y[i]"
    return PreludeSnippet(
      "tc_\(name)_\(lane)v",
      """
      TC_INLINE tc_\(lane)v tc_\(name)_\(lane)v(\(parameters)) {
        for (size_t i = 0; i < sizeof x / sizeof x[0]; i++) x[i] = tc_\(name)_\(lane)(\(arguments));
        return x;
      }
      """, isSlow: true)
  }

  /// The remainder with the divisor's sign, as Python's `%`; of division by zero it is NaN.
  private static func modulo(_ lane: String) -> [PreludeSnippet] {
    let type = lane == "f32" ? "float" : "double"
    return [
      PreludeSnippet(
        "tc_mod_\(lane)",
        """
        TC_INLINE \(type) tc_mod_\(lane)(\(type) x, \(type) y) {
          \(type) r = tc_fmod_\(lane)(x, y);
          if (r == 0) return tc_copysign_\(lane)(r, y);
          return (r < 0) != (y < 0) ? r + y : r;
        }
        """, isSlow: true),
      lanewise("mod", lane, arity: 2),
    ]
  }

  private static let ofDouble = [
    ("sigmoid", "1 / (1 + exp(-x))"), ("exp_nonpositive", "exp(x)"), ("exp2_nonpositive", "exp2(x)"),
  ].flatMap {
    name, value in
    [
      PreludeSnippet(
        "tc_\(name)_f64", "TC_INLINE double tc_\(name)_f64(double x) { return \(value); }", isSlow: true),
      lanewise(name, "f64", arity: 1),
    ]
  }
}
