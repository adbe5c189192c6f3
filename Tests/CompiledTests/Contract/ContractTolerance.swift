import TensorIR
import TensorOps

/// How far compiled code may be from the evaluator.
enum ContractTolerance {
  /// A number of units in the last place; of what?
  enum Bound {
    /// The same number.
    case exact
    /// Of each element.
    case element(Double)
    /// Of the greatest of the result and 1: sums of terms that may cancel.
    case whole(Double)
  }

  /// Everything that is not named here: ``bound(_:_:)``.
  private static let named: [String: Bound] = [
    // Their formulas add 1 to something close to -1, so they are exact against the operand's size only.
    Gelu.name: .whole(4),
    HardSwish.name: .whole(4),
    HardSigmoid.name: .whole(4),
    Softplus.name: .whole(4),
    Softmax.name: .whole(8),
    LogSoftmax.name: .whole(16),
    LayerNorm.name: .whole(32),
    BatchNorm.name: .whole(32),
    Mean.name: .whole(16),
    Sum.name: .whole(32),
    Product.name: .element(32),
    AveragePool.name: .whole(8),
    AveragePoolGradient.name: .whole(8),
    MaxPoolGradient.name: .whole(8),
    GatherGradient.name: .whole(8),
    // Each value is added to, or multiplied with, what is rounded to the element type.
    ScatterElements.name: .whole(16),
    ScatterND.name: .whole(16),
    ScatterSlices.name: .whole(16),
    Matmul.name: .whole(32),
    Convolution.name: .whole(64),
    Lstm.name: .whole(64),
    Gru.name: .whole(64),
    Rnn.name: .whole(64),
    RecurrentSequence.name: .whole(64),
    CumulativeSum.name: .whole(32),
    CumulativeProduct.name: .element(64),
    LinearScan.name: .whole(64),
    AdaptiveAveragePool.name: .whole(16),
    Resample.name: .whole(16),
    ResampleGradient.name: .whole(16),
    // Weights come from coordinates in f64, or in the grid's own type, of which they are small differences.
    Interpolate.name: .whole(16),
    GridSample.name: .whole(64),
    RoiAlign.name: .whole(64),
    DeformableConvolution.name: .whole(128),
    TransposedConvolution.name: .whole(64),
    GatherPlanesGradient.name: .whole(8),
    Fold.name: .whole(8),
    Remainder.name: .whole(4),
  ]

  static func bound(_ op: any TensorOp, _ type: ElementType) -> Bound {
    if !type.isFloat { return .exact }
    if let bound = named[op.name] { return bound }
    switch op {
    case is any UnaryOp, is any BinaryOp: return .element(4)
    case is Cast: return .exact
    case is any ReductionOp: return .exact  // those that pick: max, min
    default: return .exact  // data movement
    }
  }

  /// The first element that is too far off, in words; nil where there is none.
  static func firstFault(_ found: ReferenceTensor, _ wanted: ReferenceTensor, _ bound: Bound) -> String? {
    if found.elementType != wanted.elementType || found.shape != wanted.shape {
      return "\(found.elementType)\(found.shape) instead of \(wanted.elementType)\(wanted.shape)"
    }
    let greatest = wanted.floats.filter(\.isFinite).reduce(1) { max($0, abs($1)) }
    for place in 0..<wanted.count {
      if !wanted.elementType.isFloat {
        if found.integers[place] == wanted.integers[place] { continue }
        return "element \(place) is \(found.integers[place]) instead of \(wanted.integers[place])"
      }
      let (a, b) = (found.floats[place], wanted.floats[place])
      if a == b || a.isNaN && b.isNaN { continue }
      let units = abs(a - b) / epsilon(wanted.elementType)
      let size: Double
      switch bound {
      case .exact: size = 0
      case .element(let ulps): size = ulps * max(abs(b), underflow(wanted.elementType))
      case .whole(let ulps): size = ulps * greatest
      }
      if !(units <= size) { return "element \(place) is \(a) instead of \(b), \(units / abs(b)) ulps off" }
    }
    return nil
  }

  /// Below this size numbers are not held to a relative accuracy: they are products of numbers that have underflowed.
  private static func underflow(_ type: ElementType) -> Double {
    switch type {
    case .f64: 0x1p-1017
    case .f16: 0x1p-16
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
}
