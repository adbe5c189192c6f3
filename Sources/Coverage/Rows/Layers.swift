import TensorIR
import TensorLayers

extension Coverage {
  static func gradients(_ list: inout RowList) {
    list.rows("float_into_data int_into_data bool_into_data", "x.array(of: Float.self)", gradient: .none, traced: false)
    {
      x in
      [try Tensor(x[0].hostArray())]
    }
    list.rows("tr_execute", "transaction([x, y, z])", gradient: .none, traced: false) { x in
      try transaction([x[0] + x[0], x[1] + x[1], .!x[2]]).map { Tensor($0) }
    }
    list.rows("float_detach", "x.stoppingGradient()", gradient: .none) { x in
      // The gradient of sum(x * detached x) is detached x.
      let (_, gradient) = try valueAndGradient(at: x[0]) { point in (point * point.stoppingGradient()).sum() }
      return [x[0].stoppingGradient(), gradient]
    }
    list.row("float_set_require_grad", "valueAndGradient(at: x)", gradient: .none) { x in
      try valueAndGradient(at: x[0]) { point in (point * point).sum() }.gradient
    }
    list.notApplicable(
      "float_is_require_grad", "what to differentiate by is an argument of valueAndGradient, no mark on a tensor")
  }

  static func layers(_ list: inout RowList) {
    list.row("embedding", "table.gather(indices)") { x in x[0].gather(x[1]) }
    list.row("embedding_backward", "pullback", gradient: .none) { x in try pulled(x[0], x[2]) { $0.gather(x[1]) } }
    list.row("linear", "x.matmul(weight) + bias") { x in x[0].matmul(x[1]) + x[2] }
    list.row("linear_x_backward", "pullback", gradient: .none) { x in
      try pulled(x[0], x[3]) { $0.matmul(x[1]) + x[2] }
    }
    list.row("linear_weight_backward", "pullback", gradient: .none) { x in
      try pulled(x[1], x[3]) { x[0].matmul($0) + x[2] }
    }
    list.row("linear_bias_backward", "pullback", gradient: .none) { x in
      try pulled(x[2], x[3]) { x[0].matmul(x[1]) + $0 }
    }
    list.row("attention", "Tensor.attention(queries, keys, values, mask: mask)", gradient: .of([0, 1, 2])) { x in
      .attention(x[0], x[1], x[2], mask: x[3])
    }
    list.rows("rfft", "x.realFourier()") { x in
      let (real, imaginary) = x[0].realFourier()
      return [real, imaginary]
    }
    list.row("irfft", "Tensor.inverseRealFourier(real, imaginary)") { x in .inverseRealFourier(x[0], x[1]) }
    list.row(
      "ctc_loss", "ctcLosses(x, labels, steps: steps, lengths: lengths)", types: [.f64, .f32], gradient: .of([0])
    ) {
      x in ctcLosses(x[0], x[1], steps: x[2], lengths: x[3])
    }
    list.row("ctc_loss_backward", "pullback", types: [.f32], gradient: .none) { x in
      try valueAndGradient(at: x[0]) { ctcLosses($0, x[1], steps: x[2], lengths: x[3]).sum() }.gradient
    }
    list.notApplicable("has_ctc_loss_backward", "asks whether a backend brings ctc_loss_backward")
    list.row("layer_norm", "x.layerNorm(scale: scale, bias: bias)") { x in x[0].layerNorm(scale: x[1], bias: x[2]) }
    list.row("batch_norm", "x.batchNorm(scale: scale, bias: bias, mean: mean, variance: variance)") { x in
      x[0].batchNorm(scale: x[1], bias: x[2], mean: x[3], variance: x[4])
    }
  }
}
