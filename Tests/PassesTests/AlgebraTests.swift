import TensorIR
import TensorOps
import Testing

@testable import TensorPasses

/// Holds every rule that is written as text to the evaluator, on functions made from its left side: element types,
/// shapes that broadcast, empty ones, special numbers.
@Suite struct AlgebraTests {
  @Test(arguments: try Simplify.algebra.get().rules.map(\.name))
  func ruleKeepsTheMeaning(_ name: String) throws {
    let rule = try #require(try Simplify.algebra.get().rules.first { $0.name == name })
    let text = try #require(rule.text)
    let rewriter = Rewriter([rule], exactness: .inexact)
    var applications = 0
    var comparisons = 0
    var seen: Set<String> = []
    for variant in RuleVariant.all {
      guard let input = try? variant.function(text), seen.insert(input.text()).inserted else { continue }
      let graph = RewriteGraph(input)
      let count = try rewriter.run(graph)
      if count == 0 { continue }
      applications += count
      let output = graph.makeFunction()
      try output.verify()
      guard let compared = try compare(input, output, rule) else { return }
      comparisons += compared
    }
    #expect(applications > 0, "the rule never applied to its own left side")
    #expect(comparisons > 0, "no sample could be evaluated")
  }

  /// How many samples were compared; nil where one differs.
  private func compare(_ input: Function, _ output: Function, _ rule: Rule) throws -> Int? {
    let kinds: [SampledInputs.Numbers] =
      rule.exactness == .exact ? [.ordinary, .whole, .special] : [.ordinary, .whole]
    var count = 0
    for seed in 0..<12 {
      guard let inputs = SampledInputs.make(for: input, seed: seed, kinds[seed % kinds.count]),
        let expected = try? Evaluator.run(input, inputs)
      else { continue }
      let found = try Evaluator.run(output, inputs)
      let tolerance = rule.exactness == .exact ? nil : Self.tolerance(expected[0].elementType)
      let difference = expected[0].difference(from: found[0], tolerance: tolerance)
      #expect(difference == nil, "\(difference ?? "") in\n\(input)with \(inputs)")
      if difference != nil { return nil }
      count += 1
    }
    return count
  }

  /// A few roundings.
  private static func tolerance(_ type: ElementType) -> Double {
    switch type {
    case .f64: 1e-14
    case .f32: 4e-7
    case .f16: 3e-3
    default: 3e-2
    }
  }
}

/// One way to make a function from the left side of a rule.
struct RuleVariant {
  var element: ElementType
  /// The shape of each variable in order of appearance; the last one counts for the rest.
  var shapes: [[TensorIR.Dimension]]
  /// Which variables, by position, are bool.
  var bools: Int
  var numbersAreBool: Bool
  var numbersAreTensors: Bool
  var capture: Attribute

  static let all: [RuleVariant] = {
    let n = TensorIR.Dimension(symbol: "n")
    let shapes: [[[TensorIR.Dimension]]] = [
      [[2, 3]], [[2, 3], []], [[], [2, 3]], [[0, 3]], [[n, 3], [3]],
    ]
    let captures: [Attribute] = [.list([.integer(0)]), .list([.integer(0), .integer(1)])]
    var result: [RuleVariant] = []
    for element in ElementType.allCases {
      for shape in shapes {
        for bools in 0..<4 {
          for flags in 0..<4 {
            for capture in captures {
              result.append(
                RuleVariant(
                  element: element, shapes: shape, bools: bools, numbersAreBool: flags & 1 != 0,
                  numbersAreTensors: flags & 2 != 0, capture: capture))
            }
          }
        }
      }
    }
    return result
  }()

  /// A function that computes the left side; throws where the ops do not take these types.
  func function(_ rule: TextRule) throws -> Function {
    var builder = FunctionBuilder(name: "f", symbols: SymbolTable([Symbol("n")]))
    var variables: [String: ValueID] = [:]
    collect(rule.pattern, &builder, &variables)
    let result = try build(rule.pattern, &builder, variables)
    return builder.finish([result])
  }

  private func collect(
    _ side: TextRule.Pattern, _ builder: inout FunctionBuilder, _ variables: inout [String: ValueID]
  ) {
    switch side {
    case .number: break
    case .variable(let name):
      if variables[name] != nil { return }
      let position = variables.count
      let type = TensorType(
        bools >> position & 1 == 1 ? .bool : element, shapes[min(position, shapes.count - 1)])
      variables[name] = builder.parameter(type, name: name)
    case .operation(_, _, let operands): for operand in operands { collect(operand, &builder, &variables) }
    }
  }

  private func build(
    _ side: TextRule.Pattern, _ builder: inout FunctionBuilder, _ variables: [String: ValueID]
  ) throws -> ValueID {
    switch side {
    case .variable(let name): return try #require(variables[name])
    case .number(let number):
      let type = numbersAreBool ? ElementType.bool : element
      return try builder.add(Full(number, type, numbersAreTensors ? [3] : []), [])[0]
    case .operation(let name, let fields, let operands):
      let values = try operands.map { try build($0, &builder, variables) }
      let attributes = fields.map { field -> Attribute.Field in
        if case .literal(let value) = field.value { return Attribute.Field(field.name, value) }
        return Attribute.Field(field.name, capture)
      }
      let op = try OpDirectory(Registry.types).make(name, attributes)
      return try builder.add(op, values)[0]
    }
  }
}
