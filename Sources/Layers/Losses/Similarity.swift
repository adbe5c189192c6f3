import Tensors

/// 1 - cos of pairs [n, size] whose target is 1; max(0, cos - margin) of those whose target is -1.
public func cosineEmbeddingLoss(
  _ a: Tensor, _ b: Tensor, _ target: Tensor, margin: Double = 0, reduction: LossReduction = .mean,
  file: String = #fileID, line: Int = #line, column: Int = #column
) -> Tensor {
  Tensor.placed([a, b, target], file, line, column) {
    let cosine = a.cosineSimilarity(b, axis: -1)
    return reduced(Tensor.select(target .> 0, 1 - cosine, (cosine - margin).relu()), reduction)
  }
}

/// A distance x where the target is 1; max(0, margin - x) where it is -1.
public func hingeEmbeddingLoss(
  _ distance: Tensor, _ target: Tensor, margin: Double = 1, reduction: LossReduction = .mean, file: String = #fileID,
  line: Int = #line, column: Int = #column
) -> Tensor {
  Tensor.placed([distance, target], file, line, column) {
    reduced(Tensor.select(target .> 0, distance, (margin - distance).relu()), reduction)
  }
}

/// max(0, -y (a - b) + margin): y is 1 where a should rank higher, else -1.
public func marginRankingLoss(
  _ a: Tensor, _ b: Tensor, _ target: Tensor, margin: Double = 0, reduction: LossReduction = .mean,
  file: String = #fileID, line: Int = #line, column: Int = #column
) -> Tensor {
  Tensor.placed([a, b, target], file, line, column) {
    reduced((margin - target.cast(to: a.elementType) * (a - b)).relu(), reduction)
  }
}

/// max(0, |anchor - positive| - |anchor - negative| + margin) over the last axis.
/// - Parameter swap: takes the lesser of the negative's distances from anchor and positive.
public func tripletMarginLoss(
  _ anchor: Tensor, _ positive: Tensor, _ negative: Tensor, margin: Double = 1, power: Double = 2, swap: Bool = false,
  reduction: LossReduction = .mean, file: String = #fileID, line: Int = #line, column: Int = #column
) -> Tensor {
  Tensor.placed([anchor, positive, negative], file, line, column) {
    let near = pairwiseDistance(anchor, positive, power: power)
    var far = pairwiseDistance(anchor, negative, power: power)
    if swap { far = .minimum(far, pairwiseDistance(positive, negative, power: power)) }
    return reduced((near - far + margin).relu(), reduction)
  }
}

/// The norm of a - b + epsilon over the last axis.
public func pairwiseDistance(
  _ a: Tensor, _ b: Tensor, power: Double = 2, epsilon: Double = 1e-6, file: String = #fileID, line: Int = #line,
  column: Int = #column
) -> Tensor {
  Tensor.placed([a, b], file, line, column) { (a - b + epsilon).norm(.p(power), axes: [-1]) }
}
