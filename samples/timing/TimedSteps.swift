import Foundation
import TensorTraining

/// Takes steps as a script on the other side of a pipe asks for them, so that several programs can be timed in turns: says
/// `begun` and waits for a line, says `ready` after the first step, then takes steps for each line and says the milliseconds of
/// one. Where the input ends, so does the process.
public final class TimedSteps: TrainingCallback {
  private let count: Int
  private var left = 0
  private var isReady = false
  private var start = ContinuousClock.now

  /// - Parameter count: the steps for each line.
  public init(_ count: Int) {
    self.count = count
    tell("begun")
  }

  public func stepEnded(_ step: Int, loss: Double) throws {
    if left > 0 { left -= 1 }
    guard left == 0 else { return }
    let milliseconds = (ContinuousClock.now - start) / .milliseconds(count)
    tell(isReady ? String(format: "%.4f", milliseconds) : "ready")
    (isReady, left, start) = (true, count, .now)
  }

  private func tell(_ text: String) {
    print(text)
    fflush(nil)
    guard readLine() != nil else { exit(0) }
  }
}
