import Foundation
import Tensors

/// ½ r² where |r| ≤ delta, else delta |r| - ½ delta², of residuals r (Huber, 1964).
public func huberLoss(
  _ prediction: Tensor, _ target: Tensor, delta: Double = 1, reduction: LossReduction = .mean, file: String = #fileID,
  line: Int = #line, column: Int = #column
) -> Tensor {
  Tensor.placed([prediction, target], file, line, column) {
    let residual = target - prediction
    // |r| cut off at delta, which is smooth where the pieces meet.
    let inner = residual.clip(minimum: -delta, maximum: delta)
    return reduced(inner * residual - inner * inner * 0.5, reduction)
  }
}

/// ½ d² / beta where |d| < beta, else |d| - ½ beta.
public func smoothL1Loss(
  _ prediction: Tensor, _ target: Tensor, beta: Double = 1, reduction: LossReduction = .mean, file: String = #fileID,
  line: Int = #line, column: Int = #column
) -> Tensor {
  Tensor.placed([prediction, target], file, line, column) {
    huberLoss(prediction, target, delta: beta, reduction: reduction) / beta
  }
}

/// |x - y|^power.
public func lpLoss(
  _ prediction: Tensor, _ target: Tensor, power: Double, reduction: LossReduction = .mean, file: String = #fileID,
  line: Int = #line, column: Int = #column
) -> Tensor {
  Tensor.placed([prediction, target], file, line, column) {
    let distance = (prediction - target).absolute()
    return reduced(power == 1 ? distance : distance.power(power), reduction)
  }
}

/// The negative logarithm of Poisson's distribution: eˣ - y x, or x - y log(x + epsilon) where x is no logarithm.
/// - Parameter full: adds Stirling's approximation of log y! where y is above 1.
public func poissonLoss(
  _ prediction: Tensor, _ target: Tensor, isLog: Bool = true, full: Bool = false, epsilon: Double = 1e-8,
  reduction: LossReduction = .mean, file: String = #fileID, line: Int = #line, column: Int = #column
) -> Tensor {
  Tensor.placed([prediction, target], file, line, column) {
    var losses =
      isLog ? prediction.exp() - target * prediction : prediction - target * (prediction + epsilon).log()
    if full {
      let safe = Tensor.maximum(target, target.like(1))
      let stirling = safe * safe.log() - safe + (safe * (2 * Double.pi)).log() * 0.5
      losses = losses + stirling.replacing(where: target .<= 1, with: 0)
    }
    return reduced(losses, reduction)
  }
}

/// ½ (log v + (x - μ)² / v), of variances that are at least epsilon.
/// - Parameter full: adds ½ log 2π.
public func gaussianLoss(
  _ mean: Tensor, _ target: Tensor, variance: Tensor, full: Bool = false, epsilon: Double = 1e-6,
  reduction: LossReduction = .mean, file: String = #fileID, line: Int = #line, column: Int = #column
) -> Tensor {
  Tensor.placed([mean, target, variance], file, line, column) {
    let spread = variance.clip(minimum: epsilon)
    let residual = target - mean
    let losses = (spread.log() + residual * residual / spread) * 0.5 + (full ? 0.5 * log(2 * Double.pi) : 0)
    return reduced(losses, reduction)
  }
}
