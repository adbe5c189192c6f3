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
    return Tensor.composed {
      let (cosines, sines) = waves(count, count.floorDivided(by: 2) + 1)
      return (matrixProduct(cosines), -matrixProduct(sines))
    }
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
    return composed { inverseRealFourier(real, imaginary, count, frequencies) }
  }

  private static func inverseRealFourier(
    _ real: Tensor, _ imaginary: Tensor, _ count: Dimension, _ frequencies: Dimension
  ) -> Tensor {
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

  /// The discrete Fourier transform of complex signals along the last axis, given by their parts (NumPy `fft`, and `ifft` where
  /// `inverse`): X[k] = Σ x[j] exp(∓2πi jk / n), the inverse divided by n. Floats; parts of different shapes give
  /// `shape-mismatch`.
  public static func fourier(
    _ real: Tensor, _ imaginary: Tensor, inverse: Bool = false
  ) -> (real: Tensor, imaginary: Tensor) {
    guard real.rank > 0, real.shape == imaginary.shape else {
      let wrong = real.mistake(
        "shape-mismatch", "the parts of a signal have one shape, not \(real.type) and \(imaginary.type)")
      return (wrong, wrong)
    }
    let count = real.shape[real.rank - 1]
    return composed {
      let (cosines, sines) = real.waves(count, count)
      let (a, b) = (real.matrixProduct(cosines), real.matrixProduct(sines))
      let (c, d) = (imaginary.matrixProduct(cosines), imaginary.matrixProduct(sines))
      if !inverse { return (a + d, c - b) }
      let size = real.dimensionValue(count).cast(to: real.elementType)
      return ((a - d) / size, (c + b) / size)
    }
  }

  /// cos and sin of 2π j k / count for samples j (rows) and frequencies k (columns); j k is reduced first, so that the angle
  /// is exact.
  private func waves(_ count: Dimension, _ frequencies: Dimension) -> (Tensor, Tensor) {
    let (j, k) = (iota(.i64, [count, 1], axis: 0), iota(.i64, [1, frequencies], axis: 1))
    let size = dimensionValue(count)
    let angle = (j * k % size).cast(to: .f64) * (j.like(1).cast(to: .f64) * 2 * Double.pi / size.cast(to: .f64))
    return (angle.cos().cast(to: elementType), angle.sin().cast(to: elementType))
  }

  /// The Fourier transforms of frames of `size` samples along the last axis, `step` apart, each times a window of `size` numbers
  /// (PyTorch `stft` with one side): of signals [.., n] the real and imaginary parts [.., frames, size / 2 + 1]. Floats.
  ///
  /// - Parameter centred: whether half a frame is added at both ends, mirrored, so that the first frame's middle is the first
  ///   sample.
  public func shortTimeFourier(
    size: Int, step: Int, window: Tensor = .absent, centred: Bool = true, file: String = #fileID, line: Int = #line,
    column: Int = #column
  ) -> (real: Tensor, imaginary: Tensor) {
    Tensor.placed([self], file, line, column) {
      guard rank > 0, size > 0, step > 0 else {
        let wrong = mistake("bad-attribute", "there are no frames of \(size) samples, \(step) apart, in \(type)")
        return (wrong, wrong)
      }
      let margin = shape.indices.map { $0 == rank - 1 && centred ? Dimension(size / 2) : 0 }
      let wide = centred ? padded(before: margin, after: margin, mode: .reflect) : self
      let frames = wide.unfolded(axis: -1, size: size, step: step)
      return (window.isAbsent ? frames : frames * window).realFourier()
    }
  }

  /// The signals [.., n] whose ``shortTimeFourier(size:step:window:centred:file:line:column:)`` these are, as near as can be:
  /// frames are added where they overlap and divided by the sum of the squared windows (Griffin and Lim, 1984; PyTorch
  /// `istft`). Where no window reaches, 0.
  public static func inverseShortTimeFourier(
    _ real: Tensor, _ imaginary: Tensor, size: Int, step: Int, window: Tensor = .absent, centred: Bool = true,
    file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([real, imaginary], file, line, column) {
      guard real.rank >= 2, size > 0, step > 0 else {
        return real.mistake("bad-attribute", "there are no frames of \(size) samples, \(step) apart, in \(real.type)")
      }
      let window = window.isAbsent ? real.full(1, [Dimension(size)]) : window
      let frames = inverseRealFourier(real, imaginary, count: Dimension(size)) * window
      let count = real.shape[real.rank - 2]
      let length = (count - 1) * Dimension(step) + Dimension(size)
      let grid = [count, Dimension(size)]
      let first = real.iota(.i64, grid, axis: 0)
      let places = (first * first.like(Double(step)) + real.iota(.i64, grid, axis: 1)).reshaped(to: [grid[0] * grid[1]])
      func added(_ x: Tensor) -> Tensor {
        let outer = Array(x.shape.dropLast(2))
        return x.full(0, outer + [length]).indexAdd(
          places, values: x.reshaped(to: outer + [grid[0] * grid[1]]), axis: outer.count)
      }
      let weight = added(window.square().broadcast(to: grid))
      let isReached = weight .> 1e-11
      let signal = Tensor.select(isReached, added(frames) / .select(isReached, weight, weight.like(1)), weight.like(0))
      let margin = centred ? Dimension(size / 2) : 0
      return signal.sliced(axis: -1, start: margin, size: length - margin * 2)
    }
  }

  private func matrixProduct(_ matrix: Tensor) -> Tensor {
    rank == 1 ? unsqueezed(axis: 0).matmul(matrix).squeezed(axis: 0) : matmul(matrix)
  }
}
