import Foundation

/// The learning rate of each step: a function of the step's number alone, from 0, so that a run that goes on from a
/// checkpoint needs nothing but that number.
public protocol Schedule: Sendable {
  func rate(at step: Int) -> Double
}

/// The same rate always.
public struct ConstantSchedule: Schedule {
  public var rate: Double
  public init(_ rate: Double) { self.rate = rate }
  public func rate(at step: Int) -> Double { rate }
}

/// From the rate down to the least along half a cosine over `period` steps, then from the start again.
public struct CosineSchedule: Schedule {
  public var rate: Double
  public var least: Double
  public var period: Int

  public init(_ rate: Double, least: Double = 0, period: Int) {
    self.rate = rate
    self.least = least
    self.period = period
  }

  public func rate(at step: Int) -> Double {
    let place = Double(step % (max(period, 0) + 1)) / Double(max(period, 1))
    return least + (rate - least) * (1 + cos(.pi * place)) / 2
  }
}

/// rate · factorᵗ.
public struct ExponentialSchedule: Schedule {
  public var rate: Double
  public var factor: Double

  public init(_ rate: Double, factor: Double) {
    self.rate = rate
    self.factor = factor
  }

  public func rate(at step: Int) -> Double { rate * pow(factor, Double(step)) }
}

/// In a straight line from one rate to another over some steps, then that.
public struct LinearSchedule: Schedule {
  public var first: Double
  public var last: Double
  public var steps: Int

  public init(from first: Double, to last: Double, steps: Int) {
    self.first = first
    self.last = last
    self.steps = steps
  }

  public func rate(at step: Int) -> Double {
    step >= steps ? last : first + (last - first) * Double(step) / Double(max(steps, 1))
  }
}

/// rate · size^-½ · min(t^-½, t · warmup^-1½), t from 1 (Vaswani et al., 2017).
public struct NoamSchedule: Schedule {
  public var rate: Double
  public var warmup: Int
  public var size: Int

  public init(_ rate: Double, warmup: Int = 4000, size: Int = 512) {
    self.rate = rate
    self.warmup = warmup
    self.size = size
  }

  public func rate(at step: Int) -> Double {
    let t = Double(step + 1)
    return rate * pow(Double(size), -0.5) * min(pow(t, -0.5), t * pow(Double(warmup), -1.5))
  }
}

/// The rate times the factor after every so many steps.
public struct StepSchedule: Schedule {
  public var rate: Double
  public var every: Int
  public var factor: Double

  public init(_ rate: Double, every: Int, factor: Double = 0.1) {
    self.rate = rate
    self.every = every
    self.factor = factor
  }

  public func rate(at step: Int) -> Double { rate * pow(factor, Double(step / max(every, 1))) }
}

/// Several schedules as one: their product, sum or mean.
public struct ComposedSchedule: Schedule {
  public enum Combination: Sendable { case product, sum, mean }
  public var schedules: [any Schedule]
  public var combination: Combination

  public init(_ schedules: [any Schedule], _ combination: Combination = .product) {
    self.schedules = schedules
    self.combination = combination
  }

  public func rate(at step: Int) -> Double {
    let rates = schedules.map { $0.rate(at: step) }
    switch combination {
    case .product: return rates.reduce(1, *)
    case .sum: return rates.reduce(0, +)
    case .mean: return rates.reduce(0, +) / Double(max(rates.count, 1))
    }
  }
}

/// One schedule after the other, each counting its own steps: `SequentialSchedule([warmup, decay], until: [1000])`.
public struct SequentialSchedule: Schedule {
  public var schedules: [any Schedule]
  /// The first step of each schedule after the first.
  public var milestones: [Int]

  public init(_ schedules: [any Schedule], until milestones: [Int]) {
    self.schedules = schedules
    self.milestones = milestones
  }

  public func rate(at step: Int) -> Double {
    let index = min(milestones.prefix { $0 <= step }.count, schedules.count - 1)
    guard index >= 0 else { return 0 }
    return schedules[index].rate(at: step - (index == 0 ? 0 : milestones[index - 1]))
  }
}
