import TensorIR
import TensorOps

/// Collects what stands for each row. A row is a statement of its own, which the type checker takes in at once; a list of
/// closures would be one expression.
struct RowList {
  private(set) var entries: [(name: String, Row.Support)] = []

  /// A row with one result.
  ///
  /// - Parameters:
  ///   - names: the row, or several for which the same is written: `float_add int_add`.
  ///   - swift: what a user writes.
  ///   - types: the element types it takes; those of the row's trait by default.
  ///   - gradient: what its gradient is tested with respect to; by default every float operand of float rows.
  ///   - traced: whether it can be part of a compiled function; not where it reads elements.
  mutating func row(
    _ names: String, _ swift: String, types: [ElementType]? = nil, gradient: GradientKind = .all, traced: Bool = true,
    _ body: @escaping @Sendable ([Tensor]) throws -> Tensor
  ) {
    add(names, swift, types, gradient, traced: traced) { x, _ in [try body(x)] }
  }

  /// A row with several results.
  mutating func rows(
    _ names: String, _ swift: String, types: [ElementType]? = nil, gradient: GradientKind = .all, traced: Bool = true,
    _ body: @escaping @Sendable ([Tensor]) throws -> [Tensor]
  ) {
    add(names, swift, types, gradient, traced: traced) { x, _ in try body(x) }
  }

  /// A row that makes a tensor of an element type from no other.
  mutating func made(
    _ names: String, _ swift: String, types: [ElementType]? = nil, gradient: GradientKind = .none,
    _ body: @escaping @Sendable ([Tensor], ElementType) throws -> Tensor
  ) {
    add(names, swift, types, gradient) { x, type in [try body(x, type)] }
  }

  /// A row whose results are random: they have a property.
  mutating func random(
    _ names: String, _ swift: String, types: [ElementType]? = nil,
    _ body: @escaping @Sendable (ElementType) throws -> [Tensor],
    property: @escaping @Sendable ([Tensor]) throws -> String?
  ) {
    add(names, swift, types, .none, property: property) { _, type in try body(type) }
  }

  mutating func notApplicable(_ names: String, _ reason: String) {
    for name in names.split(separator: " ") { entries.append((String(name), .notApplicable(reason: reason))) }
  }

  mutating func no(_ names: String, _ reason: String) {
    for name in names.split(separator: " ") { entries.append((String(name), .no(reason: reason))) }
  }

  private mutating func add(
    _ names: String, _ swift: String, _ types: [ElementType]?, _ gradient: GradientKind,
    traced: Bool = true, property: (@Sendable ([Tensor]) throws -> String?)? = nil, _ body: @escaping Mapping.Body
  ) {
    for name in names.split(separator: " ").map(String.init) {
      let trait = Coverage.trait(of: name)
      let isFloat = trait != .integer && trait != .bool
      entries.append(
        (
          name,
          .yes(
            Mapping(
              swift: swift, elementTypes: types ?? (trait ?? .float).elementTypes, gradient: isFloat ? gradient : .none,
              isTraced: traced, body: body, property: property))
        ))
    }
  }
}
