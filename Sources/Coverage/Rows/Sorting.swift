import TensorIR
import Tensors

extension Coverage {
  static func sorting(_ list: inout RowList) {
    list.rows("float_sort int_sort", "x.sorted(axis: 1, descending: false)") { x in
      [x[0].sorted(axis: 1), x[0].sorted(axis: 1, descending: true)]
    }
    list.rows("float_sort_with_indices int_sort_with_indices", "x.sortedWithIndices(axis: 1)") { x in
      let (values, indices) = x[0].sortedWithIndices(axis: 1)
      return [values, indices]
    }
    list.rows("float_argsort int_argsort", "x.argSort(axis: 1)", gradient: .none) { x in
      [x[0].argSort(axis: 1), x[0].argSort(axis: 1, descending: true)]
    }
    list.row("float_topk int_topk", "x.topK(3, axis: 1).values") { x in x[0].topK(3, axis: 1).values }
    list.row("float_argtopk int_argtopk", "x.topK(3, axis: 1).indices", gradient: .none) { x in
      x[0].topK(3, axis: 1).indices
    }
    list.rows("float_topk_with_indices int_topk_with_indices", "x.topK(3, axis: 1)") { x in
      let (values, indices) = x[0].topK(3, axis: 1)
      return [values, indices]
    }
    list.row("float_cumsum int_cumsum", "x.cumulativeSum(axis: 1)") { x in x[0].cumulativeSum(axis: 1) }
    list.row("float_cumprod int_cumprod", "x.cumulativeProduct(axis: 1)") { x in x[0].cumulativeProduct(axis: 1) }
    list.row("float_cummax int_cummax", "x.cumulativeMax(axis: 1)") { x in x[0].cumulativeMax(axis: 1) }
    list.row("float_cummin int_cummin", "x.cumulativeMin(axis: 1)") { x in x[0].cumulativeMin(axis: 1) }
  }
}
