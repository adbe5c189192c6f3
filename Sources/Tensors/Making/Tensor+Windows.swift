import Foundation
import TensorIR
import TensorOps

// Windows that fade a signal out at both ends, computed in f64: a₀ - a₁ cos t + a₂ cos 2t, where t goes around once, in
// `size` steps where the window is periodic and in one fewer otherwise. Of one place the window is 1; a negative size gives
// `shape`.
extension Tensor {
  /// Hann's window: a = ½, ½ (SciPy `windows.hann`).
  public static func hannWindow(_ size: Int, periodic: Bool = true, _ type: ElementType = .f32) -> Tensor {
    window(size, periodic, [0.5, 0.5], type)
  }

  /// Hamming's window: a = 0.54, 0.46 (SciPy `windows.hamming`).
  public static func hammingWindow(_ size: Int, periodic: Bool = true, _ type: ElementType = .f32) -> Tensor {
    window(size, periodic, [0.54, 0.46], type)
  }

  /// Blackman's window: a = 0.42, 0.5, 0.08 (SciPy `windows.blackman`).
  public static func blackmanWindow(_ size: Int, periodic: Bool = true, _ type: ElementType = .f32) -> Tensor {
    window(size, periodic, [0.42, 0.5, 0.08], type)
  }

  private static func window(
    _ size: Int, _ periodic: Bool, _ coefficients: [Double], _ type: ElementType
  ) -> Tensor {
    guard size >= 0 else { return failure("shape", "a window has no size \(size)") }
    if size == 1 { return .ones([1], type) }
    let steps = Double(periodic ? size : size - 1)
    var numbers: [Double] = []
    for place in 0..<size {
      let angle = 2 * Double.pi * Double(place) / steps
      var sum = 0.0
      var sign = 1.0
      for (index, coefficient) in coefficients.enumerated() {
        sum += sign * coefficient * Foundation.cos(angle * Double(index))
        sign = -sign
      }
      numbers.append(sum)
    }
    return Tensor(numbers, type)
  }
}
