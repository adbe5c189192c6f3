import Foundation
import Tensors

/// A number that sums up how good predictions are, gathered batch by batch.
public protocol Metric: Sendable {
  var name: String { get }
  /// What was gathered so far; NaN where that says nothing.
  var value: Double { get }
  /// Forgets what was gathered.
  mutating func reset()
}

/// A metric of predictions and what is right.
public protocol PredictionMetric: Metric {
  /// Takes in a batch, which is computed if need be.
  mutating func add(_ prediction: Tensor, _ target: Tensor) throws
}

/// The mean of losses, each counted as often as its batch has examples.
public struct LossMetric: Metric {
  public let name = "loss"
  private var sum = 0.0
  private var count = 0

  public init() {}
  public var value: Double { count == 0 ? .nan : sum / Double(count) }
  public mutating func reset() { self = LossMetric() }

  public mutating func add(_ loss: Double, examples: Int) {
    sum += loss * Double(examples)
    count += examples
  }
}

/// e to the mean negative log likelihood of the tokens.
public struct Perplexity: Metric {
  public let name = "perplexity"
  private var losses = LossMetric()

  public init() {}
  public var value: Double { losses.value.isNaN ? .nan : exp(losses.value) }
  public mutating func reset() { losses.reset() }
  public mutating func add(_ meanLoss: Double, tokens: Int) { losses.add(meanLoss, examples: tokens) }
}

/// The share of predictions [n, classes] whose label is among the greatest `k`.
public struct Accuracy: PredictionMetric {
  public let name: String
  public let k: Int
  /// A label that does not count.
  public let padding: Int?
  private var right = 0
  private var count = 0

  public init(top k: Int = 1, padding: Int? = nil) {
    name = k == 1 ? "accuracy" : "top-\(k) accuracy"
    self.k = k
    self.padding = padding
  }

  public var value: Double { count == 0 ? .nan : Double(right) / Double(count) }
  public mutating func reset() { (right, count) = (0, 0) }

  public mutating func add(_ prediction: Tensor, _ target: Tensor) throws {
    let rows = try Numbers(prediction, classes: true)
    let labels = try Numbers(target)
    try labels.require(count: rows.rows, of: "labels for \(rows.rows) predictions")
    for row in 0..<rows.rows {
      let label = try labels.label(row)
      guard label != padding else { continue }
      count += 1
      guard (0..<rows.columns).contains(label) else { continue }
      let own = rows[row, label]
      // Of equal scores those before come first, as with argmax.
      let better = (0..<rows.columns).filter { rows[row, $0] > own || (rows[row, $0] == own && $0 < label) }
      if better.count < k { right += 1 }
    }
  }
}

/// The share of single answers, of several for each example, that are right: probabilities [n, labels] and 0 or 1.
public struct HammingScore: PredictionMetric {
  public let name = "Hamming score"
  public let threshold: Double
  private var right = 0
  private var count = 0

  public init(threshold: Double = 0.5) { self.threshold = threshold }
  public var value: Double { count == 0 ? .nan : Double(right) / Double(count) }
  public mutating func reset() { (right, count) = (0, 0) }

  public mutating func add(_ prediction: Tensor, _ target: Tensor) throws {
    let (found, wanted) = (try Numbers(prediction), try Numbers(target))
    try wanted.require(count: found.values.count, of: "answers")
    right += zip(found.values, wanted.values).reduce(0) { $0 + (($1.0 > threshold) == ($1.1 > 0.5) ? 1 : 0) }
    count += found.values.count
  }
}

/// Numbers of a tensor in memory, as rows of its last axis.
struct Numbers {
  var values: [Double]
  var rows: Int
  var columns: Int

  init(_ tensor: Tensor, classes: Bool = false) throws {
    values = try tensor.cast(to: .f64).array(of: Double.self)
    columns = tensor.rank < 2 && !classes ? 1 : max(tensor.shape.last?.constant ?? 1, 1)
    rows = values.count / columns
  }

  subscript(row: Int, column: Int) -> Double { values[row * columns + column] }

  /// The number at a place as the number of a class.
  func label(_ place: Int) throws -> Int {
    guard let label = Int(exactly: values[place]) else {
      throw Diagnostic("bad-label", "a metric was given the label \(values[place]), which is no number of a class")
    }
    return label
  }

  func require(count: Int, of what: String) throws {
    guard values.count == count else {
      throw Diagnostic("shape-mismatch", "a metric was given \(values.count) \(what), not \(count)")
    }
  }
}
