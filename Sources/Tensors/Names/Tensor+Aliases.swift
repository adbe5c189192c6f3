import TensorIR
import TensorOps

// The names that NumPy, PyTorch, MLX and Burn share, each for what this library calls otherwise. They record their caller's line.

// Shapes.
extension Tensor {
  /// The axes in the opposite order: of a matrix its transposition (NumPy `T`). The same as ``transposed(file:line:column:)``.
  public var T: Tensor { transposed() }

  /// The same as ``transposed(file:line:column:)``.
  public func transpose(file: String = #fileID, line: Int = #line, column: Int = #column) -> Tensor {
    transposed(file: file, line: line, column: column)
  }

  /// The axes in another order (PyTorch `permute`). The same as ``TensorOps/Tensor/transposed(_:file:line:column:)``.
  public func permute(
    _ axes: [Int], file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { transposed(axes, file: file, line: line, column: column) }

  /// The axes in another order. The same as ``TensorOps/Tensor/transposed(_:file:line:column:)``.
  public func permuted(
    _ axes: [Int], file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { transposed(axes, file: file, line: line, column: column) }

  /// The axes in another order. The same as ``TensorOps/Tensor/transposed(_:file:line:column:)``.
  public func permuted(_ axes: Int...) -> Tensor { transposed(axes) }

  /// The same elements under another shape, in which one extent may be -1. The same as
  /// ``TensorOps/Tensor/reshaped(to:file:line:column:)``.
  public func reshape(
    _ shape: [Int], file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { reshaped(to: shape, file: file, line: line, column: column) }

  /// The same elements under another shape, in which one extent may be -1.
  public func reshape(_ extents: Int...) -> Tensor { reshaped(to: extents) }

  /// The same elements under another shape, in which one extent may be -1.
  @_disfavoredOverload
  public func reshaped(
    to shape: [Int], file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { reshaped(to: shape.map { Dimension($0) }, file: file, line: line, column: column) }

  /// The same elements under another shape, in which one extent may be -1.
  public func reshaped(_ extents: Int...) -> Tensor { reshaped(to: extents) }

  /// Axes of extent 1 repeated, and axes added in front, to reach a shape.
  @_disfavoredOverload
  public func broadcast(
    to shape: [Int], file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { broadcast(to: shape.map { Dimension($0) }, file: file, line: line, column: column) }

  /// A new axis of extent 1 (PyTorch `unsqueeze`). The same as ``unsqueezed(axis:)``.
  public func unsqueeze(
    _ axis: Int, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { placed(file, line, column) { unsqueezed(axis: axis) } }

  /// A new axis of extent 1 (NumPy `expand_dims`). The same as ``unsqueezed(axis:)``.
  public func expandedDimensions(
    axis: Int, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { placed(file, line, column) { unsqueezed(axis: axis) } }

  /// Without an axis of extent 1. The same as ``squeezed(axis:)``.
  public func squeeze(
    axis: Int, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { placed(file, line, column) { squeezed(axis: axis) } }

  /// Without the axes of extent 1. The same as ``squeezed()``.
  public func squeeze(file: String = #fileID, line: Int = #line, column: Int = #column) -> Tensor {
    placed(file, line, column) { squeezed() }
  }

  /// A stretch of an axis (PyTorch `narrow`). The same as ``TensorOps/Tensor/sliced(axis:start:size:)``.
  public func narrow(
    axis: Int, start: Int, length: Int, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    placed(file, line, column) { sliced(axis: axis, start: Dimension(start), size: Dimension(length)) }
  }

  /// The elements as a vector. The same as ``flattened(from:through:file:line:column:)`` over all axes.
  public func flatten(file: String = #fileID, line: Int = #line, column: Int = #column) -> Tensor {
    placed(file, line, column) { reshaped(to: [-1]) }
  }
}

// Elements.
extension Tensor {
  /// The elements' type. The same as `elementType`.
  public var dtype: ElementType { elementType }

  /// Each element times -1. The same as `-x`.
  public func negated() -> Tensor { -self }
  /// The absolute value of each element. The same as ``TensorOps/Tensor/absolute()``.
  public func abs() -> Tensor { absolute() }
  /// The square root of each element. The same as ``TensorOps/Tensor/sqrt()``.
  public func squareRoot() -> Tensor { sqrt() }
  /// 1 / √x of each element. The same as ``TensorOps/Tensor/reciprocalSqrt()``.
  public func rsqrt() -> Tensor { reciprocalSqrt() }
  /// Each element to the power of a number. The same as ``power(_:)``.
  public func pow(_ exponent: Double) -> Tensor { power(exponent) }
  /// Each element to the power of another. The same as ``TensorOps/Tensor/power(_:)``.
  public func pow(_ exponent: Tensor) -> Tensor { power(exponent) }
  /// Each element raised to the first number and lowered to the second. The same as ``TensorOps/Tensor/clip(minimum:maximum:)``.
  public func clip(_ minimum: Double, _ maximum: Double) -> Tensor { clip(minimum: minimum, maximum: maximum) }
  /// Each element raised to a number and lowered to another, where these are given (PyTorch `clamp`).
  public func clamp(min: Double? = nil, max: Double? = nil) -> Tensor { clip(minimum: min, maximum: max) }
  /// Another element type (PyTorch `to`, MLX `asType`). The same as ``TensorOps/Tensor/cast(to:)``.
  public func asType(_ type: ElementType) -> Tensor { cast(to: type) }
  /// The tensor as a constant for gradients. The same as ``TensorOps/Tensor/stoppingGradient()``.
  public func detach() -> Tensor { stoppingGradient() }

  /// The greater of each element and a number.
  public static func maximum(_ a: Tensor, _ b: Double) -> Tensor { maximum(a, a.like(b)) }
  /// The less of each element and a number.
  public static func minimum(_ a: Tensor, _ b: Double) -> Tensor { minimum(a, a.like(b)) }

  /// For bool the opposite truth; for integers every bit turned (NumPy `~`).
  public static prefix func ~ (x: Tensor) -> Tensor { x.elementType == .bool ? .!x : x.bitwiseNot() }

  /// Zeros of this tensor's shape and element type (MLX `zerosLike`).
  public func zerosLike() -> Tensor { .zeros(like: self) }
  /// Ones of this tensor's shape and element type.
  public func onesLike() -> Tensor { .ones(like: self) }
}

// Reductions.
extension Tensor {
  /// Where the greatest element of all stands, in row-major order, i64; of equal ones the first (NumPy `argmax`).
  public func argmax(file: String = #fileID, line: Int = #line, column: Int = #column) -> Tensor {
    placed(file, line, column) { reshaped(to: [-1]).argMax(axis: 0) }
  }

  /// Where the greatest element along an axis stands, i64; of equal ones the first. The same as
  /// ``TensorOps/Tensor/argMax(axis:keepAxes:selectLast:)``.
  public func argmax(
    axis: Int, keepAxes: Bool = false, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { placed(file, line, column) { argMax(axis: axis, keepAxes: keepAxes) } }

  /// Where the least element of all stands, in row-major order, i64; of equal ones the first (NumPy `argmin`).
  public func argmin(file: String = #fileID, line: Int = #line, column: Int = #column) -> Tensor {
    placed(file, line, column) { reshaped(to: [-1]).argMin(axis: 0) }
  }

  /// Where the least element along an axis stands, i64; of equal ones the first.
  public func argmin(
    axis: Int, keepAxes: Bool = false, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { placed(file, line, column) { argMin(axis: axis, keepAxes: keepAxes) } }

  /// The standard deviation of all elements. The same as ``standardDeviation(correction:)``.
  public func std(correction: Int = 0, file: String = #fileID, line: Int = #line, column: Int = #column) -> Tensor {
    placed(file, line, column) { standardDeviation(correction: correction) }
  }

  /// The standard deviation along an axis.
  public func std(
    axis: Int, correction: Int = 0, keepAxes: Bool = false, file: String = #fileID, line: Int = #line,
    column: Int = #column
  ) -> Tensor {
    standardDeviation(axes: [axis], correction: correction, keepAxes: keepAxes, file: file, line: line, column: column)
  }

  /// The running sum along an axis (NumPy `cumsum`). The same as ``TensorOps/Tensor/cumulativeSum(axis:exclusive:reverse:)``.
  public func cumsum(
    axis: Int, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { placed(file, line, column) { cumulativeSum(axis: axis) } }
}

// Several tensors.
extension Tensor {
  /// Tensors along a new axis (NumPy `stack`). The same as ``TensorOps/Tensor/stacked(_:axis:)``.
  public static func stack(_ tensors: [Tensor], axis: Int = 0) -> Tensor { stacked(tensors, axis: axis) }

  /// Tensors along an axis that they have (NumPy `concatenate`). The same as ``TensorOps/Tensor/concat(_:axis:)``.
  public static func concatenate(_ tensors: [Tensor], axis: Int = 0) -> Tensor { concat(tensors, axis: axis) }

  /// Tensors along an axis that they have. The same as ``TensorOps/Tensor/concat(_:axis:)``.
  public init(concatenating tensors: [Tensor], alongAxis axis: Int = 0) { self = .concat(tensors, axis: axis) }

  /// Tensors along a new axis. The same as ``TensorOps/Tensor/stacked(_:axis:)``.
  public init(stacking tensors: [Tensor], alongAxis axis: Int = 0) { self = .stacked(tensors, axis: axis) }

  /// Each integer as a vector that is 1 there and 0 elsewhere; see ``TensorOps/Tensor/oneHot(depth:axis:_:on:off:)``.
  public func oneHot(_ depth: Int, _ type: ElementType = .f32) -> Tensor { oneHot(depth: Dimension(depth), type) }
}

// Making.
extension Tensor {
  /// Zeros of f32: `Tensor.zeros(2, 3)`.
  public static func zeros(_ extents: Int...) -> Tensor { zeros(extents) }
  /// Ones of f32: `Tensor.ones(2, 3)`.
  public static func ones(_ extents: Int...) -> Tensor { ones(extents) }
  /// One number everywhere, the shape first as NumPy and PyTorch have it.
  public static func full(_ shape: [Int], _ value: Double, _ type: ElementType = .f32) -> Tensor {
    full(value, shape, type)
  }
  /// One number everywhere.
  public static func full(_ shape: [Int], value: Double, _ type: ElementType = .f32) -> Tensor {
    full(value, shape, type)
  }
  /// The square matrix with ones on its diagonal (NumPy `eye`). The same as ``identity(_:_:)``.
  public static func eye(_ size: Int, _ type: ElementType = .f32) -> Tensor { identity(size, type) }
}

// Element types by the names that other libraries give them.
extension ElementType {
  public static var float64: ElementType { .f64 }
  public static var float32: ElementType { .f32 }
  public static var float16: ElementType { .f16 }
  public static var bfloat16: ElementType { .bf16 }
  public static var int8: ElementType { .i8 }
  public static var int16: ElementType { .i16 }
  public static var int32: ElementType { .i32 }
  public static var int64: ElementType { .i64 }
  public static var uint8: ElementType { .u8 }
  public static var uint16: ElementType { .u16 }
  public static var uint32: ElementType { .u32 }
  public static var uint64: ElementType { .u64 }
}
