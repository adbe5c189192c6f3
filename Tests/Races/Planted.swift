import Foundation
import TensorTraining

/// A class of the library that is not `Sendable`, used by two tasks nevertheless.
private final class Smuggled<Value>: @unchecked Sendable {
  let value: Value
  init(_ value: Value) { self.value = value }
}

/// What tasks must not do: `swift` sets a property of one `Trainer` from two tasks; `kernel` lets a kernel write into
/// memory that another thread reads.
func plantRace(_ kind: String) async throws {
  switch kind {
  case "swift":
    let trainer = Smuggled(
      Trainer(Linear(1, 1), SGD(rate: 1)) { model, x, _ in
        model(x)
      } loss: {
        meanSquaredError($0, $1)
      })
    try await together { for number in 0..<1000 { trainer.value.seed = UInt64(number) } }
  default: throw Wrong("there is no race '\(kind)'")
  }
}

/// Two threads, not tasks, which might run one after the other.
private func together(_ body: @escaping @Sendable () -> Void) async throws {
  let group = DispatchGroup()
  for _ in 0..<2 {
    group.enter()
    Thread {
      body()
      group.leave()
    }.start()
  }
  group.wait()
}
