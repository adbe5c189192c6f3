import TensorIR
import TensorOps

// Functions of tensors beside the methods of the same name, for formulas that are written as NumPy and PyTorch write them.

/// The exponential of each element.
public func exp(_ x: Tensor) -> Tensor { x.exp() }
/// The natural logarithm of each element.
public func log(_ x: Tensor) -> Tensor { x.log() }
/// The square root of each element.
public func sqrt(_ x: Tensor) -> Tensor { x.sqrt() }
/// The absolute value of each element.
public func abs(_ x: Tensor) -> Tensor { x.absolute() }
/// The sine of each element.
public func sin(_ x: Tensor) -> Tensor { x.sin() }
/// The cosine of each element.
public func cos(_ x: Tensor) -> Tensor { x.cos() }
/// The hyperbolic tangent of each element.
public func tanh(_ x: Tensor) -> Tensor { x.tanh() }
/// Each element to the power of a number.
public func pow(_ x: Tensor, _ exponent: Double) -> Tensor { x.power(exponent) }
/// Each element to the power of another.
public func pow(_ x: Tensor, _ exponent: Tensor) -> Tensor { x.power(exponent) }
/// 1 / (1 + e⁻ˣ) of each element.
public func sigmoid(_ x: Tensor) -> Tensor { x.sigmoid() }
/// The greater of each element and 0.
public func relu(_ x: Tensor) -> Tensor { x.relu() }
/// x Φ(x) of each element.
public func gelu(_ x: Tensor) -> Tensor { x.gelu() }
/// x · sigmoid(x) of each element.
public func silu(_ x: Tensor) -> Tensor { x.silu() }
/// eˣ / Σ eˣ along an axis.
public func softmax(_ x: Tensor, axis: Int = -1) -> Tensor { x.softmax(axis: axis) }
/// The logarithm of the softmax along an axis.
public func logSoftmax(_ x: Tensor, axis: Int = -1) -> Tensor { x.logSoftmax(axis: axis) }
/// The greater of two elements.
public func maximum(_ a: Tensor, _ b: Tensor) -> Tensor { .maximum(a, b) }
/// The less of two elements.
public func minimum(_ a: Tensor, _ b: Tensor) -> Tensor { .minimum(a, b) }
/// The matrix product, over the last two axes.
public func matmul(
  _ a: Tensor, _ b: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
) -> Tensor { a.matmul(b, file: file, line: line, column: column) }
/// The first tensor's elements where the condition is true, elsewhere the second's (NumPy `where`).
public func select(_ condition: Tensor, _ a: Tensor, _ b: Tensor) -> Tensor { .select(condition, a, b) }
/// Tensors along an axis that they have.
public func concatenate(_ tensors: [Tensor], axis: Int = 0) -> Tensor { .concat(tensors, axis: axis) }
/// Tensors along a new axis.
public func stack(_ tensors: [Tensor], axis: Int = 0) -> Tensor { .stacked(tensors, axis: axis) }
