import TensorIR
import TensorOps
import TensorRuntime

extension Tensor: CustomStringConvertible {
  /// The elements as NumPy prints them, computed first: `[[1. 2.]\n [3. 4.]]`. A traced tensor shows its type, a failed
  /// computation its error.
  public var description: String {
    guard recorder === LazyGraph.shared else { return isAbsent ? "absent" : "\(type)" }
    do { return ArrayText(try ReferenceTensor(try hostArray())).text } catch { return "\(error)" }
  }
}

/// Prints elements in brackets as NumPy does: columns aligned, as few digits as show f32 exactly up to eight, exponents
/// where sizes differ much, dots in place of the middle of a large tensor.
struct ArrayText {
  private let tensor: ReferenceTensor
  private let isShortened: Bool
  private static let edge = 3
  private static let largestCount = 1000
  private static let lineLength = 75

  init(_ tensor: ReferenceTensor) {
    self.tensor = tensor
    isShortened = tensor.count > ArrayText.largestCount
  }

  var text: String {
    if tensor.count == 0 { return "[]" }
    let positions = shownPositions(axis: 0, start: 0)
    let words = NumberWords(tensor, positions)
    return write(axis: 0, start: 0, words)
  }

  /// The indices along an axis that are shown; nil stands for the dots.
  private func shown(_ axis: Int) -> [Int?] {
    let extent = tensor.shape[axis]
    guard isShortened, extent > 2 * ArrayText.edge else { return Array(0..<extent) }
    return Array(0..<ArrayText.edge) + [nil] + Array(extent - ArrayText.edge..<extent)
  }

  private func step(_ axis: Int) -> Int { tensor.shape.suffix(from: axis + 1).reduce(1, *) }

  private func shownPositions(axis: Int, start: Int) -> [Int] {
    guard axis < tensor.rank else { return [start] }
    return shown(axis).compactMap { $0 }.flatMap { shownPositions(axis: axis + 1, start: start + $0 * step(axis)) }
  }

  private func write(axis: Int, start: Int, _ words: NumberWords) -> String {
    if tensor.rank == 0 { return words.word(0, padded: false) }
    if axis == tensor.rank - 1 { return "[" + row(start, words) + "]" }
    let gap = String(repeating: "\n", count: tensor.rank - axis - 1) + String(repeating: " ", count: axis + 1)
    let parts = shown(axis).map { index in
      index.map { write(axis: axis + 1, start: start + $0 * step(axis), words) } ?? "..."
    }
    return "[" + parts.joined(separator: gap) + "]"
  }

  /// One row, broken where it is too long.
  private func row(_ start: Int, _ words: NumberWords) -> String {
    var lines: [String] = []
    var line = ""
    for index in shown(tensor.rank - 1) {
      let word = index.map { words.word(start + $0, padded: true) } ?? "..."
      if !line.isEmpty && tensor.rank + line.count + 1 + word.count > ArrayText.lineLength {
        lines.append(line)
        line = word
      } else {
        line += line.isEmpty ? word : " " + word
      }
    }
    lines.append(line)
    return lines.joined(separator: "\n" + String(repeating: " ", count: tensor.rank))
  }
}
