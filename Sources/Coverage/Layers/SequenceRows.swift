import TensorLayers

extension LayerCoverage {
  static func recurrent(_ list: inout LayerRowList) {
    list.row("module/Lstm", "LSTM(3, 2)", types: [.f64]) { x in
      var layer = LSTM(3, 2)
      layer.weights = weights(layer.weights, x[1...3])
      let (outputs, hidden, cell) = layer(x[0], hidden: x[4], cell: x[5])
      return [outputs, hidden, cell]
    }
    list.row("module/BiLstm", "BiLSTM(3, 2)", types: [.f64], gradient: .of([0])) { x in
      var layer = BiLSTM(3, 2)
      layer.forward = weights(layer.forward, x[1...3])
      layer.backward = weights(layer.backward, x[4...6])
      let (outputs, hidden, cell) = layer(x[0])
      return [outputs, hidden, cell]
    }
    list.row("module/Gru", "GRU(3, 2)", types: [.f64]) { x in
      var layer = GRU(3, 2)
      layer.weights = weights(layer.weights, x[1...3])
      let (outputs, hidden) = layer(x[0], hidden: x[4])
      layer.resetsAfter = false
      return [outputs, hidden, layer(x[0], hidden: x[4]).outputs]
    }
    list.row("module/BiGru", "BiGRU(3, 2)", types: [.f64], gradient: .of([0])) { x in
      var layer = BiGRU(3, 2)
      layer.forward = weights(layer.forward, x[1...3])
      layer.backward = weights(layer.backward, x[4...6])
      let (outputs, hidden) = layer(x[0])
      return [outputs, hidden]
    }
    list.row("module/Rnn", "RNN(3, 2)", types: [.f64]) { x in
      var layer = RNN(3, 2)
      layer.weights = weights(layer.weights, x[1...3])
      let (outputs, hidden) = layer(x[0], hidden: x[4])
      return [outputs, hidden]
    }
    list.row("module/BiRnn", "BiRNN(3, 2)", types: [.f64], gradient: .of([0])) { x in
      var layer = BiRNN(3, 2)
      layer.forward = weights(layer.forward, x[1...3])
      layer.backward = weights(layer.backward, x[4...6])
      let (outputs, hidden) = layer(x[0])
      return [outputs, hidden]
    }
  }

  private static func weights(_ old: RecurrentWeights, _ x: ArraySlice<Tensor>) -> RecurrentWeights {
    old.replacing(Array(x))
  }

  static func attention(_ list: inout LayerRowList) {
    list.row(
      "module/MultiHeadAttention", "MultiHeadAttention(4, heads: 2)(x, padding: padding, mask: causalMask(3), mode)",
      types: [.f64], gradient: .of([0, 2])
    ) {
      x in
      var layer = MultiHeadAttention(4, heads: 2).replacing(Array(x[2...]))
      let found = layer(x[0], padding: x[1], mask: causalMask(3), .inference)
      layer.quietSoftmax = true
      return [found.context, found.weights, layer(x[0], .inference).context]
    }
    list.row(
      "module/MhaInput", "attention(queries, keys: keys, values: values, mode)", types: [.f64], gradient: .of([0, 1])
    ) { x in
      let layer = MultiHeadAttention(4, heads: 2).replacing(Array(x[2...]))
      let found = layer(x[0], keys: x[1], values: x[1], .inference)
      return [found.context, found.weights]
    }
    list.row("module/MhaCache", "attention(x, cache: &cache)", types: [.f64], gradient: .of([0])) { x in
      let layer = MultiHeadAttention(4, heads: 2).replacing(Array(x[1...]))
      var cache = layer.emptyCache(batch: 2)
      // Two positions at once, then one.
      let parts = [(0, 2), (2, 1)].map { start, size in
        layer(x[0].sliced(axis: 1, start: Dimension(start), size: Dimension(size)), cache: &cache).context
      }
      return [.concat(parts, axis: 1)]
    }
    list.row(
      "module/CrossAttention", "MultiHeadAttention(4, heads: 2, source: 3, keyHeads: 1)", types: [.f64],
      gradient: .of([0, 1])
    ) { x in
      let layer = MultiHeadAttention(4, heads: 2, source: 3, keyHeads: 1).replacing(Array(x[2...]))
      return [layer(x[0], keys: x[1], values: x[1], .inference).context]
    }
    for name in ["module/GeneratePaddingMask", "function/generate_padding_mask"] {
      list.row(name, "paddedTokens(sequences, padding: 0, length: 4)", types: [.f32], gradient: .none, traced: false) {
        _ in
        let (tokens, mask) = paddedTokens([[5, 7], [1, 2, 3], [4, 4, 4, 4, 4]], padding: 0, length: 4)
        return [tokens, mask]
      }
    }
    list.row(
      "function/generate_autoregressive_mask", "causalMask(batch: 2, 3)", types: [.f32], gradient: .none, traced: false
    ) { _ in
      [causalMask(batch: 2, 3)]
    }
    list.row("function/generate_sinusoids", "sinusoids(6, 4)", types: [.f32], gradient: .none, traced: false) { _ in
      [sinusoids(6, 4)]
    }
    list.row("module/PositionalEncoding", "PositionalEncoding(4)", types: [.f32], gradient: .none) { x in
      [PositionalEncoding(4, longest: 8)(x[0])]
    }
    list.row("module/RotaryEncoding", "RotaryEncoding(4)(x, start: 2)", types: [.f32], gradient: .none) { x in
      [RotaryEncoding(4, longest: 8)(x[0], start: 2)]
    }
  }

  static func transformers(_ list: inout LayerRowList) {
    list.row(
      "module/PositionWiseFeedForward", "PositionWiseFeedForward(4, inner: 6)(x, mode)", types: [.f64],
      gradient: .of([0, 1])
    ) { x in
      [PositionWiseFeedForward(4, inner: 6).replacing(Array(x[1...]))(x[0], .inference)]
    }
    list.row(
      "module/TransformerEncoderLayer", "TransformerEncoderLayer(4, heads: 2, inner: 6)(x, mode)", types: [.f64],
      gradient: .of([0, 13])
    ) { x in
      var layer = TransformerEncoderLayer(4, heads: 2, inner: 6).replacing(Array(x[1...]))
      let after = layer(x[0], .inference)
      layer.normsFirst = true
      return [after, layer(x[0], mask: causalMask(3), .inference)]
    }
    list.row(
      "module/TransformerEncoder", "TransformerEncoder(4, layers: 2, heads: 2, inner: 6)(x, mask: mask, mode)",
      types: [.f64], gradient: .of([0])
    ) { x in
      let model = TransformerEncoder(4, layers: 2, heads: 2, inner: 6).replacing(Array(x[1...]))
      return [model(x[0], mask: causalMask(3), .inference), model(x[0], .inference)]
    }
    list.row("module/TensorCache", "encoder(x, cache: &cache)", types: [.f64], gradient: .of([0])) { x in
      let model = TransformerEncoder(4, layers: 2, heads: 2, inner: 6).replacing(Array(x[1...]))
      var cache = model.emptyCache(batch: 2)
      let parts = (0..<3).map { model(x[0].sliced(axis: 1, start: Dimension($0), size: 1), cache: &cache) }
      return [.concat(parts, axis: 1)]
    }
    list.row(
      "module/TransformerDecoderLayer", "TransformerDecoderLayer(4, heads: 2, inner: 6)(x, memory: memory, mode)",
      types: [.f64], gradient: .of([0, 1])
    ) { x in
      let layer = TransformerDecoderLayer(4, heads: 2, inner: 6).replacing(Array(x[2...]))
      return [layer(x[0], memory: x[1], mask: causalMask(3), .inference)]
    }
    list.row(
      "module/TransformerDecoder", "TransformerDecoder(4, layers: 2, heads: 2, inner: 6)(x, memory: memory, mode)",
      types: [.f64], gradient: .of([0, 1])
    ) { x in
      let model = TransformerDecoder(4, layers: 2, heads: 2, inner: 6).replacing(Array(x[2...]))
      var cache = model.emptyCache(batch: 2)
      let parts = (0..<3).map {
        model(x[0].sliced(axis: 1, start: Dimension($0), size: 1), memory: x[1], cache: &cache)
      }
      // Step by step it is the same as with a mask.
      let whole = model(x[0], memory: x[1], mask: causalMask(3), .inference)
      return [(whole + .concat(parts, axis: 1)) / 2]
    }
  }
}
