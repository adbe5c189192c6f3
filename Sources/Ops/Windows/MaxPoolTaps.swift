import TensorIR

/// Which tap of each window holds its greatest element, by its row-major number in the window, as i32; the first of
/// equal ones. Kept from the forward computation for the gradient of ``MaxPool``.
public struct MaxPoolTaps: WindowOp, NotDifferentiable {
  public static let name = "max_pool_taps"
  public static let summary =
    "The number of the tap that holds the greatest element of each window; the first of equals."
  public static let signature = Signature.operands(1)
  public var window: Window
  public init(_ window: Window) { self.window = window }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    try MaxPool(window).inferTypes(operands, &context).map { TensorType(.i32, $0.shape) }
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let x = operands[0]
    let shape = try Evaluator.numbers(types[0])
    let strides = ReferenceTensor.strides(x.shape)
    let taps = ReferenceTensor.indices(shape).map { index -> Int in
      var best: (tap: Int, position: Int)?
      for (tap, place) in window.elements(index[2...], of: x.shape[2...]) {
        let position = ReferenceTensor.position(Array(index[..<2]) + place, strides)
        // In the elements' own type: f64 would take integers beyond 2⁵³ for equal.
        if let known = best, x.compare(position, known.position) <= 0 { continue }
        best = (tap, position)
      }
      return best?.tap ?? 0
    }
    return [ReferenceTensor(.i32, shape, integers: taps)]
  }
}
