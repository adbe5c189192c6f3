import TensorIR
import TensorOps

/// Scaled dot-product attention over heads: the softmax of the products of queries and keys weighs the values. Where there are
/// more heads of queries than of keys, as many neighbours among them share a head of keys.
struct HeadAttention {
  let node: NodeConversion
  /// [batch, heads, steps, size]
  var query: Tensor
  /// [batch, heads of keys, keys, size]
  var key: Tensor
  /// [batch, heads of keys, keys, size of a value]
  var value: Tensor
  /// What the products are multiplied by; nil: 1/√size.
  var scale: Double?
  /// Products p become `softcap · tanh(p / softcap)`; with 0 they stay.
  var softcap = 0.0
  /// Added to the products; broadcasts to [batch, heads, steps, keys].
  var bias: Tensor?
  /// Where it is false nothing is attended to; broadcasts as the bias does.
  var allowed: Tensor?
  /// Whether there may be a query that may attend to nothing; its weights are 0.
  var mayBeEmpty = false
  /// The exponent of a weight that no value has, beside those of the keys; broadcasts to [batch, heads, steps, 1].
  var sink: Tensor?
  /// The type in which the softmax is computed, if it is another.
  var precision: ElementType?

  init(_ node: NodeConversion, query: Tensor, key: Tensor, value: Tensor) throws {
    guard [query, key, value].allSatisfy({ $0.rank == 4 }) else {
      throw OnnxError(
        "onnx-rank",
        "it takes queries, keys and values of rank 4, or of rank 3 with a number of heads, not of ranks "
          + "\(query.rank), \(key.rank) and \(value.rank)")
    }
    (self.node, self.query, self.key, self.value) = (node, query, key, value)
  }

  struct Results {
    /// The products, scaled; after the softcap; with bias and mask; the weights. All [batch, heads, steps, keys].
    var products: Tensor
    var capped: Tensor
    var biased: Tensor
    var weights: Tensor
    /// [batch, heads, steps, size of a value]
    var output: Tensor
  }

  /// - Parameters:
  ///   - scores: changes what goes into the softmax.
  ///   - probabilities: changes the weights.
  func results(
    scores: (Tensor) throws -> Tensor = { $0 }, probabilities: (Tensor) throws -> Tensor = { $0 }
  ) throws -> Results {
    let products = try self.products()
    let capped = softcap > 0 ? (products / products.like(softcap)).tanh() * products.like(softcap) : products
    var biased = bias.map { capped + $0.cast(to: capped.elementType) } ?? capped
    biased = try scores(precision.map { biased.cast(to: $0) } ?? biased)
    if let allowed { biased = Tensor.select(allowed, biased, biased.like(-.infinity)) }
    let weights = try probabilities(self.weights(biased))
    let narrow = weights.cast(to: value.elementType)
    let output = try ungrouped(node.add(Matmul(), grouped(narrow), value))
    return Results(products: products, capped: capped, biased: biased, weights: weights, output: output)
  }

  func output() throws -> Tensor { try results().output }

  private func products() throws -> Tensor {
    let scaled: Tensor
    if let factor = scale ?? query.shape[3].constant.map({ 1 / Double(max($0, 1)).squareRoot() }) {
      scaled = query * query.like(factor)
    } else {
      scaled = query / query.dimensionValue(query.shape[3]).cast(to: query.elementType).sqrt()
    }
    return try ungrouped(node.add(Matmul(transposeLeft: false, transposeRight: true), grouped(scaled), key))
  }

  private var isGrouped: Bool { node.symbols.isEqual(query.shape[1], key.shape[1]) != .yes }

  /// Steps of the heads that share one of keys are rows of one product.
  private func grouped(_ x: Tensor) throws -> Tensor {
    guard isGrouped else { return x }
    let count = node.symbols.quotient(query.shape[1], key.shape[1])
    return try node.reshape(x, [x.shape[0], key.shape[1], count * x.shape[2], x.shape[3]])
  }

  private func ungrouped(_ x: Tensor) throws -> Tensor {
    guard isGrouped else { return x }
    return try node.reshape(x, [x.shape[0], query.shape[1], query.shape[2], x.shape[3]])
  }

  /// The softmax over the keys. Where nothing is allowed, or a bias of -∞ leaves nothing, the weights are 0.
  private func weights(_ scores: Tensor) -> Tensor {
    guard mayBeEmpty || sink != nil else { return scores.softmax(axis: 3) }
    var greatest = scores.max(axes: [3], keepAxes: true)
    let sink = self.sink?.cast(to: scores.elementType)
    if let sink { greatest = Tensor.maximum(greatest, sink) }
    let shift = Tensor.select(greatest .== greatest.like(-.infinity), greatest.like(0), greatest)
    let powers = (scores - shift).exp()
    var total = powers.sum(axes: [3], keepAxes: true)
    if let sink { total = total + (sink - shift).exp() }
    return powers / Tensor.select(total .== total.like(0), total.like(1), total)
  }
}

extension NodeConversion {
  /// [batch, steps, heads · size] as [batch, heads, steps, size].
  func splitHeads(_ x: Tensor, _ heads: Int) throws -> Tensor {
    guard x.rank == 3, heads > 0 else {
      throw OnnxError("onnx-rank", "it cannot split rank \(x.rank) into \(heads) heads")
    }
    let size = symbols.quotient(x.shape[2], Dimension(heads))
    return try transpose(reshape(x, [x.shape[0], x.shape[1], Dimension(heads), size]), [0, 2, 1, 3])
  }

  /// [batch, heads, steps, size] as [batch, steps, heads · size].
  func mergeHeads(_ x: Tensor) throws -> Tensor {
    let turned = try transpose(x, [0, 2, 1, 3])
    return try reshape(turned, [x.shape[0], x.shape[2], x.shape[1] * x.shape[3]])
  }

  /// A positive number that an attribute must give.
  func count(_ name: String) throws -> Int {
    guard let count = try integer(name), (1...1 << 24).contains(count) else {
      throw OnnxError("onnx-missing-attribute", "its attribute '\(name)' is missing or not a positive number")
    }
    return count
  }

  /// Refuses an attribute that is given and says something else than what is supported.
  func refuse(_ name: String, unless supported: Int...) throws {
    guard let value = try integer(name), !supported.contains(value) else { return }
    throw OnnxError("onnx-unsupported-attribute", "its attribute '\(name)' is \(value), which is not supported")
  }

  /// Refuses an input that is given.
  func refuseInput(_ index: Int, _ what: String) throws {
    guard hasInput(index) else { return }
    throw OnnxError("onnx-unsupported-input", "its input \(index) '\(node.input[index])' (\(what)) is not supported")
  }
}
