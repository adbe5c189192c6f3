import TensorIR

/// The boxes of each class that no better one overlaps too much (ONNX `NonMaxSuppression`), as rows of batch, class and
/// box. Boxes are taken by falling score, of equal ones the first; one stays out where its intersection with a box taken
/// before, divided by their union, is greater than a limit.
///
/// Operands: boxes `[batches, boxes, 4]`, scores `[batches, classes, boxes]`, how many boxes of a class are taken at most
/// (i64), the limit of overlap, and the score that a box must exceed (f32 scalars). Results: the rows, with zeros behind
/// those that were taken, and how many were.
public struct NonMaxSuppression: TensorOp, NotDifferentiable {
  public static let name = "non_max_suppression"
  public static let summary =
    "Boxes by falling score that no better box of their class overlaps too much, as rows of batch, class and box, and how "
    + "many."
  public static let signature = Signature.operands(5, results: 2)
  /// How many rows the first result has; more boxes are not taken.
  public var rows: Dimension
  /// Whether boxes are given by centre, width and height; otherwise by two opposite corners, y before x.
  public var centred: Bool

  public init(rows: Dimension, centred: Bool = false) {
    self.rows = rows
    self.centred = centred
  }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let (boxes, scores) = (operands[0], operands[1])
    guard boxes.elementType == .f32, scores.elementType == .f32 else {
      throw Diagnostic("element-type", "'non_max_suppression' takes boxes and scores of f32; cast them")
    }
    guard boxes.rank == 3, scores.rank == 3 else {
      throw Diagnostic("rank", "'non_max_suppression' takes boxes and scores of rank 3, not \(boxes) and \(scores)")
    }
    let scalars = [TensorType(.i64, []), TensorType(.f32, []), TensorType(.f32, [])]
    guard operands.dropFirst(2).map(\.plain) == scalars else {
      throw Diagnostic("element-type", "the limits of 'non_max_suppression' are i64[], f32[] and f32[]")
    }
    try context.require(boxes.shape[2], equals: 4, "a box is 4 numbers")
    try context.require(boxes.shape[0], equals: scores.shape[0], "boxes and scores have other numbers of batches")
    try context.require(boxes.shape[1], equals: scores.shape[2], "there is not one score for each box")
    return [TensorType(.i64, [rows, 3]), TensorType(.i64, [])]
  }

  // MARK: Evaluation

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let (boxes, scores) = (operands[0], operands[1])
    let (classes, count) = (scores.shape[1], scores.shape[2])
    let wanted = try Evaluator.numbers(types[0])[0]
    var found: [Int] = []
    for line in 0..<scores.shape[0] * classes {
      let batch = line / max(classes, 1)
      func score(_ box: Int) -> Double { scores.floats[line * count + box] }
      let candidates = (0..<count).filter { score($0) > operands[4].floats[0] }
        .sorted { (score($1), $0) < (score($0), $1) }
      var taken: [Int] = []
      for box in candidates where taken.count < operands[2].integers[0] && found.count < 3 * wanted {
        let own = corners(boxes, batch * count + box)
        let isApart = taken.allSatisfy { other in
          // Boxes that do not meet stay, whatever the limit.
          NonMaxSuppression.overlap(own, corners(boxes, batch * count + other)) <= max(operands[3].floats[0], 0)
        }
        guard isApart else { continue }
        taken.append(box)
        found += [batch, line % classes, box]
      }
    }
    let rest = [Int](repeating: 0, count: 3 * wanted - found.count)
    return [
      ReferenceTensor(.i64, [wanted, 3], integers: found + rest),
      ReferenceTensor(.i64, [], integers: [found.count / 3]),
    ]
  }

  private struct Box {
    var low: (Double, Double)
    var high: (Double, Double)
    var area: Double { (high.0 - low.0) * (high.1 - low.1) }
  }

  private func corners(_ boxes: ReferenceTensor, _ place: Int) -> Box {
    let b = Array(boxes.floats[place * 4..<place * 4 + 4])
    if centred { return Box(low: (b[0] - b[2] / 2, b[1] - b[3] / 2), high: (b[0] + b[2] / 2, b[1] + b[3] / 2)) }
    return Box(low: (min(b[0], b[2]), min(b[1], b[3])), high: (max(b[0], b[2]), max(b[1], b[3])))
  }

  /// Intersection over union; 0 where there is none, or where a box has no area.
  private static func overlap(_ a: Box, _ b: Box) -> Double {
    let width = min(a.high.0, b.high.0) - max(a.low.0, b.low.0)
    let height = min(a.high.1, b.high.1) - max(a.low.1, b.low.1)
    guard width > 0, height > 0, a.area > 0, b.area > 0 else { return 0 }
    return width * height / (a.area + b.area - width * height)
  }

  // MARK: Lowering
}
