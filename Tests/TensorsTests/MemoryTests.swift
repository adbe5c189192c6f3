import TensorIR
import TensorOps
import Testing

@testable import Tensors

/// What is computed again in the backward pass: less memory, the same bits.
@Suite struct MemoryTests {
  /// A chain of products and functions, whose values the backward pass wants.
  private struct Chain: TensorContainer, TensorExample {
    var weights: [Tensor]

    init(_ count: Int, _ width: Int) {
      var random = RandomNumbers(seed: 5)
      weights = (0..<count).map { _ in random.normal([width, width], deviation: 0.3) }
    }

    func callAsFunction(_ x: Tensor, inRegions: Bool) -> Tensor {
      stride(from: 0, to: weights.count, by: 2).reduce(x) { x, first in
        func block(_ x: Tensor) -> Tensor {
          x + weights[first...first + 1].reduce(x) { $0.matmul($1).tanh().layerNorm(scale: $1.sum(axes: [0])) }
        }
        return inRegions ? checkpointed { block(x) } : block(x)
      }
    }
  }

  private static let sizes = ["n": 96]
  private static let batch: Tensor = {
    var random = RandomNumbers(seed: 6)
    return random.normal([96, 32])
  }()

  /// The loss and the gradients of a chain, compiled.
  private func step(
    _ chain: Chain, inRegions: Bool = false, _ budget: MemoryBudget? = nil
  ) throws -> CompiledFunction<[Tensor], Chain, Tensor> {
    func body(_ chain: Chain, _ x: Tensor) throws -> [Tensor] {
      let (value, gradient) = try valueAndGradient(at: chain) { chain in
        let y = chain(x, inRegions: inRegions)
        return (y * y).sum()
      }
      return [value] + gradient.tensors
    }
    let input = TensorType.f32("n", 32)
    guard let budget else { return try compile(chain, input) { try body($0, $1) } }
    return try compile(chain, input, memoryBudget: budget) { try body($0, $1) }
  }

  private func bits(_ f: CompiledFunction<[Tensor], Chain, Tensor>, _ chain: Chain) throws -> [UInt32] {
    try f(chain, Self.batch).flatMap { try $0.array(of: Float.self).map(\.bitPattern) }
  }

  @Test func regionsAreComputedAgain() throws {
    let chain = Chain(12, 32)
    let (plain, regions) = (try step(chain), try step(chain, inRegions: true))
    #expect(try bits(plain, chain) == bits(regions, chain))
    #expect(regions.ir.body.operations.contains { $0.checkpoint != nil })
    let (most, less) = (
      try #require(plain.workspaceByteCount(Self.sizes)), try #require(regions.workspaceByteCount(Self.sizes))
    )
    #expect(less * 3 < most * 2, "\(less) bytes and \(most)")
  }

  @Test func aBudgetIsKept() throws {
    let chain = Chain(12, 32)
    let plain = try step(chain)
    let most = try #require(plain.workspaceByteCount(Self.sizes))
    let small = try step(chain, .share(0.5, sizes: Self.sizes))
    #expect(try #require(small.workspaceByteCount(Self.sizes)) <= most / 2 + 64 * 40)
    #expect(try bits(plain, chain) == bits(small, chain))
    // The function that was traced is the same; what is computed again is the compiler's affair.
    #expect(small.ir.body.operations.count == plain.ir.body.operations.count)
  }

  @Test func aBudgetThatCannotBeKeptIsRefused() throws {
    let chain = Chain(4, 32)
    let error = #expect(throws: Diagnostic.self) { _ = try step(chain, .bytes(1000, sizes: Self.sizes)) }
    #expect(error?.id == "memory-budget" && error?.message.contains("1000 bytes") == true)
    #expect(error?.location.description.contains("MemoryTests") == true)
    let missing = #expect(throws: Diagnostic.self) { _ = try step(chain, .bytes(1000)) }
    #expect(missing?.id == "memory-budget-size" && missing?.message.contains("'n'") == true)
  }

  @Test func randomNumbersAreDrawnAgain() throws {
    let state = Tensor(of: [0, 0, 0, 0, 3, 4] as [UInt32])
    func gradient(_ x: Tensor, inRegions: Bool) throws -> Tensor {
      try valueAndGradient(at: x) { x in
        func block(_ x: Tensor) -> Tensor { (x * state.randomUniform(x.shape)).exp() }
        return (inRegions ? checkpointed { block(x) } : block(x)).sum()
      }.gradient
    }
    let x = Tensor((0..<64).map { Double($0) / 64 })
    #expect(
      try gradient(x, inRegions: true).array(of: Float.self) == gradient(x, inRegions: false).array(of: Float.self))
  }

  /// What a region gives may be used by several, and what goes in beside it too: cotangents are added in the same order.
  @Test func cotangentsAreAddedInTheSameOrder() throws {
    let x = Tensor((0..<33).map { Double($0) * 0.37 - 5 })
    func gradient(inRegions: Bool) throws -> [Float] {
      try valueAndGradient(at: x) { x in
        func block(_ y: Tensor) -> (Tensor, Tensor) { (y.tanh() * x, (y * y + x).exp() * 1e-3) }
        let first = x.sin()
        let (a, b) = inRegions ? checkpointed { block(first) } : block(first)
        let (c, d) = inRegions ? checkpointed { block(a + first) } : block(a + first)
        return (a * d + b * c + first * d + x * a).sum()
      }.gradient.array(of: Float.self)
    }
    #expect(try gradient(inRegions: true) == gradient(inRegions: false))
  }

  @Test func ofAGradientInAGradient() throws {
    let x = Tensor([0.3, -0.7, 1.1], .f64)
    func second(inRegions: Bool) throws -> [Double] {
      try hessianVectorProduct(at: x, along: Tensor([1, 2, 3], .f64)) { x in
        inRegions ? checkpointed { (x.sin() * x).exp().sum() } : (x.sin() * x).exp().sum()
      }.array(of: Double.self)
    }
    #expect(try second(inRegions: true) == second(inRegions: false))
  }

  @Test(arguments: [
    ("40%", MemoryBudget.share(0.4)), ("1000", .bytes(1000)), ("1.5KB", .bytes(1500)), ("2MiB", .bytes(2 << 20)),
    ("3GB", .bytes(3_000_000_000)),
  ]) func textOfABudget(_ text: String, _ budget: MemoryBudget) {
    #expect(MemoryBudget(text) == budget)
  }

  @Test(arguments: ["", "%", "140%", "-3", "4 apples", "1.5", "nan", "inf MB", "99999999999GB"])
  func noBudgets(_ text: String) { #expect(MemoryBudget(text) == nil) }
}
