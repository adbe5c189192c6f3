import TensorIR
import TensorOps

extension OnnxOperators {
  /// Attention of the default domain and what stands around it in decoders.
  static let attention: [String: Converter] = [
    "Attention": { node in try AttentionConversion(node).results() },
    "RotaryEmbedding": one(rotaryEmbedding),
    "TensorScatter": one(cacheUpdate),
  ]

  /// Caches are [places, half] where positions pick from them, else [batch, steps, half].
  private static func rotaryEmbedding(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    let isFlat = x.rank == 3
    let heads = isFlat ? try node.splitHeads(x, node.count("num_heads")) : x
    node.ignore("num_heads")
    var rotation = try Rotation(node, width: node.integer("rotary_embedding_dim") ?? 0)
    rotation.isInterleaved = try node.flag("interleaved")
    let positions = node.hasInput(3) ? try node.tensor(3) : nil
    let turned = try rotation.turned(heads, cosines: node.tensor(1), sines: node.tensor(2), positions: positions)
    return isFlat ? try node.mergeHeads(turned) : turned
  }

  /// A cache with an update at a place of its own for each row of the batch; `circular` goes on at the start.
  private static func cacheUpdate(_ node: NodeConversion) throws -> Tensor {
    let (cache, update) = (try node.tensor(0), try node.tensor(1))
    let axis = try node.axis(node.integer("axis") ?? -2, rank: cache.rank)
    let mode = try node.string("mode") ?? "linear"
    guard axis > 0, update.rank == cache.rank, ["linear", "circular"].contains(mode) else {
      throw OnnxError(
        "onnx-tensor-scatter", "its mode '\(mode)', axis \(axis) or update of rank \(update.rank) is none")
    }
    var places = update.iota(.i64, update.shape, axis: axis)
    if node.hasInput(2) {
      let starts = try node.tensor(2).cast(to: .i64)
      places = try places + node.reshape(starts, [cache.shape[0]] + Array(repeating: 1, count: cache.rank - 1))
    }
    if mode == "circular" { places = places % places.dimensionValue(cache.shape[axis]) }
    return try node.add(ScatterElements(axis: axis), cache, places, update)
  }
}

/// ONNX's `Attention`, in all its versions.
private struct AttentionConversion {
  private let node: NodeConversion
  private var attention: HeadAttention
  private let isFlat: Bool
  /// How many keys stand before those of this call: a dimension, or one number for each row of the batch.
  private var offset: Tensor

  init(_ node: NodeConversion) throws {
    self.node = node
    var (q, k, v) = (try node.tensor(0), try node.tensor(1), try node.tensor(2))
    isFlat = q.rank == 3
    if isFlat {
      let (heads, shared) = (try node.count("q_num_heads"), try node.count("kv_num_heads"))
      guard heads % shared == 0 else {
        throw OnnxError("onnx-attention", "q_num_heads \(heads) is no multiple of kv_num_heads \(shared)")
      }
      (q, k, v) = (try node.splitHeads(q, heads), try node.splitHeads(k, shared), try node.splitHeads(v, shared))
    }
    node.ignore("q_num_heads", "kv_num_heads")
    guard node.hasInput(4) == node.hasInput(5) else {
      throw OnnxError("onnx-missing-input", "past_key and past_value are given together or not at all")
    }
    offset = q.dimensionValue(0)
    if node.hasInput(4) {
      let past = (try node.tensor(4), try node.tensor(5))
      offset = q.dimensionValue(past.0.shape[2])
      (k, v) = (Tensor.concat([past.0, k], axis: 2), Tensor.concat([past.1, v], axis: 2))
    }
    attention = try HeadAttention(node, query: q, key: k, value: v)
    attention.scale = try node.float("scale")
    attention.softcap = try node.float("softcap") ?? 0
    if try node.integer("softmax_precision") == 11, q.elementType != .f64 { attention.precision = .f64 }
    try mask()
    try place()
  }

  private var keys: Dimension { attention.key.shape[2] }

  /// A mask is one of truth values or a bias; one that ends early lets nothing through from there on.
  private mutating func mask() throws {
    guard node.hasInput(3) else { return }
    let given = try node.tensor(3)
    guard given.rank >= 1, given.rank <= 4 else {
      throw OnnxError("onnx-rank", "its mask has rank \(given.rank), not 1 to 4")
    }
    attention.mayBeEmpty = true
    var mask = given
    if node.symbols.isEqual(given.shape[given.rank - 1], keys) != .yes {
      let none = given.shape.dropLast().map { _ in Dimension(0) }
      let missing = keys - given.shape[given.rank - 1]
      let isTruth = given.elementType == .bool
      mask = (isTruth ? given.cast(to: .u8) : given).padded(
        before: none + [0], after: none + [missing], value: isTruth ? 0 : -.infinity)
      if isTruth { mask = mask.cast(to: .bool) }
    }
    if mask.elementType == .bool { attention.allowed = mask } else { attention.bias = mask }
  }

  /// What follows from where queries and keys stand.
  private mutating func place() throws {
    let (left, right) = (try node.integer("left_window_size") ?? -1, try node.integer("right_window_size") ?? -1)
    guard left >= -1, right >= -1 else { throw OnnxError("onnx-attention", "its window is [\(left), \(right)]") }
    let isCausal = try node.flag("is_causal")
    let q = attention.query
    let column = q.iota(.i64, [q.shape[2], keys], axis: 1)
    if node.hasInput(6) {
      guard !node.hasInput(4) else {
        throw OnnxError("onnx-attention", "nonpad_kv_seqlen and a past do not go together")
      }
      let lengths = try node.reshape(node.tensor(6).cast(to: .i64), [q.shape[0], 1, 1, 1])
      allow(column .< lengths, mayBeEmpty: true)
      offset = lengths - q.dimensionValue(q.shape[2])
    }
    guard isCausal || left >= 0 || right >= 0 else { return }
    let row = q.iota(.i64, [q.shape[2], keys], axis: 0) + offset
    if isCausal { allow(column .<= row, mayBeEmpty: node.hasInput(6)) }
    if left >= 0 { allow(row - column .<= row.like(Double(left)), mayBeEmpty: true) }
    if right >= 0 { allow(column - row .<= row.like(Double(right)), mayBeEmpty: true) }
  }

  private mutating func allow(_ condition: Tensor, mayBeEmpty: Bool) {
    attention.allowed = attention.allowed.map { $0 .& condition } ?? condition
    if mayBeEmpty { attention.mayBeEmpty = true }
  }

  func results() throws -> [ImportedValue] {
    let results = try attention.results()
    let output = isFlat ? try node.mergeHeads(results.output) : results.output
    let shown: Tensor
    switch try node.integer("qk_matmul_output_mode") ?? 0 {
    case 0: shown = results.products
    case 1: shown = results.capped
    case 2: shown = results.biased
    case 3: shown = results.weights
    case let other: throw OnnxError("onnx-attention", "qk_matmul_output_mode \(other) is unknown")
    }
    let type = attention.query.elementType
    return [output, attention.key, attention.value, shown.cast(to: type)].map { ImportedValue($0) }
  }
}
