import TensorIR
import TensorOps
import Testing

@testable import TensorPasses

/// Regions that are differentiated, before and after the stage `differentiate`.
@Suite struct DifferentiateTests {
  private static let ops = OpDirectory(Registry.types)

  private func function(_ text: String) throws -> Function { try Function(parsing: text, ops: Self.ops) }

  private func expanded(_ function: Function) throws -> Function {
    let expanded = try BrokenFunction.check(try Differentiate.run(function), after: "differentiate")
    #expect(!Differentiate.hasGradients(expanded))
    return expanded
  }

  private func run(_ function: Function, _ values: [[Double]]) throws -> [[Double]] {
    try Evaluator.run(function, values.map { ReferenceTensor(.f64, [$0.count], floats: $0) }).map(\.floats)
  }

  /// Central differences of a function's first result, a scalar.
  private func slopes(_ function: Function, _ values: [[Double]], by operand: Int) throws -> [Double] {
    try values[operand].indices.map { place in
      let ends = try [1e-5, -1e-5].map { step in
        var moved = values
        moved[operand][place] += step
        return try run(function, moved)[0][0]
      }
      return (ends[0] - ends[1]) / 2e-5
    }
  }

  private func expectNear(_ found: [Double], _ wanted: [Double], _ what: String) {
    #expect(found.count == wanted.count)
    for (a, b) in zip(found, wanted) { #expect(abs(a - b) < 1e-6 * max(1, abs(b)), "\(what): \(found), not \(wanted)") }
  }

  /// A sum of squares of gradients, with a branch and a loop inside of what is differentiated.
  private static let branch = """
    func @f(%x: f64[n], %w: f64[n]) -> (f64[], f64[n], f64[n]) {
      %v, %dx, %dw = value_and_gradient %x, %w {by: [0, 1]} { (%a: f64[n], %u: f64[n])
        %p = multiply %a, %u : f64[n]
        %s = sum %p {axes: [0], keepAxes: false} : f64[]
        %zero = full {value: 0, elementType: f64, shape: []} : f64[]
        %c = greater %s, %zero : bool[]
        %r = if %c, %p { (%b: f64[n])
          %e = exp %b : f64[n]
          yield %e
        } { (%b2: f64[n])
          %t = tanh %b2 : f64[n]
          yield %t
        } : f64[n]
        %h = loop _, %r, %u {carried: 1, trips: 3, exits: false} { (%trip: i64[], %now: f64[n], %g: f64[n])
          %m = multiply %now, %g : f64[n]
          %next = sin %m : f64[n]
          yield %next
        } : f64[n]
        %l = sum %h {axes: [0], keepAxes: false} : f64[]
        yield %l
      } : f64[], f64[n], f64[n]
      return %v, %dx, %dw
    }
    """

  @Test(arguments: [[[0.5, -0.25, 1], [1.5, 0.5, 0.75]], [[0.5, -0.25, -1], [1.5, 0.5, 0.75]]])
  func `regions with control flow are differentiated in place`(_ values: [[Double]]) throws {
    let whole = try function(Self.branch)
    #expect(try function(whole.text()).text() == whole.text())
    let expanded = try expanded(whole)
    for found in [try run(whole, values), try run(expanded, values)] {
      for operand in [0, 1] {
        expectNear(found[1 + operand], try slopes(whole, values, by: operand), "operand \(operand)")
      }
    }
    // The forward pass is there once: what the backward pass needs of it are values like others.
    let names = expanded.body.operations.map(\.op.name)
    #expect(names.filter { $0 == "exp" || $0 == "if" }.count <= 2, "\(names)")
  }

  /// Descent inside of a loop, and the gradient of where it ends: gradients in regions, and gradients of gradients.
  @Test func `a loop of descent has a gradient`() throws {
    let whole = try function(
      """
      func @f(%w: f64[n], %x: f64[n]) -> (f64[], f64[n], f64[n]) {
        %v, %dw, %dx = value_and_gradient %w, %x {by: [0, 1]} { (%w0: f64[n], %x0: f64[n])
          %last = loop _, %w0, %x0 {carried: 1, trips: 2, exits: false} { (%trip: i64[], %now: f64[n], %t: f64[n])
            %loss, %slope = value_and_gradient %now, %t {by: [0]} { (%a: f64[n], %b: f64[n])
              %d = subtract %a, %b : f64[n]
              %q = multiply %d, %d : f64[n]
              %z = multiply %q, %a : f64[n]
              %s = sum %z {axes: [0], keepAxes: false} : f64[]
              yield %s
            } : f64[], f64[n]
            %rate = full {value: 0.125, elementType: f64, shape: []} : f64[]
            %step = multiply %slope, %rate : f64[n]
            %next = subtract %now, %step : f64[n]
            yield %next
          } : f64[n]
          %e = sin %last : f64[n]
          %l = sum %e {axes: [0], keepAxes: false} : f64[]
          yield %l
        } : f64[], f64[n], f64[n]
        return %v, %dw, %dx
      }
      """)
    let values = [[0.5, -0.25, 1], [0.75, 0.5, -0.5]]
    for each in [whole, try expanded(whole)] {
      let found = try run(each, values)
      for operand in [0, 1] { expectNear(found[1 + operand], try slopes(whole, values, by: operand), "\(operand)") }
    }
  }

  private func mistake(_ body: () throws -> some Any) -> String {
    do {
      _ = try body()
      return ""
    } catch { return "\(error)" }
  }

  private static func simple(_ by: String, _ op: String = "sum %a {axes: [0], keepAxes: false} : f64[]") -> String {
    """
    func @f(%x: f64[n], %i: i64[]) -> f64[] {
      %v = value_and_gradient %x, %i {by: \(by)} { (%a: f64[n], %j: i64[])
        %l = \(op)
        yield %l
      }
      return %v
    }
    """
  }

  @Test func `mistakes name their place`() throws {
    #expect(mistake { try function(Self.simple("[1]")) }.contains("differentiates by floats, and operand 1 is i64[]"))
    #expect(mistake { try function(Self.simple("[0, 0]")) }.contains("each named once"))
    #expect(mistake { try function(Self.simple("[2]")) }.contains("of 2"))
    #expect(mistake { try function(Self.simple("[]", "exp %a : f64[n]")) }.contains("is a float scalar"))
    // What has no gradient is told with its own place.
    let told = mistake {
      try Differentiate.run(
        try function(
          """
          func @f(%x: f64[2, n]) -> (f64[], f64[2, n]) {
            %v, %d = value_and_gradient %x {by: [0]} { (%a: f64[2, n])
              %c = reduce_scatter %a {reduction: maximum, count: 2} : f64[n] at "user.swift":7:3
              %l = sum %c {axes: [0], keepAxes: false} : f64[]
              yield %l
            } : f64[], f64[2, n]
            return %v, %d
          }
          """))
    }
    #expect(told.contains("user.swift:7:3") && told.contains("'reduce_scatter' of maxima"), "\(told)")
  }

  /// Each stage shows what it is there for; later ones refuse what they cannot compile.
  @Test func `stages show gradients before and after`() throws {
    let whole = try function(Self.branch)
    var options = PipelineOptions(target: .generic)
    let before = try Pipeline.rewrite(whole, options, to: .simplify)
    let after = try Pipeline.rewrite(before, options, from: .differentiate, to: .differentiate)
    #expect(before.text().contains("value_and_gradient") && !after.text().contains("value_and_gradient"))
    #expect(mistake { try Pipeline.rewrite(before, options, from: .decompose) }.contains("'differentiate'"))
    let plain = try function("func @f(%x: f64[n]) -> f64[n] {\n%y = exp %x : f64[n]\nreturn %y\n}")
    let seen = Seen()
    options.observe = { stage, _ in seen.add(stage) }
    _ = try Pipeline.rewrite(plain, options)
    #expect(!seen.stages.contains(.differentiate) && seen.stages.count == 5)
  }
}

/// The stages that were observed. Sendable because the pipeline calls from one thread.
private final class Seen: @unchecked Sendable {
  private(set) var stages: [Stage] = []
  func add(_ stage: Stage) { stages.append(stage) }
}
