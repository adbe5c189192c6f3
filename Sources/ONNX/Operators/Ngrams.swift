import TensorData
import TensorIR
import TensorOps

extension OnnxOperators {
  static let ngrams: [String: Converter] = ["TfIdfVectorizer": one { node in try NgramCounter(node).result() }]
}

/// `TfIdfVectorizer` of integers: how often each n-gram of a pool stands in a line, gaps of up to some words allowed.
private struct NgramCounter {
  private let node: NodeConversion
  /// The n-grams with their place in the result, by length.
  private var pool: [Int: [(words: [Int], place: Int)]] = [:]
  private let weights: [Double]?
  private let mode: String
  private let width: Int
  private let lengths: ClosedRange<Int>
  private let skips: Int

  init(_ node: NodeConversion) throws {
    self.node = node
    guard try node.strings("pool_strings") ?? [] == [] else {
      throw OnnxError("onnx-strings", "a pool of text is not supported")
    }
    let words = try node.integers("pool_int64s") ?? []
    let starts = try node.integers("ngram_counts") ?? []
    let places = try node.integers("ngram_indexes") ?? []
    weights = try node.floats("weights")
    mode = try node.string("mode") ?? "TF"
    let (least, most) = (try node.integer("min_gram_length") ?? 1, try node.integer("max_gram_length") ?? 1)
    skips = try node.integer("max_skip_count") ?? 0
    guard ["TF", "IDF", "TFIDF"].contains(mode), least >= 1, least <= most, skips >= 0, skips < 64,
      places.allSatisfy({ (0..<1 << 24).contains($0) }), let width = places.max().map({ $0 + 1 }),
      weights?.count ?? places.count == places.count
    else { throw OnnxError("onnx-ngrams", "its attributes do not fit one another") }
    (lengths, self.width) = (least...most, width)
    var number = 0
    for (index, start) in starts.enumerated() {
      let end = index + 1 < starts.count ? starts[index + 1] : words.count
      guard start >= 0, start <= end, end <= words.count, (end - start) % (index + 1) == 0 else {
        throw OnnxError("onnx-ngrams", "its ngram_counts do not divide its pool")
      }
      for first in stride(from: start, to: end, by: index + 1) {
        guard number < places.count else { throw OnnxError("onnx-ngrams", "it has more n-grams than indexes") }
        pool[index + 1, default: []].append((Array(words[first..<first + index + 1]), number))
        number += 1
      }
    }
    self.places = places
  }

  private let places: [Int]

  func result() throws -> Tensor {
    let x = try node.tensor(0).cast(to: .i64)
    guard x.rank == 1 || x.rank == 2, let size = x.shape.last?.constant else {
      throw OnnxError("onnx-ngrams", "it takes one line or several, of known length\(node.hint(x.shape))")
    }
    var counts: [Int: Tensor] = [:]
    for length in lengths {
      // Gaps make no difference to single words.
      for gap in 1...(length == 1 ? 1 : skips + 1) {
        let starts = size - (length - 1) * gap
        guard starts > 0 else { continue }
        for gram in pool[length] ?? [] {
          var isThere: Tensor?
          for (index, word) in gram.words.enumerated() {
            let part = x.sliced(axis: x.rank - 1, start: Dimension(index * gap), size: Dimension(starts))
            let same = part .== x.like(Double(word))
            isThere = isThere.map { $0 .& same } ?? same
          }
          guard let isThere else { continue }
          let count = isThere.cast(to: .f32).sum(axes: [x.rank - 1], keepAxes: true)
          counts[gram.place] = counts[gram.place].map { $0 + count } ?? count
        }
      }
    }
    return columns(counts, x)
  }

  private func columns(_ counts: [Int: Tensor], _ x: Tensor) -> Tensor {
    let empty = x.cast(to: .f32).full(0, x.shape.dropLast() + [1])
    var columns = Array(repeating: empty, count: width)
    for (number, place) in places.enumerated() {
      guard let count = counts[number] else { continue }
      let weight = count.like(weights?[number] ?? 1)
      switch mode {
      case "TF": columns[place] = count
      case "IDF": columns[place] = Tensor.select(count .> count.like(0), weight, count.like(0))
      default: columns[place] = count * weight
      }
    }
    return columns.count == 1 ? columns[0] : Tensor.concat(columns, axis: x.rank - 1)
  }
}
