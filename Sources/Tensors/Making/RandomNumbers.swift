import Foundation
import TensorIR
import TensorOps
import TensorRuntime

/// A source of random tensors: the same seed gives the same numbers on every machine.
///
/// The generator is that of ``RandomBits``, keyed by the seed. It is counter-based: block `n` of a seed is a function of `n`
/// alone. Uniform numbers take the upper 24 bits of
/// a word; normal ones come from pairs of them by Box and Muller's transform, in f64.
public struct RandomNumbers: Sendable {
  /// What the numbers depend on, together with how many were taken before.
  public let seed: UInt64
  /// Blocks of four words taken so far.
  private var counter: UInt64 = 0

  public init(seed: UInt64) { self.seed = seed }

  /// Uniform numbers from `range`, its end excluded where it can be represented.
  public mutating func uniform(_ shape: [Int], in range: Range<Double> = 0..<1, _ type: ElementType = .f32) -> Tensor {
    let width = range.upperBound - range.lowerBound
    return tensor(shape, type, words(count(shape)).map { range.lowerBound + width * RandomNumbers.unit($0) })
  }

  /// Normally distributed numbers.
  public mutating func normal(
    _ shape: [Int], mean: Double = 0, deviation: Double = 1, _ type: ElementType = .f32
  ) -> Tensor {
    let count = count(shape)
    let raw = words(count + count % 2)
    var numbers: [Double] = []
    numbers.reserveCapacity(raw.count)
    for pair in stride(from: 0, to: raw.count, by: 2) {
      // In (0, 1], whose logarithm is finite.
      let radius = (-2 * log(1 - RandomNumbers.unit(raw[pair]))).squareRoot() * deviation
      let angle = 2 * Double.pi * RandomNumbers.unit(raw[pair + 1])
      numbers += [mean + radius * cos(angle), mean + radius * sin(angle)]
    }
    return tensor(shape, type, Array(numbers.prefix(count)))
  }

  /// 1 with a probability, otherwise 0, in any element type.
  public mutating func bernoulli(_ probability: Double, _ shape: [Int], _ type: ElementType = .f32) -> Tensor {
    Tensor(words(count(shape)).map { RandomNumbers.unit($0) < probability ? 1 : 0 }, shape: shape, type)
  }

  /// Integers from `range`, all equally likely but for a bias below 2⁻³² times their number.
  public mutating func integers(_ shape: [Int], in range: Range<Int>, _ type: ElementType = .i64) -> Tensor {
    guard !range.isEmpty else { return .failure("bad-range", "there is no integer in \(range)") }
    let width = UInt64(range.count)
    return Tensor(
      words(count(shape)).map { Double(range.lowerBound + Int((UInt64($0) &* width) >> 32)) }, shape: shape, type)
  }

  /// Positions on the last axis of weights, drawn with replacement and with probabilities in proportion to the weights,
  /// which are not negative and not all 0: of weights [.., k] positions [.., count], i64. Weights whose shape is not known, or
  /// without an axis, give `shape-mismatch`.
  public mutating func categorical(_ weights: Tensor, count: Int) -> Tensor {
    guard let shape = weights.type.constantShape, let last = shape.last, last > 0, count >= 0 else {
      return weights.mistake("shape-mismatch", "\(count) positions cannot be drawn with weights \(weights.type)")
    }
    // In f64 a multiple of 2⁻²⁴ below 1 times a sum stays below the sum.
    let sums = weights.cast(to: .f64).cumulativeSum(axis: -1)
    let total = sums.sliced(axis: -1, start: Dimension(last - 1), size: 1)
    let places = uniform(Array(shape.dropLast()) + [count], .f64) * total
    let isBelow = sums.unsqueezed(axes: [-2]) .<= places.unsqueezed(axes: [-1])
    return isBelow.cast(to: .i64).sum(axes: [-1])
  }

  /// The numbers from 0 up to `count`, in random order (Fisher and Yates' shuffle).
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<max(count, 0))
    let raw = words(order.count)
    for index in order.indices.dropFirst().reversed() {
      // Scaling instead of a remainder: the bias is below 2^-32 times the count.
      order.swapAt(index, Int((UInt64(raw[index]) &* UInt64(index + 1)) >> 32))
    }
    return order
  }

  private func count(_ shape: [Int]) -> Int { shape.reduce(1) { $0 * max($1, 0) } }

  private func tensor(_ shape: [Int], _ type: ElementType, _ numbers: [Double]) -> Tensor {
    guard type.isFloat else {
      return LazyGraph.shared.failed([Diagnostic("element-type", "random numbers are floats, not \(type)")])
    }
    if type == .f32 { return Tensor(of: numbers.map { Float($0) }, shape: shape) }
    return Tensor(numbers, shape: shape, type)
  }

  private static func unit(_ word: UInt32) -> Double { Double(word >> 8) * 0x1p-24 }

  private mutating func words(_ count: Int) -> [UInt32] {
    defer { counter &+= UInt64((count + 3) / 4) }
    return RandomBits.words(
      count, from: counter, key: (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)))
  }
}
