import TensorIR
import TensorOps

extension RowPlan {
  /// Whether one kernel for all is likely to beat a kernel for each reduction: the reduced axes lie side by side, rows are
  /// many enough for the threads, and none is too long for the cache.
  public func isWorthwhile(_ tuning: Tuning.Rows) -> Bool {
    if depth == 1 && storesOnlyRows { return true }
    let order = domain.layout.axes(rank: domain.rank).filter { domain.shape[$0] != 1 }
    let places = order.indices.filter { reducedAxes.contains(order[$0]) }
    guard let first = places.first, let last = places.last, last - first == places.count - 1 else { return false }
    if let column = columnAxis, order.last != column || last != order.count - 2 { return false }
    guard let row = rowCount.constant else { return true }
    if row > tuning.longestRow { return false }
    guard let rows = keptCount.constant, row > tuning.longestRow / 8 else { return true }
    return rows >= tuning.fewestRows * (columnAxis == nil ? 1 : 64)
  }
}
