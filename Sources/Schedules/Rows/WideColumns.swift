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

  /// Rows that are added up in registers before the sums in the cache are touched.
  static let rowsAtOnce = 4
  /// The sums of a block take so many bytes: a small part of the nearest cache.
  private static let blockBytes = 4096
  /// More reductions than this would crowd each other out of the cache.
  private static let mostReductions = 4
  /// With fewer rows, sums in memory cost more than short steps save.
  private static let fewRows = 16
  /// A reduction of fewer elements lies in the nearest caches.
  private static let fewElements = 1 << 14

  /// Nil where sums in registers do as well.
  init?(_ plan: RowPlan, lanes: Int) {
    guard let axis = plan.columnAxis, plan.depth == 1, plan.storesOnlyRows, !plan.hasDearRowValues,
      plan.domain.layout.blocks.isEmpty, plan.reductions[1].count <= WideColumns.mostReductions
    else { return nil }
    let types = plan.reductions[1].map { plan.group.type(of: $0.operands[0]).elementType.computeType }
    guard let widest = types.map(\.bitWidth).max(), !types.contains(.bool) else { return nil }
    let columns = plan.domain.shape[axis]
    if let count = columns.constant, count <= lanes * RowSchedule.columnVectors { return nil }
    if let count = plan.rowCount.constant, count < WideColumns.fewRows { return nil }
    if let count = plan.domain.count.constant, count < WideColumns.fewElements { return nil }
    mostColumns = WideColumns.blockBytes * 8 / widest
    blocks = columns.ceilingDivided(by: Dimension(mostColumns))
    width = Dimension(lanes) * columns.ceilingDivided(by: .maximum(blocks, 1) * Dimension(lanes))
    let outer = plan.keptAxes.filter { $0 != axis }.map { plan.domain.shape[$0] }.reduce(1, *)
    guard let division = RowDivision(plan, pieces: outer * blocks) else { return nil }
    self.division = division
  }
}

extension RowDivision {
  /// A chunk has at least so many rows, to be worth its place in memory, and at most so many, to keep its sums exact.
  private static let fewestRows = 64
  private static let mostRows = 1024
  /// This much work suffices for all threads.
  private static let manyPieces = 64

  /// Chunks for a walk over rows that falls into `pieces` pieces without them.
  init?(_ plan: RowPlan, pieces: Dimension) {
    guard let last = plan.reducedAxes.last else { return nil }
    let inner = plan.domain.shape[last]
    let outer = plan.reducedAxes.dropLast().map { plan.domain.shape[$0] }.reduce(1, *)
    splitsInnermost = outer.constant.map { $0 < 64 } ?? false
    extent = splitsInnermost ? inner : outer
    let groups = (plan.rowCount * pieces).ceilingDivided(
      by: Dimension(RowDivision.manyPieces * WideColumns.rowsAtOnce))
    let fair = Dimension(WideColumns.rowsAtOnce) * groups
    let rows = Dimension.maximum(
      Dimension(RowDivision.fewestRows), .minimum(Dimension(RowDivision.mostRows), fair))
    let together = splitsInnermost ? outer : inner
    size = together == 1 ? rows : rows.ceilingDivided(by: .maximum(1, together))
    chunks = extent.ceilingDivided(by: size)
  }
}
