import TensorIR
import Tensors

extension Coverage {
  static func indexing(_ list: inout RowList) {
    list.row("float_select int_select bool_select", "x.gather(indices, axis: 1)") { x in x[0].gather(x[1], axis: 1) }
    list.row("float_gather int_gather bool_gather", "x.takeAlong(indices, axis: 1)") { x in
      x[0].takeAlong(x[1], axis: 1)
    }
    list.row("float_gather_nd int_gather_nd", "x.gatherND(indices)") { x in x[0].gatherND(x[1]) }
    scatters(&list)
    masks(&list)
    parts(&list)
  }

  private static func scatters(_ list: inout RowList) {
    list.row(
      "float_scatter float_scatter_add int_scatter int_scatter_add bool_scatter_or",
      "x.putAlong(indices, values: values, axis: 1, reduction: .add)", gradient: .of([0, 2])
    ) { x in x[0].putAlong(x[1], values: x[2], axis: 1, reduction: .add) }
    list.row(
      "float_select_assign float_select_add int_select_assign int_select_add bool_select_assign bool_select_or",
      "x.indexAdd(indices, values: values, axis: 1)", gradient: .of([0, 2])
    ) { x in x[0].indexAdd(x[1], values: x[2], axis: 1) }
    list.row(
      "float_scatter_nd int_scatter_nd", "x.scatterND(indices, values: values, reduction: .add)",
      gradient: .of([0, 2])
    ) { x in x[0].scatterND(x[1], values: x[2], reduction: .add) }
  }

  private static func masks(_ list: inout RowList) {
    list.row("float_mask_where int_mask_where bool_mask_where", "x.replacing(where: mask, with: values)") { x in
      x[0].replacing(where: x[1], with: x[2])
    }
    list.row("float_mask_fill int_mask_fill", "x.replacing(where: mask, with: 5)") { x in
      x[0].replacing(where: x[1], with: 5)
    }
    list.row("bool_mask_fill", "x.replacing(where: mask, with: 1)") { x in x[0].replacing(where: x[1], with: 1) }
    list.row(
      "float_mask_select int_mask_select bool_mask_select", "x.selected(where: mask)", gradient: .of([0]), traced: false
    ) { x in try x[0].selected(where: x[1]) }
    list.row("bool_argwhere", "x.argWhere()", traced: false) { x in try x[0].argWhere() }
    list.rows("bool_nonzero", "x.nonzero()", traced: false) { x in try x[0].nonzero() }
  }

  private static func parts(_ list: inout RowList) {
    list.row("float_slice_assign int_slice_assign bool_slice_assign", "x[1..<3, 0..<3] = values") { x in
      var result = x[0]
      result[1..<3, 0..<3] = x[1]
      return result
    }
    list.row("float_repeat_dim int_repeat_dim bool_repeat_dim", "x.tiled(2, axis: 1)") { x in x[0].tiled(2, axis: 1) }
    list.rows("float_chunk int_chunk bool_chunk", "x.chunked(into: 3, axis: 1)") { x in x[0].chunked(into: 3, axis: 1) }
    list.rows("float_split int_split bool_split", "x.split(size: 2, axis: 1)") { x in x[0].split(size: 2, axis: 1) }
    list.rows(
      "float_split_with_sizes int_split_with_sizes bool_split_with_sizes", "x.split(sizes: [1, 3, 2], axis: 1)"
    ) { x in x[0].split(sizes: [1, 3, 2], axis: 1) }
    list.row("float_unfold int_unfold bool_unfold", "x.unfolded(axis: 1, size: 3, step: 2)") { x in
      x[0].unfolded(axis: 1, size: 3, step: 2)
    }
  }
}
