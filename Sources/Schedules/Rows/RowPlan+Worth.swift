import TensorIR
import TensorOps

extension RowPlan {
  /// Beyond this many elements a row leaves the nearest caches between two walks, and one thread is too slow for it.
  private static let longestRow = 1 << 18
  /// With fewer rows than this some threads would have nothing to do.
  private static let fewestRows = 8

  /// Whether one kernel for all is likely to beat a kernel for each reduction: the reduced axes lie side by side, rows are
  /// many enough for the threads, and none is too long for the cache.
  public var isWorthwhile: Bool {
    if depth == 1 && storesOnlyRows { return true }
    let order = domain.layout.axes(rank: domain.rank).filter { domain.shape[$0] != 1 }
    let places = order.indices.filter { reducedAxes.contains(order[$0]) }
    guard let first = places.first, let last = places.last, last - first == places.count - 1 else { return false }
    if let column = columnAxis, order.last != column || last != order.count - 2 { return false }
    guard let row = rowCount.constant else { return true }
    if row > RowPlan.longestRow { return false }
    guard let rows = keptCount.constant, row > RowPlan.longestRow / 8 else { return true }
    return rows >= RowPlan.fewestRows * (columnAxis == nil ? 1 : 64)
  }
}
