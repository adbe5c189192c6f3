import TensorIR
import TensorLayers
import Testing

/// Layers given what they do not take: they say so, at the line that calls them, and never end the program.
@Suite struct LayerMistakeTests {

  /// Each takes a tensor, and the line that it is to name.
  private static func layers() -> [(name: String, layer: (Tensor, Int) -> Tensor)] {
    let mode = Mode.inference
    var all: [(String, (Tensor, Int) -> Tensor)] = [
      ("Linear", { Linear(5, 2)($0, line: $1) }), ("Embedding", { Embedding(5, 2)($0, line: $1) }),
      ("Conv1d", { Conv1d(2, 2, kernel: 3, strides: 2, padding: .same)($0, line: $1) }),
      ("Conv2d", { Conv2d(2, 2, kernel: 3)($0, line: $1) }),
      ("Conv3d", { Conv3d(2, 2, kernel: [3, 1, 1])($0, line: $1) }),
      ("Conv2d of axes", { Conv2d(2, 2, kernel: [3, 1, 1], strides: [2, 2, 2])($0, line: $1) }),
      ("Conv2d by 0", { Conv2d(2, 2, kernel: 3, strides: 0, padding: .same)($0, line: $1) }),
      ("Conv3d by two", { Conv3d(2, 2, kernel: 1, strides: [2, 2], padding: .same)($0, line: $1) }),
      ("Conv2d of groups", { Conv2d(3, 2, kernel: 1, groups: 2)($0, line: $1) }),
      ("Conv2d of nothing", { Conv2d(0, 0, kernel: 0, groups: 0)($0, line: $1) }),
      ("ConvTranspose2d", { ConvTranspose2d(2, 2, kernel: 3)($0, line: $1) }),
      ("DeformConv2d", { DeformConv2d(2, 2, kernel: 3)($0, offsets: $0, line: $1) }),
      ("MaxPool2d", { MaxPool2d(2)($0, line: $1) }), ("MaxPool2d of 0", { MaxPool2d(0, padding: .same)($0, line: $1) }),
      ("AvgPool1d", { AvgPool1d(2, padding: .same)($0, line: $1) }),
      ("AdaptiveAvgPool2d", { AdaptiveAvgPool2d(2)($0, line: $1) }),
      ("AdaptiveAvgPool2d of 0", { AdaptiveAvgPool2d(0)($0, line: $1) }),
      ("Unfold4d", { Unfold4d(2)($0, line: $1) }), ("Fold4d", { Fold4d(2, sizes: 4)($0, line: $1) }),
      ("Interpolate1d", { Interpolate1d(sizes: 4)($0, line: $1) }),
      ("Interpolate2d", { Interpolate2d(factors: [1.5], mode: .linear)($0, line: $1) }),
      ("Interpolate1d by infinity", { Interpolate1d(factors: [.infinity])($0, line: $1) }),
      ("PixelShuffle", { PixelShuffle(2)($0, line: $1) }), ("PixelUnshuffle", { PixelUnshuffle(0)($0, line: $1) }),
    ]
    all += [
      ("BatchNorm", { BatchNorm(2)($0, mode, line: $1) }), ("LayerNorm", { LayerNorm(5)($0, line: $1) }),
      ("GroupNorm", { GroupNorm(groups: 2, 4)($0, line: $1) }),
      ("GroupNorm of 0", { GroupNorm(groups: 0, 4)($0, line: $1) }),
      ("InstanceNorm", { InstanceNorm(2)($0, line: $1) }), ("RMSNorm", { RMSNorm(5)($0, line: $1) }),
      ("LocalResponseNorm", { LocalResponseNorm(2)($0, line: $1) }),
      ("LSTM", { LSTM(5, 2)($0, line: $1).outputs }), ("BiLSTM", { BiLSTM(5, 2)($0, line: $1).cell }),
      ("GRU", { GRU(5, 2)($0, hidden: $0, line: $1).hidden }), ("BiRNN", { BiRNN(5, 0)($0, line: $1).hidden }),
      ("MultiHeadAttention", { MultiHeadAttention(6, heads: 4)($0, mode, line: $1).context }),
      ("MultiHeadAttention of 0", { MultiHeadAttention(6, heads: 0)($0, padding: $0, mode, line: $1).weights }),
      (
        "MultiHeadAttention of 4",
        { MultiHeadAttention(4, heads: 2, keyHeads: 3)($0, mask: $0, mode, line: $1).context }
      ),
      ("TransformerEncoder", { TransformerEncoder(4, layers: 2, heads: 2, inner: 3)($0, mode, line: $1) }),
      ("TransformerDecoder", { TransformerDecoder(4, layers: 1, heads: 2, inner: 3)($0, memory: $0, mode, line: $1) }),
      (
        "TransformerEncoder without caches",
        {
          var caches: [AttentionCache] = []
          return TransformerEncoder(4, layers: 2, heads: 2, inner: 3)($0, cache: &caches, line: $1)
        }
      ),
      ("PositionalEncoding", { PositionalEncoding(5, longest: 2)($0, line: $1) }),
      ("RotaryEncoding", { RotaryEncoding(4, longest: 2)($0, line: $1) }),
      ("PReLU", { PReLU(7)($0, line: $1) }), ("SwiGLU", { SwiGLU(5, 2)($0, line: $1) }),
      ("GLU", { GLU()($0, line: $1) }),
      ("Dropout", { Dropout(-1)($0, mode, line: $1) }), ("ReLU", { ReLU()($0, line: $1) }),
      ("crossEntropy", { crossEntropy($0, $0, weights: $0, line: $1) }),
      ("multiMarginLoss", { multiMarginLoss($0, $0, line: $1) }),
      ("klDivergence", { klDivergence($0, $0, batchMean: true, line: $1) }),
      ("causalMask", { x, _ in causalMask(for: x, behind: 5) }),
    ]
    return all
  }

  @Test func mistakesNameTheLine() throws {
    var refused: [String: Int] = [:]
    let shapes: [[Dimension]] = [[], [3], [2, 3], [2, 3, 3], [2, 3, 3, 3], [2, 1, 3, 3, 3], [2, 3, 1, 3, 3, 3]]
    for (name, layer) in LayerMistakeTests.layers() {
      let symbolic: [Dimension] = ["n", "m", "k"]
      for shape in shapes + [symbolic] {
        for type in [ElementType.f32, .i64, .bool, .f16] {
          do {
            _ = try trace(TensorType(type, shape)) { layer($0, 12345) }
          } catch let error as Diagnostic {
            refused[name, default: 0] += 1
            guard case .source(_, let line, _) = error.location else { throw error }
            #expect(line == 12345 || name == "causalMask", "\(name) of \(type)\(shape): \(error)")
          } catch let error as Diagnostics {
            refused[name, default: 0] += 1
            #expect(!error.list.isEmpty)
          }
        }
      }
    }
    #expect(refused.count > 35, "\(refused)")
  }
}
