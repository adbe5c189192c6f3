import TensorIR
import TensorOps

// Numbers beside tensors take the tensor's element type, and the result has it too. What would be lost without a word is
// refused: beside integers a number that is none of theirs, such as 0.5 or a number out of range, gives `element-type`, and the
// message says to cast to a float first. Beside short floats a number is computed with in f32. They are overloads on Tensor
// alone, so that the type checker stays fast.
extension Tensor {
  public static func + (a: Tensor, b: Double) -> Tensor { composed { a + a.like(b) } }
  public static func - (a: Tensor, b: Double) -> Tensor { composed { a - a.like(b) } }
  public static func * (a: Tensor, b: Double) -> Tensor { composed { a * a.like(b) } }
  public static func / (a: Tensor, b: Double) -> Tensor { composed { a / a.like(b) } }
  /// What is left after division rounded down; it has the divisor's sign.
  public static func % (a: Tensor, b: Double) -> Tensor { composed { a % a.like(b) } }
  public static func + (a: Double, b: Tensor) -> Tensor { composed { b.like(a) + b } }
  public static func - (a: Double, b: Tensor) -> Tensor { composed { b.like(a) - b } }
  public static func * (a: Double, b: Tensor) -> Tensor { composed { b.like(a) * b } }
  public static func / (a: Double, b: Tensor) -> Tensor { composed { b.like(a) / b } }
  public static func % (a: Double, b: Tensor) -> Tensor { composed { b.like(a) % b } }
  public static func += (a: inout Tensor, b: Tensor) { a = a + b }
  public static func -= (a: inout Tensor, b: Tensor) { a = a - b }
  public static func *= (a: inout Tensor, b: Tensor) { a = a * b }
  public static func /= (a: inout Tensor, b: Tensor) { a = a / b }
  public static func %= (a: inout Tensor, b: Tensor) { a = a % b }
  public static func += (a: inout Tensor, b: Double) { a = a + b }
  public static func -= (a: inout Tensor, b: Double) { a = a - b }
  public static func *= (a: inout Tensor, b: Double) { a = a * b }
  public static func /= (a: inout Tensor, b: Double) { a = a / b }
  public static func %= (a: inout Tensor, b: Double) { a = a % b }
}

// Comparisons with a number, element by element; NaN equals nothing and is neither less nor greater.
extension Tensor {
  public static func .== (a: Tensor, b: Double) -> Tensor { a .== a.like(b) }
  public static func .!= (a: Tensor, b: Double) -> Tensor { a .!= a.like(b) }
  public static func .< (a: Tensor, b: Double) -> Tensor { a .< a.like(b) }
  public static func .<= (a: Tensor, b: Double) -> Tensor { a .<= a.like(b) }
  public static func .> (a: Tensor, b: Double) -> Tensor { a .> a.like(b) }
  public static func .>= (a: Tensor, b: Double) -> Tensor { a .>= a.like(b) }
}

extension Tensor {
  /// Each element to the power of a number; of integers, of one that is whole and not negative.
  public func power(_ exponent: Double) -> Tensor {
    guard elementType.isFloat || exponent >= 0 || isPoison else {
      return mistake("element-type", "\(type) to the power of \(exponent) is no integer; cast it to a float first")
    }
    return .composed { power(like(exponent)) }
  }

  /// Each element times itself.
  public func square() -> Tensor { self * self }

  /// Degrees as radians: x π / 180 (NumPy `radians`).
  public func radians() -> Tensor { self * (Double.pi / 180) }

  /// Radians as degrees: 180 x / π (NumPy `degrees`).
  public func degrees() -> Tensor { self * (180 / Double.pi) }

  /// Where the mask is true the elements of `values`, elsewhere those of this tensor; all three broadcast (NumPy `where`, Burn
  /// `mask_where`). What is not selected does not matter, even NaN, nor does it for the gradient.
  public func replacing(where mask: Tensor, with values: Tensor) -> Tensor { .select(mask, values, self) }

  /// Where the mask is true a number, elsewhere the elements of this tensor; the mask broadcasts (Burn `mask_fill`).
  public func replacing(where mask: Tensor, with value: Double) -> Tensor { .select(mask, like(value), self) }
}
