import TensorIR
import TensorOps
import Tensors

extension Api {
  private static let numbers = Trait.float.elementTypes + Trait.integer.elementTypes

  static func statistics(_ list: inout RowList) {
    list.rows("mean_dims", "x.mean(axes: [0, 2], keepAxes: true)") { x in
      [x[0].mean(axes: [0, 2], keepAxes: true), x[0].mean(axes: [-1, 0])]
    }
    list.row("sum_dims", "x.sum(axes: [0, 2], keepAxes: true)", types: numbers) { x in
      x[0].sum(axes: [0, 2], keepAxes: true)
    }
    list.row("sum_dims_squeeze", "x.sum(axes: [0, 2])", types: numbers) { x in x[0].sum(axes: [0, 2]) }
    list.row("prod_dims", "x.product(axes: [0, 2], keepAxes: true)", types: numbers) { x in
      x[0].product(axes: [0, 2], keepAxes: true)
    }
    list.row("max_dims", "x.max(axes: [0, 2], keepAxes: true)", types: numbers) { x in
      x[0].max(axes: [0, 2], keepAxes: true)
    }
    list.row("min_dims", "x.min(axes: [0, 2], keepAxes: true)", types: numbers) { x in
      x[0].min(axes: [0, 2], keepAxes: true)
    }
    list.row("max_abs_dims", "x.norm(.infinity, axes: [0, 2], keepAxes: true)", types: numbers) { x in
      x[0].norm(.infinity, axes: [0, 2], keepAxes: true)
    }
    variances(&list)
    list.rows("cov", "x.covariance(axis: 1, correction: 1)") { x in
      [x[0].covariance(axis: 1), x[0].covariance(axis: 0, correction: 0)]
    }
    list.row("median", "x.median(axis: 1, keepAxes: true)", types: numbers) { x in x[0].median(axis: 1, keepAxes: true)
    }
    list.rows("median_with_indices", "x.medianWithIndices(axis: 1)", types: numbers) { x in
      let (values, indices) = x[0].medianWithIndices(axis: 1)
      return [values, indices]
    }
  }

  private static func variances(_ list: inout RowList) {
    list.rows("var", "x.variance(axes: [1], correction: 1, keepAxes: true)") { x in
      [
        x[0].variance(axes: [1], correction: 1, keepAxes: true), x[0].variance(correction: 1),
        x[0].standardDeviation(axes: [0, -1], correction: 1),
      ]
    }
    list.rows("var_bias", "x.variance(axes: [1], keepAxes: true)") { x in
      [x[0].variance(axes: [1], keepAxes: true), x[0].variance(axes: [0, 1]), x[0].standardDeviation()]
    }
    list.rows("var_mean", "(x.variance(axes: [1], correction: 1), x.mean(axes: [1]))") { x in
      [x[0].variance(axes: [1], correction: 1), x[0].mean(axes: [1])]
    }
    list.rows("var_mean_bias", "(x.variance(axes: [1]), x.mean(axes: [1]))") { x in
      [x[0].variance(axes: [1]), x[0].mean(axes: [1])]
    }
    list.row("var_with_mean", "x.variance(axes: [1], correction: 1, around: mean)") { x in
      x[0].variance(axes: [1], correction: 1, around: x[1])
    }
    list.row("var_with_mean_bias", "x.variance(axes: [1], around: mean)") { x in
      x[0].variance(axes: [1], around: x[1])
    }
    list.row("var_with_mean_n", "(x - mean).square().sum(axes: [1]) / 5") { x in
      (x[0] - x[1]).square().sum(axes: [1]) / 5
    }
  }

  static func norms(_ list: inout RowList) {
    list.row("l0_norm", "x.norm(.l0, axes: [1], keepAxes: true)", types: numbers, gradient: .none) { x in
      x[0].norm(.l0, axes: [1], keepAxes: true)
    }
    list.row("l1_norm", "x.norm(.l1, axes: [1], keepAxes: true)", types: numbers) { x in
      x[0].norm(.l1, axes: [1], keepAxes: true)
    }
    list.rows("l2_norm", "x.norm(.l2, axes: [1], keepAxes: true)") { x in
      [x[0].norm(.l2, axes: [1], keepAxes: true), x[0].norm()]
    }
    list.rows("lp_norm", "x.norm(.p(3), axes: [1], keepAxes: true)") { x in
      [x[0].norm(.p(3), axes: [1], keepAxes: true), x[0].norm(.p(-1), axes: [0])]
    }
    list.row("max_abs_norm", "x.norm(.infinity, axes: [1], keepAxes: true)", types: numbers) { x in
      x[0].norm(.infinity, axes: [1], keepAxes: true)
    }
    list.row("min_abs_norm", "x.norm(.negativeInfinity, axes: [1], keepAxes: true)", types: numbers) { x in
      x[0].norm(.negativeInfinity, axes: [1], keepAxes: true)
    }
    list.rows("vector_norm", "x.norm(.l1, axes: [1])", types: Trait.float.elementTypes) { x in
      [VectorNorm.l1, .l2, .infinity, .negativeInfinity, .p(3)].map { x[0].norm($0, axes: [1]) }
    }
    list.rows("vector_normalize", "x.normalised(by: .l2, axis: 1)") { x in
      [x[0].normalised(axis: 1), x[0].normalised(by: .l1, axis: 0), x[0].normalised(axis: 1, epsilon: 100)]
    }
    list.row("cosine_similarity", "a.cosineSimilarity(b, axis: 1, keepAxes: true)") { x in
      x[0].cosineSimilarity(x[1], axis: 1, keepAxes: true)
    }
  }

  static func products(_ list: inout RowList) {
    list.row("dot", "a.dot(b)", types: numbers) { x in x[0].dot(x[1]) }
    list.row("outer", "a.outer(b)", types: numbers) { x in x[0].outer(x[1]) }
    list.row("outer_dim", "a.outer(b, axis: 0)", types: numbers) { x in x[0].outer(x[1], axis: 0) }
    list.row("matvec", "matrix.matvec(vector)", types: numbers) { x in x[0].matvec(x[1]) }
    list.row("trace", "x.trace()", types: numbers) { x in x[0].trace() }
    list.row("det", "x.determinant()", types: [.f64, .f32]) { x in x[0].determinant() }
    list.row("fmod", "Tensor.truncatedRemainder(a, b)", types: numbers) { x in .truncatedRemainder(x[0], x[1]) }
    list.row("fmod_scalar", "Tensor.truncatedRemainder(x, x.like(3))", types: numbers) { x in
      .truncatedRemainder(x[0], x[0].like(3))
    }
    list.row("deg2rad", "x.radians()") { x in x[0].radians() }
    list.row("rad2deg", "x.degrees()", types: [.f64, .f32]) { x in x[0].degrees() }
    list.row(
      "cross_entropy_with_logits", "crossEntropy(logits, probabilities: probabilities)"
    ) { x in crossEntropy(x[0], probabilities: x[1]) }
  }

  static func activations(_ list: inout RowList) {
    list.row("softplus", "x.softplus(beta: 2)") { x in x[0].softplus(beta: 2) }
    list.row("quiet_softmax", "x.quietSoftmax(axis: 1)") { x in x[0].quietSoftmax(axis: 1) }
    list.row("silu", "x.silu()") { x in x[0].silu() }
    list.row("mish", "x.mish()") { x in x[0].mish() }
    list.row("glu", "x.glu(axis: 1)") { x in x[0].glu(axis: 1) }
    list.row("gelu_approximate", "x.gelu(approximate: true)") { x in x[0].gelu(approximate: true) }
    list.row("elu", "x.elu(alpha: 1.5)") { x in x[0].elu(alpha: 1.5) }
    list.row("celu", "x.celu(alpha: 1.5)") { x in x[0].celu(alpha: 1.5) }
    list.row("selu", "x.selu()") { x in x[0].selu() }
    list.row("thresholded_relu", "x.thresholdedRelu(threshold: 1.5)") { x in x[0].thresholdedRelu(threshold: 1.5) }
    list.row("softsign", "x.softsign()") { x in x[0].softsign() }
    list.row("hard_swish", "x.hardSwish()") { x in x[0].hardSwish() }
    list.row("hard_shrink", "x.hardShrink(threshold: 0.6)") { x in x[0].hardShrink(threshold: 0.6) }
    list.row("soft_shrink", "x.softShrink(threshold: 0.75)") { x in x[0].softShrink(threshold: 0.75) }
    list.row("shrink", "x.shrink(threshold: 0.6, bias: 0.25)") { x in x[0].shrink(threshold: 0.6, bias: 0.25) }
    list.row("hardtanh", "x.hardTanh(minimum: -1.3, maximum: 2.2)") { x in x[0].hardTanh(minimum: -1.3, maximum: 2.2) }
    list.row("tanhshrink", "x.tanhShrink()") { x in x[0].tanhShrink() }
    list.row("relu6", "x.relu6()") { x in x[0].relu6() }
    list.row("threshold", "x.thresholded(above: 0.6, value: -3)") { x in x[0].thresholded(above: 0.6, value: -3) }
  }
}
