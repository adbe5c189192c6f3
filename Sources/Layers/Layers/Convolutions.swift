import Tensors

// Convolutions are cross-correlations, as everywhere in the field.

/// A convolution over 1 spatial axis: [n, inputs, length] to [n, outputs, …].
public struct Conv1d: Module, Sendable {
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
    let extents = kernel.axes(1)
    options = Strided(1, strides, padding, dilations, groups)
    let fans = ConvolutionFans(inputs, outputs, extents, groups)
    weight = initializer([outputs, inputs / max(groups, 1)] + extents, fanIn: fans.inputs, fanOut: fans.outputs)
    self.bias = bias ? initializer([outputs], fanIn: fans.inputs, fanOut: fans.outputs) : nil
  }

  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x, weight], file, line, column) { convolved(x, weight, bias, options) }
  }
}

/// A transposed convolution over 1 spatial axis: each element spreads its filter over the result, whose
/// extents are (x - 1) stride + dilation (kernel - 1) + 1 + extra - 2 padding.
public struct ConvTranspose1d: Module, Sendable {
  /// [inputs, outputs / groups, kernel …].
  public var weight: Tensor
  /// [outputs]; nil where the layer has none.
  public var bias: Tensor?
  public var options: Strided
  /// What is added to each extent of the result, at its end.
  public var extra: [Int]

  public init(
    _ inputs: Int, _ outputs: Int, kernel: Extents, strides: Extents = 1, padding: Extents = 0, extra: Extents = 0,
    dilations: Extents = 1, groups: Int = 1, bias: Bool = true, initializer: Initializer = .layer
  ) {
    let extents = kernel.axes(1)
    options = Strided(1, strides, .explicit(padding), dilations, groups)
    self.extra = extra.axes(1)
    let fans = ConvolutionFans(outputs, inputs, extents, groups)
    weight = initializer([inputs, outputs / max(groups, 1)] + extents, fanIn: fans.inputs, fanOut: fans.outputs)
    self.bias = bias ? initializer([outputs], fanIn: fans.inputs, fanOut: fans.outputs) : nil
  }

  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x, weight], file, line, column) {
      let margins = options.margins(x, Array(repeating: 1, count: 1)) ?? ([], [])
      return x.transposedConvolution(
        weight, bias: bias ?? .absent, strides: options.strides, before: margins.before, after: margins.after,
        dilations: options.dilations, outputPadding: extra, groups: options.groups)
    }
  }
}

/// A convolution over 2 spatial axes: [n, inputs, height, width] to [n, outputs, …].
public struct Conv2d: Module, Sendable {
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
    let extents = kernel.axes(2)
    options = Strided(2, strides, padding, dilations, groups)
    let fans = ConvolutionFans(inputs, outputs, extents, groups)
    weight = initializer([outputs, inputs / max(groups, 1)] + extents, fanIn: fans.inputs, fanOut: fans.outputs)
    self.bias = bias ? initializer([outputs], fanIn: fans.inputs, fanOut: fans.outputs) : nil
  }

  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x, weight], file, line, column) { convolved(x, weight, bias, options) }
  }
}

/// A transposed convolution over 2 spatial axes: each element spreads its filter over the result, whose
/// extents are (x - 1) stride + dilation (kernel - 1) + 1 + extra - 2 padding.
public struct ConvTranspose2d: Module, Sendable {
  /// [inputs, outputs / groups, kernel …].
  public var weight: Tensor
  /// [outputs]; nil where the layer has none.
  public var bias: Tensor?
  public var options: Strided
  /// What is added to each extent of the result, at its end.
  public var extra: [Int]

  public init(
    _ inputs: Int, _ outputs: Int, kernel: Extents, strides: Extents = 1, padding: Extents = 0, extra: Extents = 0,
    dilations: Extents = 1, groups: Int = 1, bias: Bool = true, initializer: Initializer = .layer
  ) {
    let extents = kernel.axes(2)
    options = Strided(2, strides, .explicit(padding), dilations, groups)
    self.extra = extra.axes(2)
    let fans = ConvolutionFans(outputs, inputs, extents, groups)
    weight = initializer([inputs, outputs / max(groups, 1)] + extents, fanIn: fans.inputs, fanOut: fans.outputs)
    self.bias = bias ? initializer([outputs], fanIn: fans.inputs, fanOut: fans.outputs) : nil
  }

  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x, weight], file, line, column) {
      let margins = options.margins(x, Array(repeating: 1, count: 2)) ?? ([], [])
      return x.transposedConvolution(
        weight, bias: bias ?? .absent, strides: options.strides, before: margins.before, after: margins.after,
        dilations: options.dilations, outputPadding: extra, groups: options.groups)
    }
  }
}

/// A convolution over 3 spatial axes: [n, inputs, depth, height, width] to [n, outputs, …].
public struct Conv3d: Module, Sendable {
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
    let extents = kernel.axes(3)
    options = Strided(3, strides, padding, dilations, groups)
    let fans = ConvolutionFans(inputs, outputs, extents, groups)
    weight = initializer([outputs, inputs / max(groups, 1)] + extents, fanIn: fans.inputs, fanOut: fans.outputs)
    self.bias = bias ? initializer([outputs], fanIn: fans.inputs, fanOut: fans.outputs) : nil
  }

  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x, weight], file, line, column) { convolved(x, weight, bias, options) }
  }
}

/// A transposed convolution over 3 spatial axes: each element spreads its filter over the result, whose
/// extents are (x - 1) stride + dilation (kernel - 1) + 1 + extra - 2 padding.
public struct ConvTranspose3d: Module, Sendable {
  /// [inputs, outputs / groups, kernel …].
  public var weight: Tensor
  /// [outputs]; nil where the layer has none.
  public var bias: Tensor?
  public var options: Strided
  /// What is added to each extent of the result, at its end.
  public var extra: [Int]

  public init(
    _ inputs: Int, _ outputs: Int, kernel: Extents, strides: Extents = 1, padding: Extents = 0, extra: Extents = 0,
    dilations: Extents = 1, groups: Int = 1, bias: Bool = true, initializer: Initializer = .layer
  ) {
    let extents = kernel.axes(3)
    options = Strided(3, strides, .explicit(padding), dilations, groups)
    self.extra = extra.axes(3)
    let fans = ConvolutionFans(outputs, inputs, extents, groups)
    weight = initializer([inputs, outputs / max(groups, 1)] + extents, fanIn: fans.inputs, fanOut: fans.outputs)
    self.bias = bias ? initializer([outputs], fanIn: fans.inputs, fanOut: fans.outputs) : nil
  }

  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x, weight], file, line, column) {
      let margins = options.margins(x, Array(repeating: 1, count: 3)) ?? ([], [])
      return x.transposedConvolution(
        weight, bias: bias ?? .absent, strides: options.strides, before: margins.before, after: margins.after,
        dilations: options.dilations, outputPadding: extra, groups: options.groups)
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

private func convolved(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?, _ options: Strided) -> Tensor {
  let kernel = weight.shape.dropFirst(2).map { $0.constant ?? 1 }
  guard let margins = options.margins(x, kernel) else { return options.unknown(x) }
  return x.convolution(
    weight, bias: bias ?? .absent, strides: options.strides, before: margins.before, after: margins.after,
    dilations: options.dilations, groups: options.groups)
}

/// A deformable convolution over two axes (Dai et al., 2017; Zhu et al., 2019): taps displaced by offsets, and scaled
/// by a mask.
public struct DeformConv2d: Module, Sendable {
  /// [outputs, inputs / groups, height, width].
  public var weight: Tensor
  public var bias: Tensor?
  public var options: Strided
  public var offsetGroups: Int

  public init(
    _ inputs: Int, _ outputs: Int, kernel: Extents, strides: Extents = 1, padding: Extents = 0, dilations: Extents = 1,
    groups: Int = 1, offsetGroups: Int = 1, bias: Bool = true, initializer: Initializer = .layer
  ) {
    let extents = kernel.axes(2)
    options = Strided(2, strides, .explicit(padding), dilations, groups)
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
      let margins = options.margins(x, [1, 1]) ?? ([0, 0], [0, 0])
      return x.deformableConvolution(
        weight, offsets: offsets, mask: mask, bias: bias ?? .absent, strides: options.strides,
        padding: margins.before, dilations: options.dilations, groups: options.groups, offsetGroups: offsetGroups)
    }
  }
}
