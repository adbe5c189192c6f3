import CompiledModels
import TensorIR
import TensorOps
import TensorRuntime
import Testing

private typealias Dimension = TensorIR.Dimension

/// An error of a run names the node that asked for what is not there, whatever became of it: alone, in a group with what
/// comes before and after, and where several calls share a kernel.
@Suite struct OriginTests {
  /// An op that takes indices into the rows of x [n, 4]; values are [3, 4].
  private struct Taker: Sendable {
    var name: String
    var indexShape: [Dimension]
    var apply: @Sendable (_ x: Tensor, _ indices: Tensor, _ values: Tensor) -> Tensor
  }

  private static let takers: [Taker] = [
    Taker(name: "gather", indexShape: [3]) { x, indices, _ in x.gather(indices, axis: 0) },
    Taker(name: "gather_elements", indexShape: [3, 4]) { x, indices, _ in x.takeAlong(indices, axis: 0) },
    Taker(name: "gather_nd", indexShape: [3, 1]) { x, indices, _ in x.gatherND(indices) },
    Taker(name: "scatter_slices", indexShape: [3]) { x, indices, values in x.put(indices, values: values, axis: 0) },
    Taker(name: "scatter_elements", indexShape: [3, 4]) { x, indices, values in
      x.putAlong(indices, values: values, axis: 0, reduction: .add)
    },
    Taker(name: "scatter_nd", indexShape: [3, 1]) { x, indices, values in
      .one(of: ScatterND(reduction: .replace), [x, indices, values])
    },
    Taker(name: "gather_gradient", indexShape: [3]) { x, indices, values in
      .one(of: GatherGradient(axis: 0, extent: x.shape[0]), [values, indices])
    },
  ]

  /// What comes after it.
  private static let readers: [(name: String, apply: @Sendable (Tensor) -> Tensor)] = [
    ("nothing", { $0 }),
    // The same kernel for another node.
    ("nothing again", { $0 }),
    ("pointwise", { ($0.exp() + $0.like(1)).sqrt() }),
    ("reduction", { $0.exp().sum(axes: [1]) }),
    ("product", { $0.full(1, [2, $0.shape[0]]).matmul($0) }),
    ("parts", { .concat([$0, $0.exp()], axis: 0) }),
  ]

  private struct Case {
    var node: String
    var indices: Int
  }

  @Test func badIndicesNameTheirNode() throws {
    let trace = TraceRecorder(name: "origins")
    var (cases, results, shapes): ([Case], [Tensor], [[Int]]) = ([], [], [])
    let n = Dimension(symbol: "n")
    for taker in Self.takers {
      for reader in Self.readers {
        let name = "\(taker.name) before \(reader.name)"
        let x = trace.parameter(TensorType(.f32, [n, 4]))
        let values = trace.parameter(TensorType(.f32, [3, 4]))
        let indices = trace.parameter(TensorType(.i64, taker.indexShape))
        cases.append(Case(node: "\(name) (Taker)", indices: shapes.count + 2))
        shapes += [[5, 4], [3, 4], taker.indexShape.compactMap(\.constant)]
        trace.location = .node(name: "source of \(name)", kind: "Before")
        let made = (-x, -values)
        trace.location = .node(name: name, kind: "Taker")
        let taken = taker.apply(made.0, indices, made.1)
        trace.location = .node(name: "reader of \(name)", kind: "After")
        results.append(reader.apply(taken))
      }
    }
    let model = try Compiled.model(try trace.finish(results), work: 1_000_000)
    var inputs = try shapes.enumerated().map { number, shape in
      try Compiled.array(
        number % 3 == 2
          ? ReferenceTensor(.i64, shape, integers: Array(repeating: 1, count: shape.reduce(1, *)))
          : Compiled.sample(shape, seed: number))
    }
    _ = try model.run(inputs, threads: 2)
    for item in cases {
      let good = inputs[item.indices]
      let shape = shapes[item.indices]
      inputs[item.indices] = try Compiled.array(
        ReferenceTensor(.i64, shape, integers: Array(repeating: 7, count: shape.reduce(1, *))))
      expectNode(item.node, "index-out-of-range", "index 7 for an axis of extent 5") {
        _ = try model.run(inputs, threads: 2)
      }
      inputs[item.indices] = good
    }
  }

  /// Of two in one kernel each is told of by its own name.
  @Test func twoInOneKernelAreTold() throws {
    let trace = TraceRecorder(name: "origins")
    let x = trace.parameter(TensorType(.f32, [5, 4]))
    let picks = [0, 1].map { _ in trace.parameter(TensorType(.i64, [3])) }
    let taken = zip(["first", "second"], picks).map { name, picks in
      trace.location = .node(name: name, kind: "Gather")
      return x.gather(picks, axis: 0)
    }
    trace.location = .node(name: "last", kind: "Sum")
    let model = try Compiled.model(try trace.finish([(taken[0] * taken[1]).exp().sum(axes: [1])]))
    func run(_ first: Int, _ second: Int) throws {
      let indices = [first, second].map { ReferenceTensor(.i64, [3], integers: [0, $0, 4]) }
      _ = try model.run(try ([Compiled.sample([5, 4])] + indices).map(Compiled.array), threads: 2)
    }
    try run(-5, 4)
    expectNode("first (Gather)", "index-out-of-range", "index 5 ") { try run(5, 4) }
    expectNode("second (Gather)", "index-out-of-range", "index -6 ") { try run(0, -6) }
  }

  /// Of a group each member's condition names the member.
  @Test func sizesThatDoNotFitNameTheirNode() throws {
    let trace = TraceRecorder(name: "origins")
    func parameter(_ name: String) -> Tensor { trace.parameter(TensorType(.f32, [Dimension(symbol: name)])) }
    let (x, y, z) = (parameter("n"), parameter("m"), parameter("k"))
    trace.location = .node(name: "first", kind: "Add")
    let first = x + y
    trace.location = .node(name: "second", kind: "Mul")
    let second = first * z
    trace.location = .node(name: "last", kind: "Sum")
    let model = try Compiled.model(try trace.finish([second.exp().sum(axes: [0])]))
    func run(_ sizes: Int...) throws {
      _ = try model.run(try sizes.map { try Compiled.array(Compiled.sample([$0])) }, threads: 1)
    }
    try run(3, 1, 3)
    try run(1, 0, 1)
    expectNode("first (Add)", "guard-failed", "n is 2, m is 3") { try run(2, 3, 3) }
    expectNode("first (Add)", "guard-failed", "n is 0, m is 3") { try run(0, 3, 3) }
    expectNode("second (Mul)", "guard-failed", "k is 4") { try run(1, 3, 4) }
  }

  private func expectNode(_ node: String, _ id: String, _ words: String, _ body: () throws -> Void) {
    do {
      try body()
      Issue.record("\(node): no error")
    } catch let error as RuntimeError {
      #expect(error.node == node, "\(error)")
      #expect(error.id == id && error.text.contains(words), "\(error)")
    } catch { Issue.record("\(node): \(error)") }
  }
}
