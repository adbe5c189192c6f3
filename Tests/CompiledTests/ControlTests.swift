import CompiledModels
import TensorIR
import TensorOps
import TensorRuntime
import Testing

@testable import TensorPasses

private typealias Dimension = TensorIR.Dimension

/// `if` and `loop` compiled, against the evaluator, with the same bits at every number of threads.
@Suite struct ControlTests {
  private func parse(_ text: String) throws -> Function {
    let functions = try TextParser.parse(text, file: "test.tir", ops: OpDirectory(Registry.types)).get()
    try functions[0].verify()
    return functions[0]
  }

  private func flag(_ value: Bool) -> ReferenceTensor { ReferenceTensor(.bool, [], integers: [value ? 1 : 0]) }

  /// Runs at 1, 2 and 4 threads, and holds all to the evaluator and to each other.
  private func check(_ model: Model, _ function: Function, _ inputs: [ReferenceTensor], _ comment: String) throws {
    let expected = try Evaluator.run(function, inputs)
    let one = try Compiled.run(model, function, inputs, threads: 1)
    #expect(Compiled.difference(one, expected) < 1e-5, "\(comment)")
    for threads in [2, 4] {
      let more = try Compiled.run(model, function, inputs, threads: threads)
      for (a, b) in zip(one, more) {
        #expect(a.floats.map(\.bitPattern) == b.floats.map(\.bitPattern), "\(comment), \(threads) threads")
        #expect(a.integers == b.integers, "\(comment), \(threads) threads")
      }
    }
  }

  @Test func takesOneBranch() throws {
    let function = try parse(
      """
      func @f(%x: f32[n, 6], %w: f32[6, 5], %c: bool[]) -> (f32[n, 5], f32[n]) {
        %h = matmul %x, %w {transposeLeft: false, transposeRight: false} : f32[n, 5]
        %r, %s = if %c, %h, %x { (%a: f32[n, 5], %p: f32[n, 6])
          %e = softmax %a {axis: 1} : f32[n, 5]
          %t = sum %p {axes: [1], keepAxes: false} : f32[n]
          yield %e, %t
        } { (%b: f32[n, 5], %q: f32[n, 6])
          %m = sum %b {axes: [1], keepAxes: false} : f32[n]
          %u = negate %m : f32[n]
          yield %b, %u
        } : f32[n, 5], f32[n]
        %y = relu %r : f32[n, 5]
        return %y, %s
      }
      """)
    let model = try Compiled.modelForFour(function)
    for size in [0, 1, 7, 300] {
      for value in [true, false] {
        let inputs = [Compiled.sample([size, 6]), Compiled.sample([6, 5], seed: 2), flag(value)]
        try check(model, function, inputs, "n = \(size), \(value)")
      }
    }
  }

  /// What would fail in a branch does only where it is taken, and in the trips that are made.
  @Test func aBranchNotTakenCannotFail() throws {
    let function = try parse(
      """
      func @f(%x: f32[n], %i: i64[2], %c: bool[]) -> f32[2] {
        %r = if %c, %x, %i { (%a: f32[n], %j: i64[2])
          %g = gather %a, %j {axis: 0} : f32[2]
          yield %g
        } { (%b: f32[n], %k: i64[2])
          %s = sum %b {axes: [0], keepAxes: false} : f32[]
          %w = broadcast_to %s {shape: [<2>]} : f32[2] requires n == 3 "three are needed" at node "wide" (Expand)
          yield %w
        } : f32[2]
        return %r
      }
      """)
    let model = try Compiled.modelForFour(function)
    func run(_ size: Int, _ index: Int, _ value: Bool) throws -> [ReferenceTensor] {
      let inputs = [Compiled.sample([size]), ReferenceTensor(.i64, [2], integers: [0, index]), flag(value)]
      return try Compiled.run(model, function, inputs, threads: 2)
    }
    _ = try run(4, 1, true)
    _ = try run(3, 99, false)
    let bad = #expect(throws: RuntimeError.self) { try run(4, 99, true) }
    #expect("\(bad.map(String.init(describing:)) ?? "")".contains("index-out-of-range"))
    let unequal = #expect(throws: RuntimeError.self) { try run(4, 1, false) }
    let text = "\(unequal.map(String.init(describing:)) ?? "")"
    #expect(text.contains("three are needed") && text.contains("wide"), "\(text)")
  }

  @Test func countsTripsByADimension() throws {
    let function = try parse(
      """
      func @f(%x: f32[t, 4], %h: f32[4], %w: f32[4, 4]) -> (f32[4], f32[t, 4], f32[4]) {
        %last, %old, %all = loop _, %h, %h, %x, %w {carried: 2, trips: <t>, exits: false} {
          (%trip: i64[], %now: f32[4], %before: f32[4], %rows: f32[t, 4], %v: f32[4, 4])
          %row = gather %rows, %trip {axis: 0} : f32[4]
          %two = reshape %now {shape: [<1>, <4>]} : f32[1, 4]
          %m = matmul %two, %v {transposeLeft: false, transposeRight: false} : f32[1, 4]
          %flat = reshape %m {shape: [<4>]} : f32[4]
          %sum = add %flat, %row : f32[4]
          %mixed = subtract %sum, %before : f32[4]
          %next = tanh %mixed : f32[4]
          yield %next, %now, %next
        } : f32[4], f32[4], f32[t, 4]
        return %last, %all, %old
      }
      """)
    let model = try Compiled.modelForFour(function)
    for size in [0, 1, 2, 5, 33] {
      let inputs = [Compiled.sample([size, 4]), Compiled.sample([4], seed: 2), Compiled.sample([4, 4], seed: 3)]
      try check(model, function, inputs, "t = \(size)")
    }
  }

  @Test func endsByAConditionOnData() throws {
    let function = try parse(
      """
      func @f(%x: f32[n], %limit: i64[], %begin: bool[]) -> (f32[n], i64[]) {
        %zero = full {value: 0, elementType: i64, shape: []} : i64[]
        %y, %count = loop %limit, %begin, %x, %zero {carried: 2, exits: true} {
          (%trip: i64[], %a: f32[n], %k: i64[])
          %half = full {value: 0.5, elementType: f32, shape: []} : f32[]
          %one = full {value: 1, elementType: i64, shape: []} : i64[]
          %b = multiply %a, %half : f32[n]
          %m = max %b {axes: [0], keepAxes: false} : f32[]
          %on = greater %m, %half : bool[]
          %next = add %k, %one : i64[]
          yield %on, %b, %next
        } : f32[n], i64[]
        return %y, %count
      }
      """)
    let model = try Compiled.modelForFour(function)
    for (limit, begin) in [(100, true), (2, true), (0, true), (-3, true), (100, false)] {
      for size in [1, 5, 1000] {
        let wide = Compiled.sample([size])
        let values = ReferenceTensor(.f32, [size], floats: wide.floats.map { abs($0) * 50 })
        let inputs = [values, ReferenceTensor(.i64, [], integers: [limit]), flag(begin)]
        try check(model, function, inputs, "n = \(size), \(limit) trips at most")
      }
    }
  }

  /// The gradient of the branch taken, by differences in f64.
  @Test func aBranchHasAGradient() throws {
    let function = try parse(
      """
      func @f(%x: f64[n], %y: f64[n], %c: bool[]) -> f64[] {
        %h = multiply %x, %y : f64[n]
        %r, %q = if %c, %h, %x, %y { (%a: f64[n], %b: f64[n], %d: f64[n])
          %e = exp %a : f64[n]
          %m = multiply %e, %b : f64[n]
          yield %m, %d
        } { (%a2: f64[n], %b2: f64[n], %d2: f64[n])
          %s = tanh %d2 : f64[n]
          %t = multiply %s, %s : f64[n]
          yield %t, %a2
        } : f64[n], f64[n]
        %sum = add %r, %q : f64[n]
        %loss = sum %sum {axes: [0], keepAxes: false} : f64[]
        return %loss
      }
      """)
    let gradient = try Gradient.valueAndGradient(of: function, at: [0, 1])
    try gradient.verify()
    let model = try Compiled.modelForFour(gradient)
    for value in [true, false] {
      let inputs = [Compiled.sample([5], .f64), Compiled.sample([5], seed: 2, .f64), flag(value)]
      try check(model, gradient, inputs, "\(value)")
      let found = try Evaluator.run(gradient, inputs)
      for (input, place) in [(0, 0), (0, 4), (1, 2)] {
        func loss(_ step: Double) throws -> Double {
          var moved = inputs
          var numbers = inputs[input].floats
          numbers[place] += step
          moved[input] = ReferenceTensor(.f64, [5], floats: numbers)
          return try Evaluator.run(function, moved)[0].floats[0]
        }
        let expected = (try loss(1e-5) - loss(-1e-5)) / 2e-5
        let slope = found[1 + input].floats[place]
        #expect(abs(slope - expected) < 1e-6 * max(1, abs(expected)), "\(value), input \(input): \(slope), \(expected)")
      }
    }
  }

  /// Branches in loops, loops in branches and loops in loops.
  @Test func nests() throws {
    let function = try parse(
      """
      func @f(%x: f32[n], %c: bool[]) -> (f32[n], i64[]) {
        %zero = full {value: 0, elementType: i64, shape: []} : i64[]
        %y, %s = loop _, %x, %zero, %c {carried: 2, trips: <n>, exits: false} {
          (%trip: i64[], %a: f32[n], %k: i64[], %d: bool[])
          %three = full {value: 3, elementType: i64, shape: []} : i64[]
          %small = less %trip, %three : bool[]
          %both = equal %small, %d : bool[]
          %r, %q = if %both, %a, %k, %trip { (%p: f32[n], %m: i64[], %u: i64[])
            %inner, %h = loop %u, %p, %m {carried: 2, exits: false} {
              (%step: i64[], %v: f32[n], %w: i64[])
              %z = tanh %v : f32[n]
              %o = add %w, %step : i64[]
              yield %z, %o
            } : f32[n], i64[]
            yield %inner, %h
          } { (%p2: f32[n], %m2: i64[], %u2: i64[])
            %neg = negate %p2 : f32[n]
            yield %neg, %m2
          } : f32[n], i64[]
          yield %r, %q
        } : f32[n], i64[]
        return %y, %s
      }
      """)
    let model = try Compiled.modelForFour(function)
    for size in [0, 1, 4, 9] {
      for value in [true, false] { try check(model, function, [Compiled.sample([size]), flag(value)], "n = \(size)") }
    }
  }
}
