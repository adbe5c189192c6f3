import Testing

@testable import TensorIR

/// Operands and regions against what ops declare.
@Suite struct SignatureTests {
  /// Takes its operands through its region.
  private struct GroupOp: Op {
    static let name = "group"
    static let summary = "Test: a region that sees its operands alone."
    static let signature = Signature(
      operands: 1...2, optional: [1], results: 1...3,
      regions: [RegionSignature("body", parameters: .operands(from: 0))])
    func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
      context.regions[0].results
    }
    func checkLayouts(_ operands: [TensorType], _ results: [TensorType]) throws {}
  }

  private static let ops = OpDirectory([ReluOp.self, MatmulOp.self, FindOp.self, GroupOp.self, ReorderOp.self])

  private func message(_ statements: String) -> String {
    let text = "func @f(%x: f32[2, 3], %b: bool[]) {\n\(statements)\nreturn %y }"
    let parsed = TextParser.parse(text, ops: Self.ops)
    if let first = parsed.diagnostics.first { return first.message }
    return parsed.functions.first.flatMap { Verifier.check($0)?.diagnostics.first?.message } ?? "nothing"
  }

  @Test(arguments: [
    ("%y = relu", "'relu' takes 1 operand and was given 0"),
    ("%y = relu %x, %x", "'relu' takes 1 operand and was given 2"),
    ("%y = relu _", "operand 0 of 'relu' is left out, and it cannot do without"),
    ("%y = matmul %x", "'matmul' takes 2 to 3 operands and was given 1"),
    ("%y = relu %x { (%a: f32[2, 3])\nyield %a\n}", "'relu' has no region and was given 1"),
    ("%y = group %x", "'group' has one region and was given 0"),
    ("%y = group %x {\nyield %x\n}", "a region of 'group' uses %x from outside; pass it as an operand"),
    (
      "%y = group %x { (%a: f32[2, 3])\nyield %a\n} { (%c: f32[2, 3])\nyield %c\n}",
      "'group' has one region and was given 2"
    ),
    (
      "%y = group %x { (%a: f32[3, 2])\nyield %a\n}",
      "parameter 0 of the body of 'group' is f32[3, 2], and the operand is f32[2, 3]"
    ),
    (
      "%y = group %x { (%a: f32[2, 3], %c: f32[2, 3])\nyield %a\n}",
      "the body of 'group' has 2 parameters; it takes 1, one for each operand"
    ),
    (
      "%y = group %x, _ { (%a: f32[2, 3], %c: bool[])\nyield %a\n}",
      "parameter 1 of the body of 'group' is bool[], and the operand is left out"
    ),
    (
      "%y = group %x, %b { (%a: f32[2, 3], %c: bool[])\nyield %a\n}",
      "operand 1 of 'group' cannot be a bool[]; cast or reshape it"
    ),
    ("%y = group %x { (%a: f32[2, 3])\nyield\n}", "'group' infers 0 results"),
    (
      "%y = group %x { (%a: f32[2, 3])\nyield %a\n} : f32[2, 3] in ba",
      "result 0 of the body of 'group' is f32[2, 3], and the result is f32[2, 3] in ba"
    ),
    ("%y = relu %x : f32[2, 3] in ba", "'relu' does not work on f32[2, 3] in ba"),
  ]) func whatDoesNotFitIsRefused(_ statements: String, _ expected: String) {
    #expect(message(statements) == expected)
  }

  @Test(arguments: [
    "%y = relu %x", "%y = matmul %x, %w, _", "%y = group %x { (%a: f32[2, 3])\nyield %a\n}",
  ]) func whatFitsIsTaken(_ statement: String) {
    #expect(message("%z = reorder %x {layout: layout(ba)} : f32[2, 3] in ba\n%y = relu %x") == "nothing")
    let text = "func @f(%x: f32[2, 3], %w: f32[3, 3]) {\n\(statement)\nreturn %y }"
    #expect(TextParser.parse(text, ops: Self.ops).diagnostics.isEmpty)
  }

  @Test(arguments: [
    ("f32[-9223372036854775808]", "f32[-9223372036854775808] has a negative extent"),
    ("f32[-1, n]", "f32[-1, n] has a negative extent"),
    ("f32[4611686018427387904, 2]", "f32[4611686018427387904, 2] is larger than any memory"),
    ("f32[0, 4294967296, 4294967296]", "f32[0, 4294967296, 4294967296] is larger than any memory"),
    ("f64[9007199254740993]", "f64[9007199254740993] is larger than any memory"),
  ]) func tensorsThatCannotBeAreRefused(_ type: String, _ expected: String) {
    let parsed = TextParser.parse("func @f(%x: \(type)) {\nreturn %x }", ops: testOps)
    #expect(parsed.diagnostics.first?.message == expected)
  }

  @Test func parametersAreRowMajor() throws {
    let function = try Function(
      parsing: "func @f(%x: f32[2, 3] in ba) {\n%y = reorder %x {layout: layout(ba)} : f32[2, 3] in ba\nreturn %y }",
      ops: testOps)
    #expect(Verifier.check(function)?.diagnostics.map(\.id) == ["layout"])
  }

  /// What the verifier finds is told at the line of the text.
  @Test func faultsHaveTheirPlaceInTheText() {
    let text = "func @f(%x: f32[2, 3]) {\n  %a = relu %x\n  %y = relu %a : f32[2, 3] in ba\n  return %y\n}"
    let error = #expect(throws: Diagnostics.self) {
      try TextParser.parse(text, file: "f.tir", ops: Self.ops).verified()
    }
    #expect(error?.list.map(\.location) == [.source(file: "f.tir", line: 3, column: 3)])
  }
}
