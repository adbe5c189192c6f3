import Foundation
import Tensors

/// 2 |A ∩ B| / (|A| + |B|) of masks of 0 and 1.
public struct DiceScore: PredictionMetric {
  public let name = "Dice"
  public let epsilon: Double
  private var both = 0.0
  private var total = 0.0

  public init(epsilon: Double = 1e-7) { self.epsilon = epsilon }
  public var value: Double { (2 * both + epsilon) / (total + epsilon) }
  public mutating func reset() { (both, total) = (0, 0) }

  public mutating func add(_ prediction: Tensor, _ target: Tensor) throws {
    let (found, wanted) = (try Numbers(prediction), try Numbers(target))
    try wanted.require(count: found.values.count, of: "elements")
    for (a, b) in zip(found.values, wanted.values) {
      both += a * b
      total += a + b
    }
  }
}

/// The peak signal to noise ratio in decibels, 10 log₁₀(peak² / mean squared error), the mean over pictures, the first
/// axis.
public struct PeakSignalToNoise: PredictionMetric {
  public let name = "PSNR"
  public let peak: Double
  private var sum = 0.0
  private var count = 0

  public init(peak: Double = 1) { self.peak = peak }
  public var value: Double { count == 0 ? .nan : sum / Double(count) }
  public mutating func reset() { (sum, count) = (0, 0) }

  public mutating func add(_ prediction: Tensor, _ target: Tensor) throws {
    let (found, wanted) = (try Numbers(prediction), try Numbers(target))
    try wanted.require(count: found.values.count, of: "elements")
    let pictures = max(prediction.rank > 1 ? prediction.shape[0].constant ?? 1 : 1, 1)
    let size = found.values.count / pictures
    for picture in 0..<pictures {
      let range = picture * size..<(picture + 1) * size
      let error = range.reduce(0) { $0 + pow(found.values[$1] - wanted.values[$1], 2) } / Double(max(size, 1))
      sum += 10 * log10(peak * peak / max(error, 1e-10))
      count += 1
    }
  }
}

/// What the machine is busy with, read from Linux's /proc and /sys; NaN elsewhere.
public enum Machine {
  /// The share of the time of all processors since start-up in which they were not idle, and that time, in ticks.
  public static func processorTicks() -> (busy: Double, total: Double)? {
    guard let text = try? String(contentsOfFile: "/proc/stat", encoding: .utf8),
      let line = text.split(separator: "\n").first
    else { return nil }
    let ticks = line.split(separator: " ").dropFirst().prefix(8).compactMap { Double($0) }
    guard ticks.count >= 5 else { return nil }
    let total = ticks.reduce(0, +)
    return (total - ticks[3] - ticks[4], total)
  }

  /// The share of memory that is in use.
  public static func memoryUse() -> Double {
    guard let text = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8) else { return .nan }
    func number(_ name: String) -> Double? {
      text.split(separator: "\n").first { $0.hasPrefix(name + ":") }?.split(separator: " ").dropFirst().first.flatMap {
        Double($0)
      }
    }
    guard let total = number("MemTotal"), let free = number("MemAvailable"), total > 0 else { return .nan }
    return 1 - free / total
  }

  /// Of the first thermal zone, in degrees Celsius.
  public static func temperature() -> Double {
    let path = "/sys/class/thermal/thermal_zone0/temp"
    let text = try? String(contentsOfFile: path, encoding: .utf8)
    return text.flatMap { Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) }.map { $0 / 1000 } ?? .nan
  }
}

/// The share of the processors' time that was busy from one reset to the present.
public struct ProcessorUse: Metric {
  public let name = "processor use"
  private var start = Machine.processorTicks()

  public init() {}
  public mutating func reset() { start = Machine.processorTicks() }
  public var value: Double {
    guard let start, let now = Machine.processorTicks(), now.total > start.total else { return .nan }
    return (now.busy - start.busy) / (now.total - start.total)
  }
}

/// Steps per second from one reset to the present.
public struct IterationSpeed: Metric {
  public let name = "steps/s"
  private let clock = ContinuousClock()
  private var start: ContinuousClock.Instant
  private var steps = 0

  public init() { start = clock.now }
  public mutating func reset() { (start, steps) = (clock.now, 0) }
  public mutating func add() { steps += 1 }
  public var value: Double {
    let time = clock.now - start
    return Double(steps) / max(Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18, 1e-9)
  }
}
