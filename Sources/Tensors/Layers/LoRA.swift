import TensorIR
import TensorOps

/// A low-rank adapter (Hu et al.: "LoRA: low-rank adaptation of large language models", 2021): what is learnt beside a
/// weight W [inputs, outputs] that stays as it is, `y = x·W + (alpha / rank) · (x·A)·B`.
///
/// A ``Linear`` layer has one in ``Linear/lora``; `Adapted` of TensorLayers gives one to chosen layers of a network.
public struct LoRA: Module, Sendable {
  /// A, [inputs, rank].
  public var a: Tensor
  /// B, [rank, outputs].
  public var b: Tensor
  public var alpha: Double

  /// - Parameters:
  ///   - a: [inputs, rank].
  ///   - b: [rank, outputs].
  public init(a: Tensor, b: Tensor, alpha: Double) { (self.a, self.b, self.alpha) = (a, b, alpha) }

  /// An adapter that changes nothing yet: A uniform in ±1/√inputs, from the shared generator, and B zero.
  public init(_ inputs: Int, _ outputs: Int, rank: Int, alpha: Double, _ type: ElementType = .f32) {
    let bound = 1 / Double(max(inputs, 1)).squareRoot()
    self.init(
      a: .uniform([inputs, rank], in: -bound..<bound, type), b: .zeros([rank, outputs], type), alpha: alpha)
  }

  public var rank: Int { a.shape.last?.constant ?? 1 }
  private var scale: Double { alpha / Double(max(rank, 1)) }

  /// What is added to x·W.
  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    // The product of fewer numbers is scaled.
    Tensor.placed([x, a], file, line, column) { (x.matmul(a) * scale).matmul(b) }
  }

  /// What is added to W where the two become one weight: `(alpha / rank) · A·B`.
  public var change: Tensor { Tensor.composed { (a * scale).matmul(b) } }
}
