import CompiledModels
import TensorIR
import TensorOps
import TensorPasses
import Testing

private typealias Dimension = TensorIR.Dimension

/// Functions of several operations, lowered and interpreted before any C is made, against the evaluator: how operations join,
/// in which layouts, in whose memory, and where threads wait.
@Suite struct InterpretedProgramTests {
  private func parse(_ text: String) throws -> Function {
    let function = try TextParser.parse(text, file: "test.tir", ops: OpDirectory(Registry.types)).get()[0]
    try function.verify()
    return function
  }

  /// Holds teams of one, two and three, with vectors of two widths, to the evaluator.
  private func check(_ function: Function, _ inputs: [ReferenceTensor]) throws {
    let expected = try Evaluator.run(function, inputs)
    for target in [Target.x86v4, .generic] {
      let program = try Pipeline.compile(function, PipelineOptions(target: target))
      let runs = try (1...3).map { try Compiled.interpret(program, inputs, team: $0).outputs }
      let found = try zip(runs[0], expected).map(Compiled.tensor)
      #expect(Compiled.difference(found, expected) < 1e-4, "\(target.name)")
      #expect(runs[1] == runs[0] && runs[2] == runs[0], "\(target.name): the bits depend on the threads")
    }
  }

  /// Convolutions with channels innermost beside tensors in row-major order, and a result in the layout of neither.
  @Test func layoutsMeet() throws {
    let trace = TraceRecorder(name: "layouts")
    let x = trace.parameter(TensorType(.f32, [1, 4, 6, 5]))
    let (w, v) = (trace.parameter(TensorType(.f32, [8, 4, 3, 3])), trace.parameter(TensorType(.f32, [8, 8, 1, 1])))
    let y = trace.parameter(TensorType(.f32, [1, 8, 6, 5]))
    let wide = Convolution(strides: [1, 1], before: [1, 1], after: [1, 1], dilations: [1, 1])
    let narrow = Convolution(strides: [1, 1], before: [0, 0], after: [0, 0], dilations: [1, 1])
    let first = try trace.add(wide, [x, w])[0].relu()
    let second = try trace.add(narrow, [first, v])[0] + first
    let mixed = second * y + y.tanh()
    let function = try trace.finish([
      second, mixed, mixed.sum(axes: [2, 3]), y.tanh() + first, first.transposed([0, 2, 3, 1]),
    ])
    try check(
      function,
      [
        Compiled.sample([1, 4, 6, 5]), Compiled.sample([8, 4, 3, 3], seed: 2), Compiled.sample([8, 8, 1, 1], seed: 3),
        Compiled.sample([1, 8, 6, 5], seed: 4),
      ])
  }

  /// What reads a value by more than one way, and products that read what others make of it.
  @Test func groupsLeadToEachOther() throws {
    let trace = TraceRecorder(name: "circles")
    let x = trace.parameter(TensorType(.f32, [7, 9]))
    let w = trace.parameter(TensorType(.f32, [9, 9]))
    let e = x.exp()
    let share = e / e.sum(axes: [1], keepAxes: true)
    let product = share.matmul(w)
    let turned = product.transposed([1, 0]).tanh()
    let again = (product * share).matmul(turned)
    let reversed = (product + product.reversed(axes: [0])).relu()
    let rows = (x - x.mean(axes: [1], keepAxes: true)).matmul(w) * share + product
    let function = try trace.finish([again, reversed, rows, e + share.sum(axes: [0], keepAxes: true), product])
    try check(function, [Compiled.sample([7, 9]), Compiled.sample([9, 9], seed: 2)])
  }

  /// Results in the memory of parameters that others read.
  @Test func donationsComeLast() throws {
    let trace = TraceRecorder(name: "donations")
    let (x, y) = (trace.parameter(TensorType(.f32, [6, 6])), trace.parameter(TensorType(.f32, [6, 6])))
    let moved = x - y * y.like(0.5)
    let seen = x.matmul(y)
    var function = try trace.finish([moved, y.reversed(axes: [0]) + x.sum(axes: [0]), seen, x.tanh()])
    function.donations = [0: 0, 1: 1]
    try check(function, [Compiled.sample([6, 6]), Compiled.sample([6, 6], seed: 2)])
  }

  /// Scratch memory of each thread, of all threads, and values that live as long.
  @Test func slotsAreShared() throws {
    let trace = TraceRecorder(name: "slots")
    let x = trace.parameter(TensorType(.f32, [12, 40]))
    let w = trace.parameter(TensorType(.f32, [40, 40]))
    var value = x
    var results: [Tensor] = []
    for _ in 0..<2 {
      value = value.softmax(axis: 1).matmul(w)
      let sorted = value.sorted(axis: 1)
      results.append(sorted.sum(axes: [0]))
      value = sorted.layerNorm(scale: w.sum(axes: [0])) + value
    }
    try check(try trace.finish(results + [value]), [Compiled.sample([12, 40]), Compiled.sample([40, 40], seed: 2)])
  }

  /// Values that change places from trip to trip, one that every trip reads, and one that only comes after.
  @Test func loopsKeepWhatTheyNeed() throws {
    let function = try parse(
      """
      func @f(%x: f32[n, 6], %w: f32[6, 6]) -> (f32[n, 6], f32[n, 6], f32[4, n]) {
        %h = matmul %x, %w {transposeLeft: false, transposeRight: false} : f32[n, 6]
        %g = tanh %h : f32[n, 6]
        %a, %b, %all = loop _, %h, %x, %g, %w {carried: 2, trips: <4>, exits: false} { (%t: i64[], %p: f32[n, 6], %q: f32[n, 6], %k: f32[n, 6], %m: f32[6, 6])
          %u = matmul %q, %m {transposeLeft: false, transposeRight: false} : f32[n, 6]
          %v = add %u, %k : f32[n, 6]
          %c = tanh %v : f32[n, 6]
          %d = softmax %c {axis: 1} : f32[n, 6]
          %s = sum %d {axes: [1], keepAxes: false} : f32[n]
          yield %q, %d, %s
        } : f32[n, 6], f32[n, 6], f32[4, n]
        %e = add %a, %b : f32[n, 6]
        %r = softmax %e {axis: 1} : f32[n, 6]
        return %r, %b, %all
      }
      """)
    try check(function, [Compiled.sample([5, 6]), Compiled.sample([6, 6], seed: 2)])
  }

  /// A size that all threads store together and then read.
  @Test func sizesAreThereBeforeTheyAreRead() throws {
    let function = try parse(
      """
      func @f(%x: f32[n, 7]) -> (f32[k], i64[2, k]) where n, k computed <= 7 * n {
        %z = full {value: 0.5, elementType: f32, shape: [<n>, 7]} : f32[n, 7]
        %m = greater %x, %z : bool[n, 7]
        %c = cast %m {to: i64} : i64[n, 7]
        %s = sum %c {axes: [0, 1], keepAxes: false} : i64[]
        %k = size %s {symbol: <k>} : i64[]
        %p = nonzero %m {count: <k>} : i64[2, k]
        %f = reshape %x {shape: [<7 * n>]} : f32[7 * n]
        %i = sum %p {axes: [0], keepAxes: false} : i64[k]
        %y = gather %f, %i {axis: 0} : f32[k]
        return %y, %p
      }
      """)
    try check(function, [Compiled.sample([6, 7])])
  }

  /// A loop that finds the size of one result makes no room for another whose size was found before: its memory has to be
  /// there. Found by random programs, which damaged the heap.
  @Test func roomIsThereForWhatALoopCollects() throws {
    let function = try parse(
      """
      func @f(%x: f32[a], %g: f32[1, a]) -> (f32[3, k], f32[1, m]) where k computed, j computed, m computed {
        %z = full {value: 0.0, elementType: f32, shape: [<a>]} : f32[a]
        %b = greater %x, %z : bool[a]
        %c = cast %b {to: i64} : i64[a]
        %s = sum %c {axes: [0], keepAxes: false} : i64[]
        %n = size %s {symbol: <k>} : i64[]
        %p = nonzero %b {count: <k>} : i64[1, k]
        %i = reshape %p {shape: [<k>]} : i64[k]
        %v = gather %x, %i {axis: 0} : f32[k]
        %last, %all = loop _, %g, %v {carried: 1, trips: <3>, exits: false, within: [<j>], after: [<m>]} { (%t: i64[], %q: f32[1, j], %w: f32[k])
          %d = concat %q, %q {axis: 1} : f32[1, 2*j]
          yield %d, %w
        } : f32[1, m], f32[3, k]
        return %all, %last
      }
      """)
    try check(function, [Compiled.sample([7]), Compiled.sample([1, 7], seed: 2)])
  }
}
