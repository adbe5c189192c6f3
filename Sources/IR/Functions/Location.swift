/// Where in the user's model an operation comes from.
public enum Location: Hashable, Sendable, CustomStringConvertible {
  case unknown
  /// A line of source text.
  case source(file: String, line: Int, column: Int)
  /// A node of an imported model; `name` may be empty, `kind` is the operator's name there.
  case node(name: String, kind: String)

  /// The text form: `at "mlp.swift":15:17`, `at node "conv1" (Conv)`; empty when unknown.
  public var description: String { self == .unknown ? "" : "at \(place)" }

  /// The text form without the word before it.
  var place: String {
    switch self {
    case .unknown: ""
    case .source(let file, let line, let column): "\(TextForm.quote(file)):\(line):\(column)"
    case .node(let name, let kind): "node \(TextForm.quote(name)) (\(TextForm.word(kind)))"
    }
  }

  /// The location of the call that stands in the caller's source.
  public static func here(
    file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Location { .source(file: file, line: line, column: column) }
}
