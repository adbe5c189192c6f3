import TensorIR
import TensorOps

/// docs/op-coverage.md.
public enum CoverageDocument {
  public static var text: String {
    let first = Coverage.rows.filter { !$0.isLater }
    var parts = [head(first)]
    for trait in Trait.allCases {
      parts.append(section("## \(trait.rawValue)", Coverage.rows.filter { $0.trait == trait && !$0.isLater }))
    }
    parts.append("# Added after release 0.16")
    for trait in Trait.allCases {
      let rows = Coverage.rows.filter { $0.trait == trait && $0.isLater }
      if !rows.isEmpty { parts.append(section("## \(trait.rawValue), later", rows)) }
    }
    return parts.joined(separator: "\n\n") + "\n"
  }

  /// One line: how many rows there are, how many are mapped.
  public static var summary: String {
    let first = Coverage.rows.filter { !$0.isLater }
    return "\(first.count) rows of release 0.16: \(counts(first)); \(Coverage.rows.count - first.count) later ones: "
      + counts(Coverage.rows.filter(\.isLater))
  }

  static func counts(_ rows: [Row]) -> String {
    var (yes, none, missing) = (0, 0, 0)
    for row in rows {
      switch row.support {
      case .yes: yes += 1
      case .notApplicable: none += 1
      case .no: missing += 1
      }
    }
    return "\(yes) mapped and tested, \(none) not applicable, \(missing) not there"
  }

  private static func head(_ rows: [Row]) -> String {
    """
    # Coverage of Burn's backend methods

    Each method of Burn's backend traits, quantised tensors apart, and what a user of the Swift package writes for it.
    Written by `make docs` from Sources/Coverage, where each row is a closure that calls the public API. The tests call
    each on every element type given here, interpreted and compiled, and hold it to numbers that NumPy made
    (Tests/Fixtures/coverage); where the table says so, they hold the gradient to central differences in f64 too.

    Where Burn reduces to a tensor of shape [1], the result here is a scalar. The `_backward` rows are gradients: `pull` is
    what `pullback(at:of:)` gives for the function.

    \(rows.count) rows of release 0.16: \(counts(rows)). Of \(Coverage.rows.count - rows.count) later ones:
    \(counts(Coverage.rows.filter(\.isLater))).
    """
  }

  private static func section(_ title: String, _ rows: [Row]) -> String {
    ([title, "", "| row | in Swift | element types | gradient |", "|---|---|---|---|"]
      + rows.map { line($0.name, $0.support, $0.mapping?.elementTypes ?? []) })
      .joined(separator: "\n")
  }

  static func line(_ name: String, _ support: Row.Support, _ elementTypes: [ElementType]) -> String {
    switch support {
    case .yes(let mapping):
      "| `\(name)` | `\(mapping.swift.replacing("|", with: "\\|"))` | \(types(elementTypes)) "
        + "| \(gradient(mapping.gradient)) |"
    case .notApplicable(let reason): "| `\(name)` | not applicable: \(reason) | | |"
    case .no(let reason): "| `\(name)` | no: \(reason) | | |"
    }
  }

  private static func types(_ types: [ElementType]) -> String {
    let (floats, integers) = (Trait.float.elementTypes, Trait.integer.elementTypes)
    switch types {
    case floats: return "floats"
    case integers: return "integers"
    case floats + integers: return "numbers"
    case floats + integers + [.bool], floats + [.bool] + integers: return "all"
    default: return types.map(\.rawValue).joined(separator: " ")
    }
  }

  private static func gradient(_ kind: GradientKind) -> String {
    switch kind {
    case .all, .of: "tested"
    case .none: ""
    }
  }
}
