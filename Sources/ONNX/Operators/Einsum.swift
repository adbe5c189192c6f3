import TensorIR
import TensorOps

/// Einstein sums, as sums, transpositions, reshapes and a matrix product for each pair of operands, from the left.
struct EinsumConversion {
  /// An operand with a letter for each axis.
  fileprivate struct Operand {
    var tensor: Tensor
    var labels: [Character]

    func extent(_ label: Character) -> Dimension? { labels.firstIndex(of: label).map { tensor.shape[$0] } }
  }

  private let node: NodeConversion
  private var operands: [Operand]
  private let output: [Character]

  init(_ node: NodeConversion) throws {
    self.node = node
    let equation = EinsumEquation(try node.string("equation") ?? "")
    let tensors = try node.tensors()
    let (terms, output) = try equation.labels(ranks: tensors.map(\.rank))
    self.output = output
    operands = try zip(tensors, terms).map { try EinsumConversion.diagonal(Operand(tensor: $0, labels: $1), node) }
    try stretch()
  }

  func result() throws -> Tensor {
    var joined = try summed(operands[0], keeping: Set(operands.dropFirst().flatMap(\.labels) + output))
    for (index, operand) in operands.enumerated().dropFirst() {
      let later = Set(operands.dropFirst(index + 1).flatMap(\.labels) + output)
      let right = try summed(operand, keeping: later.union(joined.labels))
      joined = try summed(multiplied(joined, right, keeping: later), keeping: later)
    }
    return try node.transpose(joined.tensor, output.compactMap { joined.labels.firstIndex(of: $0) })
  }

  /// Axes with one letter as one axis: their diagonal, by a sum in which all other elements are 0.
  private static func diagonal(_ operand: Operand, _ node: NodeConversion) throws -> Operand {
    var operand = operand
    while let (first, second) = operand.repeatedAxes {
      let x = operand.tensor
      guard node.symbols.isEqual(x.shape[first], x.shape[second]) != .no else {
        throw OnnxError("onnx-einsum", "a diagonal of \(x.shape[first]) by \(x.shape[second]) elements")
      }
      let isOn = x.iota(.i64, x.shape, axis: first) .== x.iota(.i64, x.shape, axis: second)
      operand.tensor = Tensor.select(isOn, x, x.like(0)).sum(axes: [second])
      operand.labels.remove(at: second)
    }
    return operand
  }

  /// Axes of an ellipsis broadcast as those of pointwise operations do.
  private mutating func stretch() throws {
    for label in Set(operands.flatMap(\.labels)).sorted() where EinsumEquation.isFromEllipsis(label) {
      guard let wide = operands.compactMap({ $0.extent(label) }).first(where: { $0 != 1 }) else { continue }
      for index in operands.indices {
        guard let axis = operands[index].labels.firstIndex(of: label), operands[index].tensor.shape[axis] == 1 else {
          continue
        }
        var shape = operands[index].tensor.shape
        shape[axis] = wide
        operands[index].tensor = operands[index].tensor.broadcast(to: shape)
      }
    }
  }

  /// An operand summed over the letters that are not needed any more.
  private func summed(_ operand: Operand, keeping letters: Set<Character>) throws -> Operand {
    let axes = operand.labels.indices.filter { !letters.contains(operand.labels[$0]) }
    if axes.isEmpty { return operand }
    return Operand(
      tensor: try node.add(Sum(axes: axes), operand.tensor), labels: operand.labels.filter { letters.contains($0) })
  }

  /// Letters that both have and that are still needed are batches; the others that both have are multiplied and summed.
  private func multiplied(_ a: Operand, _ b: Operand, keeping letters: Set<Character>) throws -> Operand {
    let shared = a.labels.filter { b.labels.contains($0) }
    let batch = shared.filter { letters.contains($0) }
    let inner = shared.filter { !letters.contains($0) }
    let rows = a.labels.filter { !shared.contains($0) }
    let columns = b.labels.filter { !shared.contains($0) }
    let left = try matrix(a, batch: batch, rows: rows, columns: inner)
    let right = try matrix(b, batch: batch, rows: inner, columns: columns)
    let product = try node.add(Matmul(), left, right)
    let shape =
      Array(product.shape.prefix(batch.count)) + rows.compactMap(a.extent) + columns.compactMap(b.extent)
    return Operand(tensor: try node.reshape(product, shape), labels: batch + rows + columns)
  }

  private func matrix(
    _ operand: Operand, batch: [Character], rows: [Character], columns: [Character]
  ) throws -> Tensor {
    let order = (batch + rows + columns).compactMap { operand.labels.firstIndex(of: $0) }
    let moved = try node.transpose(operand.tensor, order)
    func count(_ labels: [Character]) -> Dimension { labels.compactMap(operand.extent).reduce(1, *) }
    return try node.reshape(moved, batch.compactMap(operand.extent) + [count(rows), count(columns)])
  }
}

extension EinsumConversion.Operand {
  /// The first two axes that have one letter.
  fileprivate var repeatedAxes: (Int, Int)? {
    for (index, label) in labels.enumerated() {
      if let first = labels.firstIndex(of: label), first < index { return (first, index) }
    }
    return nil
  }
}
