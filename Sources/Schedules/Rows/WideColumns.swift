import TensorIR
import TensorOps

/// How a reduction is cut whose innermost axis stays and is long: into blocks of neighbouring columns, of which the nearest
/// cache holds the sums, and into chunks of rows. Whole stretches of a row are then read one after the other, where a walk
/// down a few columns would touch another page of memory at every step. The shape alone decides.
struct WideColumns {
  /// How many blocks of columns there are, and how many columns a block has; the last may have fewer.
  let blocks: Dimension
  let width: Dimension
  /// No block has more columns than this.
  let mostColumns: Int
  let division: RowDivision

  /// Nil where sums in registers do as well.
  init?(_ plan: RowPlan, lanes: Int, _ tuning: Tuning.Rows) {
    guard let axis = plan.columnAxis, plan.depth == 1, plan.storesOnlyRows, !plan.hasDearRowValues,
      plan.domain.layout.blocks.isEmpty, plan.reductions[1].count <= tuning.mostReductions
    else { return nil }
    let types = plan.reductions[1].map { plan.group.type(of: $0.operands[0]).elementType.computeType }
    guard let widest = types.map(\.bitWidth).max(), !types.contains(.bool) else { return nil }
    let columns = plan.domain.shape[axis]
    if let count = columns.constant, count <= lanes * tuning.columnVectors { return nil }
    if let count = plan.rowCount.constant, count < tuning.fewestWideRows { return nil }
    if let count = plan.domain.count.constant, count < tuning.leastWide { return nil }
    mostColumns = tuning.blockBytes * 8 / widest
    blocks = columns.ceilingDivided(by: Dimension(mostColumns))
    width = Dimension(lanes) * columns.ceilingDivided(by: .maximum(blocks, 1) * Dimension(lanes))
    let outer = plan.keptAxes.filter { $0 != axis }.map { plan.domain.shape[$0] }.reduce(1, *)
    guard let division = RowDivision(plan, pieces: outer * blocks, tuning) else { return nil }
    self.division = division
  }
}

extension RowDivision {
  /// Chunks for a walk over rows that falls into `pieces` pieces without them.
  init?(_ plan: RowPlan, pieces: Dimension, _ tuning: Tuning.Rows) {
    guard let last = plan.reducedAxes.last else { return nil }
    let inner = plan.domain.shape[last]
    let outer = plan.reducedAxes.dropLast().map { plan.domain.shape[$0] }.reduce(1, *)
    splitsInnermost = outer.constant.map { $0 < 64 } ?? false
    extent = splitsInnermost ? inner : outer
    let groups = (plan.rowCount * pieces).ceilingDivided(
      by: Dimension(tuning.manyPieces * tuning.rowsAtOnce))
    let fair = Dimension(tuning.rowsAtOnce) * groups
    let rows = Dimension.maximum(
      Dimension(tuning.chunkRows.lowerBound), .minimum(Dimension(tuning.chunkRows.upperBound), fair))
    let together = splitsInnermost ? outer : inner
    size = together == 1 ? rows : rows.ceilingDivided(by: .maximum(1, together))
    chunks = extent.ceilingDivided(by: size)
  }
}
