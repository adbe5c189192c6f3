import TensorRuntime

extension CallQueue {
  /// As `run(isolation:_:)`, with this task's executor: what belongs to a task does not pass to another thread by itself.
  func evaluate<Result: Sendable>(
    isolation: isolated (any Actor)? = #isolation, _ body: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    let executor = Executor.current
    return try await run { try Executor.$current.withValue(executor, operation: body) }
  }
}
