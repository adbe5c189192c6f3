import Foundation
import TensorOps

/// The numbers of one tensor as words of one width.
struct NumberWords {
  private let tensor: ReferenceTensor
  private var width = 0
  private var usesExponents = false
  private var fractionDigits = 0

  /// - Parameter positions: the elements that will be shown.
  init(_ tensor: ReferenceTensor, _ positions: [Int]) {
    self.tensor = tensor
    if tensor.elementType.isFloat { measure(positions.map { tensor.floats[$0] }.filter(\.isFinite)) }
    width = positions.map { plain($0).count }.max() ?? 0
  }

  func word(_ position: Int, padded: Bool) -> String {
    let text = plain(position)
    return padded ? String(repeating: " ", count: max(0, width - text.count)) + text : text
  }

  /// NumPy's rule: exponents where a number is 1e8 or more, or below 1e-4, or 1000 times another.
  private mutating func measure(_ numbers: [Double]) {
    let sizes = numbers.map(abs).filter { $0 > 0 }
    if let least = sizes.min(), let most = sizes.max() {
      usesExponents = most >= 1e8 || least < 1e-4 || most / least > 1000
    }
    fractionDigits = min(8, numbers.map { NumberWords.digits(shortest($0), usesExponents) }.max() ?? 0)
  }

  /// The shortest decimal that reads back as the same number of the tensor's type.
  private func shortest(_ value: Double) -> String {
    switch tensor.elementType {
    case .f64: "\(value)"
    default: "\(Float(value))"
    }
  }

  /// How many digits a shortest decimal has behind its point, written with an exponent or without.
  private static func digits(_ text: String, _ usesExponents: Bool) -> Int {
    let parts = text.lowercased().split(separator: "e")
    let mantissa = parts.first.map(String.init) ?? "0"
    let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let halves = mantissa.replacingOccurrences(of: "-", with: "").split(
      separator: ".", omittingEmptySubsequences: false)
    let whole = halves.first.map(String.init) ?? "0"
    var fraction = halves.count > 1 ? String(halves[1]) : ""
    while fraction.hasSuffix("0") { fraction.removeLast() }
    if !usesExponents { return max(0, fraction.count - exponent) }
    var all = Array(whole + fraction)
    while all.first == "0" { all.removeFirst() }
    while all.last == "0" { all.removeLast() }
    return max(0, all.count - 1)
  }

  private func plain(_ position: Int) -> String {
    if tensor.elementType == .bool { return tensor.integers[position] != 0 ? "True" : "False" }
    guard tensor.elementType.isFloat else {
      let value = tensor.integers[position]
      return tensor.elementType == .u64 ? "\(UInt64(bitPattern: Int64(value)))" : "\(value)"
    }
    let value = tensor.floats[position]
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    if usesExponents {
      let text = String(format: "%.\(fractionDigits)e", value)
      return fractionDigits > 0 ? text : text.replacingOccurrences(of: "e", with: ".e")
    }
    var text = String(format: "%.\(fractionDigits)f", value)
    guard text.contains(".") else { return tensor.rank == 0 ? text + ".0" : text + "." }
    // Zeros at the end are cut and filled with blanks, so that points stand in one column.
    let length = text.count
    while text.hasSuffix("0") { text.removeLast() }
    return tensor.rank == 0
      ? (text.hasSuffix(".") ? text + "0" : text) : text + String(repeating: " ", count: length - text.count)
  }
}
