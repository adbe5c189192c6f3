import TensorIR
import TensorOps

/// docs/api-coverage.md.
public enum ApiDocument {
  public static var text: String {
    let first = Api.entries.filter { !$0.isLater }
    return
      ([head(first)] + sections(first, "") + ["# Added after release 0.16"]
      + sections(Api.entries.filter(\.isLater), ", later")).joined(separator: "\n\n") + "\n"
  }

  private static func head(_ first: [Api.Entry]) -> String {
    """
    # Coverage of Burn's tensor API

    Each function that users of Burn call on tensors or beside them, and what a user of the Swift package writes for it.
    Written by `make docs` from Sources/Coverage/Api, where each row is a closure that calls the public API, or is one of
    docs/op-coverage.md. The tests call each on every element type given here, interpreted and compiled, and hold it to
    numbers that NumPy made (Tests/Fixtures/coverage); where the table says so, they hold the gradient to central differences
    in f64 too.

    Where Burn reduces to a tensor of shape [1], the result here is a scalar.

    \(first.count) functions of release 0.16: \(counts(first)). Of \(Api.entries.count - first.count) later ones:
    \(counts(Api.entries.filter(\.isLater))).
    """
  }

  private static func counts(_ entries: [Api.Entry]) -> String { CoverageDocument.counts(entries.map(\.row)) }

  private static func sections(_ entries: [Api.Entry], _ more: String) -> [String] {
    var groups: [String] = []
    for entry in entries where !groups.contains(entry.group) { groups.append(entry.group) }
    return groups.map { group in
      let lines = entries.filter { $0.group == group }.map {
        CoverageDocument.line($0.name, $0.row.support, $0.elementTypes)
      }
      return
        (["## `\(group)`\(more)", "", "| function | in Swift | element types | gradient |", "|---|---|---|---|"]
        + lines).joined(separator: "\n")
    }
  }
}
