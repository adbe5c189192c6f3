import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Tells how a run goes: on a terminal one line that changes, elsewhere a plain line for each pass.
struct Progress {
  enum Style { case terminal, lines, silent }
  let style: Style
  private let clock = ContinuousClock()
  private var start: ContinuousClock.Instant
  private var lastShown: ContinuousClock.Instant
  private var steps = 0

  init(_ isShown: Bool) {
    style = !isShown ? .silent : isatty(STDERR_FILENO) == 1 ? .terminal : .lines
    start = clock.now
    lastShown = start - .seconds(1)
  }

  mutating func beginPass() { (start, steps) = (clock.now, 0) }

  private var seconds: Double {
    let time = clock.now - start
    return Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
  }

  /// Steps per second in this pass.
  var rate: Double { Double(steps) / max(seconds, 1e-9) }

  mutating func step(pass: Int, of passes: Int, batch: Int, of batches: Int, loss: Double) {
    steps += 1
    guard style == .terminal, clock.now - lastShown > .milliseconds(100) || batch == batches else { return }
    lastShown = clock.now
    let width = 24
    let full = width * batch / max(batches, 1)
    let bar = String(repeating: "█", count: full) + String(repeating: "░", count: width - full)
    let left = Double(batches - batch) / max(rate, 1e-9)
    let text = String(
      format: "%d/%d %@ %d/%d  loss %.4f  %.1f steps/s  %.0f s left", pass, passes, bar, batch, batches, loss, rate,
      left)
    write("\r\u{1B}[2K" + text)
  }

  /// The line of a pass that is over.
  func endPass(_ text: String) {
    switch style {
    case .terminal: write("\r\u{1B}[2K" + text + "\n")
    case .lines: write(text + "\n")
    case .silent: break
    }
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
