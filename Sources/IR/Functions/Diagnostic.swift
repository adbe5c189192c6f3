/// A message about the user's model or input: what is wrong, where, and what to do.
public struct Diagnostic: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Severity: String, Sendable { case error, warning, note }

  public var severity: Severity
  /// A stable identifier such as `shape-mismatch`.
  public var id: String
  public var message: String
  public var location: Location

  public init(_ id: String, _ message: String, at location: Location = .unknown, severity: Severity = .error) {
    self.severity = severity
    self.id = id
    self.message = message
    self.location = location
  }

  /// `mlp.swift:15:17: error: … [id]` or `node 'conv1' (Conv): error: … [id]`.
  public var description: String {
    let text = "\(severity.rawValue): \(message) [\(id)]"
    switch location {
    case .unknown: return text
    case .source(let file, let line, let column): return "\(file):\(line):\(column): \(text)"
    case .node(let name, let kind): return "node '\(name)' (\(kind)): \(text)"
    }
  }

  /// The same message at another place, if this one has none.
  public func located(at place: Location) -> Diagnostic {
    guard location == .unknown else { return self }
    var copy = self
    copy.location = place
    return copy
  }
}

/// Several diagnostics thrown as one error.
public struct Diagnostics: Error, Sendable, CustomStringConvertible {
  public var list: [Diagnostic]
  public init(_ list: [Diagnostic]) { self.list = list }
  public var description: String { list.map(\.description).joined(separator: "\n") }
}
