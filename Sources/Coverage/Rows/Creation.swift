import TensorIR
import Tensors

extension Coverage {
  static func creation(_ list: inout RowList) {
    list.made("float_from_data int_from_data", "Tensor(elements, shape: shape, type)") { _, type in
      Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3], type)
    }
    list.made("bool_from_data", "Tensor(of: [true, false], shape: shape)") { _, _ in
      Tensor(of: [true, false, true, false, true, true], shape: [2, 3])
    }
    list.made("float_zeros int_zeros bool_zeros", "Tensor.zeros(shape, type)") { _, type in .zeros([2, 3], type) }
    list.made("float_ones int_ones bool_ones", "Tensor.ones(shape, type)") { _, type in .ones([2, 3], type) }
    list.made("float_full int_full", "Tensor.full(7, shape, type)") { _, type in .full(7, [2, 3], type) }
    list.made("float_empty int_empty bool_empty", "Tensor.zeros(shape, type)") { _, type in .zeros([2, 3], type) }
    list.made("int_arange", "Tensor.arange(2, 7, type)") { _, type in .arange(2, 7, type) }
    list.made("int_arange_step", "Tensor.arange(2, 12, step: 3, type)") { _, type in .arange(2, 12, step: 3, type) }
    list.notApplicable(
      "float_device float_to_device int_device int_to_device bool_device bool_to_device",
      "there is one device, the processor")
  }

  static func casts(_ list: inout RowList) {
    list.row("float_into_int bool_into_int", "x.cast(to: .i64)", gradient: .none) { x in x[0].cast(to: .i64) }
    list.row("float_cast", "x.cast(to: .f64)") { x in x[0].cast(to: .f64) }
    list.row("int_cast", "x.cast(to: .i8)") { x in x[0].cast(to: .i8) }
    list.row("int_into_float bool_into_float", "x.cast(to: .f32)") { x in x[0].cast(to: .f32) }
  }
}
