import TensorIR
import Testing

@testable import Tensors

/// What `Tensor.attention` makes of masks; its numbers are in the coverage and in JaxGradientTests.
@Suite struct AttentionTests {
  private let queries = Tensor([0.5, -1, 2, 0.25, 1, 1], shape: [3, 2], .f64)
  private let keys = Tensor([1, 0.5, -0.5, 2, 0.75, -1], shape: [3, 2], .f64)
  private let values = Tensor([1, 10, 100], shape: [3, 1], .f64)
  private let behind = Tensor([0, 1, 1, 0, 0, 1, 0, 0, 0], shape: [3, 3], .bool)

  @Test func causalIsAMaskOfWhatIsBehind() throws {
    let causal = try Tensor.attention(queries, keys, values, causal: true).array(of: Double.self)
    let masked = try Tensor.attention(queries, keys, values, mask: behind).array(of: Double.self)
    #expect(causal[0] == 1)
    for (a, b) in zip(causal, masked) { #expect(abs(a - b) < 1e-12) }
  }

  /// The first query sees nothing, by the mask or by it and its place together.
  @Test(arguments: [false, true]) func aQueryThatSeesNothingGivesZero(causal: Bool) throws {
    let mask =
      causal ? Tensor([1, 0, 0], shape: [3], .bool) : Tensor([1, 1, 1, 0, 0, 1, 0, 0, 0], shape: [3, 3], .bool)
    for bias in [Tensor.absent, Tensor([0, 0, 0], shape: [3], .f64)] {
      let (sum, gradient) = try valueAndGradient(at: queries) {
        Tensor.attention($0, keys, values, mask: mask, bias: bias, causal: causal).sum(axes: [0, 1])
      }
      let found = try Tensor.attention(queries, keys, values, mask: mask, bias: bias, causal: causal)
        .array(of: Double.self)
      #expect(found[0] == 0)
      #expect(found[1] > 0)
      #expect(try abs(sum.item() - found.reduce(0, +)) < 1e-12)
      let slopes = try gradient.array(of: Double.self)
      #expect(slopes.allSatisfy { $0.isFinite })
      #expect(slopes[0] == 0 && slopes[1] == 0)
    }
  }

  /// Nothing that the mask hides is seen where a bias takes away the rest.
  @Test func aMaskHidesMoreThanABias() throws {
    let bias = Tensor([-Double.infinity, 0, 0], shape: [3], .f64)
    let found = try Tensor.attention(queries, keys, values, mask: behind, bias: bias).array(of: Double.self)
    #expect(found[0].isNaN)
    #expect(found[1] == 10)
  }
}
