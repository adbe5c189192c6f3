import TensorIR
import TensorOps

// Convolutions and pools with one number for all axes, or one for each, as PyTorch and MLX name them. The channels stand first:
// [n, channels, spatial…].
extension Tensor {
  /// The convolution of [n, c, l] with filters [o, c/groups, k].
  public func conv1d(
    _ filters: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, dilation: Int = 1, groups: Int = 1,
    file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    placed(file, line, column) { convolved(filters, bias, 1, stride, padding, dilation, groups) }
  }

  /// The convolution of [n, c, h, w] with filters [o, c/groups, k, k].
  public func conv2d(
    _ filters: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, dilation: Int = 1, groups: Int = 1,
    file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    placed(file, line, column) { convolved(filters, bias, 2, stride, padding, dilation, groups) }
  }

  /// The convolution of [n, c, d, h, w] with filters [o, c/groups, k, k, k].
  public func conv3d(
    _ filters: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, dilation: Int = 1, groups: Int = 1,
    file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    placed(file, line, column) { convolved(filters, bias, 3, stride, padding, dilation, groups) }
  }

  private func convolved(
    _ filters: Tensor, _ bias: Tensor?, _ axes: Int, _ stride: Int, _ padding: Int, _ dilation: Int, _ groups: Int
  ) -> Tensor {
    guard isPoison || rank == axes + 2 else {
      return mistake("rank", "'conv\(axes)d' takes [n, channels] and \(axes) more axes, not \(type)")
    }
    func each(_ value: Int) -> [Int] { Array(repeating: value, count: axes) }
    return convolution(
      filters, bias: bias ?? .absent, strides: each(stride), before: each(padding), dilations: each(dilation),
      groups: groups)
  }

  /// The greatest element of each window over the last two axes of [n, c, h, w].
  /// - Parameter stride: how far windows lie apart; by default as far as they are wide.
  public func maxPool2d(
    _ size: Int, stride: Int? = nil, padding: Int = 0, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { placed(file, line, column) { maxPool(.square(size, stride, padding)) } }

  /// The mean of each window over the last two axes of [n, c, h, w]; padding does not count.
  /// - Parameter stride: how far windows lie apart; by default as far as they are wide.
  public func avgPool2d(
    _ size: Int, stride: Int? = nil, padding: Int = 0, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { placed(file, line, column) { averagePool(.square(size, stride, padding)) } }

  /// The same as ``maxPool2d(_:stride:padding:file:line:column:)``.
  public func maxPool2d(
    kernelSize: Int, stride: Int? = nil, padding: Int = 0, file: String = #fileID, line: Int = #line,
    column: Int = #column
  ) -> Tensor { placed(file, line, column) { maxPool(.square(kernelSize, stride, padding)) } }

  /// The same as ``avgPool2d(_:stride:padding:file:line:column:)``.
  public func avgPool2d(
    kernelSize: Int, stride: Int? = nil, padding: Int = 0, file: String = #fileID, line: Int = #line,
    column: Int = #column
  ) -> Tensor { placed(file, line, column) { averagePool(.square(kernelSize, stride, padding)) } }
}

extension Window {
  /// A window over two axes with one size for both; neighbours lie as far apart as it is wide unless a stride is given.
  fileprivate static func square(_ size: Int, _ stride: Int?, _ padding: Int) -> Window {
    let step = stride ?? size
    return Window(
      kernel: [size, size], strides: [step, step], before: [padding, padding], after: [padding, padding])
  }
}
