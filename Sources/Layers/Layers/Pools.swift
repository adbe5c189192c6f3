import Tensors

// Pools over the spatial axes of [n, channels, spatial …]. Strides are the kernel's extents unless given.

/// The greatest element of each window over 1 axis; padding does not count.
public struct MaxPool1d: Module, Sendable {
  public var kernel: [Int]
  public var options: Strided
  /// Whether a last window that reaches beyond the padding counts.
  public var ceilMode: Bool

  public init(
    _ kernel: Extents, strides: Extents? = nil, padding: Padding = .valid, dilations: Extents = 1,
    ceilMode: Bool = false
  ) {
    self.kernel = kernel.axes(1)
    options = Strided(1, strides ?? kernel, padding, dilations, 1)
    self.ceilMode = ceilMode
  }

  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x], file, line, column) { pooled(x, kernel, options, ceilMode) { x.maxPool($0) } }
  }
}

/// The mean of each window over 1 axis.
public struct AvgPool1d: Module, Sendable {
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
    self.kernel = kernel.axes(1)
    options = Strided(1, strides ?? kernel, padding, 1, 1)
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

/// The greatest element of each window over 2 axes; padding does not count.
public struct MaxPool2d: Module, Sendable {
  public var kernel: [Int]
  public var options: Strided
  /// Whether a last window that reaches beyond the padding counts.
  public var ceilMode: Bool

  public init(
    _ kernel: Extents, strides: Extents? = nil, padding: Padding = .valid, dilations: Extents = 1,
    ceilMode: Bool = false
  ) {
    self.kernel = kernel.axes(2)
    options = Strided(2, strides ?? kernel, padding, dilations, 1)
    self.ceilMode = ceilMode
  }

  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x], file, line, column) { pooled(x, kernel, options, ceilMode) { x.maxPool($0) } }
  }
}

/// The mean of each window over 2 axes.
public struct AvgPool2d: Module, Sendable {
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
    self.kernel = kernel.axes(2)
    options = Strided(2, strides ?? kernel, padding, 1, 1)
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

/// The mean of each of a given number of bins along 1 axis: bin i of m goes from ⌊i x / m⌋ to ⌈(i + 1) x / m⌉.
public struct AdaptiveAvgPool1d: Module, Sendable {
  public var sizes: [Int]
  public init(_ sizes: Extents) { self.sizes = sizes.axes(1) }

  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x], file, line, column) { x.adaptiveAveragePool(sizes) }
  }
}

/// The mean of each of a given number of bins along 2 axes: bin i of m goes from ⌊i x / m⌋ to ⌈(i + 1) x / m⌉.
public struct AdaptiveAvgPool2d: Module, Sendable {
  public var sizes: [Int]
  public init(_ sizes: Extents) { self.sizes = sizes.axes(2) }

  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x], file, line, column) { x.adaptiveAveragePool(sizes) }
  }
}

/// The mean of each of a given number of bins along 3 axes: bin i of m goes from ⌊i x / m⌋ to ⌈(i + 1) x / m⌉.
public struct AdaptiveAvgPool3d: Module, Sendable {
  public var sizes: [Int]
  public init(_ sizes: Extents) { self.sizes = sizes.axes(3) }

  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x], file, line, column) { x.adaptiveAveragePool(sizes) }
  }
}
