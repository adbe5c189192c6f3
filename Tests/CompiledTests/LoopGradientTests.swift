import CompiledModels
import TensorIR
import TensorOps
import Testing

/// Gradients through `loop`, and through branches that differ in an extent, against differences in f64; compiled, against the
/// evaluator.
@Suite struct LoopGradientTests {
  private func parse(_ text: String) throws -> Function {
    let functions = try TextParser.parse(text, file: "test.tir", ops: OpDirectory(Registry.types)).get()
    try functions[0].verify()
    return functions[0]
  }

  private func flag(_ value: Bool) -> ReferenceTensor { ReferenceTensor(.bool, [], integers: [value ? 1 : 0]) }
  private func count(_ value: Int) -> ReferenceTensor { ReferenceTensor(.i64, [], integers: [value]) }
  private func scalar(_ value: Double) -> ReferenceTensor { ReferenceTensor(.f64, [], floats: [value]) }

  /// Holds the gradient of the first result by all float parameters to differences, and compiled code to the evaluator.
  private func check(_ function: Function, _ calls: [[ReferenceTensor]]) throws {
    let floats = function.parameterTypes.indices.filter { function.parameterTypes[$0].elementType.isFloat }
    let gradient = try Gradient.valueAndGradient(of: function, at: floats)
    try gradient.verify()
    let text = gradient.text()
    let again = try TextParser.parse(text, file: "again.tir", ops: OpDirectory(Registry.types)).get()
    #expect(again[0].text() == text)
    let model = try Compiled.modelForFour(gradient)
    for inputs in calls {
      let found = try Evaluator.run(gradient, inputs)
      for threads in [1, 2] {
        let compiled = try Compiled.run(model, gradient, inputs, threads: threads)
        #expect(Compiled.difference(compiled, found) < 1e-9, "\(inputs.map(\.shape))")
      }
      for (place, input) in floats.enumerated() {
        let slopes = found[function.body.results.count + place]
        #expect(slopes.shape == inputs[input].shape)
        for element in 0..<inputs[input].count {
          let expected = try slope(function, inputs, input, element)
          let own = slopes.floats[element]
          #expect(abs(own - expected) < 1e-6 * max(1, abs(expected)), "input \(input)[\(element)]: \(own), \(expected)")
        }
      }
    }
  }

  private func slope(
    _ function: Function, _ inputs: [ReferenceTensor], _ input: Int, _ element: Int
  ) throws -> Double {
    func loss(_ step: Double) throws -> Double {
      var (moved, numbers) = (inputs, inputs[input].floats)
      numbers[element] += step
      moved[input] = ReferenceTensor(.f64, inputs[input].shape, floats: numbers)
      return try Evaluator.run(function, moved)[0].floats[0]
    }
    return (try loss(1e-5) - loss(-1e-5)) / 2e-5
  }

  /// Scanned rows, a captured matrix, two carried values and a collected one.
  @Test func pullsThroughAScan() throws {
    let function = try parse(
      """
      func @f(%x: f64[t, 3], %h: f64[3], %w: f64[3, 3]) -> f64[] {
        %last, %old, %all = loop _, %h, %h, %x, %w {carried: 2, trips: <t>, exits: false} {
          (%trip: i64[], %now: f64[3], %before: f64[3], %rows: f64[t, 3], %v: f64[3, 3])
          %row = gather %rows, %trip {axis: 0} : f64[3]
          %two = reshape %now {shape: [<1>, <3>]} : f64[1, 3]
          %m = matmul %two, %v {transposeLeft: false, transposeRight: false} : f64[1, 3]
          %flat = reshape %m {shape: [<3>]} : f64[3]
          %sum = add %flat, %row : f64[3]
          %mixed = subtract %sum, %before : f64[3]
          %next = tanh %mixed : f64[3]
          yield %next, %now, %next
        } : f64[3], f64[3], f64[t, 3]
        %square = multiply %all, %all : f64[t, 3]
        %a = sum %square {axes: [0, 1], keepAxes: false} : f64[]
        %b = sum %last {axes: [0], keepAxes: false} : f64[]
        %c = sum %old {axes: [0], keepAxes: false} : f64[]
        %d = multiply %b, %c : f64[]
        %loss = add %a, %d : f64[]
        return %loss
      }
      """)
    try check(
      function,
      [0, 1, 4].map {
        [Compiled.sample([$0, 3], .f64), Compiled.sample([3], seed: 2, .f64), Compiled.sample([3, 3], seed: 3, .f64)]
      })
  }

  /// As many trips as were made: by a number, and by a condition on data. What is collected is as long as that.
  @Test func pullsThroughTheTripsThatWereMade() throws {
    let function = try parse(
      """
      func @f(%x: f64[n], %rows: f64[8, n], %limit: i64[], %least: f64[]) -> f64[] where n, k computed {
        %yes = full {value: 1, elementType: bool, shape: []} : bool[]
        %y, %all = loop %limit, %yes, %x, %rows, %least {carried: 1, exits: true, length: <k>} {
          (%trip: i64[], %a: f64[n], %r: f64[8, n], %l: f64[])
          %row = gather %r, %trip {axis: 0} : f64[n]
          %b = multiply %a, %row : f64[n]
          %e = add %b, %l : f64[n]
          %m = max %e {axes: [0], keepAxes: false} : f64[]
          %on = greater %m, %l : bool[]
          yield %on, %e, %b
        } : f64[n], f64[k, n]
        %s = sum %y {axes: [0], keepAxes: false} : f64[]
        %t = sum %all {axes: [0, 1], keepAxes: false} : f64[]
        %loss = multiply %s, %t : f64[]
        return %loss
      }
      """)
    let rows = ReferenceTensor(.f64, [8, 2], floats: (0..<16).map { $0 < 10 ? 0.8 + 0.05 * Double($0) : -1.5 })
    let x = ReferenceTensor(.f64, [2], floats: [1.25, 2])
    try check(function, [0, 2, 3, 8, -1].map { [x, rows, count($0), scalar(0.3)] })
  }

  /// Branches and loops in a loop, without a result that is collected; a value that is used as a whole is summed up.
  @Test func pullsThroughWhatIsNested() throws {
    let function = try parse(
      """
      func @f(%x: f64[n], %w: f64[n], %c: bool[]) -> f64[] {
        %y = loop _, %x, %w, %c {carried: 1, trips: <4>, exits: false} {
          (%trip: i64[], %a: f64[n], %v: f64[n], %d: bool[])
          %two = full {value: 2, elementType: i64, shape: []} : i64[]
          %small = less %trip, %two : bool[]
          %both = equal %small, %d : bool[]
          %r = if %both, %a, %v, %trip { (%p: f64[n], %q: f64[n], %u: i64[])
            %inner = loop %u, %p, %q {carried: 1, exits: false} {
              (%step: i64[], %z: f64[n], %o: f64[n])
              %m = multiply %z, %o : f64[n]
              %s = sin %m : f64[n]
              yield %s
            } : f64[n]
            yield %inner
          } { (%p2: f64[n], %q2: f64[n], %u2: i64[])
            %e = multiply %p2, %p2 : f64[n]
            %g = add %e, %q2 : f64[n]
            yield %g
          } : f64[n]
          yield %r
        } : f64[n]
        %square = multiply %y, %y : f64[n]
        %loss = sum %square {axes: [0], keepAxes: false} : f64[]
        return %loss
      }
      """)
    let small = [0.3, -0.2, 0.7]
    try check(
      function,
      [true, false].map {
        [ReferenceTensor(.f64, [3], floats: small), ReferenceTensor(.f64, [3], floats: [1.1, 0.4, -0.9]), flag($0)]
      })
  }

  /// Branches whose results differ in an extent; sizes that a branch finds are found again where it is pulled through.
  @Test func pullsThroughBranchesOfOtherExtents() throws {
    let function = try parse(
      """
      func @f(%x: f64[n], %c: bool[], %i: i64[]) -> f64[] where n, s computed <= n, k computed {
        %r = if %c, %x, %i {sizes: [<k>]} { (%a: f64[n], %p: i64[])
          %two = concat %a, %a {axis: 0} : f64[2*n]
          %e = multiply %two, %two : f64[2*n]
          yield %e
        } { (%b: f64[n], %q: i64[])
          %size = size %q {symbol: <s>} : i64[]
          %part = slice %b {starts: [<0>], sizes: [<s>], steps: [1]} : f64[s]
          %t = tanh %part : f64[s]
          yield %t
        } : f64[k]
        %e = exp %r : f64[k]
        %loss = sum %e {axes: [0], keepAxes: false} : f64[]
        return %loss
      }
      """)
    try check(function, [true, false].map { [Compiled.sample([4], .f64), flag($0), count(3)] })
  }

  /// A gradient of a gradient, through a loop that runs backwards.
  @Test func pullsTwice() throws {
    let function = try parse(
      """
      func @f(%x: f64[2], %w: f64[2]) -> f64[] {
        %y = loop _, %x, %w {carried: 1, trips: <3>, exits: false} {
          (%trip: i64[], %a: f64[2], %v: f64[2])
          %m = multiply %a, %v : f64[2]
          %s = sin %m : f64[2]
          yield %s
        } : f64[2]
        %loss = sum %y {axes: [0], keepAxes: false} : f64[]
        return %loss
      }
      """)
    let once = try Gradient.valueAndGradient(of: function, at: [0, 1])
    let trace = TraceRecorder(like: once)
    let inputs = once.body.parameters.map { trace.parameter(once.type(of: $0), name: once[$0].name) }
    var known = Dictionary(uniqueKeysWithValues: zip(once.body.parameters, inputs))
    for operation in once.body.operations {
      let operands = operation.operands.map { $0.flatMap { known[$0] }.map { ValueID($0.id) } }
      for (id, made) in zip(operation.results, try trace.copy(operation, from: once, operands: operands)) {
        known[id] = Tensor(trace, made.index)
      }
    }
    let slopes = try once.body.results.suffix(2).map { try #require(known[$0]) }
    let loss = (slopes[0] * slopes[1]).sum(axes: [0])
    try check(
      try trace.finish([loss]),
      [[ReferenceTensor(.f64, [2], floats: [0.4, -0.3]), ReferenceTensor(.f64, [2], floats: [1.2, 0.7])]])
  }

  @Test func refusesWhatGrows() throws {
    let function = try parse(
      """
      func @f(%x: f64[n]) -> f64[] where n, s computed, e computed {
        %y = loop _, %x {carried: 1, trips: <3>, exits: false, within: [<s>], after: [<e>]} {
          (%trip: i64[], %a: f64[s])
          %b = concat %a, %a {axis: 0} : f64[2*s]
          yield %b
        } : f64[e] at node "grow" (Loop)
        %loss = sum %y {axes: [0], keepAxes: false} : f64[]
        return %loss
      }
      """)
    let refusal = #expect(throws: Diagnostic.self) { try Gradient.valueAndGradient(of: function, at: [0]) }
    let text = "\(refusal.map(String.init(describing:)) ?? "")"
    #expect(text.contains("not-differentiable") && text.contains("grow"), "\(text)")
  }
}
