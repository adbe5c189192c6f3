import Tensors

// Convolutions are cross-correlations, as everywhere in the field.

/// A convolution over 1 spatial axis: [n, inputs, length] to [n, outputs, …].
public typealias Conv1d = ConvolutionLayer<OneAxis>
/// A convolution over 2 spatial axes: [n, inputs, height, width] to [n, outputs, …].
public typealias Conv2d = ConvolutionLayer<TwoAxes>
/// A convolution over 3 spatial axes: [n, inputs, depth, height, width] to [n, outputs, …].
public typealias Conv3d = ConvolutionLayer<ThreeAxes>

/// A transposed convolution over 1 spatial axis.
public typealias ConvTranspose1d = TransposedConvolutionLayer<OneAxis>
/// A transposed convolution over 2 spatial axes.
public typealias ConvTranspose2d = TransposedConvolutionLayer<TwoAxes>
/// A transposed convolution over 3 spatial axes.
public typealias ConvTranspose3d = TransposedConvolutionLayer<ThreeAxes>

/// A convolution over spatial axes: [n, inputs, spatial …] to [n, outputs, …].
public struct ConvolutionLayer<Axes: SpatialAxes>: Module, Sendable {
  /// [outputs, inputs / groups, kernel …].
  public var weight: Tensor
  /// [outputs]; nil where the layer has none.
  public var bias: Tensor?
  public var options: Strided

  /// - Parameter initializer: of weight and bias; fanIn is inputs / groups · kernel.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: Extents, strides: Extents = 1, padding: Padding = .valid,
    dilations: Extents = 1, groups: Int = 1, bias: Bool = true, initializer: Initializer = .layer
  ) {
    let extents = kernel.axes(Axes.count)
    options = Strided(Axes.count, strides, padding, dilations, groups)
    let fans = ConvolutionFans(inputs, outputs, extents, groups)
    weight = initializer([outputs, inputs / max(groups, 1)] + extents, fanIn: fans.inputs, fanOut: fans.outputs)
    self.bias = bias ? initializer([outputs], fanIn: fans.inputs, fanOut: fans.outputs) : nil
  }

  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x, weight], file, line, column) {
      let kernel = weight.shape.dropFirst(2).map { $0.constant ?? 1 }
      guard let margins = options.margins(x, kernel) else { return options.unknown(x) }
      return x.convolution(
        weight, bias: bias ?? .absent, strides: options.strides, before: margins.before, after: margins.after,
        dilations: options.dilations, groups: options.groups)
    }
  }
}

/// A transposed convolution over spatial axes: each element spreads its filter over the result, whose extents are
/// (x - 1) stride + dilation (kernel - 1) + 1 + extra - 2 padding.
public struct TransposedConvolutionLayer<Axes: SpatialAxes>: Module, Sendable {
  /// [inputs, outputs / groups, kernel …].
  public var weight: Tensor
  /// [outputs]; nil where the layer has none.
  public var bias: Tensor?
  public var strides: [Int]
  /// What is taken off each extent of the result at either end.
  public var padding: [Int]
  public var dilations: [Int]
  public var groups: Int
  /// What is added to each extent of the result, at its end.
  public var extra: [Int]

  public init(
    _ inputs: Int, _ outputs: Int, kernel: Extents, strides: Extents = 1, padding: Extents = 0, extra: Extents = 0,
    dilations: Extents = 1, groups: Int = 1, bias: Bool = true, initializer: Initializer = .layer
  ) {
    let extents = kernel.axes(Axes.count)
    self.strides = strides.axes(Axes.count)
    self.padding = padding.axes(Axes.count)
    self.dilations = dilations.axes(Axes.count)
    self.groups = groups
    self.extra = extra.axes(Axes.count)
    let fans = ConvolutionFans(outputs, inputs, extents, groups)
    weight = initializer([inputs, outputs / max(groups, 1)] + extents, fanIn: fans.inputs, fanOut: fans.outputs)
    self.bias = bias ? initializer([outputs], fanIn: fans.inputs, fanOut: fans.outputs) : nil
  }

  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x, weight], file, line, column) {
      x.transposedConvolution(
        weight, bias: bias ?? .absent, strides: strides, before: padding, after: padding, dilations: dilations,
        outputPadding: extra, groups: groups)
    }
  }
}

/// How many inputs an output of a convolution has, and how many outputs an input.
struct ConvolutionFans {
  var inputs: Int
  var outputs: Int

  init(_ inputs: Int, _ outputs: Int, _ kernel: [Int], _ groups: Int) {
    let size = kernel.reduce(1, *)
    self.inputs = inputs / max(groups, 1) * size
    self.outputs = outputs / max(groups, 1) * size
  }
}

/// A deformable convolution over two axes (Dai et al., 2017; Zhu et al., 2019): taps displaced by offsets, and scaled
/// by a mask.
public struct DeformConv2d: Module, Sendable {
  /// [outputs, inputs / groups, height, width].
  public var weight: Tensor
  public var bias: Tensor?
  public var strides: [Int]
  /// Zeros at either end of each axis.
  public var padding: [Int]
  public var dilations: [Int]
  public var groups: Int
  public var offsetGroups: Int

  public init(
    _ inputs: Int, _ outputs: Int, kernel: Extents, strides: Extents = 1, padding: Extents = 0, dilations: Extents = 1,
    groups: Int = 1, offsetGroups: Int = 1, bias: Bool = true, initializer: Initializer = .layer
  ) {
    let extents = kernel.axes(2)
    self.strides = strides.axes(2)
    self.padding = padding.axes(2)
    self.dilations = dilations.axes(2)
    self.groups = groups
    self.offsetGroups = offsetGroups
    let fans = ConvolutionFans(inputs, outputs, extents, groups)
    weight = initializer([outputs, inputs / max(groups, 1)] + extents, fanIn: fans.inputs, fanOut: fans.outputs)
    self.bias = bias ? initializer([outputs], fanIn: fans.inputs, fanOut: fans.outputs) : nil
  }

  /// - Parameters:
  ///   - offsets: [n, 2 · offsetGroups · taps, height, width]: of each tap the rows, then the columns.
  ///   - mask: [n, offsetGroups · taps, height, width]; ones where left out.
  public func callAsFunction(
    _ x: Tensor, offsets: Tensor, mask: Tensor = .absent, file: String = #fileID, line: Int = #line,
    column: Int = #column
  ) -> Tensor {
    Tensor.placed([x, weight, offsets], file, line, column) {
      x.deformableConvolution(
        weight, offsets: offsets, mask: mask, bias: bias ?? .absent, strides: strides, padding: padding,
        dilations: dilations, groups: groups, offsetGroups: offsetGroups)
    }
  }
}
