import TensorIR
import Tensors

extension Coverage {
  static func indexing(_ list: inout RowList) {
    list.row("float_select int_select bool_select", "x.gather(indices, axis: 1)") { x in x[0].gather(x[1], axis: 1) }
    list.row("float_mask_where int_mask_where bool_mask_where", "x.replacing(where: mask, with: values)") { x in
      x[0].replacing(where: x[1], with: x[2])
    }
    list.row("float_mask_fill int_mask_fill", "x.replacing(where: mask, with: 5)") { x in
      x[0].replacing(where: x[1], with: 5)
    }
    list.row("bool_mask_fill", "x.replacing(where: mask, with: 1)") { x in x[0].replacing(where: x[1], with: 1) }
  }
}
