import TensorIR
import TensorOps

extension OnnxOperators {
  /// Attention as transformers have it, caches and rotations with it.
  static let fusedAttention: [String: Converter] = [
    "Attention": { node in
      let weights = try node.tensor(1)
      let columns = try product(node, node.tensor(0), weights)
      return try selfAttention(node, node.hasInput(2) ? columns + node.tensor(2) : columns, mask: 3, past: 4, bias: 5)
    },
    "QAttention": { node in
      let scale = try node.tensor(3) * node.tensor(4)
      let x = difference(try node.tensor(0), try node.optionalTensor(6).ifPresent)
      let weights = difference(try node.tensor(1), try node.optionalTensor(7).ifPresent)
      let sums = try product(node, x, weights).cast(to: scale.elementType) * scale
      return try selfAttention(node, sums + node.tensor(2), mask: 5, past: 8, bias: nil)
    },
    "MultiHeadAttention": multiHeadAttention,
    "GroupQueryAttention": { node in try GroupQueryAttention(node).results() },
    "RotaryEmbedding": one(rotaryEmbedding),
  ]

  /// - Parameters:
  ///   - columns: queries, keys and values side by side, [batch, steps, …].
  ///   - mask: which input is the mask, and so on.
  private static func selfAttention(
    _ node: NodeConversion, _ columns: Tensor, mask: Int, past: Int, bias: Int?
  ) throws -> [ImportedValue] {
    try node.refuse("do_rotary", unless: 0)
    try node.refuse("past_present_share_buffer", unless: 0)
    node.ignore("rotary_embedding_dim")
    let heads = try node.count("num_heads")
    guard columns.rank == 3 else { throw OnnxError("onnx-rank", "it takes an input [batch, steps, size]") }
    let sizes: [Dimension]
    if let given = try node.integers("qkv_hidden_sizes"), !given.isEmpty {
      guard given.count == 3, given.allSatisfy({ $0 > 0 && $0 % heads == 0 }), given[0] == given[1] else {
        throw OnnxError("onnx-attention", "its qkv_hidden_sizes are \(given), which \(heads) heads do not divide")
      }
      sizes = given.map { Dimension($0) }
    } else {
      sizes = Array(repeating: node.symbols.quotient(columns.shape[2], 3), count: 3)
    }
    let starts = [0, sizes[0], sizes[0] + sizes[1]]
    var parts = try zip(starts, sizes).map { start, size in
      try node.splitHeads(columns.sliced(axis: 2, start: start, size: size), heads)
    }
    var offset: Dimension = 0
    if node.hasInput(past) {
      let before = try node.tensor(past)
      guard before.rank == 5 else { throw OnnxError("onnx-rank", "its past has rank \(before.rank), not 5") }
      offset = before.shape[3]
      for (index, part) in [1, 2].enumerated() {
        let old = try node.reshape(
          before.sliced(axis: 0, start: Dimension(index), size: 1), Array(before.shape.dropFirst()))
        parts[part] = Tensor.concat([old, parts[part]], axis: 2)
      }
    }
    var attention = try HeadAttention(node, query: parts[0], key: parts[1], value: parts[2])
    try MaskInput(node, mask).apply(to: &attention)
    if let bias, node.hasInput(bias) { attention.add(bias: try node.tensor(bias)) }
    try attention.finish(offset: offset)
    let output = try node.mergeHeads(attention.output())
    guard node.node.output.count > 1 else { return [ImportedValue(output)] }
    return [output, Tensor.stacked([parts[1], parts[2]])].map { ImportedValue($0) }
  }

  /// Queries, keys and values as they are, or packed: [batch, steps, heads, 3, size] and [batch, steps, heads, 2, size].
  private static func multiHeadAttention(_ node: NodeConversion) throws -> [ImportedValue] {
    try node.refuseInput(8, "past_sequence_length")
    try node.refuseInput(9, "cache_indirection")
    let heads = try node.count("num_heads")
    var parts = try unpacked(node, heads)
    if node.hasInput(3) {
      let bias = try node.tensor(3)
      var start: Dimension = 0
      for index in parts.indices {
        let size = parts[index].shape[1] * parts[index].shape[3]
        let own = bias.sliced(axis: 0, start: start, size: size)
        start = start + size
        // Keys that come in heads have been projected elsewhere.
        if index > 0, node.hasInput(1), try node.rank(1) == 4 { continue }
        parts[index] = try parts[index] + node.reshape(own, [parts[index].shape[1], 1, parts[index].shape[3]])
      }
    }
    var offset: Dimension = 0
    for (part, past) in [(1, 6), (2, 7)] where node.hasInput(past) {
      let before = try node.tensor(past)
      offset = before.shape[2]
      parts[part] = Tensor.concat([before, parts[part]], axis: 2)
    }
    var attention = try HeadAttention(node, query: parts[0], key: parts[1], value: parts[2])
    try MaskInput(node, 4).apply(to: &attention)
    if node.hasInput(5) { attention.add(bias: try node.tensor(5)) }
    try attention.finish(offset: offset)
    let results = try attention.results()
    return try [node.mergeHeads(results.output), parts[1], parts[2], results.biased].map { ImportedValue($0) }
  }

  private static func unpacked(_ node: NodeConversion, _ heads: Int) throws -> [Tensor] {
    func split(_ x: Tensor, _ count: Int) throws -> [Tensor] {
      try (0..<count).map { index in
        let part = x.sliced(axis: 3, start: Dimension(index), size: 1)
        let plain = try node.reshape(part, [x.shape[0], x.shape[1], x.shape[2], x.shape[4]])
        return try node.transpose(plain, [0, 2, 1, 3])
      }
    }
    func inHeads(_ index: Int) throws -> Tensor {
      let x = try node.tensor(index)
      return x.rank == 4 ? x : try node.splitHeads(x, heads)
    }
    let query = try node.tensor(0)
    if query.rank == 5 { return try split(query, 3) }
    guard node.hasInput(1) else {
      throw OnnxError("onnx-missing-input", "its key is missing, and its query does not hold it too")
    }
    let key = try node.tensor(1)
    if key.rank == 5 { return try [node.splitHeads(query, heads)] + split(key, 2) }
    return try [node.splitHeads(query, heads), inHeads(1), inHeads(2)]
  }

  /// Positions are one number, that of the first step, or one for each step.
  private static func rotaryEmbedding(_ node: NodeConversion) throws -> Tensor {
    try node.refuse("is_packed_batching", unless: 0)
    let scale = try node.float("scale") ?? 1
    let width = try node.integer("rotary_embedding_dim") ?? 0
    var rotation = try Rotation(node, width: width)
    rotation.isInterleaved = try node.flag("interleaved")
    let (x, cosines) = (try node.tensor(0), try node.tensor(2))
    var heads = x
    let given = try node.integer("num_heads") ?? 0
    if x.rank == 3 {
      guard let half = cosines.shape.last, cosines.rank == 2 else {
        throw OnnxError("onnx-rank", "its cosines have rank \(cosines.rank), not 2")
      }
      let count = given > 0 ? Dimension(given) : node.symbols.quotient(x.shape[2], half * 2)
      let size = node.symbols.quotient(x.shape[2], count)
      heads = try node.transpose(node.reshape(x, [x.shape[0], x.shape[1], count, size]), [0, 2, 1, 3])
    }
    guard heads.rank == 4 else { throw OnnxError("onnx-rank", "it takes x of rank 3 or 4, not \(x.rank)") }
    var positions = try node.tensor(1)
    if positions.rank <= 1 {
      positions =
        try positions.iota(.i64, [1, heads.shape[2]], axis: 1) + node.reshape(positions.cast(to: .i64), [1, 1])
    }
    var turned = try rotation.turned(heads, cosines: cosines, sines: node.tensor(3), positions: positions)
    if scale != 1 { turned = turned * turned.like(scale) }
    return x.rank == 3 ? try node.mergeHeads(turned) : turned
  }
}

extension Tensor {
  /// The tensor, or nil where it stands for one that is left out.
  var ifPresent: Tensor? { isAbsent ? nil : self }
}

extension HeadAttention {
  mutating func add(bias other: Tensor) {
    bias = bias.map { $0 + other } ?? other
  }

  /// What the attributes of `com.microsoft`'s attention say.
  mutating func finish(offset: Dimension) throws {
    scale = try node.float("scale").flatMap { $0 == 0 ? nil : $0 }
    guard try node.flag("unidirectional") else { return }
    let places = [query.shape[2], key.shape[2]]
    let row = query.iota(.i64, places, axis: 0) + query.dimensionValue(offset)
    allowed = query.iota(.i64, places, axis: 1) .<= row
  }
}

/// A mask as `com.microsoft`'s attention takes it: numbers for each key, 0 where it does not count, or how many keys of a row
/// count from the first, or where they end and begin.
private struct MaskInput {
  private let node: NodeConversion
  private let index: Int

  init(_ node: NodeConversion, _ index: Int) throws {
    (self.node, self.index) = (node, index)
  }

  func apply(to attention: inout HeadAttention) throws {
    let value = try node.float("mask_filter_value") ?? -10000
    guard node.hasInput(index) else { return }
    let mask = try node.tensor(index)
    let (batch, keys) = (attention.query.shape[0], attention.key.shape[2])
    let isKept: Tensor
    switch mask.rank {
    case 1:
      let column = mask.iota(.i64, [1, 1, 1, keys], axis: 3)
      func limit(_ start: Dimension) throws -> Tensor {
        try node.reshape(mask.sliced(axis: 0, start: start, size: batch).cast(to: .i64), [batch, 1, 1, 1])
      }
      if node.symbols.isEqual(mask.shape[0], batch) == .yes {
        isKept = try column .< limit(0)
      } else if node.symbols.isEqual(mask.shape[0], batch * 2) == .yes {
        isKept = try (column .< limit(0)) .& (column .>= limit(batch))
      } else {
        throw OnnxError(
          "onnx-attention-mask", "its mask of \(mask.shape[0]) numbers is neither one nor two for each of \(batch) rows"
        )
      }
    case 2: isKept = try node.reshape(mask .> mask.like(0), [mask.shape[0], 1, 1, mask.shape[1]])
    case 3: isKept = try node.reshape(mask .> mask.like(0), [mask.shape[0], 1] + mask.shape.dropFirst())
    default: throw OnnxError("onnx-attention-mask", "its mask has rank \(mask.rank), not 1 to 3")
    }
    let zero = attention.query.like(0)
    attention.add(bias: Tensor.select(isKept, zero, attention.query.like(value)))
  }
}
