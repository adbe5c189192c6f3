/// The closed set of C definitions that emitted kernels may use: vector types, vector mathematics, fused
/// multiply-add, tails, conversions.
///
/// Compile what holds them with `-ffp-contract=off`, and never with `-ffast-math`: the functions rely on NaN,
/// infinities, signed zeros and on additions staying where they are written.
public enum Prelude {
  /// Everything there is, in the order in which it is printed: a definition follows what it uses.
  public static let snippets: [PreludeSnippet] =
    types + basics + rounding + integers + memory + streams + transpositions + reductions + conversions + narrow
    + exponentials + tiles
    + logarithms
    + errorFunctions + circular + inverseCircular + powers + hyperbolic + library

  private static let positions: [String: Int] = {
    var positions: [String: Int] = [:]
    for (position, snippet) in snippets.enumerated() {
      precondition(positions.updateValue(position, forKey: snippet.name) == nil, "\(snippet.name) is defined twice")
    }
    return positions
  }()

  /// The snippet that defines a C name.
  public static func snippet(_ name: String) -> PreludeSnippet? { positions[name].map { snippets[$0] } }

  /// The text that defines `names` and all that they use, each once, in declaration order.
  ///
  /// A name that the prelude does not have is a mistake of the caller, not of the user's model.
  public static func text(for names: some Sequence<String>, target: PreludeTarget) -> String {
    var needed = Array(repeating: false, count: snippets.count)
    var pending = names.map { name in
      guard let position = positions[name] else { preconditionFailure("the prelude has no \(name)") }
      return position
    }
    while let position = pending.popLast() {
      if needed[position] { continue }
      needed[position] = true
      for name in dependencies(of: snippets[position], target: target) {
        guard let next = positions[name] else { continue }
        pending.append(next)
      }
    }
    let chosen = snippets.indices.filter { needed[$0] }.map { snippets[$0].text(for: target) }
    return ([header(for: target, hasFunctions: !chosen.isEmpty)] + chosen).joined(separator: "\n") + "\n"
  }

  /// The names of other snippets that occur in a snippet's text, in order of appearance.
  public static func dependencies(of snippet: PreludeSnippet, target: PreludeTarget) -> [String] {
    var found: [String] = []
    for word in identifiers(in: snippet.text(for: target))
    where word != snippet.name && positions[word] != nil && !found.contains(word) { found.append(word) }
    return found
  }

  /// The identifiers in C text that begin as ours do.
  private static func identifiers(in text: String) -> [String] {
    var words: [String] = []
    var word: [UInt8] = []
    for byte in text.utf8 + [UInt8(ascii: "\n")] {
      let isLetter = byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
      let isDigit = byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
      if isLetter || isDigit || byte == UInt8(ascii: "_") {
        word.append(byte)
      } else {
        if word.count > 3, word[2] == UInt8(ascii: "_"), word[0] | 0x20 == UInt8(ascii: "t") {
          words.append(String(decoding: word, as: UTF8.self))
        }
        word.removeAll(keepingCapacity: true)
      }
    }
    return words
  }

  /// The includes, and a refusal to be compiled for another machine than the one it was written for. Without functions there is
  /// no need of the processor's instructions, whose header takes a compiler longer than all else of a file.
  private static func header(for target: PreludeTarget, hasFunctions: Bool) -> String {
    let check =
      switch target {
      case .avx512:
        """
        #if !defined(__AVX512F__) || !defined(__AVX512DQ__) || !defined(__AVX512BW__) || !defined(__AVX512VL__)
        #error "this file is for AVX-512: compile it with the flags in its first comment"
        #endif
        """
      case .avx2:
        """
        #if !defined(__AVX2__) || !defined(__FMA__) || !defined(__F16C__)
        #error "this file is for AVX2, FMA and F16C: compile it with the flags in its first comment"
        #endif
        """
      case .generic: ""
      }
    let instructions = """
      #if defined(__SSE2__)
      #include <immintrin.h>
      #elif defined(__aarch64__) && defined(__ARM_NEON)
      #include <arm_neon.h>
      #endif

      """
    return """
      #include <math.h>
      #include <stddef.h>
      #include <stdint.h>
      #include <string.h>
      #define TC_VECTOR_BYTES \(target.vectorBytes)
      \(check)
      \(hasFunctions ? instructions : "")#define TC_INLINE static inline __attribute__((always_inline, unused))

      """
  }
}
