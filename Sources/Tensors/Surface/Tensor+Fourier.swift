import TensorIR
import TensorOps

// By matrix products with cosines and sines, which suits short signals: n² operations for n samples.
extension Tensor {
  /// The discrete Fourier transform of real signals along the last axis: for n samples the real and the imaginary parts of
  /// the first n/2 + 1 frequencies (NumPy `rfft`), X[k] = Σ x[j] exp(-2πi jk / n). Floats.
  public func realFourier() -> (real: Tensor, imaginary: Tensor) {
    guard rank > 0 else {
      let wrong = mistake("rank", "a Fourier transform takes an axis of samples")
      return (wrong, wrong)
    }
    let count = shape[rank - 1]
    let (cosines, sines) = waves(count, count.floorDivided(by: 2) + 1)
    return (matrixProduct(cosines), -matrixProduct(sines))
  }

  /// The real signals of `count` samples whose ``realFourier()`` these are (NumPy `irfft`); an even count, by default, twice
  /// the frequencies less one.
  public static func inverseRealFourier(_ real: Tensor, _ imaginary: Tensor, count: Dimension? = nil) -> Tensor {
    guard real.rank > 0, real.shape == imaginary.shape else {
      return real.mistake(
        "shape-mismatch", "the parts of a spectrum have one shape, not \(real.type) and \(imaginary.type)")
    }
    let frequencies = real.shape[real.rank - 1]
    let count = count ?? (frequencies - 1) * 2
    let (cosines, sines) = real.waves(count, frequencies)
    // Frequencies that stand for themselves and for their mirror image count twice: all but the first and, of an even count,
    // the last.
    let k = real.iota(.i64, [frequencies, 1], axis: 0)
    let doubled = k * k.like(2)
    let isAlone = (k .== k.like(0)) .| (doubled .== k.dimensionValue(count))
    let weight = Tensor.select(isAlone, k.like(1), k.like(2)).cast(to: real.elementType)
    let scale = weight / real.dimensionValue(count).cast(to: real.elementType)
    return real.matrixProduct((cosines.transposed() * scale)) - imaginary.matrixProduct((sines.transposed() * scale))
  }

  /// cos and sin of 2π j k / count for samples j (rows) and frequencies k (columns); j k is reduced first, so that the angle
  /// is exact.
  private func waves(_ count: Dimension, _ frequencies: Dimension) -> (Tensor, Tensor) {
    let (j, k) = (iota(.i64, [count, 1], axis: 0), iota(.i64, [1, frequencies], axis: 1))
    let size = dimensionValue(count)
    let angle = (j * k % size).cast(to: .f64) * (j.like(1).cast(to: .f64) * 2 * Double.pi / size.cast(to: .f64))
    return (angle.cos().cast(to: elementType), angle.sin().cast(to: elementType))
  }

  private func matrixProduct(_ matrix: Tensor) -> Tensor {
    rank == 1 ? unsqueezed(axis: 0).matmul(matrix).squeezed(axis: 0) : matmul(matrix)
  }
}
