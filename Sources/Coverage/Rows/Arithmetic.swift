import TensorIR
import Tensors

extension Coverage {
  static func arithmetic(_ list: inout RowList) {
    list.row("float_add int_add", "a + b") { x in x[0] + x[1] }
    list.row("float_sub int_sub", "a - b") { x in x[0] - x[1] }
    list.row("float_mul int_mul", "a * b") { x in x[0] * x[1] }
    list.row("float_div int_div", "a / b") { x in x[0] / x[1] }
    list.row("float_remainder int_remainder", "a % b") { x in x[0] % x[1] }
    list.row("float_add_scalar int_add_scalar", "x + 3") { x in x[0] + 3 }
    list.row("float_sub_scalar int_sub_scalar", "x - 3") { x in x[0] - 3 }
    list.row("float_mul_scalar int_mul_scalar", "x * 3") { x in x[0] * 3 }
    list.row("float_div_scalar int_div_scalar", "x / 2") { x in x[0] / 2 }
    list.row("float_remainder_scalar int_remainder_scalar", "x % 3") { x in x[0] % 3 }
    list.row("float_neg int_neg", "-x") { x in -x[0] }
    list.row("float_abs int_abs", "x.absolute()") { x in x[0].absolute() }
    list.row("float_sign int_sign", "x.sign()") { x in x[0].sign() }
    list.row("float_clamp_min int_clamp_min", "x.clip(minimum: 2)") { x in x[0].clip(minimum: 2) }
    list.row("float_clamp_max int_clamp_max", "x.clip(maximum: 2)") { x in x[0].clip(maximum: 2) }
    list.row("float_clamp int_clamp", "x.clip(minimum: 1, maximum: 3)") { x in x[0].clip(minimum: 1, maximum: 3) }
    list.row("float_matmul int_matmul", "a.matmul(b)") { x in x[0].matmul(x[1]) }
    list.row("int_square", "x.square()") { x in x[0].square() }
  }

  static func comparisons(_ list: inout RowList) {
    list.row("float_equal int_equal bool_equal", "a .== b", gradient: .none) { x in x[0] .== x[1] }
    list.row("float_not_equal int_not_equal bool_not_equal", "a .!= b", gradient: .none) { x in x[0] .!= x[1] }
    list.row("float_greater int_greater", "a .> b", gradient: .none) { x in x[0] .> x[1] }
    list.row("float_greater_equal int_greater_equal", "a .>= b", gradient: .none) { x in x[0] .>= x[1] }
    list.row("float_lower int_lower", "a .< b", gradient: .none) { x in x[0] .< x[1] }
    list.row("float_lower_equal int_lower_equal", "a .<= b", gradient: .none) { x in x[0] .<= x[1] }
    list.row("float_equal_elem int_equal_elem", "x .== 2", gradient: .none) { x in x[0] .== 2 }
    list.row("float_not_equal_elem int_not_equal_elem", "x .!= 2", gradient: .none) { x in x[0] .!= 2 }
    list.row("bool_equal_elem", "x .== 1") { x in x[0] .== 1 }
    list.row("bool_not_equal_elem", "x .!= 1") { x in x[0] .!= 1 }
    list.row("float_greater_elem int_greater_elem", "x .> 2", gradient: .none) { x in x[0] .> 2 }
    list.row("float_greater_equal_elem int_greater_equal_elem", "x .>= 2", gradient: .none) { x in x[0] .>= 2 }
    list.row("float_lower_elem int_lower_elem", "x .< 2", gradient: .none) { x in x[0] .< 2 }
    list.row("float_lower_equal_elem int_lower_equal_elem", "x .<= 2", gradient: .none) { x in x[0] .<= 2 }
    list.row("bool_not", ".!x") { x in .!x[0] }
    list.row("bool_and", "a .& b") { x in x[0] .& x[1] }
    list.row("bool_or", "a .| b") { x in x[0] .| x[1] }
    list.row("bool_xor", "a .^ b") { x in x[0] .^ x[1] }
  }
}
