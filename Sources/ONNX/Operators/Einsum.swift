import TensorIR
import TensorOps

/// Einstein sums of one or two operands, as sums, transpositions, reshapes and one matrix product.
struct EinsumConversion {
  /// An operand with a letter for each axis.
  private struct Operand {
    var tensor: Tensor
    var labels: [Character]

    func extent(_ label: Character) -> Dimension? { labels.firstIndex(of: label).map { tensor.shape[$0] } }
  }

  private let node: NodeConversion
  private var operands: [Operand]
  private let output: [Character]

  init(_ node: NodeConversion) throws {
    self.node = node
    let equation = (try node.string("equation") ?? "").filter { $0 != " " }
    let sides = equation.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let terms = sides[0].split(separator: ",", omittingEmptySubsequences: false).map(Array.init)
    let tensors = try node.tensors()
    guard terms.count == tensors.count, (1...2).contains(tensors.count) else {
      throw OnnxError("onnx-einsum", "'\(equation)' is not one of one or two operands, which is all that is known")
    }
    operands = try zip(tensors, terms).map { tensor, labels in
      guard labels.allSatisfy(\.isLetter), Set(labels).count == labels.count, labels.count == tensor.rank else {
        throw OnnxError(
          "onnx-einsum",
          "'\(equation)': each axis needs a letter of its own; ellipses and diagonals are not supported")
      }
      return Operand(tensor: tensor, labels: labels)
    }
    output = try EinsumConversion.output(sides, terms, equation)
    let known = Set(terms.joined())
    guard Set(output).count == output.count, output.allSatisfy(known.contains) else {
      throw OnnxError("onnx-einsum", "'\(equation)': the result names a letter twice or one that no operand has")
    }
  }

  /// The letters of the result; without `->`, those that occur once, in the order of the alphabet.
  private static func output(
    _ sides: [Substring], _ terms: [[Character]], _ equation: String
  ) throws -> [Character] {
    if sides.count == 1 {
      let all = terms.joined()
      return all.filter { letter in all.filter { $0 == letter }.count == 1 }.sorted()
    }
    guard sides[1].first == ">" else { throw OnnxError("onnx-einsum", "'\(equation)' is not an equation") }
    return Array(sides[1].dropFirst())
  }

  func result() throws -> Tensor {
    let summed = try operands.indices.map { try summedAlone($0) }
    let joined = summed.count == 1 ? summed[0] : try multiplied(summed[0], summed[1])
    return try node.transpose(joined.tensor, output.compactMap { joined.labels.firstIndex(of: $0) })
  }

  /// An operand summed over the letters that stand nowhere else.
  private func summedAlone(_ index: Int) throws -> Operand {
    let others = Set(operands.indices.filter { $0 != index }.flatMap { operands[$0].labels } + output)
    let own = operands[index]
    let axes = own.labels.indices.filter { !others.contains(own.labels[$0]) }
    if axes.isEmpty { return own }
    return Operand(
      tensor: try node.add(Sum(axes: axes), own.tensor), labels: own.labels.filter { others.contains($0) })
  }

  /// Letters that both have and the result keeps are batches; those it does not keep are multiplied and summed.
  private func multiplied(_ a: Operand, _ b: Operand) throws -> Operand {
    let shared = a.labels.filter { b.labels.contains($0) }
    let batch = shared.filter { output.contains($0) }
    let inner = shared.filter { !output.contains($0) }
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
