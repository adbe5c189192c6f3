import TensorIR
import TensorOps

/// The values that each attribute has among several ops of one type, records within by their paths.
struct AttributeValues {
  private(set) var values: [String: Set<String>] = [:]

  init(_ ops: [any TensorOp]) throws {
    let records = try ops.map { op in
      var found: [String: String] = [:]
      Self.collect(try AttributeEncoder().fields(of: op), "", &found)
      return found
    }
    var paths = Set(records.flatMap(\.keys))
    // One that is left out in all samples shows in the type alone.
    // A wrapped property is stored under its name with an underscore.
    let labels = ops.first.map { Mirror(reflecting: $0).children.compactMap(\.label) } ?? []
    for label in labels.map({ $0.hasPrefix("_") ? String($0.dropFirst()) : $0 })
    where !paths.contains(where: { $0 == label || $0.hasPrefix(label + ".") }) {
      paths.insert(label)
    }
    // An optional attribute that is left out has a value of its own.
    for path in paths { values[path] = Set(records.map { $0[path] ?? "absent" }) }
  }

  private static func collect(_ fields: [Attribute.Field], _ prefix: String, _ found: inout [String: String]) {
    for field in fields {
      if case .record(let inner) = field.value, !inner.isEmpty {
        collect(inner, "\(prefix)\(field.name).", &found)
      } else {
        found[prefix + field.name] = "\(field.value)"
      }
    }
  }
}
