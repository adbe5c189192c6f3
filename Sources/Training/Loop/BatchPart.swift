import TensorLayers

/// A part of a batch: what one rank, or one of several micro-batches of a rank, computes a gradient from.
struct BatchPart: TensorContainer {
  var inputs: Tensor
  var targets: Tensor
  /// How much it counts, a scalar f32: 1 where all parts are as large as each other. Nil where it is all of the batch.
  var share: Tensor?
  /// What is added to the random state, u32 [6], so that parts draw other numbers; nil where it is all of the batch.
  var draws: Tensor?

  /// - Parameters:
  ///   - number: of the part, among `count` of all ranks.
  ///   - size: of the whole batch.
  init(_ batch: Batch, number: Int, of count: Int, share examples: Int, size: Int) {
    inputs = batch.inputs
    targets = batch.targets
    guard count > 1 else { return }
    share = Tensor(of: [Float(examples * count) / Float(size)], shape: [])
    draws = Tensor(of: [0, 0, UInt32(truncatingIfNeeded: number) << 16, 0, 0, 0] as [UInt32])
  }

  fileprivate init(_ tensors: ArraySlice<Tensor>) {
    let tensors = Array(tensors)
    (inputs, targets) = (tensors[0], tensors[1])
    if tensors.count > 2 { (share, draws) = (tensors[2], tensors[3]) }
  }

  mutating func visit(_ visitor: TensorVisitor) {
    visitor("inputs", &inputs)
    visitor("targets", &targets)
    visitor("share", &share)
    visitor("draws", &draws)
  }
}

/// The parts of a batch that a step takes, each of any number of examples.
struct BatchPartTypes: TensorExample {
  let inputs: TensorType
  let targets: TensorType
  /// Of this rank, and of all.
  let count: Int
  let total: Int

  /// The symbol that stands for the examples of a part.
  func symbol(_ part: Int) -> String { count == 1 ? "n" : "n\(part)" }

  var parameters: [(name: String, type: TensorType)] {
    (0..<count).flatMap { part -> [(name: String, type: TensorType)] in
      func sized(_ type: TensorType) -> TensorType {
        TensorType(type.elementType, [Dimension(symbol: symbol(part))] + type.shape.dropFirst())
      }
      let tensors = [("\(part).inputs", sized(inputs)), ("\(part).targets", sized(targets))]
      return total == 1
        ? tensors : tensors + [("\(part).share", TensorType(.f32, [])), ("\(part).draws", TensorType(.u32, [6]))]
    }
  }

  func traced(_ tensors: [Tensor]) -> [BatchPart] {
    let each = tensors.count / count
    return (0..<count).map { BatchPart(tensors[$0 * each..<($0 + 1) * each]) }
  }
}

/// How the batches of a pass are divided among the ranks, and each rank's share into micro-batches.
struct BatchDivision {
  let ranks: Ranks
  let microBatches: Int

  /// The parts of a batch, of all ranks.
  var count: Int { ranks.count * microBatches }

  /// This rank's parts of each batch: the positions of their examples. A part without any, of a last batch that is smaller than
  /// there are parts, has an example that does not count.
  func positions(_ batches: [[Int]]) -> [[Int]] {
    batches.flatMap { batch in
      own.map { part in
        let range = examples(of: part, in: batch.count)
        return range.isEmpty ? [batch[0]] : Array(batch[range])
      }
    }
  }

  /// The numbers of this rank's parts.
  var own: Range<Int> { ranks.rank * microBatches..<(ranks.rank + 1) * microBatches }

  /// Which examples of a batch a part has.
  func examples(of part: Int, in size: Int) -> Range<Int> { part * size / count..<(part + 1) * size / count }
}
