import TensorIR
import TensorOps
import Testing

@testable import Tensors

@Suite struct CompileTests {
  @Test func oneFunctionServesEverySize() throws {
    let f = try compile(TensorType.f32("n", 3), TensorType.f32(3, 2), name: "layer") { x, w in x.matmul(w).relu() }
    let text = "\(f.ir)"
    #expect(text.contains("func @layer(%x0: f32[n, 3], %x1: f32[3, 2]) ->"))
    #expect(text.contains("matmul") && text.contains("relu"))
    let w = Tensor([[1, 0], [0, 1], [-1, 1]])
    for n in [1, 7, 0, 64] {
      let x = Tensor.ones([n, 3]) * 2
      let y = try f(x, w)
      #expect(y.shape == [Dimension(n), 2])
      #expect(try y.array(of: Float.self) == Array(repeating: [0, 4], count: n).flatMap { $0 })
    }
  }

  /// 1 + 2⁻⁹ is 1 in bf16, and sums are f32: 256 of its squares, and one of 2⁻¹².
  @Test func productsInBF16() throws {
    let x = Tensor.full([3, 256], 1 + 0x1p-9), w = Tensor.full([256, 2], 1 + 0x1p-9)
    let types = (TensorType.f32("n", 256), TensorType.f32(256, 2))
    let exact = try compile(types.0, types.1) { x, w in x.matmul(w) + 0x1p-12 }
    let rounded = try compile(types.0, types.1, precision: .bf16) { x, w in x.matmul(w) + 0x1p-12 }
    #expect(try rounded(x, w).array(of: Float.self) == Array(repeating: 256 + 0x1p-12, count: 6))
    #expect(try exact(x, w).array(of: Float.self)[0] > 256.9)
    let slope = try compile(types.0, types.1, precision: .bf16) { x, w in
      try gradient(at: w) { x.matmul($0).sum() }
    }
    #expect(try slope(x, w).array(of: Float.self) == Array(repeating: 3, count: 512))
  }

  /// (1 + 2⁻⁹)² is 1 + 2⁻⁸ + 2⁻¹⁸, whose last term is the product of two low parts: six products have it, three have not.
  @Test func productsInSeveralOfBF16() throws {
    let x = Tensor.full([3, 256], 1 + 0x1p-9), w = Tensor.full([256, 2], 1 + 0x1p-9)
    let types = (TensorType.f32("n", 256), TensorType.f32(256, 2))
    for (precision, wanted) in [(ProductPrecision.bf16x3, Float(257)), (.bf16x6, 257 + 0x1p-10)] {
      let product = try compile(types.0, types.1, precision: precision) { x, w in x.matmul(w) }
      #expect(try product(x, w).array(of: Float.self) == Array(repeating: wanted, count: 6))
    }
  }

  @Test func aTraceNamesItsInputsAndResults() throws {
    let types = (TensorType.f32("n", 3), TensorType.f32("n", 3))
    let f = try trace(types.0, types.1, inputs: ["found", "wanted"]) { found, wanted in
      ["error": meanSquaredError(found, wanted), "difference": found - wanted]
    }
    #expect("\(f)".contains("(%found: f32[n, 3], %wanted: f32[n, 3]) -> (%difference: f32[n, 3], %error: f32[])"))
    #expect(throws: Diagnostic.self) { try trace(types.0, types.1, inputs: ["found"]) { $0 + $1 } }
  }

  @Test func examplesMayBeValues() throws {
    var random = RandomNumbers(seed: 2)
    let layer = Linear(4, 3, random: &random)
    let x = random.uniform([2, 4])
    let f = try compile(layer, x) { layer, x in layer(x).tanh() }
    #expect(try f(layer, x).array(of: Float.self).count == 6)
    let compiled = try f(layer, x).array(of: Float.self)
    let lazy = try layer(x).tanh().array(of: Float.self)
    for (a, b) in zip(compiled, lazy) { #expect(abs(a - b) < 1e-6) }
    #expect(f.ir.body.parameters.map { f.ir[$0].name } == ["weight", "bias", "x1"])
  }

  @Test func tensorsFromOutsideBecomeConstants() throws {
    let table = Tensor([10, 20])
    let f = try compile(TensorType.f32("n", 2)) { x in x + table + Tensor([1, 2]) }
    #expect(try f(Tensor([[0, 0]])).array(of: Float.self) == [11, 22])
  }

  @Test func resultsMayBeContainers() throws {
    let f = try compile(TensorType.f32(2)) { x in Pair(x + x, [x * x, x]) }
    let result = try f(Tensor([3, 4]))
    #expect(try result.first.array(of: Float.self) == [6, 8])
    #expect(try result.second[0].array(of: Float.self) == [9, 16])
    #expect(try result.second[1].array(of: Float.self) == [3, 4])
  }

  @Test func aWrongArgumentIsAnErrorOfTheCall() throws {
    let f = try compile(TensorType.f32("n", 3)) { x in x + x }
    #expect(throws: RuntimeError.self) { _ = try f(Tensor([[1, 2]])) }
  }
}

@Suite struct UpdateTests {
  /// Results that depend on old values of several donated parameters, each in the other's memory.
  @Test func updatesReadOldValues() throws {
    let start = Pair(Tensor([1, 2, 3]), Tensor([10, 20, 30]))
    let swap = try compile(updating: start, TensorType.f32(3)) {
      (state: inout Pair<Tensor, Tensor>, x: Tensor) in
      let old = state
      state = Pair(old.second + x, old.first - x)
      return (old.first * old.second).sum(axes: [0])
    }
    var state = start
    var (a, b): ([Float], [Float]) = ([1, 2, 3], [10, 20, 30])
    for _ in 0..<4 {
      let product = try swap(&state, Tensor([1, 1, 1])).item()
      let wanted: Float = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(product == Double(wanted))
      (a, b) = (b.map { $0 + 1 }, a.map { $0 - 1 })
    }
    #expect(try state.first.array(of: Float.self) == a)
    #expect(try state.second.array(of: Float.self) == b)
    // The tensors that it began with are still whoever's they were.
    #expect(try start.first.array(of: Float.self) == [1, 2, 3])
  }

  @Test func heldTensorsKeepTheirElements() throws {
    var state = Tensor([1, 2])
    let double = try compile(updating: state) { (x: inout Tensor) in
      x = x + x
      return Nothing()
    }
    _ = try double(&state)
    let held = state
    _ = try double(&state)
    _ = try double(&state)
    #expect(try held.array(of: Float.self) == [2, 4])
    #expect(try state.array(of: Float.self) == [8, 16])
    _ = try double(&state)
    #expect(try state.array(of: Float.self) == [16, 32])
  }

  @Test func weightsThatAMatrixProductReadsAreUpdatedAfterIt() throws {
    var w = Tensor([[1, 2], [3, 4]])
    let step = try compile(updating: w, TensorType.f32(2, 2)) { (w: inout Tensor, x: Tensor) in
      w = w.matmul(x) + w
      return w.transposed([1, 0])
    }
    let result = try step(&w, Tensor([[0, 1], [1, 0]]))
    #expect(try w.array(of: Float.self) == [3, 3, 7, 7])
    #expect(try result.array(of: Float.self) == [3, 7, 3, 7])
  }

  @Test func aStateMustKeepItsTypes() {
    #expect(throws: Diagnostic.self) {
      _ = try compile(updating: Tensor([1, 2])) { (x: inout Tensor) in
        x = x.sum(axes: [0])
        return Nothing()
      }
    }
  }
}
