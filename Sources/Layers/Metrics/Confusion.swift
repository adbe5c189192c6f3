import Foundation
import Tensors

/// When a prediction counts as yes.
public enum Decision: Sendable {
  /// Probabilities [n] of one class; labels are 0 or 1.
  case binary(threshold: Double = 0.5)
  /// Scores [n, classes], of which the greatest few are chosen; labels are numbers of classes.
  case multiclass(top: Int = 1)
  /// Probabilities [n, classes], each by itself; labels [n, classes] are 0 or 1.
  case multilabel(threshold: Double = 0.5)
}

/// How the classes' numbers become one.
public enum ClassMean: Sendable {
  /// The mean of the classes' metrics, those that are defined.
  case macro
  /// The metric of all classes' counts together.
  case micro
}

/// How often each class was predicted and right, predicted and wrong, not predicted and wrong, not predicted and right.
public struct ConfusionStats: Sendable {
  public private(set) var truePositives: [Int] = []
  public private(set) var falsePositives: [Int] = []
  public private(set) var falseNegatives: [Int] = []
  public private(set) var trueNegatives: [Int] = []
  public let decision: Decision

  public init(_ decision: Decision) { self.decision = decision }

  public mutating func add(_ prediction: Tensor, _ target: Tensor) throws {
    let rows = try Numbers(prediction)
    let labels = try Numbers(target)
    var isMulticlass = false
    if case .multiclass = decision { isMulticlass = true }
    try labels.require(count: isMulticlass ? rows.rows : rows.values.count, of: "labels")
    if truePositives.isEmpty {
      let zeros = Array(repeating: 0, count: rows.columns)
      (truePositives, falsePositives, falseNegatives, trueNegatives) = (zeros, zeros, zeros, zeros)
    }
    guard truePositives.count == rows.columns else {
      throw Diagnostic("shape-mismatch", "a metric of \(truePositives.count) classes was given \(rows.columns)")
    }
    for row in 0..<rows.rows {
      let chosen = chosen(rows, row)
      let label = isMulticlass ? try labels.label(row) : nil
      for column in 0..<rows.columns {
        let isRight = label.map { $0 == column } ?? (labels[row, column] > 0.5)
        switch (chosen[column], isRight) {
        case (true, true): truePositives[column] += 1
        case (true, false): falsePositives[column] += 1
        case (false, true): falseNegatives[column] += 1
        case (false, false): trueNegatives[column] += 1
        }
      }
    }
  }

  private func chosen(_ rows: Numbers, _ row: Int) -> [Bool] {
    let scores = (0..<rows.columns).map { rows[row, $0] }
    switch decision {
    case .binary(let threshold), .multilabel(let threshold): return scores.map { $0 > threshold }
    case .multiclass(let top):
      let order = scores.indices.sorted { scores[$0] > scores[$1] || (scores[$0] == scores[$1] && $0 < $1) }
      let best = Set(order.prefix(top))
      return scores.indices.map(best.contains)
    }
  }

  /// A metric of a class's counts, averaged.
  func mean(_ kind: ClassMean, _ metric: (_ tp: Double, _ fp: Double, _ fn: Double) -> Double) -> Double {
    func sum(_ counts: [Int]) -> Double { Double(counts.reduce(0, +)) }
    if kind == .micro { return metric(sum(truePositives), sum(falsePositives), sum(falseNegatives)) }
    let all = truePositives.indices.map {
      metric(Double(truePositives[$0]), Double(falsePositives[$0]), Double(falseNegatives[$0]))
    }.filter { !$0.isNaN }
    return all.isEmpty ? .nan : all.reduce(0, +) / Double(all.count)
  }
}

/// A metric of how often each class was predicted and right.
public protocol ConfusionMetric: PredictionMetric {
  var stats: ConfusionStats { get set }
}

extension ConfusionMetric {
  public mutating func reset() { stats = ConfusionStats(stats.decision) }
  public mutating func add(_ prediction: Tensor, _ target: Tensor) throws { try stats.add(prediction, target) }
}

/// The share of what is predicted that is right.
public struct Precision: ConfusionMetric {
  public let name = "precision"
  public let mean: ClassMean
  public var stats: ConfusionStats

  public init(_ decision: Decision, mean: ClassMean = .macro) {
    stats = ConfusionStats(decision)
    self.mean = mean
  }

  public var value: Double { stats.mean(mean) { tp, fp, _ in tp / (tp + fp) } }
}

/// The share of what is right that is predicted.
public struct Recall: ConfusionMetric {
  public let name = "recall"
  public let mean: ClassMean
  public var stats: ConfusionStats

  public init(_ decision: Decision, mean: ClassMean = .macro) {
    stats = ConfusionStats(decision)
    self.mean = mean
  }

  public var value: Double { stats.mean(mean) { tp, _, fn in tp / (tp + fn) } }
}

/// (1 + β²) precision · recall / (β² precision + recall).
public struct FBetaScore: ConfusionMetric {
  public let name: String
  public let beta: Double
  public let mean: ClassMean
  public var stats: ConfusionStats

  public init(_ decision: Decision, beta: Double = 1, mean: ClassMean = .macro) {
    name = "F\(beta.formatted())"
    stats = ConfusionStats(decision)
    self.beta = beta
    self.mean = mean
  }

  public var value: Double {
    let square = beta * beta
    return stats.mean(mean) { tp, fp, fn in (1 + square) * tp / ((1 + square) * tp + square * fn + fp) }
  }
}

/// Areas under curves of scores [n] against labels that are 0 or 1.
public struct AreaUnderCurve: PredictionMetric {
  public enum Curve: Sendable {
    /// True against false positive rates: how likely a right example scores above a wrong one, ties half.
    case roc
    /// Precision against recall: the sum of precisions times the recall gained at each threshold.
    case precisionRecall
  }
  public let curve: Curve
  public var name: String { curve == .roc ? "AUROC" : "AUC-PR" }
  private var scores: [Double] = []
  private var labels: [Bool] = []

  public init(_ curve: Curve = .roc) { self.curve = curve }

  public mutating func reset() { (scores, labels) = ([], []) }

  public mutating func add(_ prediction: Tensor, _ target: Tensor) throws {
    let (found, wanted) = (try Numbers(prediction), try Numbers(target))
    try wanted.require(count: found.values.count, of: "labels")
    scores += found.values
    labels += wanted.values.map { $0 > 0.5 }
  }

  public var value: Double {
    let (right, wrong) = (labels.filter { $0 }.count, labels.filter { !$0 }.count)
    guard right > 0, wrong > 0 || curve == .precisionRecall else { return .nan }
    let order = scores.indices.sorted { scores[$0] > scores[$1] }
    var (tp, fp, area) = (0.0, 0.0, 0.0)
    var place = 0
    while place < order.count {
      let (lastTp, lastFp) = (tp, fp)
      let score = scores[order[place]]
      while place < order.count, scores[order[place]] == score {
        if labels[order[place]] { tp += 1 } else { fp += 1 }
        place += 1
      }
      area += curve == .roc ? (fp - lastFp) * (tp + lastTp) / 2 : (tp - lastTp) * tp / (tp + fp)
    }
    return curve == .roc ? area / (Double(right) * Double(wrong)) : area / Double(right)
  }
}
