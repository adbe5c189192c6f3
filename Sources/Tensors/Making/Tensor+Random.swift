import Foundation
import TensorIR
import TensorOps

/// The random numbers that layers and tensors are made of where none are given: one generator for the process, seeded with 0 until
/// ``seedRandomNumbers(_:)`` seeds it anew, so that a program makes the same numbers whenever it runs.
package enum SharedRandomNumbers {
  private static let lock = NSLock()
  nonisolated(unsafe) private static var numbers = RandomNumbers(seed: 0)

  static func seed(_ seed: UInt64) { lock.withLock { numbers = RandomNumbers(seed: seed) } }

  /// Draws; other threads wait.
  package static func draw<Result>(_ body: (inout RandomNumbers) throws -> Result) rethrows -> Result {
    try lock.withLock { try body(&numbers) }
  }
}

/// Starts the shared generator anew, from which layers and `Tensor.uniform` draw.
public func seedRandomNumbers(_ seed: UInt64) { SharedRandomNumbers.seed(seed) }

extension Tensor {
  /// Uniform numbers from `range`, its end excluded, from the shared generator; see ``RandomNumbers/uniform(_:in:_:)``.
  public static func uniform(
    _ shape: [Int], in range: Range<Double> = 0..<1, _ type: ElementType = .f32
  ) -> Tensor { SharedRandomNumbers.draw { $0.uniform(shape, in: range, type) } }

  /// Normally distributed numbers from the shared generator.
  public static func normal(
    _ shape: [Int], mean: Double = 0, deviation: Double = 1, _ type: ElementType = .f32
  ) -> Tensor { SharedRandomNumbers.draw { $0.normal(shape, mean: mean, deviation: deviation, type) } }

  /// 1 with a probability, otherwise 0, from the shared generator.
  public static func bernoulli(_ probability: Double, _ shape: [Int], _ type: ElementType = .f32) -> Tensor {
    SharedRandomNumbers.draw { $0.bernoulli(probability, shape, type) }
  }

  /// Integers from `range`, all equally likely, from the shared generator.
  public static func randomIntegers(_ shape: [Int], in range: Range<Int>, _ type: ElementType = .i64) -> Tensor {
    SharedRandomNumbers.draw { $0.integers(shape, in: range, type) }
  }

  /// Uniform numbers from 0 up to 1 (PyTorch `rand`).
  public static func rand(_ shape: [Int], _ type: ElementType = .f32) -> Tensor { uniform(shape, type) }
  /// Uniform numbers from 0 up to 1 (PyTorch `rand`).
  public static func rand(_ extents: Int...) -> Tensor { uniform(extents) }
  /// Numbers of the standard normal distribution (PyTorch `randn`).
  public static func randn(_ shape: [Int], _ type: ElementType = .f32) -> Tensor { normal(shape, type) }
  /// Numbers of the standard normal distribution (PyTorch `randn`).
  public static func randn(_ extents: Int...) -> Tensor { normal(extents) }
}
