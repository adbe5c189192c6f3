/// What the verifier found, with the function reprinted and a mark under every bad line.
public struct VerificationError: Error, CustomStringConvertible {
  /// The faults in order of the lines they are on.
  public let diagnostics: [Diagnostic]
  /// For each of them the number of its operation, in the order of ``Function/forEachOperation(_:)``; nil where it is about
  /// the function.
  public let operations: [Int?]
  /// The function with the marks; long ones are cut to the neighbourhood of the faults.
  public let markedText: String

  /// Lines shown on each side of a fault of a long function.
  private static let neighbours = 10
  /// Functions up to this many lines are shown whole.
  private static let wholeLimit = 120

  init(_ function: Function, _ faults: [(place: FunctionPrinter.Place, diagnostic: Diagnostic)]) {
    let lines = FunctionPrinter(function, .brief).lines()
    var byPlace: [FunctionPrinter.Place: [Diagnostic]] = [:]
    for fault in faults { byPlace[fault.place, default: []].append(fault.diagnostic) }
    var ordered: [Diagnostic] = []
    var numbers: [Int?] = []
    var marks: [Int: [Diagnostic]] = [:]
    for (index, line) in lines.enumerated() {
      // An operation with regions has several lines; the first one gets the marks.
      guard let found = byPlace.removeValue(forKey: line.place) else { continue }
      marks[index] = found
      ordered += found
      numbers += found.map { _ in line.place.operation }
    }
    (diagnostics, operations) = (ordered, numbers)
    markedText = VerificationError.text(lines.map(\.text), marks)
  }

  public var description: String {
    let count = diagnostics.count == 1 ? "1 error" : "\(diagnostics.count) errors"
    return "the function is not well formed: \(count)\n\(markedText)"
  }

  private static func text(_ lines: [String], _ marks: [Int: [Diagnostic]]) -> String {
    let isShown = lines.indices.map { index in
      lines.count <= wholeLimit || marks.keys.contains { abs($0 - index) <= neighbours }
    }
    var result = ""
    for (index, line) in lines.enumerated() {
      guard isShown[index] else {
        if index == 0 || isShown[index - 1] { result += "  …\n" }
        continue
      }
      result += line + "\n"
      let indent = line.prefix { $0 == " " }
      let width = min(line.count - indent.count, 100)
      for (number, diagnostic) in (marks[index] ?? []).enumerated() {
        if number == 0 { result += indent + "^" + String(repeating: "~", count: max(0, width - 1)) + "\n" }
        result += indent + "error: \(diagnostic.message) [\(diagnostic.id)]"
        result += diagnostic.location == .unknown ? "\n" : " \(diagnostic.location)\n"
      }
    }
    return result
  }
}
