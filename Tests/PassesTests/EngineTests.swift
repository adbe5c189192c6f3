import TensorIR
import TensorOps
import Testing

@testable import TensorPasses

/// The rewrite engine by itself.
@Suite struct EngineTests {
  private let language = TensorLanguage()

  private func function(_ text: String) throws -> Function {
    try Function(parsing: text, ops: OpDirectory(Registry.types))
  }

  private let chain = """
    func @f(%x: f32[n], %y: f32[n]) -> f32[n] {
      %a = add %x, %y : f32[n]
      %b = exp %a : f32[n]
      return %b
    }
    """

  @Test func rulesThatCycleAreNamed() throws {
    let rules = try RuleSet(
      parsing: """
        swap: add(x, y) => add(y, x)
        other: exp(x) => exp(add(x, 0))
        """, language: language
    ).rules
    let graph = RewriteGraph(try function(chain))
    let error = #expect(throws: Diagnostic.self) { try Rewriter(rules).run(graph) }
    #expect(error?.id == "rewrite-cycle")
    #expect(error?.message.contains("'swap'") == true)
  }

  @Test(arguments: [
    ("a: negat(x) => x", "there is no op 'negat'"),
    ("a: negate(x) => y", "'y' does not stand on the left"),
    ("a: x => x", "must be an operation"),
    ("a: cast{to: %t}(x) => cast{to: %u}(x)", "'%u' does not stand on the left"),
    ("a: negate(x) => x where y is float", "'y' does not stand on the left"),
    ("a: negate(x) => x where x is flat", "a kind is"),
    ("a: negate(x) => x negate", "the end of the line"),
    ("a: negate(x) = x", "expected '>'"),
    ("a: negate(x) => x\na: exp(x) => x", "two rules are named 'a'"),
  ])
  func wrongRulesAreRefused(_ text: String, _ message: String) {
    let error = #expect(throws: Diagnostics.self) { try RuleSet(parsing: text, language: language) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }

  @Test func applicationsAreExplained() throws {
    var events: [String] = []
    let input = try function(
      """
      func @f(%x: f32[n]) -> f32[n] {
        %a = negate %x : f32[n] at node "first" (Neg)
        %b = negate %a : f32[n] at node "second" (Neg)
        return %b
      }
      """)
    let output = try Simplify.run(input, Simplify.Options { events.append($0.description) })
    #expect(events == ["double-negation: negate => value at node \"second\" (Neg)"])
    #expect(output.body.operations.isEmpty)
  }

  @Test func inexactRulesWaitForPermission() throws {
    let input = try function(
      """
      func @f(%x: f32[n]) -> f32[n] {
        %zero = full {value: 0.0, elementType: f32, shape: []} : f32[]
        %a = add %x, %zero : f32[n]
        return %a
      }
      """)
    #expect(try Simplify.run(input).body.operations.count == 2)
    #expect(try Simplify.run(input, Simplify.Options(exactness: .inexact)).body.operations.isEmpty)
  }

  @Test func zerosOfBothSignsStayApart() throws {
    let input = try function(
      """
      func @f(%x: f32[n]) -> (f32[n], f32[n]) {
        %zero = full {value: 0.0, elementType: f32, shape: []} : f32[]
        %minus = full {value: -0.0, elementType: f32, shape: []} : f32[]
        %a = divide %x, %zero : f32[n]
        %b = divide %x, %minus : f32[n]
        return %a, %b
      }
      """)
    #expect(try Simplify.run(input).body.operations.count == 4)
  }

  @Test func theResultDoesNotDependOnTheRun() throws {
    let input = try function(chain)
    let texts = try (0..<8).map { _ in try Simplify.run(input).text() }
    #expect(Set(texts).count == 1)
  }
}
