import Foundation
import TensorIR
import TensorOps

/// The equation of an Einstein sum: `ij,jk->ik`, `...ii->...i`.
struct EinsumEquation {
  /// Stands for the last axis that an ellipsis covers; those before it have the characters before it.
  private static let lastOfEllipsis: UInt32 = 0xE0FF

  private let text: String

  init(_ text: String) { self.text = text.filter { $0 != " " } }

  static func isFromEllipsis(_ label: Character) -> Bool {
    label.unicodeScalars.first.map { (0xE000...lastOfEllipsis).contains($0.value) } ?? false
  }

  /// A letter for each axis of each operand, and those of the result.
  func labels(ranks: [Int]) throws -> (operands: [[Character]], output: [Character]) {
    let sides = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let terms = sides[0].split(separator: ",", omittingEmptySubsequences: false)
    guard terms.count == ranks.count else {
      throw OnnxError("onnx-einsum", "'\(text)' is not one of \(ranks.count) operands")
    }
    let covered = try zip(terms, ranks).map { try axesOfEllipsis($0, rank: $1) }
    let widest = covered.max() ?? 0
    let operands = try zip(terms, covered).map { try letters($0, ellipsis: $1) }
    let output: [Character]
    if sides.count == 2 {
      guard sides[1].first == ">" else { throw OnnxError("onnx-einsum", "'\(text)' is not an equation") }
      output = try letters(sides[1].dropFirst(), ellipsis: widest)
    } else {
      let all = operands.joined()
      let single = all.filter { letter in
        !EinsumEquation.isFromEllipsis(letter) && all.filter { $0 == letter }.count == 1
      }
      output = EinsumEquation.ellipsis(widest) + single.sorted()
    }
    let known = Set(operands.joined())
    guard Set(output).count == output.count, output.allSatisfy(known.contains) else {
      throw OnnxError("onnx-einsum", "'\(text)': the result names a letter twice or one that no operand has")
    }
    return (operands, output)
  }

  private func axesOfEllipsis(_ term: Substring, rank: Int) throws -> Int {
    let letters = term.filter(\.isLetter).count
    let covered = rank - letters
    guard covered == 0 || covered > 0 && term.contains("...") else {
      throw OnnxError("onnx-einsum", "'\(text)' has \(letters) letters for an operand of rank \(rank)")
    }
    return covered
  }

  private static func ellipsis(_ count: Int) -> [Character] {
    (0..<count).reversed().compactMap { Unicode.Scalar(lastOfEllipsis - UInt32($0)).map { Character($0) } }
  }

  private func letters(_ term: Substring, ellipsis count: Int) throws -> [Character] {
    let parts = term.components(separatedBy: "...")
    guard parts.count <= 2, parts.joined().allSatisfy(\.isLetter) else {
      throw OnnxError("onnx-einsum", "'\(text)': a term is letters and at most one ellipsis")
    }
    return parts.count == 1 ? Array(parts[0]) : Array(parts[0]) + EinsumEquation.ellipsis(count) + Array(parts[1])
  }
}
