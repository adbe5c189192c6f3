import CompiledModels
import TensorIR
import TensorOps
import TensorRuntime
import Testing

@testable import TensorPasses

/// Sizes that a run finds, compiled, against the evaluator, with the same bits at every number of threads.
@Suite struct ComputedSizeTests {
  private func parse(_ text: String) throws -> Function {
    let functions = try TextParser.parse(text, file: "test.tir", ops: OpDirectory(Registry.types)).get()
    try functions[0].verify()
    let again = try TextParser.parse(functions[0].text(), file: "again.tir", ops: OpDirectory(Registry.types)).get()
    #expect(again[0].text() == functions[0].text())
    return functions[0]
  }

  private func scalar(_ value: Int) -> ReferenceTensor { ReferenceTensor(.i64, [], integers: [value]) }
  private func flag(_ value: Bool) -> ReferenceTensor { ReferenceTensor(.bool, [], integers: [value ? 1 : 0]) }

  /// Runs at 1, 2 and 4 threads, and in the interpreter, and holds all to the evaluator and to each other.
  private func check(_ model: Model, _ function: Function, _ inputs: [ReferenceTensor], _ comment: String) throws {
    let expected = try Evaluator.run(function, inputs)
    let one = try Compiled.run(model, function, inputs, threads: 1)
    #expect(one.map(\.shape) == expected.map(\.shape), "\(comment)")
    #expect(Compiled.difference(one, expected) < 1e-5, "\(comment)")
    for threads in [2, 4] {
      let more = try Compiled.run(model, function, inputs, threads: threads)
      for (a, b) in zip(one, more) {
        #expect(a.shape == b.shape, "\(comment), \(threads) threads")
        #expect(a.floats.map(\.bitPattern) == b.floats.map(\.bitPattern), "\(comment), \(threads) threads")
        #expect(a.integers == b.integers, "\(comment), \(threads) threads")
      }
    }
    try interpret(function, inputs, one, comment)
  }

  private func interpret(
    _ function: Function, _ inputs: [ReferenceTensor], _ compiled: [ReferenceTensor], _ comment: String
  ) throws {
    let program = try Pipeline.compile(function, PipelineOptions(target: .x86v3))
    let again = try LoweredProgram(parsing: program.text())
    #expect(again.text() == program.text())
    let outcome = try Compiled.interpret(again, inputs, team: 2)
    for ((bytes, value), type) in zip(zip(outcome.outputs, compiled), function.resultTypes) {
      let wanted = value.shape.reduce(1, *) * type.elementType.bitWidth / 8
      #expect(bytes.count == wanted, "interpreted, \(comment)")
    }
  }

  private static let chain = """
    func @f(%x: f32[n, 3], %w: f32[n, 3]) -> (i64[2, k], f32[k], f32[]) where k computed <= 3*n {
      %zero = full {value: 0, elementType: f32, shape: []} : f32[]
      %b = not_equal %x, %zero : bool[n, 3]
      %c = cast %b {to: i64} : i64[n, 3]
      %s = sum %c {axes: [0, 1], keepAxes: false} : i64[]
      %k = size %s {symbol: <k>} : i64[]
      %p = nonzero %x {count: <k>} : i64[2, k]
      %rows = slice %p {starts: [<0>, <0>], sizes: [<1>, <k>], steps: [1, 1]} : i64[1, k]
      %flat = reshape %rows {shape: [<k>]} : i64[k]
      %g = gather %w, %flat {axis: 0} : f32[k, 3]
      %e = exp %g : f32[k, 3]
      %r = sum %e {axes: [1], keepAxes: false} : f32[k]
      %t = sum %r {axes: [0], keepAxes: false} : f32[]
      return %p, %r, %t
    }
    """

  /// Numbers of which those are zero whose place a number divides.
  private func sparse(_ rows: Int, zeroAt step: Int) -> ReferenceTensor {
    ReferenceTensor(.f32, [rows, 3], floats: (0..<rows * 3).map { $0 % step == 0 ? 0 : Double($0 % 7) - 3.5 })
  }

  @Test func findsWhatIsNotZero() throws {
    let function = try parse(ComputedSizeTests.chain)
    let model = try Compiled.modelForFour(function)
    #expect(model.description.outputs[0].dimensions.map(\.formula) == ["2", "k"])
    #expect(model.description.symbols.map(\.isComputed) == [false, true])
    for rows in [0, 1, 2, 7, 33, 400] {
      // None, about half, all of them: the bound itself.
      for step in [1, 2, 1 << 30] {
        var x = sparse(rows, zeroAt: step)
        if step > 2 { x = ReferenceTensor(.f32, [rows, 3], floats: x.floats.map { _ in 1 }) }
        try check(model, function, [x, Compiled.sample([rows, 3])], "\(rows) rows, every \(step)")
      }
    }
  }

  private static let lengths = """
    func @f(%n: i64[], %x: f32[m]) -> (f32[k], f32[], f32[k, m]) where k computed, m {
      %k = size %n {symbol: <k>} : i64[]
      %i = iota {elementType: f32, shape: [<k>], axis: 0} : f32[k]
      %y = reverse %i {axes: [0]} : f32[k]
      %d = cumulative_sum %y {axis: 0, exclusive: false, reverse: false} : f32[k]
      %t = sum %d {axes: [0], keepAxes: false} : f32[]
      %two = reshape %d {shape: [<k>, <1>]} : f32[k, 1]
      %w = multiply %two, %x : f32[k, m]
      return %d, %t, %w
    }
    """

  /// What has no bound comes from the caller's allocator: temporaries and outputs.
  @Test func asksForMemoryWithoutABound() throws {
    let function = try parse(Self.lengths)
    let model = try Compiled.modelForFour(function)
    for count in [0, 1, 5, 1000, 3] {
      for extent in [0, 1, 4] {
        try check(model, function, [scalar(count), Compiled.sample([extent])], "\(count) of \(extent)")
      }
    }
    let context = model.makeContext(threads: 2)
    for count in [3, 100, 100, 7] {
      let results = try context.run([try Compiled.array(scalar(count)), try Compiled.array(Compiled.sample([2]))])
      #expect(results.map(\.shape) == [[count], [], [count, 2]])
    }
    let bad = #expect(throws: RuntimeError.self) {
      try Compiled.run(model, function, [scalar(-1), Compiled.sample([2])], threads: 2)
    }
    #expect("\(bad.map(String.init(describing:)) ?? "")".contains("'k' came out less"), "\(String(describing: bad))")
    let large = #expect(throws: RuntimeError.self) {
      try Compiled.run(model, function, [scalar(.max / 2), Compiled.sample([2])], threads: 2)
    }
    #expect(large?.id == "out-of-memory", "\(String(describing: large))")
  }

  @Test func aSizeBeyondItsBoundIsAnError() throws {
    let function = try parse(
      """
      func @f(%n: i64[], %x: f32[m]) -> f32[k] where m, k computed <= m {
        %k = size %n {symbol: <k>} : i64[]
        %y = slice %x {starts: [<0>], sizes: [<k>], steps: [1]} : f32[k]
        return %y
      }
      """)
    let model = try Compiled.modelForFour(function)
    for count in [0, 1, 6] { try check(model, function, [scalar(count), Compiled.sample([6])], "\(count) of 6") }
    for count in [7, -1, .max] {
      let bad = #expect(throws: RuntimeError.self) {
        try Compiled.run(model, function, [scalar(count), Compiled.sample([6])], threads: 2)
      }
      #expect(bad?.id == "guard-failed", "\(String(describing: bad))")
      #expect(throws: (any Error).self) { try Evaluator.run(function, [scalar(count), Compiled.sample([6])]) }
    }
  }

  private static func branches(_ text: String) -> String {
    """
    func @f(%x: f32[n, 2], %c: bool[]) -> (f32[k, 2], f32[]) where n, \(text) {
      %r = if %c, %x {sizes: [<k>]} { (%a: f32[n, 2])
        %two = concat %a, %a {axis: 0} : f32[2*n, 2]
        yield %two
      } { (%b: f32[n, 2])
        %one = relu %b : f32[n, 2]
        yield %one
      } : f32[k, 2]
      %e = exp %r : f32[k, 2]
      %s = sum %e {axes: [0, 1], keepAxes: false} : f32[]
      return %r, %s
    }
    """
  }

  @Test(arguments: ["k computed <= 2*n + 1", "k computed"]) func branchesDifferInExtent(_ facts: String) throws {
    let function = try parse(Self.branches(facts))
    let model = try Compiled.modelForFour(function)
    for rows in [0, 1, 5, 40] {
      for value in [true, false] {
        try check(model, function, [Compiled.sample([rows, 2]), flag(value)], "\(rows) rows, \(value)")
      }
    }
  }

  private static func collecting(_ trips: String) -> String {
    let facts = trips.isEmpty ? "k computed" : "k computed <= 12"
    return """
      func @f(%x: f32[n], %least: f32[], %go: bool[]) -> (f32[n], f32[k, n], f32[k]) where n, \(facts) {
        %last, %all = loop _, %go, %x, %least {carried: 1, \(trips)exits: true, length: <k>} { \
      (%trip: i64[], %a: f32[n], %l: f32[])
          %half = full {value: 0.5, elementType: f32, shape: []} : f32[]
          %b = multiply %a, %half : f32[n]
          %m = max %b {axes: [0], keepAxes: false} : f32[]
          %on = greater %m, %l : bool[]
          yield %on, %b, %b
        } : f32[n], f32[k, n]
        %s = sum %all {axes: [1], keepAxes: false} : f32[k]
        return %last, %all, %s
      }
      """
  }

  @Test(arguments: ["trips: <12>, ", ""]) func collectsUntilItEnds(_ trips: String) throws {
    let function = try parse(Self.collecting(trips))
    let model = try Compiled.modelForFour(function)
    for size in [1, 3, 65] {
      for least in [1.5, 0.01, 1e-3] {
        for go in [true, false] {
          let x = ReferenceTensor(.f32, [size], floats: (0..<size).map { Double($0 % 3) + 1 })
          let limit = ReferenceTensor(.f32, [], floats: [least])
          try check(model, function, [x, limit, flag(go)], "\(size) elements to \(least), \(go)")
        }
      }
    }
  }

  private static func growing(_ text: String) -> String {
    """
    func @f(%x: f32[n, 2], %row: f32[1, 2], %most: f32[], %steps: f32[t]) -> (f32[e, 2], f32[t], f32[]) \
    where n, t, s computed \(text), e computed \(text) {
      %yes = full {value: 1, elementType: bool, shape: []} : bool[]
      %zero = full {value: 0, elementType: f32, shape: []} : f32[]
      %cache, %total, %same = loop _, %yes, %x, %zero, %steps, %row, %most \
    {carried: 3, trips: <t>, exits: true, within: [<s>], after: [<e>]} { \
    (%trip: i64[], %c: f32[s, 2], %sum: f32[], %st: f32[t], %r: f32[1, 2], %m: f32[])
        %grown = concat %c, %r {axis: 0} : f32[s + 1, 2]
        %now = sum %grown {axes: [0, 1], keepAxes: false} : f32[]
        %next = add %sum, %now : f32[]
        %on = less %next, %m : bool[]
        yield %on, %grown, %next, %st
      } : f32[e, 2], f32[], f32[t]
      return %cache, %same, %total
    }
    """
  }

  /// A cache that grows by a row in every trip, and ends by what is in it.
  @Test(arguments: ["<= n + t", ""]) func carriesWhatGrows(_ bound: String) throws {
    let function = try parse(Self.growing(bound))
    let model = try Compiled.modelForFour(function)
    for (rows, trips) in [(0, 0), (0, 5), (3, 1), (2, 40)] {
      for most in [1e9, 30] {
        let inputs = [
          ReferenceTensor(.f32, [rows, 2], floats: (0..<rows * 2).map { Double($0) }),
          ReferenceTensor(.f32, [1, 2], floats: [0.5, 1]), ReferenceTensor(.f32, [], floats: [most]),
          Compiled.sample([trips]),
        ]
        try check(model, function, inputs, "\(rows) rows, \(trips) trips, \(most)")
      }
    }
  }

  /// What has no bound of its own goes where there is one, if it fits: carried on by a loop, and given by a branch.
  @Test func holdsWhatHasNoBoundToOne() throws {
    let carried = try parse(
      """
      func @f(%x: f32[n], %c: i64[]) -> f32[e] where n, s computed <= n, k computed, e computed <= n {
        %y = loop _, %x, %c {carried: 1, trips: <2>, exits: false, within: [<s>], after: [<e>]} {
          (%trip: i64[], %a: f32[s], %p: i64[])
          %size = size %p {symbol: <k>} : i64[]
          %part = iota {elementType: f32, shape: [<k>], axis: 0} : f32[k]
          yield %part
        } : f32[e]
        return %y
      }
      """)
    let given = try parse(
      """
      func @f(%x: f32[n], %c: i64[], %b: bool[]) -> f32[e] where n, k computed, e computed <= n {
        %y = if %b, %x, %c {sizes: [<e>]} { (%a: f32[n], %p: i64[])
          %size = size %p {symbol: <k>} : i64[]
          %part = iota {elementType: f32, shape: [<k>], axis: 0} : f32[k]
          yield %part
        } { (%a2: f32[n], %p2: i64[])
          yield %a2
        } : f32[e]
        return %y
      }
      """)
    let loop = try Compiled.modelForFour(carried)
    let branch = try Compiled.modelForFour(given)
    for count in [0, 3, 5] {
      try check(loop, carried, [Compiled.sample([5]), scalar(count)], "\(count) of 5 carried")
      try check(branch, given, [Compiled.sample([5]), scalar(count), flag(true)], "\(count) of 5 given")
    }
    for count in [6, 100_000] {
      let late = #expect(throws: RuntimeError.self) {
        try Compiled.run(loop, carried, [Compiled.sample([5]), scalar(count)], threads: 2)
      }
      #expect(late?.id == "guard-failed", "\(String(describing: late))")
      let bad = #expect(throws: RuntimeError.self) {
        try Compiled.run(branch, given, [Compiled.sample([5]), scalar(count), flag(true)], threads: 2)
      }
      #expect(bad?.id == "guard-failed", "\(String(describing: bad))")
    }
  }

  /// With AddressSanitizer, where every buffer is exactly as large as it must be: outputs as large as their bounds, or as
  /// the run says.
  @Test func staysWithinItsMemory() throws {
    for (text, inputs) in try sanitizedCases() {
      let function = try parse(text)
      let program = try SanitizedProgram { try Pipeline.compile(function, PipelineOptions(target: $0)) }
      let calls = inputs.map { values in
        SanitizedProgram.Call(
          changed: values.enumerated().map { ($0, $1) }, outputs: function.body.results.indices)
      }
      let outcomes = try program.run(inputs[0], calls, results: function.resultTypes)
      for (values, outcome) in zip(inputs, outcomes) {
        guard case .results(let results) = outcome else {
          Issue.record("\(function.name) of \(values.map(\.shape)): \(outcome)")
          continue
        }
        let expected = try Evaluator.run(function, values)
        #expect(results.map(\.shape) == expected.map(\.shape))
        #expect(Compiled.difference(results, expected) < 1e-5)
      }
    }
  }

  private func sanitizedCases() throws -> [(String, [[ReferenceTensor]])] {
    let ones = ReferenceTensor(.f32, [5, 3], floats: Array(repeating: 1, count: 15))
    let found = [sparse(5, zeroAt: 2), sparse(5, zeroAt: 1), ones].map { [$0, Compiled.sample([5, 3])] }
    let lengths = [0, 1, 9, 300].map { [scalar($0), Compiled.sample([3])] }
    let halved = [1.5, 1e-3].map { least in
      [
        ReferenceTensor(.f32, [3], floats: [1, 2, 3]), ReferenceTensor(.f32, [], floats: [least]), flag(true),
      ]
    }
    let grown = [(0, 4), (2, 13)].map { rows, trips in
      [
        Compiled.sample([rows, 2]), Compiled.sample([1, 2]), ReferenceTensor(.f32, [], floats: [1e9]),
        Compiled.sample([trips]),
      ]
    }
    let taken = [true, false].map { [Compiled.sample([5, 2]), flag($0)] }
    return [
      (Self.chain, found), (Self.lengths, lengths), (Self.collecting("trips: <12>, "), halved),
      (Self.collecting(""), halved), (Self.growing("<= n + t"), grown), (Self.growing(""), grown),
      (Self.branches("k computed <= 2*n + 1"), taken), (Self.branches("k computed"), taken),
      (Self.view("k computed"), [[Compiled.sample([5, 4]), scalar(20)]]),
      (Self.view("k computed <= 20"), [[Compiled.sample([5, 4]), scalar(20)]]),
    ]
  }

  /// A result that is a view of something computed before there is room for it, or of something greater than it can be.
  private static func view(_ declaration: String) -> String {
    """
    func @f(%x: f32[n, 4], %s: i64[]) -> f32[k] where n, \(declaration) {
      %k = size %s {symbol: <k>} : i64[]
      %y = sin %x : f32[n, 4]
      %z = reshape %y {shape: [<k>]} : f32[k]
      return %z
    }
    """
  }

  /// What the run has found decides whether what comes behind it fits; what is not run cannot fail.
  @Test func guardsStandBehindWhatTheyNeed() throws {
    let function = try parse(
      """
      func @f(%n: i64[], %x: f32[m], %c: bool[]) -> f32[m] where k computed <= 1000, m {
        %k = size %n {symbol: <k>} : i64[]
        %r = if %c, %x { (%a: f32[m])
          %i = iota {elementType: f32, shape: [<k>], axis: 0} : f32[k]
          %y = add %a, %i : f32[broadcast(k, m)] at node "sum" (Add)
          %z = reshape %y {shape: [<m>]} : f32[m]
          yield %z
        } { (%b: f32[m])
          yield %b
        } : f32[m]
        return %r
      }
      """)
    let model = try Compiled.modelForFour(function)
    try check(model, function, [scalar(5), Compiled.sample([5]), flag(true)], "equal")
    try check(model, function, [scalar(6), Compiled.sample([5]), flag(false)], "not taken")
    let bad = #expect(throws: RuntimeError.self) {
      try Compiled.run(model, function, [scalar(6), Compiled.sample([5]), flag(true)], threads: 2)
    }
    let text = "\(bad.map(String.init(describing:)) ?? "")"
    #expect(text.contains("k is 6") && text.contains("sum"), "\(text)")
  }
}
