import TensorIR
import TensorOps
import Testing

@testable import TensorPasses

/// Groups that stand in a text: held to what they say, opened before fusion, or compiled as they stand.
@Suite struct GroupTests {
  private static let ops = OpDirectory(Registry.types)
  private static let options = PipelineOptions(target: .x86v4)

  static let layer = """
    func @layer(%x: f32[n, 8], %w: f32[8, 4], %b: f32[4]) -> f32[n, 4] {
      %r = fused %x, %w, %b { (%0: f32[n, 8], %1: f32[8, 4], %2: f32[4])
        %p = matmul %0, %1 {transposeLeft: false, transposeRight: false} : f32[n, 4]
        %q = add %p, %2 : f32[n, 4]
        %3 = relu %q : f32[n, 4]
        yield %3
      } : f32[n, 4]
      return %r
    }

    """

  /// What the parser or the verifier says first.
  private func complaint(_ body: String) throws -> String? {
    let text = "func @f(%x: f32[4]) {\n\(body)\nreturn %y\n}"
    let parsed = TextParser.parse(text, ops: Self.ops)
    if let first = parsed.diagnostics.first { return first.id }
    return try Verifier.check(#require(parsed.functions.first))?.diagnostics.first?.id
  }

  @Test(arguments: [
    ("%y = fused %x { (%a: f32[4], %b: f32[4])\n%q = add %a, %b\nyield %q\n}", "regions"),
    ("%y = fused {\n%q = relu %x\nyield %q\n}", "regions"),
    ("%y = fused %x { (%a: f32[4])\n%q = relu %a\nyield\n}", "result-count"),
    ("%y = fused %x { (%a: f32[4])\nyield %a\n} { (%b: f32[4])\nyield %b\n}", "regions"),
    (
      "%y = fused %x {shapes: [[400]], elementTypes: [f64]} { (%a: f32[4])\n%q = relu %a\nyield %q\n}",
      "bad-attribute"
    ),
    ("%y = fused %x { (%p: f32[100000])\n%0 = negate %p\nyield %0\n}", "regions"),
    ("%y = relu %x { (%a: f32[4])\nyield %a\n}", "regions"),
    ("%y = fused", "regions"),
    ("%y = fused _ { (%a: f32[4])\nyield %a\n}", "arity"),
  ]) func whatAGroupSaysIsHeldToWhatStandsAround(_ body: String, _ id: String) throws {
    #expect(try complaint(body) == id)
  }

  @Test func aGroupIsOpenedAndMadeAgain() throws {
    let function = try Function(parsing: Self.layer, ops: Self.ops)
    try function.verify()
    let opened = try Pipeline.rewrite(function, Self.options, to: .imported)
    #expect(opened.body.operations.map(\.op.name) == ["matmul", "add", "relu"])
    let fused = try Pipeline.rewrite(function, Self.options)
    #expect(fused.body.operations.map(\.op.name) == ["fused"])
    #expect(try Pipeline.lower(fused, Self.options).steps.isEmpty == false)
  }

  @Test func aGroupIsCompiledAsItStands() throws {
    let function = try Function(parsing: Self.layer, ops: Self.ops)
    let kept = try Pipeline.rewrite(function, Self.options, from: .lower)
    #expect(kept.text() == function.text())
    _ = try Pipeline.lower(kept, Self.options)
  }

  /// Groups for which there is no kernel, and results that are not where kernels write.
  @Test(arguments: [
    // A product that reads what its own group computes.
    """
    %y = fused %x { (%a: f32[4, 4])
    %e = exp %a
    %p = matmul %e, %a {transposeLeft: false, transposeRight: false}
    yield %p
    }
    """,
    // Two products.
    """
    %y = fused %x { (%a: f32[4, 4])
    %p = matmul %a, %a {transposeLeft: false, transposeRight: false}
    %q = matmul %p, %a {transposeLeft: false, transposeRight: false}
    yield %q
    }
    """,
    // A value that nothing in the group computes, and one twice.
    "%y = fused %x { (%a: f32[4, 4])\nyield %a\n}",
    "%y, %z = fused %x { (%a: f32[4, 4])\n%e = exp %a\nyield %e, %e\n}",
    // The result is a view of the parameter.
    "%y = reshape %x {shape: [4, 4]}",
  ]) func whatHasNoKernelIsAnError(_ body: String) throws {
    let function = try Function(parsing: "func @f(%x: f32[4, 4]) {\n\(body)\nreturn %y\n}", ops: Self.ops)
    try function.verify()
    let error = #expect(throws: Diagnostic.self) {
      _ = try Pipeline.lower(try Pipeline.rewrite(function, Self.options, from: .lower), Self.options)
    }
    #expect(error?.id == "not-lowered")
    // With fusion before it, it compiles.
    _ = try Pipeline.compile(function, Self.options)
  }

  /// Guards of a group that computes nothing are kept.
  @Test func guardsOfAGroupStay() throws {
    let text = """
      func @f(%x: f32[n], %z: f32[m]) {
        %y = fused %x { (%a: f32[n])
          yield %a
        } : f32[n] requires n == m "they differ"
        return %y
      }
      """
    let opened = try OpenGroups.run(try Function(parsing: text, ops: Self.ops))
    #expect(opened.body.operations.flatMap(\.guards).map(\.message) == ["they differ"])
  }
}
