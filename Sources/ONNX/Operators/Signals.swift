import TensorData
import TensorIR
import TensorOps

extension OnnxOperators {
  /// Windows, spectra and what goes with them.
  static let signals: [String: Converter] = [
    "HannWindow": one { node in try window(node, [0.5, 0.5]) },
    "HammingWindow": one { node in try window(node, [25.0 / 46, 21.0 / 46]) },
    "BlackmanWindow": one { node in try window(node, [0.42, 0.5, 0.08]) },
    "MelWeightMatrix": { node in [ImportedValue(.literal(try melWeights(node)))] },
    "DFT": one(spectrum),
    "STFT": one(shortSpectra),
  ]

  /// `a0 - a1 cos(t) + a2 cos(2 t)`, where t goes around once: in `size` steps, or in one fewer if not periodic.
  private static func window(_ node: NodeConversion, _ coefficients: [Double]) throws -> Tensor {
    guard let size = try node.extents(0).first else { throw OnnxError("onnx-window", "its size is missing") }
    let type = try node.integer("output_datatype").map { try elementType($0) } ?? .f32
    let steps = try node.flag("periodic", default: true) ? size : node.symbols.maximum(size - 1, 1)
    let place = try node.add(Iota(.f64, [size], axis: 0))
    let angle = place * place.like(2 * .pi) / place.number(steps)
    var sum = place.full(coefficients[0], [size])
    for (index, coefficient) in coefficients.enumerated().dropFirst() {
      let wave = (angle * angle.like(Double(index))).cos() * angle.like(coefficient)
      sum = index % 2 == 1 ? sum - wave : sum + wave
    }
    return sum.cast(to: type)
  }

  /// The DFT along an axis, of real numbers or of pairs, as products with matrices of cosines and sines.
  private static func spectrum(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    let given =
      node.opset < 20 ? try node.integer("axis") ?? 1 : node.hasInput(2) ? try node.integers(2).first ?? -2 : -2
    let axis = try node.axis(given, rank: x.rank)
    guard x.rank >= 2, axis < x.rank - 1, let parts = x.shape.last?.constant, (1...2).contains(parts) else {
      throw OnnxError("onnx-dft", "its last axis holds one number or two, and it transforms another axis")
    }
    let (inverse, half) = (try node.flag("inverse"), try node.flag("onesided"))
    // From the frequencies of a real signal back: as many samples as an even length had.
    let usual = inverse && half ? (x.shape[axis] - 1) * 2 : x.shape[axis]
    let length = node.hasInput(1) ? try node.extents(1).first ?? usual : usual
    let order = x.shape.indices.filter { $0 != axis && $0 != x.rank - 1 } + [axis]
    func part(_ index: Int) throws -> Tensor {
      let slice = x.sliced(axis: x.rank - 1, start: Dimension(index), size: 1)
      return try node.transpose(node.reshape(slice, Array(x.shape.dropLast())), order)
    }
    let transform = FourierTransform(
      used: node.symbols.minimum(x.shape[axis], inverse && half ? length.floorDivided(by: 2) + 1 : length),
      length: length, isInverse: inverse, isHalf: half)
    let result = try transform.pairs(real: part(0), imaginary: parts == 2 ? part(1) : nil, node)
    // [others…, frequencies, parts] to where the axis was.
    var back = Array(0..<result.rank - 2)
    back.insert(result.rank - 2, at: axis)
    return try node.transpose(result, back + [result.rank - 1])
  }

  /// The spectra of frames that start `step` apart.
  private static func shortSpectra(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    guard x.rank == 2 || x.rank == 3 && x.shape[2] == 1 else {
      throw OnnxError("onnx-stft", "it takes real signals [batch, length, 1]")
    }
    let signal = try node.reshape(x, Array(x.shape.prefix(2)))
    guard let step = try node.integers(1).first, step > 0 else {
      throw OnnxError("onnx-stft", "its frame_step must be positive")
    }
    let window = node.hasInput(2) ? try node.tensor(2) : nil
    guard window?.rank ?? 1 == 1 else { throw OnnxError("onnx-stft", "its window must be a vector") }
    guard let length = node.hasInput(3) ? try node.extents(3).first : window?.shape[0] else {
      throw OnnxError("onnx-stft", "it has neither a window nor a frame_length")
    }
    let count = (x.shape[1] - length).floorDivided(by: Dimension(step)) + 1
    let place = signal.iota(.i64, [count, length], axis: 0)
    let frames = signal.gather(place * place.like(Double(step)) + signal.iota(.i64, [count, length], axis: 1), axis: 1)
    let weighted = window.map { frames * $0 } ?? frames
    let transform = FourierTransform(
      used: length, length: length, isInverse: false, isHalf: try node.flag("onesided", default: true))
    return try transform.pairs(real: weighted, imaginary: nil, node)
  }
}

/// The discrete Fourier transform along the last axis.
struct FourierTransform {
  /// How many elements of the signal there are; the others up to the length count as 0.
  let used: Dimension
  let length: Dimension
  let isInverse: Bool
  /// Whether only the frequencies up to the middle are wanted or, for the inverse, given: the signal is then real.
  let isHalf: Bool

  private var isToReal: Bool { isHalf && isInverse }
  private var results: Dimension { isHalf && !isInverse ? length.floorDivided(by: 2) + 1 : length }

  /// The results as pairs on a new last axis; of a real signal, the samples alone on it.
  func pairs(real: Tensor, imaginary: Tensor?, _ node: NodeConversion) throws -> Tensor {
    let (cosines, sines) = matrices(real)
    func product(_ x: Tensor, _ matrix: Tensor) throws -> Tensor {
      let cut = x.sliced(axis: x.rank - 1, start: 0, size: used)
      // One matrix product: all rows of all signals.
      let rows = try node.reshape(cut, [cut.shape.dropLast().reduce(1, *), used])
      return try node.reshape(node.add(Matmul(), rows, matrix), cut.shape.dropLast() + [results, 1])
    }
    // (a + b i) (cos - i sin), with the sine's sign turned for the inverse.
    if isToReal {
      let part = try product(real, cosines)
      return try imaginary.map { try part + product($0, sines) } ?? part
    }
    var parts = [try product(real, cosines), try -product(real, sines)]
    if let imaginary {
      parts = [try parts[0] + product(imaginary, sines), try parts[1] + product(imaginary, cosines)]
    }
    return Tensor.concat(parts, axis: parts[0].rank - 1)
  }

  /// Cosines and sines of `2 pi j k / length`, in f64 and with the angle's full turns gone, then in the signal's type.
  private func matrices(_ signal: Tensor) -> (Tensor, Tensor) {
    let shape = [used, results]
    let size = signal.dimensionValue(length)
    let turns = (signal.iota(.i64, shape, axis: 0) * signal.iota(.i64, shape, axis: 1)) % size
    let unit = turns.cast(to: .f64)
    let angle = unit * unit.like(2 * .pi) / size.cast(to: .f64)
    let (cosines, sines) = (angle.cos(), isInverse ? -angle.sin() : angle.sin())
    let scale = isToReal ? size.cast(to: .f64) / weights(signal, size) : size.cast(to: .f64)
    return (
      (isInverse ? cosines / scale : cosines).cast(to: signal.elementType),
      (isInverse ? sines / scale : sines).cast(to: signal.elementType)
    )
  }

  /// How often each given frequency of a real signal counts: twice, for its mirror image, but for the first and, of an even
  /// length, the middle one.
  private func weights(_ signal: Tensor, _ size: Tensor) -> Tensor {
    let place = signal.iota(.i64, [used, 1], axis: 0)
    let isAlone = (place .== place.like(0)) .| (place * place.like(2) .== size)
    return Tensor.select(isAlone, place.like(1), place.like(2)).cast(to: .f64)
  }
}
