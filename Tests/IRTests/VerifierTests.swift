import Testing

@testable import TensorIR

@Suite struct VerifierTests {
  private func sound() throws -> Function {
    try Function(
      parsing: """
        func @f(%x: f32[n, 4], %y: f32[n, 4]) -> (%a: f32[n, 4] reuses %x) {
          %r = fused {
            %i = relu %x : f32[n, 4]
            yield %i
          } : f32[n, 4]
          %s = relu %r : f32[n, 4]
          return %s
        }
        """, ops: testOps)
  }

  private func ids(_ function: Function) -> [String] { Verifier.check(function)?.diagnostics.map(\.id) ?? [] }

  @Test func aSoundFunctionPasses() throws { try sound().verify() }

  @Test func usesComeAfterDefinitions() throws {
    var function = try sound()
    function.body.operations.swapAt(0, 1)
    #expect(ids(function) == ["undefined"])
    function = try sound()
    let inner = try #require(function.body.operations[0].regions[0].results.first)
    function.body.results = [inner]
    #expect(ids(function) == ["undefined"])
    function.body.operations[1].operands = [ValueID(99)]
    #expect(ids(function) == ["undefined", "undefined"])
  }

  @Test func definitionsAreSingle() throws {
    var function = try sound()
    function.body.operations[1].results = function.body.operations[0].results
    #expect(ids(function).contains("redefined"))
  }

  @Test func typesAreInferredAgain() throws {
    var function = try sound()
    let result = function.body.results[0]
    function[result].type = TensorType(.f32, [2, 4])
    #expect(ids(function) == ["donation", "type-mismatch"])
    function[result].type = TensorType(.f32, [Dimension(symbol: "n"), 4], layout: .channelsLast(rank: 4))
    #expect(ids(function) == ["donation", "layout"])
  }

  @Test func symbolsAndDimensionsAreChecked() throws {
    var function = try sound()
    let x = function.body.parameters[1]
    function[x].type = TensorType(.f32, [Dimension(symbol: "m"), .overflow])
    #expect(ids(function) == ["overflow", "undeclared-symbol"] || ids(function) == ["undeclared-symbol", "overflow"])
    function = try sound()
    function.symbols.declare(Symbol("n", minimum: 4, maximum: 3, divisor: 0))
    #expect(ids(function) == ["symbol-fact"])
  }

  @Test func resultsAndDonationsAreChecked() throws {
    var function = try sound()
    function.resultNames = ["a", "a"]
    function.donations = [0: 5, 3: 0]
    #expect(ids(function).sorted() == ["donation", "donation", "redefined", "result-count"])
  }

  @Test func everyFaultIsMarkedOnItsLine() throws {
    var function = try sound()
    function.body.operations[0].regions[0].operations[0].operands = []
    function.body.operations[1].operands = [nil, nil]
    let error = try #require(Verifier.check(function))
    #expect(
      error.description == """
        the function is not well formed: 2 errors
        func @f(%x: f32[n, 4], %y: f32[n, 4]) -> (%a: f32[n, 4] reuses %x) {
          %r = fused {
            %i = relu : f32[n, 4]
            ^~~~~~~~~~~~~~~~~~~~~
            error: 'relu' takes 1 operand and was given 0 [arity]
            yield %i
          } : f32[n, 4]
          %s = relu _, _ : f32[n, 4]
          ^~~~~~~~~~~~~~~~~~~~~~~~~~
          error: 'relu' takes 1 operand and was given 2 [arity]
          return %s
        }

        """)
  }
}
