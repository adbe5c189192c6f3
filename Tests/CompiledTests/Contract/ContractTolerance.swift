import TensorIR
import TensorOps

/// How far compiled code may be from the evaluator: the rounding of the result to its type, and the roundings of the steps before,
/// which are made in f32 (in f64 for f64) whatever the element type, each of the size of what was added.
///
/// So a result of 16 bits must be right to its last bit or the next, unless terms cancel to less than f32 keeps of them: nothing
/// here lets zeros pass, or sums in the element type.
enum ContractTolerance {
  /// Of which size the steps' roundings are.
  enum Size {
    /// The result's own.
    case element
    /// Of what the op makes of the operands' magnitudes: for sums of products the sum of the magnitudes that are added.
    case terms
    /// Of the greatest element of the result, and 1.
    case greatest
  }

  struct Bound {
    /// How many roundings of the steps.
    var steps: Double
    var size: Size
    /// Whether the result is the same number.
    var isExact = false

    static let exact = Bound(steps: 0, size: .element, isExact: true)
  }

  /// The table: everything that is not data movement or a few steps of one element, with the reason.
  private static let named: [String: Bound] = [
    // Their formulas add 1 to something close to -1, so they are exact against the greatest only.
    Gelu.name: Bound(steps: 4, size: .greatest),
    HardSwish.name: Bound(steps: 4, size: .greatest),
    HardSigmoid.name: Bound(steps: 4, size: .greatest),
    Softplus.name: Bound(steps: 4, size: .greatest),
    // a - b floor(a / b): as exact as a.
    Remainder.name: Bound(steps: 4, size: .greatest),
    // Sums of positive terms, and what is subtracted from the operands is as great as they are.
    Softmax.name: Bound(steps: 8, size: .greatest),
    LogSoftmax.name: Bound(steps: 16, size: .greatest),
    LayerNorm.name: Bound(steps: 32, size: .greatest),
    BatchNorm.name: Bound(steps: 32, size: .greatest),
    // Sums: of terms whose magnitudes are the operands'. The steps are the roundings on the longest way of a term, in which
    // partial sums of lanes and chunks are added.
    Mean.name: Bound(steps: 16, size: .terms),
    Sum.name: Bound(steps: 32, size: .terms),
    AveragePool.name: Bound(steps: 8, size: .terms),
    AveragePoolGradient.name: Bound(steps: 8, size: .terms),
    MaxPoolGradient.name: Bound(steps: 8, size: .greatest),
    AdaptiveAveragePool.name: Bound(steps: 16, size: .terms),
    GatherGradient.name: Bound(steps: 8, size: .terms),
    GatherPlanesGradient.name: Bound(steps: 8, size: .terms),
    Fold.name: Bound(steps: 8, size: .terms),
    CumulativeSum.name: Bound(steps: 32, size: .terms),
    // Sums of products.
    Matmul.name: Bound(steps: 32, size: .terms),
    Convolution.name: Bound(steps: 64, size: .terms),
    MatmulBF16.name: Bound(steps: 64, size: .terms),
    ConvolutionBF16.name: Bound(steps: 64, size: .terms),
    // Transforms add up to 36 products of either sign.
    WinogradConvolution.name: Bound(steps: 64, size: .greatest),
    WinogradFilterGradient.name: Bound(steps: 64, size: .greatest),
    FilterGradient.name: Bound(steps: 64, size: .terms),
    TransposedConvolution.name: Bound(steps: 64, size: .terms),
    LinearScan.name: Bound(steps: 64, size: .terms),
    // Weights between 0 and 1, whose powers multiply what sums of products are off by; they add up to 1.
    Attention.name: Bound(steps: 64, size: .greatest),
    // Codes are multiplied as unsigned, up to twice as large, and what that adds is taken off.
    MatmulNBits.name: Bound(steps: 64, size: .greatest),
    // Products: each factor rounds once, relative to the product.
    Product.name: Bound(steps: 32, size: .element),
    CumulativeProduct.name: Bound(steps: 64, size: .element),
    // Weights come from coordinates in f64, or in f32, of which they are small differences; they may be negative, so that
    // magnitudes of operands alone do not bound the terms.
    Resample.name: Bound(steps: 16, size: .greatest),
    ResampleGradient.name: Bound(steps: 16, size: .greatest),
    Interpolate.name: Bound(steps: 16, size: .greatest),
    GridSample.name: Bound(steps: 64, size: .greatest),
    RoiAlign.name: Bound(steps: 64, size: .greatest),
    DeformableConvolution.name: Bound(steps: 128, size: .greatest),
    // Gates between 0 and 1 of sums of products; a step hands on what the one before was off by.
    Lstm.name: Bound(steps: 64, size: .greatest),
    Gru.name: Bound(steps: 64, size: .greatest),
    Rnn.name: Bound(steps: 64, size: .greatest),
    RecurrentSequence.name: Bound(steps: 64, size: .greatest),
    // Values are added or multiplied in f32 too; few of a sample meet in one place.
    ScatterElements.name: Bound(steps: 16, size: .terms),
    ScatterND.name: Bound(steps: 16, size: .terms),
    ScatterSlices.name: Bound(steps: 16, size: .terms),
  ]

  static func bound(_ op: any TensorOp, _ type: ElementType) -> Bound {
    if !type.isFloat { return .exact }
    if let bound = named[op.name] { return bound }
    switch op {
    case is any UnaryOp, is any BinaryOp: return Bound(steps: 4, size: .element)
    default: return .exact  // casts, data movement, and reductions that pick
    }
  }

  /// What the op makes of the magnitudes of its operands; nil where its bound does not ask for them.
  static func terms(
    _ op: any TensorOp, _ operands: [ReferenceTensor], _ types: [TensorType]
  ) throws -> [ReferenceTensor]? {
    guard named[op.name]?.size == .terms, types.contains(where: \.elementType.isFloat) else { return nil }
    // In f64, which rounds none of them.
    let wide = operands.map { operand in
      operand.isAbsent || !operand.elementType.isFloat
        ? operand : ReferenceTensor(.f64, operand.shape, floats: operand.floats.map(abs))
    }
    return try op.evaluate(wide, types.map { TensorType($0.elementType.isFloat ? .f64 : $0.elementType, $0.shape) })
  }

  /// The first element that is too far off, in words; nil where there is none.
  ///
  /// - Parameter terms: what ``terms(_:_:_:)`` gives, for a bound that is of that size.
  static func firstFault(
    _ found: ReferenceTensor, _ wanted: ReferenceTensor, _ bound: Bound, terms: ReferenceTensor? = nil
  ) -> String? {
    if found.elementType != wanted.elementType || found.shape != wanted.shape {
      return "\(found.elementType)\(found.shape) instead of \(wanted.elementType)\(wanted.shape)"
    }
    let type = wanted.elementType
    let greatest = wanted.floats.filter(\.isFinite).reduce(1) { max($0, abs($1)) }
    for place in 0..<wanted.count {
      if !type.isFloat {
        if found.integers[place] == wanted.integers[place] { continue }
        return "element \(place) is \(found.integers[place]) instead of \(wanted.integers[place])"
      }
      let (a, b) = (found.floats[place], wanted.floats[place])
      if a == b || a.isNaN && b.isNaN { continue }
      if b.isInfinite {
        // What rounds to infinity may just not do so; nothing less is near it.
        if a.sign == b.sign, abs(a) >= Self.greatest(type) / 2, !bound.isExact { continue }
        return "element \(place) is \(a) instead of \(b)"
      }
      let own = max(abs(b), underflow(type))
      let size: Double
      switch bound.size {
      case .element: size = own
      case .greatest: size = greatest
      case .terms: size = max(terms?.floats[place] ?? own, own)
      }
      // The result may be rounded to either neighbour.
      let most =
        bound.isExact ? 0 : epsilon(type) * own + bound.steps * stepEpsilon(type) * size
      if !(abs(a - b) <= most) {
        return "element \(place) is \(a) instead of \(b), \(abs(a - b) / most) times what may be"
      }
    }
    return nil
  }

  /// The greatest finite number of a type.
  private static func greatest(_ type: ElementType) -> Double {
    switch type {
    case .f64: .greatestFiniteMagnitude
    case .f32: Double(Float.greatestFiniteMagnitude)
    case .f16: 65504
    default: 0x1.fep127
    }
  }

  /// Below this size numbers are not held to a relative accuracy: they are products of numbers that have underflowed.
  private static func underflow(_ type: ElementType) -> Double {
    switch type {
    case .f64: 0x1p-1017
    case .f16: 0x1p-14
    default: 0x1p-121
    }
  }

  private static func epsilon(_ type: ElementType) -> Double {
    switch type {
    case .f64: 0x1p-52
    case .f32: 0x1p-23
    case .f16: 0x1p-10
    default: 0x1p-7
    }
  }

  /// The spacing of the numbers that the steps are rounded to.
  private static func stepEpsilon(_ type: ElementType) -> Double { type == .f64 ? 0x1p-52 : 0x1p-23 }
}
