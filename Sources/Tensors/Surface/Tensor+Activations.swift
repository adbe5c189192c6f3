import TensorIR
import TensorOps

// Activation functions that are short compositions of others; NaN stays NaN unless told.
extension Tensor {
  /// Each element raised to 0 and lowered to 6 (PyTorch and MLX `relu6`).
  public func relu6() -> Tensor { clip(minimum: 0, maximum: 6) }

  /// Each element raised to `minimum` and lowered to `maximum` (PyTorch `hardtanh`).
  public func hardTanh(minimum: Double = -1, maximum: Double = 1) -> Tensor { clip(minimum: minimum, maximum: maximum) }

  /// `x - tanh x` (PyTorch `tanhshrink`).
  public func tanhShrink() -> Tensor { .composed { self - tanh() } }

  /// Each element where it is above a threshold, `value` elsewhere (PyTorch `threshold`); NaN gives the value.
  public func thresholded(above threshold: Double, value: Double) -> Tensor {
    .composed { .select(self .> threshold, self, like(value)) }
  }

  /// 0 where |x| is at most a threshold, each element elsewhere (PyTorch `hardshrink`).
  public func hardShrink(threshold: Double = 0.5) -> Tensor {
    .composed { .select(absolute() .<= threshold, like(0), self) }
  }

  /// Each element moved towards 0 by a threshold, and 0 where it would pass it (PyTorch `softshrink`); NaN gives 0.
  public func softShrink(threshold: Double = 0.5) -> Tensor { shrink(threshold: threshold, bias: threshold) }

  /// log(1 + exp(beta x)) / beta without overflow (PyTorch `softplus`).
  public func softplus(beta: Double) -> Tensor { .composed { (self * beta).softplus() / beta } }

  /// The gated linear unit (Dauphin and others, 2017): of the halves a and b of an axis, a · sigmoid(b). An odd extent gives
  /// `shape-mismatch`.
  public func glu(axis: Int = -1, file: String = #fileID, line: Int = #line, column: Int = #column) -> Tensor {
    placed(file, line, column) {
      guard let own = self.axis(axis) else { return noAxis([axis]) }
      guard let half = shape[own].exactQuotient(by: 2) else {
        return mistake("shape-mismatch", "'glu' halves axis \(axis) of \(type), whose extent is not even")
      }
      return sliced(axis: own, start: 0, size: half) * sliced(axis: own, start: half, size: half).sigmoid()
    }
  }

  /// A softmax that can choose nothing: exp(x) / (1 + Σ exp(x)) along an axis, without overflow. Floats.
  public func quietSoftmax(
    axis: Int = -1, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    placed(file, line, column) {
      guard let own = self.axis(axis) else { return noAxis([axis]) }
      // The 1 is an element of 0 more; where all others are far below 0 it is the greatest.
      return floats("quietSoftmax") { x in
        let most = Tensor.maximum(x.max(axes: [own], keepAxes: true), x.like(0)).stoppingGradient()
        let powers = (x - most).exp()
        return powers / (powers.sum(axes: [own], keepAxes: true) + (-most).exp())
      }
    }
  }
}
