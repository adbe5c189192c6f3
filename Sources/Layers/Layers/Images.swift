import Tensors

// Windows laid side by side, images resized, channels turned into pixels.

/// Every window over two axes as a column: [n, channels, height, width] to [n, channels · taps, windows].
public struct Unfold4d: Module, Sendable {
  public var kernel: [Int]
  public var strides: [Int]
  /// Zeros at either end of each axis.
  public var padding: [Int]
  public var dilations: [Int]

  public init(_ kernel: Extents, strides: Extents = 1, padding: Extents = 0, dilations: Extents = 1) {
    self.kernel = kernel.axes(2)
    self.strides = strides.axes(2)
    self.padding = padding.axes(2)
    self.dilations = dilations.axes(2)
  }

  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x], file, line, column) { x.unfolded(window) }
  }

  fileprivate var window: Window {
    Window(kernel: kernel, strides: strides, before: padding, after: padding, dilations: dilations)
  }
}

/// The sum of columns put back where ``Unfold4d`` takes them from: [n, channels · taps, windows] to an image of given
/// extents.
public struct Fold4d: Module, Sendable {
  public var unfold: Unfold4d
  public var sizes: [Int]

  public init(_ kernel: Extents, sizes: Extents, strides: Extents = 1, padding: Extents = 0, dilations: Extents = 1) {
    unfold = Unfold4d(kernel, strides: strides, padding: padding, dilations: dilations)
    self.sizes = sizes.axes(2)
  }

  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x], file, line, column) { x.folded(unfold.window, sizes: sizes.map { Dimension($0) }) }
  }
}

/// A tensor resized along axis 2.
public typealias Interpolate1d = InterpolationLayer<OneAxis>
/// A tensor resized along axes 2 and 3.
public typealias Interpolate2d = InterpolationLayer<TwoAxes>

/// A tensor resized along its spatial axes, to extents or by factors, whose products are cut off to integers.
public struct InterpolationLayer<Axes: SpatialAxes>: Module, Sendable {
  private enum Target: Sendable {
    case sizes([Int])
    case factors([Double])
  }
  private let target: Target
  public let mode: InterpolationMode
  /// Whether the first and the last elements stay where they are; else elements are areas, whose outer edges stay.
  public let alignCorners: Bool

  public init(sizes: Extents, mode: InterpolationMode = .nearest, alignCorners: Bool = true) {
    target = .sizes(sizes.axes(Axes.count))
    self.mode = mode
    self.alignCorners = alignCorners
  }

  public init(factors: [Double], mode: InterpolationMode = .nearest, alignCorners: Bool = true) {
    target = .factors(factors.count == 1 ? Array(repeating: factors[0], count: Axes.count) : factors)
    self.mode = mode
    self.alignCorners = alignCorners
  }

  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x], file, line, column) {
      guard x.rank == Axes.count + 2 else {
        return x.mistake(
          "rank", "'Interpolate\(Axes.count)d' takes a tensor of rank \(Axes.count + 2) and was given \(x.type)")
      }
      switch target {
      case .sizes(let sizes):
        return x.interpolated(to: sizes.map { Dimension($0) }, mode: mode, alignCorners: alignCorners)
      case .factors(let factors):
        guard let sizes = scaledExtents(Array(x.shape.dropFirst(2)), by: factors) else {
          return x.mistake(
            "unknown-size",
            "factors \(factors) must be above 0, one for each axis, and integers where extents are no numbers")
        }
        return x.interpolated(to: sizes, mode: mode, alignCorners: alignCorners)
      }
    }
  }
}

private func scaledExtents(_ extents: [Dimension], by factors: [Double]) -> [Dimension]? {
  guard factors.count == extents.count, factors.allSatisfy({ $0 > 0 && $0 < 0x1p31 }) else { return nil }
  var sizes: [Dimension] = []
  for (extent, factor) in zip(extents, factors) {
    if let number = extent.constant {
      sizes.append(Dimension(Int((Double(min(number, 1 << 31)) * factor).rounded(.down))))
    } else if factor == factor.rounded() {
      sizes.append(extent * Dimension(Int(factor)))
    } else {
      return nil
    }
  }
  return sizes
}

/// Channels as pixels: [n, c · r², h, w] to [n, c, r h, r w] (Shi et al., 2016).
public struct PixelShuffle: Module, Sendable {
  public var factor: Int
  public init(_ factor: Int) { self.factor = factor }

  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x], file, line, column) {
      guard x.rank == 4, let channels = x.shape[1].constant, factor > 0, channels % (factor * factor) == 0 else {
        return x.mistake(
          "shape-mismatch", "'PixelShuffle(\(factor))' takes [n, c · \(factor * factor), h, w], not \(x.type)")
      }
      let (r, outputs) = (Dimension(factor), Dimension(channels / factor / factor))
      return x.reshaped(to: [x.shape[0], outputs, r, r, x.shape[2], x.shape[3]]).transposed([0, 1, 4, 2, 5, 3])
        .reshaped(to: [x.shape[0], outputs, x.shape[2] * r, x.shape[3] * r])
    }
  }
}

/// Pixels as channels: the inverse of ``PixelShuffle``.
public struct PixelUnshuffle: Module, Sendable {
  public var factor: Int
  public init(_ factor: Int) { self.factor = factor }

  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x], file, line, column) {
      guard x.rank == 4, let height = x.shape[2].constant, let width = x.shape[3].constant, factor > 0,
        height % factor == 0, width % factor == 0
      else {
        return x.mistake(
          "shape-mismatch", "'PixelUnshuffle(\(factor))' takes extents that \(factor) divides, not \(x.type)")
      }
      let r = Dimension(factor)
      let (h, w) = (Dimension(height / factor), Dimension(width / factor))
      return x.reshaped(to: [x.shape[0], x.shape[1], h, r, w, r]).transposed([0, 1, 3, 5, 2, 4])
        .reshaped(to: [x.shape[0], x.shape[1] * r * r, h, w])
    }
  }
}
