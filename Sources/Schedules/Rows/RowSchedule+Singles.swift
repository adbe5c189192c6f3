import TensorIR
import TensorOps

/// Results whose vectors would have other lanes than the walk's, 64-bit places of 32-bit elements say: the walk's totals go
/// through an array, from which such results are computed one by one.
extension RowSchedule {
  /// Whether a value that differs from column to column has vectors in the walk at hand.
  func fitsVectors(_ element: RowElement) -> Bool {
    guard evaluator.lanes > 1, let axis = plan.columnAxis, element.axes.contains(axis) else { return true }
    return evaluator.hasVectors(of: plan.group.type(of: element.value).elementType.computeType)
  }

  /// Computes and stores results for neighbouring columns one by one.
  func storeSingly(_ results: [RowElement], _ columns: [[Int: Index]]) throws {
    guard !results.isEmpty, let axis = plan.columnAxis, let first = columns[0][axis] else { return }
    let count = evaluator.partialCount ?? .integer(lanes * columns.count)
    for operation in plan.reductions.joined() {
      guard let sums = columnSums[operation.results[0]], let element = sums.first?.type.element else { continue }
      let array = builder.array("totals", element, count: lanes * columns.count)
      for (position, sum) in sums.enumerated() { builder.store(array, .integer(position * lanes), .variable(sum)) }
      let own = columnAxis(of: operation, axis)
      evaluator.bind(operation.results[0]) { .load(array, $0[own].base - first.base, lanes: 1) }
    }
    try builder.loop("i", from: first.base, to: first.base + count) { column in
      let row = columns[0].merging([axis: Index(column)]) { $1 }
      try evaluator.scope(lanes: 1) { for element in results { try store(element, row) } }
    }
  }

  /// Which axis of a reduction's result the columns are.
  func columnAxis(of reduction: Operation, _ axis: Int) -> Int {
    let keepAxes = (reduction.op as? any ReductionOp)?.keepAxes ?? false
    return keepAxes ? axis : axis - plan.reducedAxes.filter { $0 < axis }.count
  }
}
