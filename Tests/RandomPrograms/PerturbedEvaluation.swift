import TensorIR
import TensorOps
import TestSupport

/// The reference evaluation of a function, and how much of each result hangs on the last digits of what lies between: the
/// same is evaluated some times more with every inexact value off by a few units in its last place, and with something else
/// where a number is so great that compiled code may have lost it.
public struct PerturbedEvaluation {
  /// The results.
  public let exact: [ReferenceTensor]
  /// For each result and element how far compiled code may be off; infinite where a comparison or rounding may flip.
  public let tolerances: [[Double]]

  private static let rounds = 8
  /// How many units a step of compiled code may be off, and how far beyond what was seen results may be.
  private static let (units, margin) = (8.0, 6.0)

  public init(_ function: Function, _ inputs: [ReferenceTensor]) throws {
    let numbers = Numbers()
    let exact = try Evaluator.run(function, inputs)
    self.exact = exact
    var worst = exact.map { [Double](repeating: 0, count: $0.count) }
    for round in 0..<Self.rounds {
      let moved: [ReferenceTensor]
      do {
        let alteration = Evaluator.Alteration { Self.altered($0, $1, $2, round: round, numbers) }
        moved = try Evaluator.$alteration.withValue(alteration) { try Evaluator.run(function, inputs) }
      } catch { throw Diagnostic("unstable-shape", "what fits depends on rounding: \(error)") }
      for (place, (a, b)) in zip(exact, moved).enumerated() {
        guard a.shape == b.shape else { throw Diagnostic("unstable-shape", "a shape depends on rounding") }
        for i in 0..<a.count where a.number(i) != b.number(i) && !(a.number(i).isNaN && b.number(i).isNaN) {
          let distance = abs(a.number(i) - b.number(i))
          let unstable = !a.elementType.isFloat || !distance.isFinite
          worst[place][i] = unstable ? .infinity : max(worst[place][i], distance)
        }
      }
    }
    tolerances = worst.map { $0.map { $0 * Self.margin } }
  }

  /// Random numbers, in the order in which the evaluator asks for them.
  private final class Numbers: @unchecked Sendable { var random = Mutations(seed: 99) }

  private static func altered(
    _ tensor: ReferenceTensor, _ op: any TensorOp, _ operands: [ReferenceTensor], round: Int, _ numbers: Numbers
  ) -> ReferenceTensor {
    // What regions give has been altered in them.
    if op is any RegionOp { return tensor }
    let isExact = isExact(op, tensor, operands)
    let near = isExact ? tensor : perturbed(tensor, by: unit(op, tensor, operands), &numbers.random)
    // In registers half types are f32: what is beyond f16 between two operations comes back from there.
    let mayReturn = tensor.elementType == .f16 && !isExact
    return replacing(near, where: { isHuge($0, tensor.elementType) || mayReturn && $0.isInfinite }) {
      // NaN reaches most of what hangs on a number, and numbers show where NaN was the result anyway.
      round % 2 == 0 ? .nan : Double.random(in: -4...4, using: &numbers.random)
    }
  }

  /// The first element that is too far off, in words.
  public func fault(_ found: [ReferenceTensor]) -> (result: Int, text: String)? {
    for (place, (a, b)) in zip(found, exact).enumerated() {
      guard a.elementType == b.elementType, a.shape == b.shape else {
        return (place, "result \(place) is \(a.elementType)\(a.shape) instead of \(b.elementType)\(b.shape)")
      }
      for i in 0..<b.count {
        let (x, y) = (a.number(i), b.number(i))
        if x == y || x.isNaN && y.isNaN || tolerances[place][i] == .infinity { continue }
        if !(abs(x - y) <= tolerances[place][i] + Self.least(b.elementType)) {
          return (
            place, "result \(place), element \(i): \(x) instead of \(y), off by more than \(tolerances[place][i])"
          )
        }
      }
    }
    return nil
  }

  /// Below the least normal number compiled code may lose digits.
  private static func least(_ type: ElementType) -> Double {
    switch type {
    case .f64: 0x1p-1015
    case .f32, .bf16: 0x1p-119
    case .f16: 0x1p-16
    default: 0
    }
  }

  /// Whether compiled code must give the same bits: whole numbers from whole numbers, and what is only moved about.
  private static func isExact(_ op: any TensorOp, _ result: ReferenceTensor, _ operands: [ReferenceTensor]) -> Bool {
    if !result.elementType.isFloat { return true }
    let whole: [String] = [
      "add", "subtract", "multiply", "negate", "absolute", "floor", "ceil", "round", "sum", "matmul", "relu", "maximum",
      "minimum", "clip", "sign", "select", "cast",
    ]
    let all = operands.flatMap(\.floats)
    func isWhole(_ x: Double) -> Bool { x == x.rounded() && abs(x) < 256 }
    if whole.contains(op.name), all.allSatisfy(isWhole), result.floats.allSatisfy(isWhole) { return true }
    // A function of one element may round to its operand by chance.
    if op is any UnaryOp || op is any BinaryOp, !whole.contains(op.name) { return false }
    let known = Set(all.map(\.bitPattern)).union([0, (-0.0).bitPattern])
    return !all.isEmpty && result.floats.allSatisfy { known.contains($0.bitPattern) }
  }

  /// Whether sums of such numbers may overflow in one order and not in another.
  private static func isHuge(_ value: Double, _ type: ElementType) -> Bool {
    value.isFinite && abs(value) > (type == .f64 ? 1e150 : type == .f16 ? 1e3 : 1e18)
  }

  /// A tensor with other numbers in place of some; the others as they are, to the bit.
  private static func replacing(
    _ tensor: ReferenceTensor, where isUnknown: (Double) -> Bool, with number: () -> Double
  ) -> ReferenceTensor {
    guard tensor.floats.contains(where: isUnknown) else { return tensor }
    return ReferenceTensor(
      tensor.elementType, tensor.shape, floats: tensor.floats.map { isUnknown($0) ? number() : $0 })
  }

  /// Their formulas subtract from 1 something close to it, so that they are exact against 1 alone.
  private static let cancelling: Set<String> = [
    "gelu", "hard_swish", "hard_sigmoid", "softplus", "mish", "silu", "erf", "remainder", "truncated_remainder",
  ]

  /// Sums are off by units of the greatest of what they add, not of themselves.
  private static let sums: Set<String> = [
    "sum", "mean", "cumulative_sum", "average_pool", "adaptive_average_pool", "linear_scan", "fold", "gather_gradient",
    "scatter_elements", "scatter_nd", "scatter_slices", "gather_planes_gradient", "layer_norm", "batch_norm",
    "variance",
  ]
  private static let products: Set<String> = [
    "matmul", "convolution", "transposed_convolution", "deformable_convolution", "resample", "resample_gradient",
  ]
  /// Those that compute more than one rounding's worth between their operands and their results.
  private static let composite: Set<String> = [
    "grid_sample", "roi_align", "interpolate", "deformable_convolution", "layer_norm", "batch_norm", "softmax",
    "log_softmax", "lstm", "gru", "rnn", "recurrent_sequence", "linear_scan", "cumulative_product",
  ]

  /// The size of number whose last place an op's results may be off by a few units of.
  private static func unit(_ op: any TensorOp, _ result: ReferenceTensor, _ operands: [ReferenceTensor]) -> Double {
    func greatest(_ tensor: ReferenceTensor) -> Double {
      tensor.floats.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
    }
    var size = greatest(result) * 0.25
    if cancelling.contains(op.name) { size = max(size, 1) }
    if sums.contains(op.name) { size = max(size, operands.map(greatest).max() ?? 0) }
    if products.contains(op.name) { size = max(size, operands.prefix(2).map(greatest).reduce(1, *)) }
    return composite.contains(op.name) ? max(size, 1) * 16 : size
  }

  private static func perturbed(
    _ tensor: ReferenceTensor, by size: Double, _ random: inout Mutations
  ) -> ReferenceTensor {
    let epsilon: Double =
      switch tensor.elementType {
      case .f64: 0x1p-52
      case .f32: 0x1p-23
      case .f16: 0x1p-10
      default: 0x1p-7
      }
    let moved = tensor.floats.map { value -> Double in
      let step = Double.random(in: -1...1, using: &random) * epsilon * units
      return value + step * max(abs(value), size)
    }
    return ReferenceTensor(tensor.elementType, tensor.shape, floats: moved)
  }
}
