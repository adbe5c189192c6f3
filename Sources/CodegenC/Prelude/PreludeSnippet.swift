/// One definition that emitted C may contain: a type, a macro or a function of the prelude.
///
/// A snippet is named by the C identifier that it defines. What it needs is read off its text, so that a list of
/// dependencies can never be out of date.
public struct PreludeSnippet: Sendable {
  public let name: String
  /// How the definition looks for each vector width.
  let text: PreludeText
  /// Whether it calls the C library once per lane, so that a cost model should not take it for a vector instruction.
  public let isSlow: Bool

  init(_ name: String, _ text: String, isSlow: Bool = false) {
    self.init(name, .same(text), isSlow: isSlow)
  }

  init(_ name: String, _ text: PreludeText, isSlow: Bool = false) {
    self.name = name
    self.text = text
    self.isSlow = isSlow
  }

  /// The C text for a target.
  public func text(for target: PreludeTarget) -> String { text[target] }
}

/// What the prelude knows of the machine that the C is for. The emitted file checks it against the compiler's flags.
public enum PreludeTarget: Int, CaseIterable, Sendable {
  /// 16-byte vectors, with nothing asked of the compiler: SSE2, NEON, or whatever it makes of vector extensions.
  case generic = 16
  /// 32-byte vectors: AVX2, FMA and F16C.
  case avx2 = 32
  /// 64-byte vectors: AVX-512 F, DQ, BW and VL.
  case avx512 = 64

  public var vectorBytes: Int { rawValue }
}

/// A definition's text, which may differ between widths.
enum PreludeText: Sendable {
  case same(String)
  case each(avx512: String, avx2: String, generic: String)

  subscript(target: PreludeTarget) -> String {
    switch (self, target) {
    case (.same(let text), _): text
    case (.each(let text, _, _), .avx512): text
    case (.each(_, let text, _), .avx2): text
    case (.each(_, _, let text), .generic): text
    }
  }

  func map(_ change: (String) -> String) -> PreludeText {
    switch self {
    case .same(let text): .same(change(text))
    case .each(let a, let b, let c): .each(avx512: change(a), avx2: change(b), generic: change(c))
    }
  }
}

/// The C types for which a template is instantiated.
///
/// A template is C with a few `$` names in it. The scalar and the vector function come from one text, and every
/// operation in it rounds alike on both, hence they agree bit for bit: a tail may be done by either.
struct PreludeShape: Sendable {
  /// The end of a function's name: `f32`, `f32v`, …
  let suffix: String
  /// Replaces `$F`: the floating-point type.
  let float: String
  /// Replaces `$I`: the signed integer type of the same width, also the type of masks (0 or -1).
  let int: String
  /// Replaces `$U`: the unsigned one.
  let unsigned: String
  /// Replaces `$i` and `$u`: the ends of names of functions on those integers.
  let intSuffix: String
  let unsignedSuffix: String
  /// Replaces `$k`, which makes a constant of the floating-point type, and `$n`, of the integer type.
  let constant: String
  let intConstant: String

  static let f32 = PreludeShape(
    suffix: "f32", float: "float", int: "int32_t", unsigned: "uint32_t", intSuffix: "i32", unsignedSuffix: "u32",
    constant: "(float)", intConstant: "(int32_t)")
  static let f32v = PreludeShape(
    suffix: "f32v", float: "tc_f32v", int: "tc_i32v", unsigned: "tc_u32v", intSuffix: "i32v", unsignedSuffix: "u32v",
    constant: "tc_splat_f32v", intConstant: "tc_splat_i32v")
  static let f64 = PreludeShape(
    suffix: "f64", float: "double", int: "int64_t", unsigned: "uint64_t", intSuffix: "i64", unsignedSuffix: "u64",
    constant: "(double)", intConstant: "(int64_t)")
  static let f64v = PreludeShape(
    suffix: "f64v", float: "tc_f64v", int: "tc_i64v", unsigned: "tc_u64v", intSuffix: "i64v", unsignedSuffix: "u64v",
    constant: "tc_splat_f64v", intConstant: "tc_splat_i64v")

  static let singles = [f32, f32v]
  static let doubles = [f64, f64v]
  static let all = singles + doubles

  /// Replaces the `$` names of a template.
  func fill(_ template: String) -> String {
    var result = ""
    var rest = Substring(template)
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      let after = rest.index(after: dollar)
      let spelling =
        switch rest[after] {
        case "F": float
        case "I": int
        case "U": unsigned
        case "s": suffix
        case "i": intSuffix
        case "u": unsignedSuffix
        case "k": constant
        case "n": intConstant
        default: preconditionFailure("no template name $\(rest[after])")
        }
      result += spelling
      rest = rest[rest.index(after: after)...]
    }
    return result + rest
  }

  /// One snippet per shape from a template whose name is `stem` and the shape's suffix.
  static func instantiate(_ stem: String, for shapes: [PreludeShape], _ template: String) -> [PreludeSnippet] {
    shapes.map { PreludeSnippet(stem + "_" + $0.suffix, $0.fill(template)) }
  }
}
