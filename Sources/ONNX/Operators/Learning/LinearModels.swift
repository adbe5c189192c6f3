import TensorIR
import TensorOps

extension OnnxOperators {
  /// Linear models and support vector machines.
  static let linear: [String: Converter] = [
    "LinearRegressor": one { node in
      let targets = try node.integer("targets") ?? 1
      return try PostTransform(node).applied(to: linearScores(node, targets))
    },
    "LinearClassifier": linearClassifier,
    "SVMRegressor": one { node in
      let machine = try VectorMachine(node)
      let scores = try machine.scores()
      if try node.flag("one_class") {
        return Tensor.select(scores .> scores.like(0), scores.like(1), scores.like(-1))
      }
      return try PostTransform(node).applied(to: scores)
    },
    "SVMClassifier": { node in try VectorMachine(node).classes() },
  ]

  /// `x Wᵀ + b` with a row of coefficients for each target, [rows, targets].
  private static func linearScores(_ node: NodeConversion, _ targets: Int) throws -> Tensor {
    let x = try rows(node).cast(to: .f32)
    let coefficients = try node.floats("coefficients") ?? []
    guard targets > 0, !coefficients.isEmpty, coefficients.count % targets == 0 else {
      throw OnnxError("onnx-linear", "its \(coefficients.count) coefficients are not for \(targets) targets")
    }
    let weights = try node.table(coefficients, shape: [targets, coefficients.count / targets])
    let product = x.matmul(weights.transposed([1, 0]))
    guard let intercepts = try node.floats("intercepts"), !intercepts.isEmpty else { return product }
    return try product + row(node, intercepts, targets, .f32)
  }

  private static func linearClassifier(_ node: NodeConversion) throws -> [ImportedValue] {
    node.ignore("multi_class")
    let labels = try ClassLabels(node, names: ("classlabels_ints", "classlabels_strings"))
    let coefficients = try node.floats("coefficients") ?? []
    // One row of coefficients may serve two classes.
    let intercepts = try node.floats("intercepts") ?? []
    let targets = intercepts.isEmpty ? max(labels.count, 1) : intercepts.count
    guard labels.count == targets || labels.count == 2 && targets == 1, !coefficients.isEmpty else {
      throw OnnxError("onnx-linear", "it has \(targets) rows of coefficients for \(labels.count) classes")
    }
    let scores = try linearScores(node, targets)
    let transform = try PostTransform(node)
    guard targets == 1 else {
      return [try labels.value(scores.argMax(axis: 1), node), ImportedValue(transform.applied(to: scores))]
    }
    let isSecond = (scores .> scores.like(0)).squeezed(axes: [1])
    let both: Tensor
    switch transform.kind {
    case .logistic: both = Tensor.concat([(-scores).sigmoid(), scores.sigmoid()], axis: 1)
    case .probit: throw OnnxError("onnx-unsupported-attribute", "PROBIT of one score for two classes is not supported")
    default: both = Tensor.concat([scores.like(1) - scores, scores], axis: 1)
    }
    return [try labels.value(isSecond.cast(to: .i64), node), ImportedValue(both)]
  }
}
