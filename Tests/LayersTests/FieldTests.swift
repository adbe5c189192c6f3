import TensorIR
import TensorLayers
import Testing

/// Layers whose tensors are found by the names of their stored properties, and fields in which they cannot be.
@Suite struct FieldTests {
  struct Block: Module {
    var norm = LayerNorm(4)
    var parts = [Linear(4, 4), Linear(4, 4, bias: false)]
    var named = ["b": Linear(4, 4, bias: false), "a": Linear(4, 4, bias: false)]
    var open: [any Module] = [Linear(4, 4, bias: false), Dropout(0.5)]
    var one: any Module = Linear(4, 4, bias: false)
    var maybe: Linear?
    var count = 3
    let rate = 0.5
    let dropout = Dropout(0.5)
    let function: (Tensor) -> Tensor = { $0.relu() }
    func callAsFunction(_ x: Tensor) -> Tensor { parts[0](norm(x)) }
  }

  struct Whole<Inner: Module>: Module {
    var inner: Inner
    private var scale = Tensor([1])
    init(_ inner: Inner) { self.inner = inner }
  }

  @Test func fieldsAreFoundByName() throws {
    var whole = Whole(Block())
    let names = whole.namedTensors.map(\.name)
    #expect(
      names == [
        "inner.norm.scale", "inner.norm.bias", "inner.parts.0.weight", "inner.parts.0.bias", "inner.parts.1.weight",
        "inner.named.a.weight", "inner.named.b.weight", "inner.open.0.weight", "inner.one.weight", "scale",
      ])
    let changed = whole.replacing(whole.tensors.map { $0 * 0 + 7 })
    for tensor in changed.tensors { #expect(try tensor.array(of: Float.self).allSatisfy { $0 == 7 }) }
    whole.inner.maybe = Linear(1, 1, bias: false)
    #expect(whole.namedTensors.map(\.name).contains("inner.maybe.weight"))
    let f = try compile(whole, TensorType.f32("n", 4)) { whole, x in whole.inner(x) }
    #expect(try f(whole, .ones([2, 4])).shape == [2, 4])
  }

  struct Constant: Module {
    let layer = Linear(2, 2)
  }
  struct Both: Module {
    var layers = (Linear(2, 2), Linear(2, 2))
  }
  struct Late: Module {
    lazy var layer = Linear(2, 2)
  }
  final class Shared: Module {
    var layer = Linear(2, 2)
  }
  enum Choice { case one(Linear), none }
  struct Chosen: Module {
    var layer = Linear(2, 2)
    var choice = Choice.one(Linear(2, 2))
  }

  private func mistake<Model: Module>(_ model: Model) -> Diagnostic? {
    do {
      _ = try valueAndGradient(at: Pair(model, Tensor(1))) { pair in (pair.second * 2).sum() }
      return nil
    } catch { return error as? Diagnostic }
  }

  @Test func whatCannotBeFoundIsTold() throws {
    let told: [(Diagnostic?, String, String)] = [
      (mistake(Constant()), "'Constant.layer' holds tensors", "make it a 'var'"),
      (mistake(Both()), "'Both.layers' holds tensors", "(Linear, Linear)"),
      (mistake(Late()), "'Late'", ""), (mistake(Shared()), "'Shared'", "make it a struct"),
      (mistake(Chosen()), "'Chosen.choice' holds tensors", "Choice"),
    ]
    for (found, first, second) in told where first != "'Late'" {
      #expect(found?.id == "unvisited-field")
      #expect(found?.message.contains(first) == true, "\(String(describing: found))")
      #expect(second.isEmpty || found?.message.contains(second) == true, "\(String(describing: found))")
      if case .source(let file, _, _) = found?.location {
        #expect(file.hasSuffix("FieldTests.swift"))
      } else {
        Issue.record("no place")
      }
    }
    var late = Late()
    _ = late.layer
    #expect(mistake(late)?.message.contains("is lazy") == true)
    var chosen = Chosen()
    chosen.choice = .none
    #expect(mistake(chosen) == nil)
    #expect(throws: Diagnostic.self) { try compile(Constant(), TensorType.f32(1, 2)) { $0.layer($1) } }
  }

  struct Deep: Module {
    var layers = (0..<200).map { _ in Linear(2, 2) }
  }

  /// A walk through a model of 200 layers is a small part of any step.
  @Test func walksAreQuick() throws {
    var deep = Deep()
    let visitor = TensorVisitor { _, _ in }
    deep.visit(visitor)
    let clock = ContinuousClock()
    let best = (0..<20).map { _ in clock.measure { deep.visit(visitor) } }.min() ?? .zero
    print("a walk through 200 layers takes \(best)")
    #expect(best < .milliseconds(5))
  }
}
