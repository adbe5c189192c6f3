import TensorIR
import TensorOps

/// What stands here for each layer, loss, optimiser, schedule, initialiser, metric and other piece of Burn.
/// docs/layer-coverage.md is written from it; the same tests as those of ``Coverage`` call the closures.
public enum LayerCoverage {
  public struct Entry: Sendable {
    /// `module`, `loss`, …
    public let kind: String
    public let name: String
    public let isLater: Bool
    /// Its name is `kind/name`.
    public let row: Row
  }

  public static let entries: [Entry] = parse(LayerNames.first, isLater: false) + parse(LayerNames.later, isLater: true)

  public static let rows: [Row] = entries.map(\.row)

  /// Rows of the table that no piece has, or that it has twice: for the tests.
  public static let strays: [String] = {
    let used = Set(rows.map(\.name))
    var seen: Set<String> = []
    return list.entries.map(\.name).filter { !used.contains($0) || !seen.insert($0).inserted }
  }()

  private static let list: LayerRowList = {
    var list = LayerRowList()
    convolutions(&list)
    pools(&list)
    normalisations(&list)
    recurrent(&list)
    attention(&list)
    transformers(&list)
    activations(&list)
    losses(&list)
    moreLosses(&list)
    optimizers(&list)
    schedules(&list)
    initializers(&list)
    metrics(&list)
    training(&list)
    adapters(&list)
    loop(&list)
    notApplicable(&list)
    return list
  }()

  private static let known = Dictionary(list.entries.map { ($0.name, $0.1) }, uniquingKeysWith: { first, _ in first })

  private static func parse(_ text: String, isLater: Bool) -> [Entry] {
    var kind = ""
    var found: [Entry] = []
    for word in text.split(whereSeparator: \.isWhitespace).map(String.init) {
      if word.hasSuffix(":") {
        kind = String(word.dropLast())
        continue
      }
      let name = "\(kind)/\(word)"
      let row = Row(
        trait: .module, name: name, isLater: isLater, support: known[name] ?? .no(reason: Coverage.missing))
      found.append(Entry(kind: kind, name: word, isLater: isLater, row: row))
    }
    return found
  }
}

/// Collects what stands for each piece.
struct LayerRowList {
  private(set) var entries: [(name: String, Row.Support)] = []

  /// A row whose results are compared with those of its cases in Tests/Fixtures/coverage.
  mutating func row(
    _ name: String, _ swift: String, types: [ElementType] = [.f64, .f32], gradient: GradientKind = .all,
    traced: Bool = true, _ body: @escaping @Sendable ([Tensor]) throws -> [Tensor]
  ) {
    add(
      name,
      Mapping(
        swift: swift, elementTypes: types, gradient: gradient, isTraced: traced, body: { x, _ in try body(x) },
        property: nil))
  }

  /// A row of numbers that are no tensors.
  mutating func numbers(_ name: String, _ swift: String, _ body: @escaping @Sendable ([Tensor]) throws -> [Double]) {
    add(
      name,
      Mapping(
        swift: swift, elementTypes: [.f64], gradient: .none, isTraced: false,
        body: { x, type in try body(x).map { Tensor($0, type) } }, property: nil))
  }

  /// A row of a list of numbers.
  mutating func vector(_ name: String, _ swift: String, _ body: @escaping @Sendable () -> [Double]) {
    add(
      name,
      Mapping(
        swift: swift, elementTypes: [.f64], gradient: .none, isTraced: false,
        body: { _, type in [Tensor(body(), type)] },
        property: nil))
  }

  /// A row whose results are random: they have a property.
  mutating func random(
    _ name: String, _ swift: String, _ body: @escaping @Sendable () throws -> [Tensor],
    property: @escaping @Sendable ([Tensor]) throws -> String?
  ) {
    add(
      name,
      Mapping(
        swift: swift, elementTypes: [.f32], gradient: .none, isTraced: false, body: { _, _ in try body() },
        property: property))
  }

  mutating func notApplicable(_ names: String, _ reason: String) {
    for name in names.split(separator: " ") { entries.append((String(name), .notApplicable(reason: reason))) }
  }

  mutating func no(_ names: String, _ reason: String) {
    for name in names.split(separator: " ") { entries.append((String(name), .no(reason: reason))) }
  }

  private mutating func add(_ name: String, _ mapping: Mapping) { entries.append((name, .yes(mapping))) }
}
