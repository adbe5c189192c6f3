import TensorIR

import class Foundation.NSLock

/// Regions whose inside is computed again in the backward pass rather than kept until then.
public enum Checkpointing {
  /// What recorders note of each operation.
  @TaskLocal static var mark: CheckpointMark?

  private static let lock = NSLock()
  nonisolated(unsafe) private static var count = 0

  /// Runs a closure as such a region. Inside of another one it is part of that.
  public static func run<Result>(_ body: () throws -> Result) rethrows -> Result {
    if mark != nil { return try body() }
    let number = lock.withLock {
      count += 1
      return count
    }
    return try $mark.withValue(.inside(number), operation: body)
  }

  /// Runs a closure whose operations stand where another operation does.
  public static func like<Result>(_ operation: Operation, _ body: () throws -> Result) rethrows -> Result {
    try operation.checkpoint == mark ? body() : $mark.withValue(operation.checkpoint, operation: body)
  }

  /// Runs a closure whose operations are of the backward pass of another one.
  static func behind<Result>(_ operation: Operation, _ body: () throws -> Result) rethrows -> Result {
    guard let region = operation.checkpoint?.region else { return try like(operation, body) }
    return try $mark.withValue(.backward(region), operation: body)
  }
}
