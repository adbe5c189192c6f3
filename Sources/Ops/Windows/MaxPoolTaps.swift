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

  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    let kernel = try GroupKernel(group, sink)
    guard let source = anchor.operands[0] else { return }
    let input = group.type(of: source)
    let loops = WindowLoops(kernel: kernel, window: window, result: group.type(of: anchor.results[0]))
    try loops.windows(in: input.shape, isVector: input.elementType.bitWidth == 32) { output in
      let lanes = output.lanes
      let type = LoopType(input.elementType.computeType, lanes: lanes)
      let (builder, wholes) = (kernel.builder, LoopType(.i32, lanes: lanes))
      let greatest = builder.mutable("greatest", .constant(-.infinity, type))
      let tap = builder.mutable("tap", .literal(-1, wholes))
      try loops.taps(output.ranges, output.index) { place, number in
        let next = builder.declare("next", try loops.value(source, at: place, lanes: lanes))
        let whole = kernel.evaluator.widened(.convert(number, .i32), lanes: lanes)
        // Nothing found yet, greater, or the first NaN.
        var isBetter = Expression.binary(
          .logicalOr, .less(.variable(tap), .literal(0, wholes)), .binary(.greater, next, .variable(greatest)))
        if type.element.isFloat {
          let isFirst = Expression.binary(.equal, .variable(greatest), .variable(greatest))
          isBetter = .binary(.logicalOr, isBetter, .binary(.logicalAnd, .binary(.notEqual, next, next), isFirst))
        }
        let found = builder.declare("found", isBetter)
        builder.assign(greatest, .select(found, next, .variable(greatest)))
        builder.assign(tap, .select(found, whole, .variable(tap)))
      }
      // A window without elements has no tap; 0 is as good as any.
      let final = Expression.binary(.maximum, .variable(tap), .literal(0, wholes))
      try kernel.store(builder.declare("final", final), of: anchor.results[0], at: output.index, count: output.count)
    }
    kernel.finish(work: loops.result.count * Dimension(window.size))
  }
}
