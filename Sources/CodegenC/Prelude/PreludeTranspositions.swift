extension Prelude {
  /// `tc_transpose_f32v` and its like turn a block of as many rows and columns as a vector has lanes, from memory to memory:
  /// pairs of rows are interleaved, then pairs of pairs, then quarters or halves of vectors change places.
  static let transpositions: [PreludeSnippet] = lanes.map { lane in
    let name = "tc_transpose_\(lane.suffix)v"
    let signature = """
      TC_INLINE void \(name)(const \(lane.type) *from, int64_t from_step, \(lane.type) *to, int64_t to_step) {
      """
    return PreludeSnippet(
      name,
      .each(
        avx512: TurnedBlock(signature, bits: 512, bytes: lane.bytes).text,
        avx2: TurnedBlock(signature, bits: 256, bytes: lane.bytes).text,
        generic: """
          \(signature)
            for (int64_t i = 0; i < \(16 / lane.bytes); i++)
              for (int64_t j = 0; j < \(16 / lane.bytes); j++) to[j * to_step + i] = from[i * from_step + j];
          }
          """))
  }
}

/// Writes the C of such a function for wide vectors.
private struct TurnedBlock {
  private let signature: String
  private let bits: Int
  private let bytes: Int
  private let count: Int
  private var lines: [String] = []
  private var stage = 0

  init(_ signature: String, bits: Int, bytes: Int) {
    (self.signature, self.bits, self.bytes) = (signature, bits, bytes)
    count = bits / 8 / bytes
  }

  var text: String {
    var block = self
    return block.written()
  }

  private mutating func written() -> String {
    let vector = "__m\(bits)i"
    for row in 0..<count {
      lines.append(
        "const \(vector) a\(row) = \(intrinsic("loadu_si\(bits)"))((const \(vector) *)(from + \(row) * from_step));")
    }
    if bytes == 4 { interleave(apart: 1, "32") }
    interleave(apart: bytes == 4 ? 2 : 1, "64")
    if bits == 512 { turnQuarters() } else { turnHalves() }
    for column in 0..<count {
      lines.append("\(intrinsic("storeu_si\(bits)"))((\(vector) *)(to + \(column) * to_step), \(name(column)));")
    }
    return signature + "\n" + lines.map { "  \($0)\n" }.joined() + "}"
  }

  /// The vectors of a stage have one letter.
  private func name(_ index: Int, next: Bool = false) -> String {
    "\(["a", "b", "c", "d", "e"][stage + (next ? 1 : 0)])\(index)"
  }

  private func intrinsic(_ name: String) -> String { "_mm\(bits)_\(name)" }

  private mutating func define(_ index: Int, _ function: String, _ a: Int, _ b: Int, _ places: String = "") {
    let arguments = [name(a), name(b)] + (places.isEmpty ? [] : [places])
    lines.append(
      "const __m\(bits)i \(name(index, next: true)) = \(intrinsic(function))(\(arguments.joined(separator: ", ")));")
  }

  /// Elements (or pairs of them) of two vectors in turns: the low half of each 16 bytes, and the high one.
  private mutating func interleave(apart: Int, _ width: String) {
    for first in stride(from: 0, to: count, by: 2 * apart) {
      for offset in 0..<apart {
        define(first + 2 * offset, "unpacklo_epi\(width)", first + offset, first + offset + apart)
        define(first + 2 * offset + 1, "unpackhi_epi\(width)", first + offset, first + offset + apart)
      }
    }
    stage += 1
  }

  /// Quarter q of vector g·n/4 + k becomes quarter g of vector q·n/4 + k.
  private mutating func turnQuarters() {
    let step = count / 4
    for k in 0..<step {
      for pair in [0, 2] {
        define(pair * step + k, "shuffle_i64x2", pair * step + k, (pair + 1) * step + k, "0x88")
        define((pair + 1) * step + k, "shuffle_i64x2", pair * step + k, (pair + 1) * step + k, "0xdd")
      }
    }
    stage += 1
    for k in 0..<step {
      for odd in [0, 1] {
        define(odd * step + k, "shuffle_i64x2", odd * step + k, (odd + 2) * step + k, "0x88")
        define((odd + 2) * step + k, "shuffle_i64x2", odd * step + k, (odd + 2) * step + k, "0xdd")
      }
    }
    stage += 1
  }

  private mutating func turnHalves() {
    let step = count / 2
    for k in 0..<step {
      define(k, "permute2x128_si256", k, step + k, "0x20")
      define(step + k, "permute2x128_si256", k, step + k, "0x31")
    }
    stage += 1
  }
}
