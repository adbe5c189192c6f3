import TensorIR
import TensorOps

extension Nonzero: ScheduledOp {
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
