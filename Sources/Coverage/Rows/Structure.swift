import TensorIR
import Tensors

extension Coverage {
  static func shapes(_ list: inout RowList) {
    casts(&list)
    list.row("float_reshape int_reshape bool_reshape", "x.reshaped(to: [3, -1])") { x in x[0].reshaped(to: [3, -1]) }
    list.row("float_transpose int_transpose bool_transpose", "x.transposed()") { x in x[0].transposed() }
    list.row("float_swap_dims int_swap_dims bool_swap_dims", "x.swappingAxes(0, 2)") { x in x[0].swappingAxes(0, 2) }
    list.row("float_permute int_permute bool_permute", "x.transposed([2, 0, 1])") { x in x[0].transposed([2, 0, 1]) }
    list.row("float_flip int_flip bool_flip", "x.reversed(axes: [0, 2])") { x in x[0].reversed(axes: [0, 2]) }
    list.row("float_expand int_expand bool_expand", "x.broadcast(to: [2, 3, 4])") { x in
      x[0].broadcast(to: [2, 3, 4])
    }
    list.row("float_cat int_cat bool_cat", "Tensor.concat([a, b, c], axis: 1)") { x in .concat(x, axis: 1) }
    list.row("float_narrow int_narrow bool_narrow", "x[.all, 1..<4]") { x in x[0][.all, 1..<4] }
    list.row("float_slice int_slice bool_slice", "x[1..<3, ..<(-1)]") { x in x[0][1..<3, ..<(-1)] }
  }

  static func reductions(_ list: inout RowList) {
    list.row("float_sum int_sum", "x.sum()") { x in x[0].sum() }
    list.row("float_sum_dim int_sum_dim", "x.sum(axes: [1], keepAxes: true)") { x in
      x[0].sum(axes: [1], keepAxes: true)
    }
    list.row("float_prod int_prod", "x.product()") { x in x[0].product() }
    list.row("float_prod_dim int_prod_dim", "x.product(axes: [1], keepAxes: true)") { x in
      x[0].product(axes: [1], keepAxes: true)
    }
    list.row("float_mean", "x.mean()") { x in x[0].mean() }
    list.row("float_mean_dim", "x.mean(axes: [1], keepAxes: true)") { x in x[0].mean(axes: [1], keepAxes: true) }
    // The mean of integers is a float, which Burn makes an integer again.
    list.row("int_mean", "x.cast(to: .f64).mean().cast(to: x.elementType)") { x in
      x[0].cast(to: .f64).mean().cast(to: x[0].elementType)
    }
    list.row("int_mean_dim", "x.cast(to: .f64).mean(axes: [1], keepAxes: true).cast(to: x.elementType)") { x in
      x[0].cast(to: .f64).mean(axes: [1], keepAxes: true).cast(to: x[0].elementType)
    }
    extremes(&list)
    truths(&list)
  }

  private static func extremes(_ list: inout RowList) {
    list.row("float_max int_max", "x.max()") { x in x[0].max() }
    list.row("float_min int_min", "x.min()") { x in x[0].min() }
    list.row("float_max_dim int_max_dim", "x.max(axes: [1], keepAxes: true)") { x in
      x[0].max(axes: [1], keepAxes: true)
    }
    list.row("float_min_dim int_min_dim", "x.min(axes: [1], keepAxes: true)") { x in
      x[0].min(axes: [1], keepAxes: true)
    }
    list.row("float_argmax int_argmax", "x.argMax(axis: 1, keepAxes: true)", gradient: .none) { x in
      x[0].argMax(axis: 1, keepAxes: true)
    }
    list.row("float_argmin int_argmin", "x.argMin(axis: 1, keepAxes: true)", gradient: .none) { x in
      x[0].argMin(axis: 1, keepAxes: true)
    }
    list.rows("float_max_dim_with_indices int_max_dim_with_indices", "x.maxWithIndices(axis: 1, keepAxes: true)") {
      let (values, indices) = $0[0].maxWithIndices(axis: 1, keepAxes: true)
      return [values, indices]
    }
    list.rows("float_min_dim_with_indices int_min_dim_with_indices", "x.minWithIndices(axis: 1, keepAxes: true)") {
      let (values, indices) = $0[0].minWithIndices(axis: 1, keepAxes: true)
      return [values, indices]
    }
    list.row("float_max_abs int_max_abs", "x.absolute().max()") { x in x[0].absolute().max() }
    list.row("float_max_abs_dim int_max_abs_dim", "x.absolute().max(axes: [1], keepAxes: true)") { x in
      x[0].absolute().max(axes: [1], keepAxes: true)
    }
  }

  private static func truths(_ list: inout RowList) {
    list.row("float_any int_any bool_any", "x.any()", gradient: .none) { x in x[0].any() }
    list.row("float_all int_all bool_all", "x.all()", gradient: .none) { x in x[0].all() }
    list.row("float_any_dim int_any_dim bool_any_dim", "x.any(axes: [1], keepAxes: true)", gradient: .none) { x in
      x[0].any(axes: [1], keepAxes: true)
    }
    list.row("float_all_dim int_all_dim bool_all_dim", "x.all(axes: [1], keepAxes: true)", gradient: .none) { x in
      x[0].all(axes: [1], keepAxes: true)
    }
  }
}
