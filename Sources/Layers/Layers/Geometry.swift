import Tensors

/// A number for each spatial axis: `3` for all of them, `[3, 5]` for one each.
public struct Extents: ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral, Sendable, Hashable {
  let numbers: [Int]

  public init(_ numbers: [Int]) { self.numbers = numbers }
  public init(_ number: Int) { numbers = [number] }
  public init(integerLiteral value: Int) { numbers = [value] }
  public init(arrayLiteral elements: Int...) { numbers = elements }

  /// One number for each of some axes; one alone stands for all.
  func axes(_ count: Int) -> [Int] { numbers.count == 1 ? Array(repeating: numbers[0], count: count) : numbers }
}

/// How many spatial axes a layer has: a type, so that `Conv1d`, `Conv2d` and `Conv3d` are one declaration.
public protocol SpatialAxes: Sendable {
  static var count: Int { get }
}

public enum OneAxis: SpatialAxes { public static let count = 1 }
public enum TwoAxes: SpatialAxes { public static let count = 2 }
public enum ThreeAxes: SpatialAxes { public static let count = 3 }

/// What stands around the elements that a window moves over.
public enum Padding: Sendable, Hashable {
  /// Nothing: windows lie inside.
  case valid
  /// As many zeros as leave ⌈extent / stride⌉ windows; an odd one comes after.
  case same
  /// This many on either side of each axis.
  case explicit(Extents)

  /// The padding before and after each spatial axis of `x`; nil where `same` needs an extent that is not known.
  func resolved(_ x: Tensor, kernel: [Int], strides: [Int], dilations: [Int]) -> (before: [Int], after: [Int])? {
    let none = kernel.map { _ in 0 }
    switch self {
    case .valid: return (none, none)
    case .explicit(let extents): return (extents.axes(kernel.count), extents.axes(kernel.count))
    case .same:
      // What is wrong with these the operation says itself.
      guard x.rank == kernel.count + 2, strides.count == kernel.count, dilations.count == kernel.count,
        strides.allSatisfy({ $0 > 0 })
      else { return (none, none) }
      var totals: [Int] = []
      for axis in kernel.indices {
        let span = (kernel[axis] - 1) * dilations[axis] + 1
        guard strides[axis] != 1 else {
          totals.append(span - 1)
          continue
        }
        guard let extent = x.shape[axis + 2].constant else { return nil }
        totals.append(
          max((extent + strides[axis] - 1) / strides[axis] * strides[axis] - strides[axis] + span - extent, 0))
      }
      return (totals.map { $0 / 2 }, totals.map { $0 - $0 / 2 })
    }
  }
}

/// How a kernel moves over spatial axes.
public struct Strided: Sendable, Hashable {
  public var strides: [Int]
  public var padding: Padding
  public var dilations: [Int]
  public var groups: Int

  init(_ axes: Int, _ strides: Extents, _ padding: Padding, _ dilations: Extents, _ groups: Int = 1) {
    self.strides = strides.axes(axes)
    self.padding = padding
    self.dilations = dilations.axes(axes)
    self.groups = groups
  }

  func margins(_ x: Tensor, _ kernel: [Int]) -> (before: [Int], after: [Int])? {
    padding.resolved(x, kernel: kernel, strides: strides, dilations: dilations)
  }

  func unknown(_ x: Tensor) -> Tensor {
    x.mistake("unknown-size", "padding 'same' with strides \(strides) needs extents that are numbers, not \(x.type)")
  }
}
