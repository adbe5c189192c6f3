import Foundation
import TensorIR
import TensorOps

/// The random numbers that layers and tensors are made of where none are given: the generator of the innermost
/// ``withRandomNumbers(seed:_:)`` around, or else one for the process, seeded with 0 until ``seedRandomNumbers(_:)`` seeds it
/// anew, so that a program makes the same numbers whenever it runs.
package final class SharedRandomNumbers: @unchecked Sendable {
  private static let ofProcess = SharedRandomNumbers(seed: 0)
  @TaskLocal fileprivate static var ofScope: SharedRandomNumbers?
  private static var current: SharedRandomNumbers { ofScope ?? ofProcess }

  private let lock = NSLock()
  private var numbers: RandomNumbers

  fileprivate init(seed: UInt64) { numbers = RandomNumbers(seed: seed) }

  static func seed(_ seed: UInt64) {
    let shared = current
    shared.lock.withLock { shared.numbers = RandomNumbers(seed: seed) }
  }

  /// Draws; other threads that draw from the same generator wait.
  package static func draw<Result>(_ body: (inout RandomNumbers) throws -> Result) rethrows -> Result {
    let shared = current
    return try shared.lock.withLock { try body(&shared.numbers) }
  }
}

/// Starts the shared generator anew, from which layers and `Tensor.uniform` draw. Other threads draw from it too: where the
/// numbers must not depend on what they do, make tensors inside ``withRandomNumbers(seed:_:)``.
public func seedRandomNumbers(_ seed: UInt64) { SharedRandomNumbers.seed(seed) }

/// Runs `body` with a generator of its own, from which layers and `Tensor.uniform` draw in this task and its children, whatever
/// other threads draw meanwhile: `let network = withRandomNumbers(seed: 1) { Network() }`.
public func withRandomNumbers<Result>(seed: UInt64, _ body: () throws -> Result) rethrows -> Result {
  try SharedRandomNumbers.$ofScope.withValue(SharedRandomNumbers(seed: seed), operation: body)
}

/// See the form that does not wait.
public func withRandomNumbers<Result>(
  seed: UInt64, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
) async rethrows -> Result {
  try await SharedRandomNumbers.$ofScope.withValue(
    SharedRandomNumbers(seed: seed), operation: body, isolation: isolation)
}

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
