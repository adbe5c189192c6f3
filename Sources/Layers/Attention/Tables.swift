import Foundation
import Tensors

/// Sines in even columns and cosines in odd ones, of wavelengths from 2π to 2π · timescale: [length, size].
public func sinusoids(_ length: Int, _ size: Int, timescale: Double = 10_000) -> Tensor {
  Tensor(
    (0..<max(length, 0) * max(size, 0)).map { place in
      let (row, column) = (place / size, place % size)
      let angle = Double(row) * exp(-log(timescale) * Double(column / 2 * 2) / Double(size))
      return column % 2 == 0 ? sin(angle) : cos(angle)
    }, shape: [length, size])
}

/// The cosines and sines of each position's rotation of each pair, [length, size / 2].
func rotations(
  _ length: Int, _ size: Int, _ theta: Double, _ scaling: (Double) -> Double
) -> (cosines: Tensor, sines: Tensor) {
  let (length, half) = (max(length, 0), max(size, 0) / 2)
  let frequencies = (0..<half).map { scaling(pow(theta, -2 * Double($0) / Double(size))) }
  let angles = (0..<length * half).map { Double($0 / half) * frequencies[$0 % half] }
  return (
    Tensor(angles.map { cos($0) }, shape: [length, half]), Tensor(angles.map { sin($0) }, shape: [length, half])
  )
}
