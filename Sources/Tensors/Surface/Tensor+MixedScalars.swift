import TensorIR
import TensorOps

// Variables of `Float` and `Int` beside tensors. They take the tensor's element type, as numbers that are written out do. Disfavoured, so
// that literals are `Double` at once and the type checker has nothing to try.
extension Tensor {
  @_disfavoredOverload public static func + (a: Tensor, b: Float) -> Tensor { a + Double(b) }
  @_disfavoredOverload public static func - (a: Tensor, b: Float) -> Tensor { a - Double(b) }
  @_disfavoredOverload public static func * (a: Tensor, b: Float) -> Tensor { a * Double(b) }
  @_disfavoredOverload public static func / (a: Tensor, b: Float) -> Tensor { a / Double(b) }
  @_disfavoredOverload public static func % (a: Tensor, b: Float) -> Tensor { a % Double(b) }
  @_disfavoredOverload public static func + (a: Float, b: Tensor) -> Tensor { Double(a) + b }
  @_disfavoredOverload public static func - (a: Float, b: Tensor) -> Tensor { Double(a) - b }
  @_disfavoredOverload public static func * (a: Float, b: Tensor) -> Tensor { Double(a) * b }
  @_disfavoredOverload public static func / (a: Float, b: Tensor) -> Tensor { Double(a) / b }
  @_disfavoredOverload public static func % (a: Float, b: Tensor) -> Tensor { Double(a) % b }
  @_disfavoredOverload public static func += (a: inout Tensor, b: Float) { a = a + b }
  @_disfavoredOverload public static func -= (a: inout Tensor, b: Float) { a = a - b }
  @_disfavoredOverload public static func *= (a: inout Tensor, b: Float) { a = a * b }
  @_disfavoredOverload public static func /= (a: inout Tensor, b: Float) { a = a / b }

  @_disfavoredOverload public static func + (a: Tensor, b: Int) -> Tensor { a + a.like(b) }
  @_disfavoredOverload public static func - (a: Tensor, b: Int) -> Tensor { a - a.like(b) }
  @_disfavoredOverload public static func * (a: Tensor, b: Int) -> Tensor { a * a.like(b) }
  @_disfavoredOverload public static func / (a: Tensor, b: Int) -> Tensor { a / a.like(b) }
  @_disfavoredOverload public static func % (a: Tensor, b: Int) -> Tensor { a % a.like(b) }
  @_disfavoredOverload public static func + (a: Int, b: Tensor) -> Tensor { b.like(a) + b }
  @_disfavoredOverload public static func - (a: Int, b: Tensor) -> Tensor { b.like(a) - b }
  @_disfavoredOverload public static func * (a: Int, b: Tensor) -> Tensor { b.like(a) * b }
  @_disfavoredOverload public static func / (a: Int, b: Tensor) -> Tensor { b.like(a) / b }
  @_disfavoredOverload public static func % (a: Int, b: Tensor) -> Tensor { b.like(a) % b }
  @_disfavoredOverload public static func += (a: inout Tensor, b: Int) { a = a + b }
  @_disfavoredOverload public static func -= (a: inout Tensor, b: Int) { a = a - b }
  @_disfavoredOverload public static func *= (a: inout Tensor, b: Int) { a = a * b }
  @_disfavoredOverload public static func /= (a: inout Tensor, b: Int) { a = a / b }

  /// A scalar of this tensor's element type, recorded beside it. An i64 keeps every bit of the number.
  private func like(_ value: Int) -> Tensor {
    guard elementType == .i64 || elementType == .u64, Int(exactly: Double(value)) != value, !isPoison else {
      return like(Double(value))
    }
    // Beyond 2⁵³ a Double has not all integers; the two halves have.
    let high = like(Double(value >> 32))
    return high * like(Double(1 << 32)) + like(Double(value & 0xffff_ffff))
  }
}

// Comparisons, element by element.
extension Tensor {
  @_disfavoredOverload public static func .== (a: Tensor, b: Float) -> Tensor { a .== Double(b) }
  @_disfavoredOverload public static func .!= (a: Tensor, b: Float) -> Tensor { a .!= Double(b) }
  @_disfavoredOverload public static func .< (a: Tensor, b: Float) -> Tensor { a .< Double(b) }
  @_disfavoredOverload public static func .<= (a: Tensor, b: Float) -> Tensor { a .<= Double(b) }
  @_disfavoredOverload public static func .> (a: Tensor, b: Float) -> Tensor { a .> Double(b) }
  @_disfavoredOverload public static func .>= (a: Tensor, b: Float) -> Tensor { a .>= Double(b) }
  @_disfavoredOverload public static func .== (a: Tensor, b: Int) -> Tensor { a .== a.like(b) }
  @_disfavoredOverload public static func .!= (a: Tensor, b: Int) -> Tensor { a .!= a.like(b) }
  @_disfavoredOverload public static func .< (a: Tensor, b: Int) -> Tensor { a .< a.like(b) }
  @_disfavoredOverload public static func .<= (a: Tensor, b: Int) -> Tensor { a .<= a.like(b) }
  @_disfavoredOverload public static func .> (a: Tensor, b: Int) -> Tensor { a .> a.like(b) }
  @_disfavoredOverload public static func .>= (a: Tensor, b: Int) -> Tensor { a .>= a.like(b) }
}
