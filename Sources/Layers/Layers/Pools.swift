import Tensors

// Pools over the spatial axes of [n, channels, spatial …]. Strides are the kernel's extents unless given.

/// The greatest element of each window over 1 axis.
public typealias MaxPool1d = MaxPoolLayer<OneAxis>
/// The greatest element of each window over 2 axes.
public typealias MaxPool2d = MaxPoolLayer<TwoAxes>

/// The mean of each window over 1 axis.
public typealias AvgPool1d = AvgPoolLayer<OneAxis>
/// The mean of each window over 2 axes.
public typealias AvgPool2d = AvgPoolLayer<TwoAxes>

/// The mean of each of a given number of bins along 1 axis.
public typealias AdaptiveAvgPool1d = AdaptiveAvgPoolLayer<OneAxis>
/// The mean of each of a given number of bins along 2 axes.
public typealias AdaptiveAvgPool2d = AdaptiveAvgPoolLayer<TwoAxes>
/// The mean of each of a given number of bins along 3 axes.
public typealias AdaptiveAvgPool3d = AdaptiveAvgPoolLayer<ThreeAxes>

/// The greatest element of each window; padding does not count.
public struct MaxPoolLayer<Axes: SpatialAxes>: Module, Sendable {
  public var kernel: [Int]
  public var options: Strided
  /// Whether a last window that reaches beyond the padding counts.
  public var ceilMode: Bool

  public init(
    _ kernel: Extents, strides: Extents? = nil, padding: Padding = .valid, dilations: Extents = 1,
    ceilMode: Bool = false
  ) {
    self.kernel = kernel.axes(Axes.count)
    options = Strided(Axes.count, strides ?? kernel, padding, dilations)
    self.ceilMode = ceilMode
  }

  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x], file, line, column) { pooled(x, kernel, options, ceilMode) { x.maxPool($0) } }
  }
}

/// The mean of each window.
public struct AvgPoolLayer<Axes: SpatialAxes>: Module, Sendable {
  public var kernel: [Int]
  public var options: Strided
  /// Whether padding counts as zeros; else it is left out of the mean.
  public var countsPadding: Bool
  /// Whether a last window that reaches beyond the padding counts.
  public var ceilMode: Bool

  public init(
    _ kernel: Extents, strides: Extents? = nil, padding: Padding = .valid, countsPadding: Bool = true,
    ceilMode: Bool = false
  ) {
    self.kernel = kernel.axes(Axes.count)
    options = Strided(Axes.count, strides ?? kernel, padding, 1)
    self.countsPadding = countsPadding
    self.ceilMode = ceilMode
  }

  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x], file, line, column) {
      pooled(x, kernel, options, ceilMode) { x.averagePool($0, countIncludePad: countsPadding) }
    }
  }
}

private func pooled(
  _ x: Tensor, _ kernel: [Int], _ options: Strided, _ ceilMode: Bool, _ body: (Window) -> Tensor
) -> Tensor {
  guard let margins = options.margins(x, kernel) else { return options.unknown(x) }
  return body(
    Window(
      kernel: kernel, strides: options.strides, before: margins.before, after: margins.after,
      dilations: options.dilations, ceilMode: ceilMode))
}

/// The mean of each of a given number of bins: bin i of m goes from ⌊i x / m⌋ to ⌈(i + 1) x / m⌉.
public struct AdaptiveAvgPoolLayer<Axes: SpatialAxes>: Module, Sendable {
  public var sizes: [Int]
  public init(_ sizes: Extents) { self.sizes = sizes.axes(Axes.count) }

  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x], file, line, column) { x.adaptiveAveragePool(sizes) }
  }
}
