import Foundation
import TensorIR
import TensorOps
import Testing

@testable import TensorPasses

/// Every canonicalisation and every decomposition has a golden that claims it.
@Suite struct GoldenCoverageTests {
  private func goldens() throws -> [GoldenFile] {
    try GoldenTests.files.map { file in
      let text = try String(contentsOf: GoldenTests.directory.appendingPathComponent(file), encoding: .utf8)
      return GoldenFile(text, file: file)
    }
  }

  @Test func everyRuleIsClaimedByAGolden() throws {
    let claimed = try goldens().flatMap(\.claims).compactMap { claim -> String? in
      if case .applies(let rule) = claim.kind { return rule }
      return nil
    }
    let missing = Set(try Simplify.rules().map(\.name)).subtracting(claimed).sorted()
    #expect(missing.isEmpty, "no golden claims that it applies \(missing.joined(separator: ", "))")
  }

  /// An op without kernels becomes others; a golden that decomposes shows them, and claims that the op is gone.
  @Test func everyDecompositionHasAGolden() throws {
    let shown = try goldens().filter { $0.passes.contains { $0.name == "decompose" } }.flatMap { golden in
      golden.claims.compactMap { claim -> String? in
        guard case .count(let op, "==", 0) = claim.kind, golden.input.contains(" = \(op) ") else { return nil }
        return op
      }
    }
    let composite = Registry.types.filter { !Decompose.hasKernels($0) }.map { $0.name }
    #expect(composite.contains("softmax") && !composite.contains("add"))
    let missing = Set(composite).subtracting(shown).sorted()
    #expect(missing.isEmpty, "no golden shows what becomes of \(missing.joined(separator: ", "))")
  }
}
