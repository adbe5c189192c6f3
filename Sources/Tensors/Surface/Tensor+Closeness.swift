import TensorIR
import TensorOps

extension Tensor {
  /// Where two tensors, which broadcast, are nearly equal: |a - b| ≤ absolute + relative · |b| (NumPy `isclose`). Equal
  /// infinities are close, an infinity and a finite number are not, and NaN is close to nothing, unless `equalNaN` says that it
  /// is to NaN. Elements of any type; 16-bit floats are compared in f32, integers in f64.
  public func isClose(
    _ other: Tensor, relative: Double = 1e-5, absolute: Double = 1e-8, equalNaN: Bool = false, file: String = #fileID,
    line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([self, other], file, line, column) {
      guard elementType == other.elementType else {
        return mistake("element-type", "'isClose' compares elements of one type, not \(type) and \(other.type)")
      }
      let wide: ElementType = elementType == .f64 || !elementType.isFloat ? .f64 : .f32
      let (a, b) = (cast(to: wide), other.cast(to: wide))
      let isNear = (a - b).absolute() .<= b.absolute() * relative + absolute
      var result = (self .== other) .| (isNear .& b.isFinite())
      if equalNaN, elementType.isFloat { result = result .| (isNaN() .& other.isNaN()) }
      return result
    }
  }

  /// Whether all elements of two tensors, which broadcast, are nearly equal: a bool scalar (NumPy `allclose`); see
  /// ``isClose(_:relative:absolute:equalNaN:file:line:column:)``.
  public func allClose(
    _ other: Tensor, relative: Double = 1e-5, absolute: Double = 1e-8, equalNaN: Bool = false, file: String = #fileID,
    line: Int = #line, column: Int = #column
  ) -> Tensor {
    isClose(
      other, relative: relative, absolute: absolute, equalNaN: equalNaN, file: file, line: line, column: column
    ).all()
  }

  /// Where elements are neither infinite nor NaN (NumPy `isfinite`). Floats.
  public func isFinite() -> Tensor { .!(isNaN() .| isInfinite()) }
}
