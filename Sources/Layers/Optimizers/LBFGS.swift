import Foundation
import Tensors

/// Limited-memory BFGS (Nocedal, Wright: "Numerical optimization", 2006): steps along a direction that the last gradients
/// give, for losses without noise. It asks for the loss as often as it needs, so it takes a closure and is no part of a
/// compiled step.
///
///     var method = LBFGS(lineSearch: .strongWolfe)
///     for _ in 0..<10 { print(try method.minimise(&model) { meanSquaredError($0(x), y) }) }
public struct LBFGS: Sendable {
  public enum LineSearch: Sendable {
    /// Steps of the rate.
    case none
    /// Steps after which the loss has fallen, and its slope, as far as Wolfe's strong conditions say.
    case strongWolfe
  }

  public var rate: Double
  /// How many steps are remembered.
  public var history: Int
  /// The most steps of one call.
  public var iterations: Int
  /// A call ends where no element of the gradient is greater.
  public var gradientTolerance: Double
  /// A call ends where loss and parameters change by less.
  public var changeTolerance: Double
  public var lineSearch: LineSearch

  private var pairs: [(step: [Double], change: [Double])] = []
  private var last: (gradient: [Double], direction: [Double], length: Double)?

  public init(
    rate: Double = 1, history: Int = 100, iterations: Int = 20, gradientTolerance: Double = 1e-7,
    changeTolerance: Double = 1e-9, lineSearch: LineSearch = .none
  ) {
    self.rate = rate
    self.history = history
    self.iterations = iterations
    self.gradientTolerance = gradientTolerance
    self.changeTolerance = changeTolerance
    self.lineSearch = lineSearch
  }

  /// Changes the model by some steps. What was learned of the loss is kept for the next call.
  /// - Returns: the loss before the first step.
  /// - Throws: what is wrong with the loss, as ``valueAndGradient(at:file:line:column:of:)``.
  @discardableResult public mutating func minimise<Model: TensorContainer>(
    _ model: inout Model, file: String = #fileID, line: Int = #line, column: Int = #column,
    loss: (Model) throws -> Tensor
  ) throws -> Double {
    let start = model
    let shapes = try start.trainedTensors.map { tensor -> (shape: [Int], type: ElementType) in
      guard let shape = tensor.type.constantShape else {
        throw Diagnostic("unknown-size", "\(tensor.type) has no numbers")
      }
      return (shape, tensor.elementType)
    }
    func at(_ point: [Double]) -> Model {
      var rest = point[...]
      return start.replacing(
        trained: shapes.map { shape, type in
          let count = shape.reduce(1, *)
          defer { rest = rest.dropFirst(count) }
          return Tensor(Array(rest.prefix(count)), shape: shape, type)
        })
    }
    func evaluate(_ point: [Double]) throws -> Sample {
      let found = try valueAndGradient(at: at(point), file: file, line: line, column: column, of: loss)
      return Sample(point, try found.value.item(), try LBFGS.numbers(found.gradient))
    }
    let first = try evaluate(try LBFGS.numbers(start))
    model = at(try run(from: first, evaluate).point)
    return first.value
  }

  private static func numbers<Part: TensorContainer>(_ part: Part) throws -> [Double] {
    try part.trainedTensors.flatMap { try $0.cast(to: .f64).array(of: Double.self) }
  }

  private mutating func run(from first: Sample, _ evaluate: ([Double]) throws -> Sample) throws -> Sample {
    var now = first
    for _ in 0..<max(iterations, 0) {
      if now.gradient.allSatisfy({ abs($0) <= gradientTolerance }) { break }
      let isFirst = last == nil
      let direction = direction(now)
      let slope = dot(now.gradient, direction)
      // Going on would not lead down.
      if slope > -changeTolerance { break }
      let length = isFirst ? min(1, 1 / now.gradient.reduce(0) { $0 + abs($1) }) * rate : rate
      let along = Line(now, direction, slope)
      let next = lineSearch == .none ? try evaluate(along.point(length)) : try along.search(length, evaluate)
      last = (now.gradient, direction, length)
      let change = zip(next.point, now.point).reduce(0) { max($0, abs($1.0 - $1.1)) }
      let gain = abs(next.value - now.value)
      let moved = zip(next.point, now.point).map { $0 - $1 }
      remember(moved, zip(next.gradient, now.gradient).map { $0 - $1 })
      now = next
      if change <= changeTolerance || gain < changeTolerance { break }
    }
    return now
  }

  private mutating func remember(_ step: [Double], _ change: [Double]) {
    guard dot(step, change) > 1e-10 else { return }
    if pairs.count >= max(history, 1) { pairs.removeFirst() }
    pairs.append((step, change))
  }

  /// The two loops that multiply the gradient by the inverse of the second derivatives, as far as they are known.
  private func direction(_ sample: Sample) -> [Double] {
    var q = sample.gradient.map { -$0 }
    var shares: [Double] = []
    for (step, change) in pairs.reversed() {
      let share = dot(step, q) / dot(step, change)
      shares.append(share)
      for place in q.indices { q[place] -= share * change[place] }
    }
    if let (step, change) = pairs.last {
      let scale = dot(step, change) / dot(change, change)
      for place in q.indices { q[place] *= scale }
    }
    for ((step, change), share) in zip(pairs, shares.reversed()) {
      let other = share - dot(change, q) / dot(step, change)
      for place in q.indices { q[place] += other * step[place] }
    }
    return q
  }
}

/// A loss at a point.
private struct Sample {
  var point: [Double]
  var value: Double
  var gradient: [Double]

  init(_ point: [Double], _ value: Double, _ gradient: [Double]) {
    self.point = point
    self.value = value
    self.gradient = gradient
  }
}

private func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

/// A search along a direction (Nocedal, Wright, algorithms 3.5 and 3.6, with halving).
private struct Line {
  let start: Sample
  let direction: [Double]
  let slope: Double
  private let decrease = 1e-4
  private let curvature = 0.9

  init(_ start: Sample, _ direction: [Double], _ slope: Double) {
    self.start = start
    self.direction = direction
    self.slope = slope
  }

  func point(_ length: Double) -> [Double] { zip(start.point, direction).map { $0 + length * $1 } }

  func search(_ first: Double, _ evaluate: ([Double]) throws -> Sample) throws -> Sample {
    var (low, lowSample) = (0.0, start)
    var high: Double?
    var length = first
    for _ in 0..<25 {
      let sample = try evaluate(point(length))
      let fallsEnough = sample.value <= start.value + decrease * length * slope && sample.value.isFinite
      let isLower = low == 0 || sample.value < lowSample.value
      if !fallsEnough || !isLower {
        high = length
      } else {
        let own = dot(sample.gradient, direction)
        if abs(own) <= -curvature * slope { return sample }
        // The least lies between here and where the slope leads.
        if own * ((high ?? .infinity) - low) >= 0 { high = low }
        (low, lowSample) = (length, sample)
      }
      length = high.map { (low + $0) / 2 } ?? length * 2
    }
    return lowSample
  }
}
