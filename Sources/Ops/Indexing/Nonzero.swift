import TensorIR

/// Where the elements of a tensor that are not zero stand (ONNX `NonZero`): one row for each axis, one column for each of
/// them, in row-major order. How many there are is an attribute, which a ``Size`` may have found.
public struct Nonzero: ScheduledOp, NotDifferentiable {
  public static let name = "nonzero"
  public static let summary =
    "The positions, as i64, of the elements that are not zero: a row for each axis, a column for each element."
  public static let signature = Signature.operands(1)
  /// How many are wanted, the first ones in row-major order. Where there are fewer, zeros stand behind their positions.
  public var count: Dimension

  public init(count: Dimension) { self.count = count }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    guard operands[0].elementType.bitWidth >= 8 else {
      throw Diagnostic("element-type", "'nonzero' does not take elements of \(operands[0].elementType); cast them")
    }
    return [TensorType(.i64, [Dimension(operands[0].rank), count])]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let (x, wanted) = (operands[0], try Evaluator.numbers(types[0])[1])
    let found = ReferenceTensor.indices(x.shape).enumerated().filter { x.number($0.offset) != 0 }.map(\.element)
    let rows = (0..<x.rank).flatMap { axis in (0..<wanted).map { $0 < found.count ? found[$0][axis] : 0 } }
    return [ReferenceTensor(.i64, [x.rank, wanted], integers: rows)]
  }

  /// One thread walks over all elements: where each position goes depends on all before it.
  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    let kernel = try GroupKernel(group, sink)
    guard let operand = anchor.operands[0], let x = kernel.evaluator.buffer(of: operand),
      let result = kernel.results.first
    else { throw Diagnostic("internal", "'nonzero' has no operand in memory", at: anchor.location) }
    let builder = kernel.builder
    let shape = group.type(of: operand).shape
    let wanted = builder.extent(count)
    builder.branch(.binary(.equal, builder.thread, 0)) {
      let found = builder.mutable("found", 0)
      builder.loop("place", to: builder.extent(group.type(of: operand).count)) { place in
        let value = builder.declare("value", .load(x, place, lanes: 1))
        let isWanted = Expression.less(.variable(found), wanted)
        builder.branch(.binary(.logicalAnd, Nonzero.isNonzero(value), isWanted)) {
          for (axis, index) in LoopNest.positions(builder, place, shape).enumerated() {
            builder.store(result.buffer, .integer(axis) * wanted + .variable(found), index.data)
          }
          builder.assign(found, .variable(found) + 1)
        }
      }
      builder.loop("rest", from: .variable(found), to: wanted) { place in
        for axis in shape.indices {
          builder.store(result.buffer, .integer(axis) * wanted + place, Expression.integer(0).data)
        }
      }
    }
    kernel.finish(work: group.type(of: operand).count * Dimension(Work.element))
  }

  private static func isNonzero(_ value: Expression) -> Expression {
    if value.type.element == .bool { return value }
    let zero: Expression = value.type.element.isFloat ? .number(0, value.type) : .literal(0, value.type)
    return .binary(.notEqual, value, zero)
  }
}

extension Tensor {
  /// How many elements are not zero, as an i64 scalar.
  public func nonzeroCount() -> Tensor {
    let isThere = elementType == .bool ? self : self .!= full(0, [])
    return isThere.cast(to: .i64).sum(axes: Array(0..<rank))
  }
}
