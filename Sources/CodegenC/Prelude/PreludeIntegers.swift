extension Prelude {
  /// Integer arithmetic with a result for every operand: overflow wraps, a division by zero gives 0, and a shift by the
  /// width or more gives what shifting bit by bit would. Nothing traps, nothing is undefined.
  static let integers: [PreludeSnippet] =
    integerTypes.flatMap(scalarArithmetic) + vectorIntegers.flatMap(vectorArithmetic) + byteProducts + shortProducts
    + pairProducts

  private struct IntegerType {
    let suffix: String
    let type: String
    let unsigned: String
    let bits: Int
    var isSigned: Bool { suffix.hasPrefix("i") }
  }

  private static let integerTypes: [IntegerType] = [8, 16, 32, 64].flatMap { bits in
    [
      IntegerType(suffix: "i\(bits)", type: "int\(bits)_t", unsigned: "uint\(bits)_t", bits: bits),
      IntegerType(suffix: "u\(bits)", type: "uint\(bits)_t", unsigned: "uint\(bits)_t", bits: bits),
    ]
  }

  private static let vectorIntegers = [32, 64].flatMap { bits in
    [
      IntegerType(suffix: "i\(bits)v", type: "tc_i\(bits)v", unsigned: "tc_u\(bits)v", bits: bits),
      IntegerType(suffix: "u\(bits)v", type: "tc_u\(bits)v", unsigned: "tc_u\(bits)v", bits: bits),
    ]
  }

  private static func function(_ stem: String, _ t: IntegerType, slow: Bool = false, _ body: String) -> PreludeSnippet {
    let name = "tc_\(stem)_\(t.suffix)"
    return PreludeSnippet(
      name, "TC_INLINE \(t.type) \(name)(\(t.type) a, \(t.type) b) {\n  \(body)\n}", isSlow: slow)
  }

  private static func scalarArithmetic(_ t: IntegerType) -> [PreludeSnippet] {
    // uint32_t at least: narrower types would be promoted to int, whose product may overflow.
    let wide = t.bits == 64 ? "uint64_t" : "uint32_t"
    func wrapping(_ sign: String) -> String { "return (\(t.type))((\(wide))a \(sign) (\(wide))b);" }
    let minusOne =
      t.isSigned ? "if (b == -1) return (\(t.type))(0 - (\(wide))a);  // the least has no negative\n  " : ""
    let byMinusOne = t.isSigned ? "b == 0 || b == -1" : "b == 0"
    return [
      function("add", t, wrapping("+")),
      function("sub", t, wrapping("-")),
      function("mul", t, wrapping("*")),
      function("min", t, "return a < b ? a : b;"),
      function("max", t, "return a > b ? a : b;"),
      function("div", t, "if (b == 0) return 0;\n  \(minusOne)return (\(t.type))(a / b);"),
      function("rem", t, "return \(byMinusOne) ? 0 : (\(t.type))(a % b);"),
      function(
        "floordiv", t,
        t.isSigned
          ? "\(t.type) r = tc_rem_\(t.suffix)(a, b);\n"
            + "  return (\(t.type))(tc_div_\(t.suffix)(a, b) - (r != 0 && (r < 0) != (b < 0)));"
          : "return tc_div_\(t.suffix)(a, b);"),
      function(
        "mod", t,
        t.isSigned
          ? "\(t.type) r = tc_rem_\(t.suffix)(a, b);\n  return r != 0 && (r < 0) != (b < 0) ? (\(t.type))(r + b) : r;"
          : "return tc_rem_\(t.suffix)(a, b);"),
      function("shl", t, "return (\(t.unsigned))b < \(t.bits) ? (\(t.type))((\(wide))a << b) : 0;"),
      function(
        "shr", t,
        "return (\(t.unsigned))b < \(t.bits) ? (\(t.type))(a >> b) : \(t.isSigned ? "(\(t.type))-(a < 0)" : "0");"),
      function("pow", t, slow: true, power(t, wide)),
    ]
  }

  /// By squaring. A negative power is the quotient of 1, truncated: 0 but for the bases 1 and -1.
  private static func power(_ t: IntegerType, _ wide: String) -> String {
    let negative = t.isSigned ? "if (b < 0) return a == 1 ? 1 : a == -1 ? (b & 1 ? -1 : 1) : 0;\n  " : ""
    return negative + """
      \(wide) power = 1, square = (\(wide))a;
        for (\(t.unsigned) rest = (\(t.unsigned))b; rest; rest = (\(t.unsigned))(rest >> 1), square *= square)
          if (rest & 1) power *= square;
        return (\(t.type))power;
      """
  }

  private static func vectorArithmetic(_ t: IntegerType) -> [PreludeSnippet] {
    let scalar = String(t.suffix.dropLast())
    let mask = "tc_i\(t.bits)v"
    func wrapping(_ sign: String) -> String { "return (\(t.type))((\(t.unsigned))a \(sign) (\(t.unsigned))b);" }
    func chosen(_ sign: String) -> String { "return tc_select_\(t.suffix)((\(mask))(a \(sign) b), a, b);" }
    func lanes(_ stem: String) -> PreludeSnippet {
      function(
        stem, t, slow: true,
        "for (size_t i = 0; i < sizeof a / sizeof a[0]; i++) a[i] = tc_\(stem)_\(scalar)(a[i], b[i]);\n  return a;")
    }
    return [
      function("add", t, wrapping("+")), function("sub", t, wrapping("-")), function("mul", t, wrapping("*")),
      function("min", t, chosen("<")), function("max", t, chosen(">")),
    ] + ["div", "rem", "floordiv", "mod", "shl", "shr", "pow"].map(lanes)
  }
}
