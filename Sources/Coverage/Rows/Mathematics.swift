import TensorIR
import Tensors

extension Coverage {
  static func mathematics(_ list: inout RowList) {
    list.row("float_exp", "x.exp()") { x in x[0].exp() }
    list.row("float_log", "x.log()") { x in x[0].log() }
    list.row("float_log1p", "x.log1p()") { x in x[0].log1p() }
    list.row("float_sqrt", "x.sqrt()") { x in x[0].sqrt() }
    list.row("float_recip", "x.reciprocal()") { x in x[0].reciprocal() }
    list.row("float_cos", "x.cos()") { x in x[0].cos() }
    list.row("float_sin", "x.sin()") { x in x[0].sin() }
    list.row("float_tanh", "x.tanh()") { x in x[0].tanh() }
    list.row("float_erf", "x.erf()") { x in x[0].erf() }
    list.row("float_round", "x.round()", gradient: .none) { x in x[0].round() }
    list.row("float_floor", "x.floor()") { x in x[0].floor() }
    list.row("float_ceil", "x.ceil()") { x in x[0].ceil() }
    list.row("float_is_nan", "x.isNaN()", gradient: .none) { x in x[0].isNaN() }
    list.row("float_is_inf", "x.isInfinite()", gradient: .none) { x in x[0].isInfinite() }
    list.row("float_trunc", "x.truncate()", gradient: .none) { x in x[0].truncate() }
    list.row("float_atan2", "Tensor.atan2(a, b)") { x in .atan2(x[0], x[1]) }
    list.row("float_hypot", "Tensor.hypot(a, b)") { x in .hypot(x[0], x[1]) }
    list.row("float_cross", "a.cross(b)") { x in x[0].cross(x[1]) }
    powers(&list)
    circular(&list)
  }

  private static func circular(_ list: inout RowList) {
    list.row("float_tan", "x.tan()") { x in x[0].tan() }
    list.row("float_asin", "x.asin()") { x in x[0].asin() }
    list.row("float_acos", "x.acos()") { x in x[0].acos() }
    list.row("float_atan", "x.atan()") { x in x[0].atan() }
    list.row("float_sinh", "x.sinh()") { x in x[0].sinh() }
    list.row("float_cosh", "x.cosh()") { x in x[0].cosh() }
    list.row("float_asinh", "x.asinh()") { x in x[0].asinh() }
    list.row("float_acosh", "x.acosh()") { x in x[0].acosh() }
    list.row("float_atanh", "x.atanh()") { x in x[0].atanh() }
  }

  static func integers(_ list: inout RowList) {
    list.row("bitwise_and", "Tensor.bitwiseAnd(a, b)") { x in .bitwiseAnd(x[0], x[1]) }
    list.row("bitwise_or", "Tensor.bitwiseOr(a, b)") { x in .bitwiseOr(x[0], x[1]) }
    list.row("bitwise_xor", "Tensor.bitwiseXor(a, b)") { x in .bitwiseXor(x[0], x[1]) }
    list.row("bitwise_and_scalar", "Tensor.bitwiseAnd(x, x.like(6))") { x in .bitwiseAnd(x[0], x[0].like(6)) }
    list.row("bitwise_or_scalar", "Tensor.bitwiseOr(x, x.like(6))") { x in .bitwiseOr(x[0], x[0].like(6)) }
    list.row("bitwise_xor_scalar", "Tensor.bitwiseXor(x, x.like(6))") { x in .bitwiseXor(x[0], x[0].like(6)) }
    list.row("bitwise_not", "x.bitwiseNot()") { x in x[0].bitwiseNot() }
    list.row("bitwise_left_shift", "Tensor.shiftLeft(x, count)") { x in .shiftLeft(x[0], x[1]) }
    list.row("bitwise_left_shift_scalar", "Tensor.shiftLeft(x, x.like(2))") { x in .shiftLeft(x[0], x[0].like(2)) }
    list.row("bitwise_right_shift", "Tensor.shiftRight(x, count)") { x in .shiftRight(x[0], x[1]) }
    list.row("bitwise_right_shift_scalar", "Tensor.shiftRight(x, x.like(2))") { x in .shiftRight(x[0], x[0].like(2)) }
  }

  private static func powers(_ list: inout RowList) {
    list.row("float_powf", "x.power(y)") { x in x[0].power(x[1]) }
    list.row("float_powi", "x.power(n)", gradient: .of([0])) { x in x[0].power(x[1].cast(to: x[0].elementType)) }
    list.row("int_powi", "x.power(n)") { x in x[0].power(x[1]) }
    list.row("int_powf", "x.power(y)") { x in
      x[0].cast(to: .f64).power(x[1].cast(to: .f64)).cast(to: x[0].elementType)
    }
    list.row("float_powf_scalar float_powf_scalar_impl", "x.power(1.5)") { x in x[0].power(1.5) }
    list.row("float_powi_scalar float_powi_scalar_impl int_powi_scalar int_powi_scalar_impl", "x.power(2)") { x in
      x[0].power(2)
    }
    list.row("int_powf_scalar int_powf_scalar_impl", "x.cast(to: .f64).power(2.5).cast(to: type)") { x in
      x[0].cast(to: .f64).power(2.5).cast(to: x[0].elementType)
    }
  }

  static func activations(_ list: inout RowList) {
    list.row("relu", "x.relu()") { x in x[0].relu() }
    list.row("leaky_relu", "x.leakyRelu(alpha: 0.125)") { x in x[0].leakyRelu(alpha: 0.125) }
    list.row("gelu", "x.gelu()") { x in x[0].gelu() }
    list.row("sigmoid", "x.sigmoid()") { x in x[0].sigmoid() }
    list.row("hard_sigmoid", "x.hardSigmoid(alpha: 0.25, beta: 0.5)") { x in x[0].hardSigmoid(alpha: 0.25, beta: 0.5) }
    list.row("log_sigmoid", "x.logSigmoid()") { x in x[0].logSigmoid() }
    list.row("log_sigmoid_backward", "pullback", gradient: .none) { x in try pulled(x[0], x[1]) { $0.logSigmoid() } }
    list.row("prelu", "x.prelu(slopes.reshaped(to: [3, 1]))") { x in x[0].prelu(x[1].reshaped(to: [3, 1])) }
    list.row("softmax", "x.softmax(axis: 1)") { x in x[0].softmax(axis: 1) }
    list.row("log_softmax", "x.logSoftmax(axis: 1)") { x in x[0].logSoftmax(axis: 1) }
    list.row("softmin", "x.softmin(axis: 1)") { x in x[0].softmin(axis: 1) }
    list.row("relu_backward", "pullback", gradient: .none) { x in try pulled(x[0], x[1]) { $0.relu() } }
    list.row("gelu_backward", "pullback", gradient: .none) { x in try pulled(x[0], x[1]) { $0.gelu() } }
    list.row("sigmoid_backward", "pullback", gradient: .none) { x in try pulled(x[0], x[1]) { $0.sigmoid() } }
  }

  /// The cotangent of `x` from that of the function's result.
  static func pulled(_ x: Tensor, _ cotangent: Tensor, _ function: (Tensor) -> Tensor) throws -> Tensor {
    try pullback(at: x, of: function).pull(cotangent)
  }
}
