import Foundation
import Testing

@testable import TensorIR

func sampleEverything() throws -> EverythingOp {
  let n = Dimension(symbol: "n")
  return EverythingOp(
    zebra: -2_147_483_648, apple: nil, shape: [4, n + 1, .broadcast(n, Dimension(symbol: "odd name"))], type: .bf16,
    value: try #require(TensorLiteral.numbers([0.1, -0.0, .infinity, .nan], .f32)),
    layout: Layout(order: [0, 1, 2, 3], blocks: [.init(axis: 1, size: 16)]),
    result: TensorType(.f32, [n, 3, 2, 2], layout: .channelsLast(rank: 4)),
    ratio: -Double.leastNonzeroMagnitude, small: 0.1, seed: .max, keep: true, text: "line\n\"quoted\" \u{1} é",
    mode: .f32,
    scale: [.none, .factor(2), .range(low: -1, high: 1)],
    pads: [[.init(before: 1, after: n)], []], holes: [1, nil, 3])
}

@Suite struct AttributeCoderTests {
  let symbols = SymbolTable([Symbol("n"), Symbol("odd name")])

  private func roundTrip(_ op: EverythingOp) throws {
    var function = Function(name: "f", symbols: symbols)
    let id = function.addValue(op.result)
    function.body.operations = [Operation(op, [], results: [id])]
    function.body.results = [id]
    let text = function.text()
    let parsed = try Function(parsing: text, ops: testOps)
    #expect(parsed.text() == text)
    #expect(parsed.body.operations.first?.op.isEqual(to: op) == true, "\(text)")
  }

  @Test func everyKindRoundTrips() throws {
    var op = try sampleEverything()
    try roundTrip(op)
    op.apple = 3
    op.ratio = .greatestFiniteMagnitude
    op.mode = .odd
    op.text = "none"
    try roundTrip(op)
    op.text = ""
    op.value = try #require(TensorLiteral(.f16, shape: [3, 2], bytes: Data(1...12)))
    try roundTrip(op)
    op.value = try #require(TensorLiteral(.u64, shape: [1], bytes: Data(repeating: 255, count: 8)))
    try roundTrip(op)
  }

  @Test func fieldsKeepTheOrderOfDeclaration() throws {
    let fields = try AttributeEncoder().fields(of: sampleEverything())
    #expect(
      fields.map(\.name) == [
        "zebra", "shape", "type", "value", "layout", "result", "ratio", "small", "seed", "keep", "text", "mode",
        "scale", "pads", "holes",
      ])
    #expect(fields[7].value == .number(0.1))
    #expect(try AttributeEncoder().fields(of: ReluOp()).isEmpty)
  }

  private func message(_ fields: [Attribute.Field]) -> String {
    do {
      let op = try testOps.make("split", fields)
      return "\(op)"
    } catch { return (error as? Diagnostic)?.message ?? "\(error)" }
  }

  @Test func faultsAreNamed() {
    #expect(message([]) == "the attribute 'axis' is missing")
    #expect(message([.init("axis", .integer(1)), .init("keep", .boolean(true))]) == "there is no attribute 'keep'")
    #expect(message([.init("axis", .string("one"))]).hasPrefix("the attribute 'axis': expected an integer"))
    #expect(message([.init("axis", .record([]))]).hasPrefix("the attribute 'axis': expected an integer"))
    #expect(throws: Diagnostic.self) { try testOps.make("splat", []) }
  }

  @Test func wrongEnumsAndNestedKeysAreNamed() throws {
    var fields = try AttributeEncoder().fields(of: sampleEverything())
    let index = try #require(fields.firstIndex { $0.name == "mode" })
    fields[index].value = .string("sideways")
    #expect(throws: Diagnostic.self) { try testOps.make("everything", fields) }
    fields[index].value = .string("edge")
    _ = try testOps.make("everything", fields)
    let scale = try #require(fields.firstIndex { $0.name == "scale" })
    fields[scale].value = .list([.record([.init("range", .record([.init("low", .integer(1)), .init("hi", .none)]))])])
    #expect(throws: Diagnostic.self) { try testOps.make("everything", fields) }
  }

  @Test func otherCodersStillWork() throws {
    var op = try sampleEverything()
    op.value = try #require(TensorLiteral.integers([1, 2]))
    let data = try JSONEncoder().encode(op)
    #expect(try JSONDecoder().decode(EverythingOp.self, from: data) == op)
  }
}
