import Foundation
import TensorIR

/// Pieces of text that several subcommands print.
enum Describe {
  /// `batch (1..64)`
  static func symbol(_ symbol: Symbol) -> String {
    var range = symbol.minimum > 0 ? "\(symbol.minimum).." : ""
    if let maximum = symbol.maximum { range = "\(symbol.minimum)..\(maximum)" }
    if symbol.divisor > 1 { range += (range.isEmpty ? "" : ", ") + "a multiple of \(symbol.divisor)" }
    return range.isEmpty ? symbol.name : "\(symbol.name) (\(range))"
  }

  /// A type with the bounds of what a run finds: `i64[2, k <= 6*n]`, `f32[k <= ?]` where there is none.
  static func type(_ type: TensorType, _ symbols: [Symbol]) -> String {
    let table = SymbolTable(symbols)
    guard type.shape.contains(where: table.holdsComputed) else { return "\(type)" }
    let extents = type.shape.map { extent in
      table.holdsComputed(extent) ? "\(extent) <= \(table.bound(of: extent).map(\.description) ?? "?")" : "\(extent)"
    }
    return "\(type.elementType)[\(extents.joined(separator: ", "))]"
  }

  /// A word for a shell, in quotes where it needs them.
  static func argument(_ text: String) -> String {
    let isPlain =
      !text.isEmpty
      && text.utf8.allSatisfy { byte in
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
          || "/._-+=,:@%".utf8.contains(byte)
      }
    return isPlain ? text : "'" + text.replacingOccurrences(of: "'", with: "'\\''") + "'"
  }
}
