import TensorIR
import TensorOps

/// What stands here for each backend method of Burn: the list of the methods, and a closure for each that calls the public
/// API. docs/op-coverage.md is written from it, and the tests call every closure on every element type.
public enum Coverage {
  /// Every row, trait by trait in Burn's order.
  public static let rows: [Row] = {
    let known = Dictionary(entries.map { ($0.name, $0.1) }, uniquingKeysWith: { first, _ in first })
    return names.map { name in
      Row(
        trait: name.trait, name: name.name, isLater: name.isLater,
        support: known[name.name] ?? .no(reason: missing))
    }
  }()

  /// What is written about a row that no closure stands for yet.
  public static let missing = "not yet"

  /// Names in the table that no row has, or that it has twice: for the tests.
  public static let strays: [String] = {
    let rows = Set(names.map(\.name))
    var seen: Set<String> = []
    return entries.map(\.name).filter { !rows.contains($0) || !seen.insert($0).inserted }
  }()

  private static let entries: [(name: String, Row.Support)] = {
    var list = RowList()
    creation(&list)
    shapes(&list)
    indexing(&list)
    arithmetic(&list)
    comparisons(&list)
    mathematics(&list)
    reductions(&list)
    sorting(&list)
    gradients(&list)
    convolutions(&list)
    windows(&list)
    layers(&list)
    activations(&list)
    randomness(&list)
    integers(&list)
    return list.entries
  }()

  struct Name {
    var trait: Trait
    var name: String
    var isLater: Bool
  }

  static let names: [Name] = parse(RowNames.first, isLater: false) + parse(RowNames.later, isLater: true)

  private static let traits = Dictionary(names.map { ($0.name, $0.trait) }, uniquingKeysWith: { first, _ in first })

  static func trait(of name: String) -> Trait? { traits[name] }

  private static func parse(_ text: String, isLater: Bool) -> [Name] {
    var trait = Trait.float
    var found: [Name] = []
    for word in text.split(whereSeparator: \.isWhitespace) {
      if word.hasSuffix(":"), let next = Trait(rawValue: String(word.dropLast())) {
        trait = next
      } else {
        found.append(Name(trait: trait, name: String(word), isLater: isLater))
      }
    }
    return found
  }
}
