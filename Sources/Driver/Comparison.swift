import Foundation
import TensorData

/// How close floats must be: `|actual - expected| <= absolute + relative * |expected|`.
public struct Tolerance: Sendable {
  public var relative: Double
  public var absolute: Double

  public init(relative: Double = 1e-3, absolute: Double = 1e-5) {
    self.relative = relative
    self.absolute = absolute
  }
}

/// An output held to what was expected of it.
public struct Comparison: Sendable {
  public var name: String
  /// Why the tensors cannot be compared by value; nil where they can.
  public var mismatch: String?
  public var elementCount = 0
  /// The elements out of tolerance.
  public var wrongCount = 0
  /// The largest errors; infinity where one of the two values is not finite and they differ.
  public var maximumAbsolute = 0.0
  public var maximumRelative = 0.0
  /// The element that exceeds the tolerance most, or comes closest to it; nil where all are equal.
  public var worst: Worst?

  /// One element of both tensors.
  public struct Worst: Sendable {
    public var index: [Int]
    public var actual: Double
    public var expected: Double
  }

  public var passes: Bool { mismatch == nil && wrongCount == 0 }

  /// Compares type, shape and values: integers and bools exactly; NaN equals NaN.
  public init(_ name: String, actual: HostTensor, expected: HostTensor, tolerance: Tolerance) throws {
    self.name = name
    let expected = try expected.standing(for: actual.type.rawValue)
    if actual.type != expected.type {
      mismatch = "the type is \(actual.typeText), expected \(expected.typeText)"
    } else if actual.shape != expected.shape {
      mismatch = "the shape is \(actual.typeText), expected \(expected.typeText)"
    } else if actual.type.isFloat {
      elementCount = actual.elementCount
      try compareFloats(NumberReader(actual), NumberReader(expected), actual.shape, tolerance)
    } else if actual.bytes != expected.bytes {
      elementCount = actual.elementCount
      compareExactly(NumberReader(actual), NumberReader(expected), actual.shape)
    } else {
      elementCount = actual.elementCount
    }
  }

  private mutating func compareFloats(
    _ actual: NumberReader, _ expected: NumberReader, _ shape: [Int], _ tolerance: Tolerance
  ) throws {
    var worstPosition: Int?
    var worstExcess = 0.0
    for position in 0..<elementCount {
      let (a, e) = (actual.number(position), expected.number(position))
      if a == e || (a.isNaN && e.isNaN) { continue }
      // With infinity or NaN on one side only, no difference says anything.
      let difference = a.isFinite && e.isFinite ? abs(a - e) : .infinity
      maximumAbsolute = max(maximumAbsolute, difference)
      maximumRelative = max(maximumRelative, e == 0 || !difference.isFinite ? .infinity : difference / abs(e))
      let allowed = e.isFinite ? tolerance.absolute + tolerance.relative * abs(e) : 0
      if difference > allowed { wrongCount += 1 }
      let excess = difference.isFinite ? (allowed > 0 ? difference / allowed : .infinity) : .infinity
      if worstPosition == nil || excess > worstExcess { (worstPosition, worstExcess) = (position, excess) }
    }
    worst = worstPosition.map { Worst(at: $0, actual, expected, shape) }
  }

  private mutating func compareExactly(_ actual: NumberReader, _ expected: NumberReader, _ shape: [Int]) {
    var worstPosition: Int?
    for position in 0..<elementCount where actual.integer(position) != expected.integer(position) {
      wrongCount += 1
      let (a, e) = (actual.number(position), expected.number(position))
      let difference = abs(a - e)
      if worstPosition == nil || difference > maximumAbsolute { worstPosition = position }
      maximumAbsolute = max(maximumAbsolute, difference)
      maximumRelative = max(maximumRelative, e == 0 ? .infinity : difference / abs(e))
    }
    worst = worstPosition.map { Worst(at: $0, actual, expected, shape) }
  }
}

extension Comparison.Worst {
  fileprivate init(at position: Int, _ actual: NumberReader, _ expected: NumberReader, _ shape: [Int]) {
    var rest = position
    var index = [Int](repeating: 0, count: shape.count)
    for axis in shape.indices.reversed() {
      index[axis] = rest % max(shape[axis], 1)
      rest /= max(shape[axis], 1)
    }
    self.init(index: index, actual: actual.number(position), expected: expected.number(position))
  }
}

extension DataType {
  /// Whether comparison allows a tolerance.
  public var isFloat: Bool { self == .f64 || self == .f32 || self == .f16 || self == .bf16 }
}
