import Tensors

/// x where it is positive, a learned slope times x elsewhere (He et al., 2015): one slope, or one for each channel,
/// axis 1.
public struct PReLU: Module, Sendable {
  /// [1] or [channels].
  public var slopes: Tensor

  public init(_ count: Int = 1, initial: Double = 0.25) { slopes = .full(initial, [count]) }

  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x, slopes], file, line, column) {
      guard slopes.shape.first != 1, x.rank > 1 else { return Tensor.select(x .> 0, x, x * slopes) }
      let shape = x.shape.indices.map { $0 == 1 ? slopes.shape[0] : 1 }
      return Tensor.select(x .> 0, x, x * slopes.reshaped(to: shape))
    }
  }
}

/// silu(x W) · (x V): the gated unit of Shazeer ("GLU variants improve transformer", 2020).
public struct SwiGLU: Module, Sendable {
  public var inner: Linear
  public var outer: Linear

  public init(_ inputs: Int, _ outputs: Int, bias: Bool = false) {
    inner = Linear(inputs, outputs, bias: bias)
    outer = Linear(inputs, outputs, bias: bias)
  }

  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x, inner.weight], file, line, column) { inner(x).silu() * outer(x) }
  }
}

/// A leaky ReLU whose slope is drawn for each element while training, and is the mean of its range otherwise (Xu et
/// al., 2015).
public struct RReLU: Module, Sendable {
  public var lower: Double
  public var upper: Double

  public init(lower: Double = 1 / 8, upper: Double = 1 / 3) {
    self.lower = lower
    self.upper = upper
  }

  public func callAsFunction(
    _ x: Tensor, _ mode: Mode, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x], file, line, column) {
      if let mistake = mode.mistake(x) { return mistake }
      guard let random = mode.nextRandomState() else { return x.leakyRelu(alpha: (lower + upper) / 2) }
      guard lower < upper else { return x.leakyRelu(alpha: lower) }
      return Tensor.select(x .> 0, x, x * random.randomUniform(x.shape, in: lower..<upper, x.elementType))
    }
  }
}
