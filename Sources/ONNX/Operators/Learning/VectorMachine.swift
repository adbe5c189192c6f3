import TensorIR
import TensorOps

/// A support vector machine of `ai.onnx.ml`: kernels between rows and support vectors, or a linear model where it has none.
struct VectorMachine {
  private let node: NodeConversion
  private let x: Tensor
  private let coefficients: [Double]
  private let vectors: [Double]
  private let rho: [Double]
  /// Of each class, how many support vectors there are.
  private let counts: [Int]

  init(_ node: NodeConversion) throws {
    self.node = node
    x = try OnnxOperators.rows(node).cast(to: .f32)
    coefficients = try node.floats("coefficients") ?? []
    vectors = try node.floats("support_vectors") ?? []
    rho = try node.floats("rho") ?? []
    counts = try node.integers("vectors_per_class") ?? []
    guard !coefficients.isEmpty, !rho.isEmpty else {
      throw OnnxError("onnx-missing-attribute", "its coefficients or its rho are missing")
    }
  }

  /// The kernel between each row and each support vector, [rows, vectors].
  private func kernel(_ count: Int) throws -> Tensor {
    guard count > 0, vectors.count % count == 0 else {
      throw OnnxError("onnx-svm", "its support vectors are not \(count)")
    }
    let width = vectors.count / count
    let table = try node.table(vectors, shape: [count, width])
    let parameters = try node.floats("kernel_params") ?? []
    let (gamma, shift, degree) = (
      parameters.first ?? 0, parameters.dropFirst().first ?? 0, parameters.dropFirst(2).first ?? 3
    )
    let name = try node.string("kernel_type") ?? "LINEAR"
    if name == "RBF" {
      let distance = x.unsqueezed(axes: [1]) - table
      return ((distance * distance).sum(axes: [2]) * x.like(-gamma)).exp()
    }
    let product = x.matmul(table.transposed([1, 0]))
    switch name {
    case "LINEAR": return product
    case "POLY": return (product * x.like(gamma) + x.like(shift)).power(x.like(degree))
    case "SIGMOID": return (product * x.like(gamma) + x.like(shift)).tanh()
    default: throw OnnxError("onnx-unsupported-attribute", "its kernel_type '\(name)' is unknown")
    }
  }

  /// One score for each row, [rows, 1].
  func scores() throws -> Tensor {
    node.ignore("kernel_type", "kernel_params")
    let count = try node.integer("n_supports") ?? 0
    let values = count > 0 ? try kernel(count) : x
    guard count == 0 || coefficients.count == count else {
      throw OnnxError("onnx-svm", "it has \(coefficients.count) coefficients for \(count) support vectors")
    }
    let weights = try node.table(coefficients, shape: [coefficients.count, 1])
    return values.matmul(weights) + values.like(rho[0])
  }

  /// The class of each row and the scores.
  func classes() throws -> [ImportedValue] {
    node.ignore("kernel_type", "kernel_params", "prob_a", "prob_b")
    let labels = try ClassLabels(node, names: ("classlabels_ints", "classlabels_strings"))
    let transform = try PostTransform(node)
    if counts.isEmpty { return try linearClasses(labels, transform) }
    let (size, number) = (counts.count, counts.reduce(0, +))
    let pairs = (0..<size).flatMap { first in (first + 1..<max(size, first + 1)).map { (first, $0) } }
    guard size >= 2, labels.count == size, coefficients.count == (size - 1) * number, rho.count == pairs.count else {
      throw OnnxError("onnx-svm", "its coefficients, rho or labels are not those of \(size) classes")
    }
    let margins =
      try kernel(number).matmul(pairWeights(pairs, number)) + OnnxOperators.row(node, rho, pairs.count, .f32)
    let label = try labels.value(votes(margins, pairs, size), node)
    if let a = try node.floats("prob_a"), let b = try node.floats("prob_b"), !a.isEmpty {
      guard a.count == pairs.count, b.count == pairs.count else {
        throw OnnxError("onnx-svm", "its prob_a or prob_b are not for \(pairs.count) pairs of classes")
      }
      let coupling = try PairCoupling(node, margins, pairs, size, a, b)
      return [label, ImportedValue(transform.applied(to: try coupling.probabilities()))]
    }
    guard size == 2 else { return [label, ImportedValue(transform.applied(to: margins))] }
    let both: [Tensor]
    switch transform.kind {
    case .none: both = [-margins, margins]
    case .logistic: both = [(-margins).sigmoid(), margins.sigmoid()]
    case .probit: throw OnnxError("onnx-unsupported-attribute", "PROBIT of one score for two classes is not supported")
    case .softmax, .softmaxZero: both = [margins.like(1) - margins, margins]
    }
    return [label, ImportedValue(Tensor.concat(both, axis: 1))]
  }

  /// The coefficients of each pair of classes, [vectors, pairs]: a vector of one class has a row for each other class.
  private func pairWeights(_ pairs: [(Int, Int)], _ number: Int) throws -> Tensor {
    let starts = counts.indices.map { counts.prefix($0).reduce(0, +) }
    var table = [Double](repeating: 0, count: number * pairs.count)
    for (column, (first, second)) in pairs.enumerated() {
      for vector in starts[first]..<starts[first] + counts[first] {
        table[vector * pairs.count + column] = coefficients[(second - 1) * number + vector]
      }
      for vector in starts[second]..<starts[second] + counts[second] {
        table[vector * pairs.count + column] = coefficients[first * number + vector]
      }
    }
    return try node.table(table, shape: [number, pairs.count])
  }

  /// The class that wins most pairs, [rows].
  private func votes(_ margins: Tensor, _ pairs: [(Int, Int)], _ size: Int) throws -> Tensor {
    var (gains, losses) = (
      [Double](repeating: 0, count: pairs.count * size), [Double](repeating: 0, count: pairs.count * size)
    )
    for (row, (first, second)) in pairs.enumerated() {
      gains[row * size + first] = 1
      losses[row * size + second] = 1
    }
    let won = (margins .> margins.like(0)).cast(to: .f32)
    let shape = [pairs.count, size]
    let totals =
      try won.matmul(node.table(gains, shape: shape))
      + (won.like(1) - won).matmul(node.table(losses, shape: shape))
    return totals.argMax(axis: 1)
  }

  /// Without support vectors: a row of coefficients for each class.
  private func linearClasses(_ labels: ClassLabels, _ transform: PostTransform) throws -> [ImportedValue] {
    let size = labels.count
    guard size >= 2, coefficients.count % size == 0 else {
      throw OnnxError("onnx-svm", "its \(coefficients.count) coefficients are not for \(size) classes")
    }
    let weights = try node.table(coefficients, shape: [size, coefficients.count / size])
    let scores = x.matmul(weights.transposed([1, 0])) + x.like(rho[0])
    var place = scores.argMax(axis: 1)
    if size == 2 {
      // A rule of onnxruntime's: scores of positive coefficients are probabilities.
      let best = scores.max(axes: [1])
      let isPositive = coefficients.allSatisfy { $0 >= 0 }
      let isSecond = isPositive ? best .>= best.like(0.5) : best .> best.like(0)
      place = Tensor.select(isSecond, place.like(1), place)
    }
    return [try labels.value(place, node), ImportedValue(transform.applied(to: scores))]
  }
}

/// Probabilities of classes from those of pairs (Wu, Lin and Weng, 2004, their second method, as LIBSVM has it).
private struct PairCoupling {
  private let node: NodeConversion
  private let size: Int
  /// The probability that a row is of the first class of a pair, for each pair both ways, [rows].
  private var chances: [[Tensor?]]

  init(
    _ node: NodeConversion, _ margins: Tensor, _ pairs: [(Int, Int)], _ size: Int, _ a: [Double], _ b: [Double]
  ) throws {
    guard size <= 24 else {
      throw OnnxError("onnx-svm", "probabilities of \(size) classes are not supported, of 24 they are")
    }
    (self.node, self.size) = (node, size)
    chances = Array(repeating: Array(repeating: nil, count: size), count: size)
    let line =
      try margins * OnnxOperators.row(node, a, pairs.count, .f32) + OnnxOperators.row(node, b, pairs.count, .f32)
    let all = (-line).sigmoid().clip(minimum: 1e-7, maximum: 1 - 1e-7)
    for (column, (first, second)) in pairs.enumerated() {
      let chance = all.sliced(axis: 1, start: Dimension(column), size: 1).squeezed(axes: [1])
      chances[first][second] = chance
      chances[second][first] = chance.like(1) - chance
    }
  }

  private func products() -> [[Tensor]] {
    func chance(_ i: Int, _ j: Int) -> Tensor { chances[i][j] ?? .absent }
    return (0..<size).map { t in
      (0..<size).map { j in
        if j != t { return -(chance(j, t) * chance(t, j)) }
        return (0..<size).filter { $0 != t }.map { chance($0, t) * chance($0, t) }.reduceSum()
      }
    }
  }

  /// [rows, classes]
  func probabilities() throws -> Tensor {
    let q = products()
    guard let some = chances[0][1] else { return .absent }
    let first = (0..<size).map { _ in some * some.like(0) + some.like(1 / Double(size)) }
    let results = try LoopPlan(node.graph).results(of: .dimension(100), carrying: first) { _, state in
      var p = state
      var sums = (0..<size).map { t in (0..<size).map { q[t][$0] * p[$0] }.reduceSum() }
      var total = (0..<size).map { p[$0] * sums[$0] }.reduceSum()
      let error = sums.dropFirst().reduce((sums[0] - total).absolute()) { Tensor.maximum($0, ($1 - total).absolute()) }
      let isDone = error .< error.like(0.005 / Double(size))
      for t in 0..<size {
        let step = (total - sums[t]) / q[t][t]
        let scale = step + step.like(1)
        total = (total + step * (step * q[t][t] + sums[t] + sums[t])) / scale / scale
        p[t] = p[t] + step
        for j in 0..<size {
          sums[j] = (sums[j] + step * q[t][j]) / scale
          p[j] = p[j] / scale
        }
      }
      return zip(p, state).map { Tensor.select(isDone, $1, $0) }
    }
    return Tensor.stacked(results, axis: 1)
  }
}

extension [Tensor] {
  /// The sum of all.
  fileprivate func reduceSum() -> Tensor { dropFirst().reduce(self[0]) { $0 + $1 } }
}
