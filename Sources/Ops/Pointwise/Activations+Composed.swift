import TensorIR

// Activation functions that are short compositions of others.
extension Tensor {
  /// `max(0, x) + min(0, alpha (e^(x/alpha) - 1))` (Barron, 2017; ONNX `Celu`). `alpha` is positive.
  public func celu(alpha: Double = 1) -> Tensor {
    // Where x is positive the other branch may be infinite, which a sum would not survive.
    .composed { .select(self .> like(0), self, (self / like(alpha)).expm1() * like(alpha)) }
  }

  /// `scale · elu(x, alpha)`, with the constants under which activations keep their mean and variance (Klambauer and
  /// others, 2017; ONNX `Selu`).
  public func selu(
    alpha: Double = 1.6732632423543772, scale: Double = 1.0507009873554805
  ) -> Tensor { .composed { elu(alpha: alpha) * like(scale) } }

  /// `x / (1 + |x|)` (ONNX `Softsign`).
  public func softsign() -> Tensor { .composed { self / (absolute() + like(1)) } }

  /// Each element where it is above a threshold, 0 elsewhere (ONNX `ThresholdedRelu`); NaN gives 0.
  public func thresholdedRelu(threshold: Double = 1) -> Tensor {
    .composed { .select(self .> like(threshold), self, like(0)) }
  }

  /// `x - bias` above `threshold`, `x + bias` below `-threshold`, 0 between (ONNX `Shrink`). With `bias` 0 it is the hard
  /// shrinkage, with `bias` equal to `threshold` the soft one. NaN gives 0.
  public func shrink(threshold: Double = 0.5, bias: Double = 0) -> Tensor {
    .composed {
      let above = Tensor.select(self .> like(threshold), self - like(bias), like(0))
      return .select(self .< like(-threshold), self + like(bias), above)
    }
  }

  /// Each element where it is not negative, `slope` times the element elsewhere. The slope broadcasts: one for each
  /// channel has the shape `[channels, 1, …]` (ONNX `PRelu`).
  public func prelu(_ slope: Tensor) -> Tensor {
    .composed { .select(self .< like(0), self * slope, self) }
  }
}
