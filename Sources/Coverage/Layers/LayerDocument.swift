import TensorIR
import TensorOps

/// docs/layer-coverage.md.
public enum LayerDocument {
  public static var text: String {
    let first = LayerCoverage.entries.filter { !$0.isLater }
    return
      ([head(first)] + sections(first, "") + ["# Added after release 0.16"]
      + sections(LayerCoverage.entries.filter(\.isLater), ", later")).joined(separator: "\n\n") + "\n"
  }

  private static func head(_ first: [LayerCoverage.Entry]) -> String {
    """
    # Coverage of Burn's layers and training

    Each layer, loss, optimiser, schedule, initialiser and metric of Burn, and what else it has for training, with what a
    user of the Swift package writes for it after `import TensorLayers` (of the last section `import TensorTraining`).
    Written by `make docs` from Sources/Coverage/Layers, where each row is a closure that calls the public API. The tests
    hold each to numbers that NumPy made (Tests/Fixtures/coverage), interpreted and, where it can be part of a compiled
    function, compiled; where the table says so, they hold the gradient to central differences in f64 too.

    Where Burn's release 0.16 differs from what it computes now, this is as now: `GroupNorm` and `InstanceNorm` have ε inside
    the root, a `GRU` carries its state and resets after the product. Further differences: dropout of attention leaves out
    weights after the softmax, not scores; a masked key gets no weight at all; Adam's weight decay and the like are zero
    unless given; metrics are fractions, not percentages.

    \(first.count) pieces of release 0.16: \(counts(first)). Of \(LayerCoverage.entries.count - first.count) later ones:
    \(counts(LayerCoverage.entries.filter(\.isLater))).
    """
  }

  private static func counts(_ entries: [LayerCoverage.Entry]) -> String { CoverageDocument.counts(entries.map(\.row)) }

  private static func sections(_ entries: [LayerCoverage.Entry], _ more: String) -> [String] {
    var kinds: [String] = []
    for entry in entries where !kinds.contains(entry.kind) { kinds.append(entry.kind) }
    return kinds.map { kind in
      let lines = entries.filter { $0.kind == kind }.map {
        CoverageDocument.line($0.name, $0.row.support, $0.row.mapping?.elementTypes ?? [])
      }
      return
        ([
          "## \(kind.replacing("_", with: " "))\(more)", "", "| piece | in Swift | element types | gradient |",
          "|---|---|---|---|",
        ]
        + lines).joined(separator: "\n")
    }
  }
}
