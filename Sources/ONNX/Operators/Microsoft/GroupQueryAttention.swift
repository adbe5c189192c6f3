import TensorIR
import TensorOps

/// `GroupQueryAttention` of `com.microsoft`: the attention of decoders, with a cache of keys and values to which those of the
/// call are appended, for each row of the batch where its own end.
struct GroupQueryAttention {
  private let node: NodeConversion
  private let heads: Int
  private let shared: Int
  /// How many keys a row of the batch has before those of this call, [batch, 1].
  private var before: Tensor = .absent
  /// The extent of the cache that it gives.
  private var keys: Dimension = 0

  init(_ node: NodeConversion) throws {
    self.node = node
    (heads, shared) = (try node.count("num_heads"), try node.count("kv_num_heads"))
    guard heads % shared == 0 else {
      throw OnnxError("onnx-attention", "num_heads \(heads) is no multiple of kv_num_heads \(shared)")
    }
    for name in ["k_quant_type", "v_quant_type"] {
      guard let type = try node.string(name), type != "NONE" else { continue }
      throw OnnxError("onnx-unsupported-attribute", "its attribute '\(name)' is \(type), which is not supported")
    }
    try node.refuse("kv_cache_bit_width", unless: 0)
    for name in ["qk_output", "sliding_window_cache"] { try node.refuse(name, unless: 0) }
    try node.refuse("causal", unless: 1)
    node.ignore("qk_norm_epsilon", "q_norm_epsilon", "k_norm_epsilon")
    for index in 12..<max(node.inputs.count, 12) {
      try node.refuseInput(index, "scales of a quantised cache, weights of norms and lengths of queries")
    }
  }

  func results() throws -> [ImportedValue] {
    var own = self
    return try own.converted()
  }

  private mutating func converted() throws -> [ImportedValue] {
    var (q, k, v) = try parts()
    let steps = q.shape[2]
    guard let total = try node.dimensions(6).first else {
      throw OnnxError("onnx-missing-input", "its total_sequence_length is missing")
    }
    let ends = try node.reshape(node.tensor(5).cast(to: .i64), [q.shape[0], 1])
    let isFirst = node.symbols.isEqual(steps, total) == .yes
    // The number of keys less one; in the first call all keys are its own, though a row may have fewer.
    before = isFirst ? ends * ends.like(0) : ends + ends.like(1) - q.dimensionValue(steps)
    if !isFirst, node.symbols.isEqual(steps, 1) != .yes {
      // Whether it is the first call is known when it runs.
      before = Tensor.select(q.dimensionValue(steps) .== q.dimensionValue(total), before.like(0), before)
    }
    if try node.flag("do_rotary") { (q, k) = try turned(q, k) }
    node.ignore("rotary_interleaved")
    keys = total
    if node.hasInput(3) {
      let past = (try node.tensor(3), try node.tensor(4))
      keys = node.symbols.maximum(past.0.shape[2], total)
      (k, v) = (try appended(k, to: past.0), try appended(v, to: past.1))
    } else if node.symbols.isEqual(steps, total) != .yes {
      throw OnnxError("onnx-attention", "without a past its total_sequence_length is that of the queries")
    }
    var attention = try HeadAttention(node, query: q, key: k, value: v)
    attention.scale = try node.float("scale").flatMap { $0 == 0 ? nil : $0 }
    attention.softcap = try node.float("softcap") ?? 0
    if node.hasInput(10) { attention.bias = try bias(node.tensor(10)) }
    try mask(&attention)
    let output = try node.mergeHeads(attention.output())
    return [output, k, v].map { ImportedValue($0) }
  }

  /// Queries, keys and values, which may be side by side in the first input.
  private func parts() throws -> (Tensor, Tensor, Tensor) {
    let first = try node.tensor(0)
    guard first.rank == 3 else { throw OnnxError("onnx-rank", "it takes queries [batch, steps, size]") }
    if node.hasInput(1), node.hasInput(2) {
      return (
        try node.splitHeads(first, heads), try node.splitHeads(node.tensor(1), shared),
        try node.splitHeads(node.tensor(2), shared)
      )
    }
    let size = node.symbols.quotient(first.shape[2], Dimension(heads + 2 * shared))
    let (wide, narrow) = (size * Dimension(heads), size * Dimension(shared))
    return (
      try node.splitHeads(first.sliced(axis: 2, start: 0, size: wide), heads),
      try node.splitHeads(first.sliced(axis: 2, start: wide, size: narrow), shared),
      try node.splitHeads(first.sliced(axis: 2, start: wide + narrow, size: narrow), shared)
    )
  }

  private func turned(_ q: Tensor, _ k: Tensor) throws -> (Tensor, Tensor) {
    var rotation = try Rotation(node, width: 0)
    rotation.isInterleaved = try node.flag("rotary_interleaved")
    let (cosines, sines) = (try node.tensor(7), try node.tensor(8))
    if let half = cosines.shape.last?.constant, node.symbols.isEqual(q.shape[3], Dimension(2 * half)) != .yes {
      let isInterleaved = rotation.isInterleaved
      rotation = try Rotation(node, width: 2 * half)
      rotation.isInterleaved = isInterleaved
    }
    var positions = before + before.iota(.i64, [1, q.shape[2]], axis: 1)
    if node.hasInput(9) {
      let given = try node.tensor(9)
      positions = given.rank == 2 ? given : positions
    }
    // Rows that are shorter than the batch are padded, and nobody reads what stands there.
    let last = positions.cast(to: .i64)
    positions = Tensor.minimum(last, last.dimensionValue(cosines.shape[0] - 1))
    return (
      try rotation.turned(q, cosines: cosines, sines: sines, positions: positions),
      try rotation.turned(k, cosines: cosines, sines: sines, positions: positions)
    )
  }

  /// The cache with the keys of this call where those of each row end, and zeros behind.
  private func appended(_ new: Tensor, to past: Tensor) throws -> Tensor {
    let shape = [new.shape[0], new.shape[1], keys, new.shape[3]]
    let place = new.iota(.i64, [1, 1, keys, 1], axis: 2)
    let start = try node.reshape(before, [new.shape[0], 1, 1, 1])
    let steps = new.dimensionValue(new.shape[2])
    let old = new.dimensionValue(past.shape[2])
    let isNew = (place .>= start) .& (place .< start + steps)
    let isOld = (place .< start) .& (place .< old)
    // What is padding stands at the end of what is picked from.
    let source = Tensor.concat([past, new, new.full(0, [new.shape[0], new.shape[1], 1, new.shape[3]])], axis: 2)
    let index = Tensor.select(isOld, place, Tensor.select(isNew, place - start + old, old + steps))
    return source.takeAlong(index.broadcast(to: shape), axis: 2)
  }

  /// The bias may reach over more keys than there are.
  private func bias(_ x: Tensor) throws -> Tensor {
    guard x.rank == 4 else { throw OnnxError("onnx-rank", "its bias has rank \(x.rank), not 4") }
    return node.symbols.isEqual(x.shape[3], keys) == .yes ? x : x.sliced(axis: 3, start: 0, size: keys)
  }

  /// A query sees the keys up to its own, of them the last `local_window_size`.
  private func mask(_ attention: inout HeadAttention) throws {
    let steps = attention.query.shape[2]
    let column = before.iota(.i64, [1, 1, 1, keys], axis: 3)
    let start = try node.reshape(before, [attention.query.shape[0], 1, 1, 1])
    let row = start + before.iota(.i64, [1, 1, steps, 1], axis: 2)
    var allowed = column .<= row
    if let window = try node.integer("local_window_size"), window > 0 {
      allowed = allowed .& (column .> row - row.like(Double(window)))
    }
    attention.allowed = allowed
    let isSmooth = try node.flag("smooth_softmax")
    if node.hasInput(11) {
      attention.sink = try node.reshape(node.tensor(11), [Dimension(heads), 1, 1])
    } else if isSmooth {
      attention.sink = attention.query.like(0)
    }
  }
}
