/// How an element between others comes from them.
public enum InterpolationMode: String, Codable, Hashable, Sendable, CaseIterable {
  /// The nearest element.
  case nearest
  /// The weighted mean of the two neighbours on each axis.
  case linear
  /// Cubic convolution of the four neighbours on each axis (Keys, 1981).
  case cubic
}

/// Where element i of a resized axis comes from, for n elements that become m, `length` = n · scale (m where no scale is given).
public enum SampleCoordinates: String, Codable, Hashable, Sendable, CaseIterable {
  /// (i + ½) / scale - ½: elements are areas, whose outer edges stay.
  case halfPixel
  /// The same, but 0 where length is at most 1.
  case pytorchHalfPixel
  /// The same as half pixel, about the centre of the axis where n · scale is not whole.
  case symmetricHalfPixel
  /// i (n - 1) / (length - 1): the first and the last elements stay; 0 where length is 1.
  case alignCorners
  /// i / scale.
  case asymmetric
  /// (i + ½) / scale; an axis whose extent stays is left alone.
  case shiftedHalfPixel
  /// A region from start to end of the axis: start (n - 1) + i (end - start) (n - 1) / (length - 1), the middle where length is
  /// at most 1; what lies outside the operand is a constant.
  case cropAndResize
}

/// Which of two elements is the nearest to a place between them.
public enum NearestRounding: String, Codable, Hashable, Sendable, CaseIterable {
  case floor, ceil
  /// The nearer one, the lower half way between.
  case preferFloor
  /// The nearer one, the upper half way between.
  case preferCeil
}

/// The formula of ``Interpolate`` for one axis, for the reference evaluation.
struct InterpolationFormula {
  let op: Interpolate
  /// Which of the op's axes it is.
  let number: Int
  let extent: Int
  let size: Int

  /// Where an element comes from.
  func coordinate(_ place: Int) -> Double {
    let (i, n, m) = (Double(place), Double(extent), Double(size))
    let scale = op.scales?[number]
    func shrunk(_ value: Double) -> Double { scale.map { value / $0 } ?? value * n / m }
    let length = scale.map { $0 * n } ?? m
    switch op.coordinates {
    case .halfPixel: return shrunk(i + 0.5) - 0.5
    case .pytorchHalfPixel: return length > 1 ? shrunk(i + 0.5) - 0.5 : 0
    case .symmetricHalfPixel: return n / 2 * (1 - m / length) + shrunk(i + 0.5) - 0.5
    case .alignCorners: return length == 1 ? 0 : i * (n - 1) / (length - 1)
    case .asymmetric: return shrunk(i)
    case .shiftedHalfPixel: return n == m && scale ?? 1 == 1 ? i : shrunk(i + 0.5)
    case .cropAndResize:
      let (start, end) = (op.region[number], op.region[op.axes.count + number])
      return length > 1 ? start * (n - 1) + i * (end - start) * (n - 1) / (length - 1) : 0.5 * (start + end) * (n - 1)
    }
  }

  /// The elements that one is made of, with their weights; nil where it lies outside.
  func taps(_ place: Int) -> [(index: Int, weight: Double)]? {
    let x = coordinate(place)
    if op.coordinates == .cropAndResize && (x < 0 || x > Double(extent - 1)) { return nil }
    func clamped(_ index: Double) -> Int { Int(max(0, min(index, Double(extent - 1)))) }
    // In f32, as other runtimes have it, so that what lies half way in f32 is half way.
    if op.mode == .nearest { return [(clamped(op.rounding.round(Double(Float(x)))), 1)] }
    let base = x.rounded(.down)
    let range = op.mode == .linear ? 0...1 : -1...2
    var found = range.map { (base + Double($0), weight(abs(Double($0) - (x - base)))) }
    if op.excludeOutside {
      found = found.filter { (0..<Double(extent)).contains($0.0) }
      let sum = found.reduce(0) { $0 + $1.1 }
      found = found.map { ($0.0, $0.1 / sum) }
    }
    return found.map { (clamped($0.0), $0.1) }
  }

  private func weight(_ d: Double) -> Double {
    if op.mode == .linear { return 1 - d }
    let a = op.cubicCoefficient
    return d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
  }
}

extension NearestRounding {
  func round(_ x: Double) -> Double {
    switch self {
    case .floor: x.rounded(.down)
    case .ceil: x.rounded(.up)
    case .preferFloor: (x - 0.5).rounded(.up)
    case .preferCeil: (x + 0.5).rounded(.down)
    }
  }
}
