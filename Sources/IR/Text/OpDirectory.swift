/// The ops that the parser may make, by name.
public struct OpDirectory: Sendable {
  private let types: [String: any Op.Type]
  /// The names in the order of registration.
  public let names: [String]

  /// Where two types have one name the first one stays.
  public init(_ types: [any Op.Type]) {
    self.types = Dictionary(types.map { ($0.name, $0) }) { first, _ in first }
    names = types.map { $0.name }
  }

  public subscript(name: String) -> (any Op.Type)? { types[name] }

  /// An op from its name and attributes; throws a ``Diagnostic``.
  public func make(_ name: String, _ fields: [Attribute.Field]) throws -> any Op {
    guard let type = types[name] else {
      let hint = nearest(to: name).map { "; did you mean '\($0)'?" } ?? ""
      throw Diagnostic("unknown-op", "there is no op '\(name)'\(hint)")
    }
    return try AttributeDecoder().op(type, from: fields)
  }

  /// A registered name at most two edits away.
  private func nearest(to name: String) -> String? {
    guard name.utf8.count <= 64 else { return nil }
    return names.map { ($0, OpDirectory.distance($0, name)) }.filter { $0.1 <= 2 && $0.1 < name.utf8.count }
      .min { $0.1 < $1.1 }?.0
  }

  private static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let replaced = diagonal + (x == y ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, min(row[j], diagonal) + 1)
      }
    }
    return row[b.count]
  }
}
