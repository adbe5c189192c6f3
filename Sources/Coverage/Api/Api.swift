import TensorIR
import TensorOps

/// What stands here for each function that users of Burn call. docs/api-coverage.md is written from it; the closures that
/// no backend method stands for are called by the same tests as those of ``Coverage``.
public enum Api {
  /// A function of Burn and the row that stands for it.
  public struct Entry: Sendable {
    /// Where Burn has it: `Tensor<Float>`, `linalg/vector_norm`.
    public let group: String
    public let name: String
    /// Whether it came after release 0.16.
    public let isLater: Bool
    /// Of ``Coverage`` or of ``Api/rows``.
    public let row: Row
    /// All that the function takes: those of the row, and of its like for integers and bool.
    public let elementTypes: [ElementType]
  }

  /// Rows for functions that no backend method stands for.
  public static let rows: [Row] = own.entries.map { Row(trait: .float, name: $0.name, isLater: false, support: $0.1) }

  /// Every function, group by group.
  public static let entries: [Entry] = parse(ApiNames.first, isLater: false) + parse(ApiNames.later, isLater: true)

  /// Rows that no function names, that are there twice, or that have the name of a backend method: for the tests.
  public static let strays: [String] = {
    let used = Set(entries.map(\.row.name))
    var seen = Set(Coverage.rows.map(\.name))
    return rows.map(\.name).filter { !used.contains($0) || !seen.insert($0).inserted }
  }()

  private static let own: RowList = {
    var list = RowList()
    gradients(&list)
    shapes(&list)
    parts(&list)
    making(&list)
    grids(&list)
    statistics(&list)
    norms(&list)
    products(&list)
    activations(&list)
    comparisons(&list)
    signals(&list)
    notThere(&list)
    return list
  }()

  private static let known = Dictionary(
    (Coverage.rows + rows).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

  private static func parse(_ text: String, isLater: Bool) -> [Entry] {
    var group = ""
    var found: [Entry] = []
    for word in text.split(whereSeparator: \.isWhitespace) {
      if word.hasSuffix(":") {
        group = String(word.dropLast()).replacing("_", with: " ")
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      let key = parts.last ?? ""
      let row =
        known[key] ?? Row(trait: .float, name: key, isLater: isLater, support: .no(reason: Coverage.missing))
      found.append(
        Entry(group: group, name: parts[0], isLater: isLater, row: row, elementTypes: types(row, in: group)))
    }
    return found
  }

  /// The element types of a row, and for functions of all tensors those of the rows of the other kinds, unless they say that
  /// the elements are to be cast first.
  private static func types(_ row: Row, in group: String) -> [ElementType] {
    let own = row.mapping?.elementTypes ?? []
    guard row.name.hasPrefix("float_"), group != "Tensor<Float>" else { return own }
    let suffix = row.name.dropFirst("float_".count)
    return ["int_", "bool_"].reduce(own) { all, prefix in
      guard let other = known[prefix + suffix]?.mapping, !other.swift.hasPrefix("x.cast(to: .f64)") else { return all }
      return all + other.elementTypes.filter { !all.contains($0) }
    }
  }
}
