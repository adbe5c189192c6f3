import TensorIR
import TensorOps

/// ONNX's `LinearAttention`: a state [keys, values] for each head that every step adds to, as a loop over the steps.
struct LinearAttention {
  private let node: NodeConversion
  private let heads: Int
  private let shared: Int
  private let rule: String

  init(_ node: NodeConversion) throws {
    self.node = node
    (heads, shared) = (try node.count("q_num_heads"), try node.count("kv_num_heads"))
    rule = try node.string("update_rule") ?? "gated_delta"
    guard heads % shared == 0, ["linear", "gated", "delta", "gated_delta"].contains(rule) else {
      throw OnnxError("onnx-attention", "its heads \(heads) and \(shared) or its update_rule '\(rule)' do not fit")
    }
    node.ignore("chunk_size")
    for (index, isNeeded, name) in [(4, isGated, "decay"), (5, isDelta, "beta")] where node.hasInput(index) != isNeeded
    {
      throw OnnxError(
        "onnx-attention", "with the update_rule '\(rule)' its input '\(name)' must \(isNeeded ? "" : "not ")be there")
    }
  }

  private var isGated: Bool { rule.hasPrefix("gated") }
  private var isDelta: Bool { rule.hasSuffix("delta") }

  /// [batch, steps, heads · size] as [steps, batch, heads, size] in a type that a loop can compute in.
  private func steps(_ x: Tensor, _ heads: Int) throws -> Tensor {
    let wide = x.elementType == .f64 ? x : x.cast(to: .f32)
    return try node.transpose(node.splitHeads(wide, heads), [2, 0, 1, 3])
  }

  func results() throws -> [ImportedValue] {
    let (query, key, value) = (try node.tensor(0), try node.tensor(1), try node.tensor(2))
    let type = query.elementType
    let (q, k, v) = (try steps(query, heads), try steps(key, shared), try steps(value, shared))
    let (count, batch, size, width) = (q.shape[0], q.shape[1], k.shape[3], v.shape[3])
    let group = Dimension(heads / shared)
    let given = try node.float("scale").flatMap { $0 == 0 ? nil : $0 }
    guard let number = size.constant else { throw OnnxError("onnx-attention", "the size of its keys is not known") }
    let scale = given ?? 1 / Double(max(number, 1)).squareRoot()
    let decay = isGated ? try steps(node.tensor(4), shared) : nil
    // A rate for each head, or one for all.
    let beta = isDelta ? try rate(node.tensor(5)) : nil
    let past = node.hasInput(3) ? try node.tensor(3) : nil
    let first =
      past.map { $0.elementType == .f64 ? $0 : $0.cast(to: q.elementType) }
      ?? q.full(0, [batch, Dimension(shared), size, width])
    let results = try LoopPlan(node.graph).results(of: .dimension(count), carrying: [first]) { step, state in
      func at(_ x: Tensor, _ shape: [Dimension]) throws -> Tensor { try node.reshape(x.gather(step, axis: 0), shape) }
      let lead = [batch, Dimension(shared)]
      var own = state[0]
      if let decay { own = try own * at(decay, lead + [decay.shape[3], 1]).exp() }
      let row = try at(k, lead + [1, size])
      var new = try at(v, lead + [1, width])
      if let beta { new = try at(beta, [batch, beta.shape[2], 1, 1]) * (new - row.matmul(own)) }
      own = own + row.transposed([0, 1, 3, 2]) * new
      let read = try at(q, lead + [group, size]).matmul(own)
      return [own, read * read.like(scale)]
    }
    let rows = try node.transpose(results[1], [1, 0, 2, 3, 4])
    let output = try node.reshape(rows, [batch, count, Dimension(heads) * width])
    return [output.cast(to: type), results[0].cast(to: past?.elementType ?? type)].map { ImportedValue($0) }
  }

  private func rate(_ x: Tensor) throws -> Tensor {
    guard x.rank == 3, let count = x.shape[2].constant, count == 1 || count == shared else {
      throw OnnxError("onnx-attention", "its beta is \(x.type), not one number for each head")
    }
    return try steps(x, count)
  }
}
