@testable import TensorIR

/// Foundation has a class of this name, which files that import it would otherwise see as well.
typealias Dimension = TensorIR.Dimension

/// Keeps the type of its only operand.
struct ReluOp: Op {
  static let name = "relu"
  static let summary = "Test: the positive part."
  static let signature = Signature.operands(1)
  func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    return [operands[0].plain]
  }
}

struct MatmulOp: Op {
  static let name = "matmul"
  static let summary = "Test: a matrix product, with a bias that may be absent."
  static let signature = Signature(operands: 2...3, optional: [2])
  func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    guard operands[0].rank == 2, operands[1].rank == 2 else { throw Diagnostic("rank", "matmul takes two matrices") }
    let (k, other) = (operands[0].shape[1], operands[1].shape[0])
    try context.require(k, equals: other, "matmul cannot contract \(k) with \(other)")
    return [TensorType(operands[0].elementType, [operands[0].shape[0], operands[1].shape[1]])]
  }
}

struct SplitOp: Op {
  static let name = "split"
  static let summary = "Test: halves along an axis."
  static let signature = Signature.operands(1, results: 2)
  var axis: Int
  func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    guard operands[0].shape.indices.contains(axis) else {
      throw Diagnostic("axis", "split has no axis \(axis)")
    }
    var shape = operands[0].shape
    shape[axis] = shape[axis].floorDivided(by: 2)
    return [operands[0].with(shape: shape), operands[0].with(shape: shape)]
  }
}

struct ConstantOp: Op {
  static let name = "constant"
  static let summary = "Test: a constant tensor."
  static let signature = Signature.operands(0)
  var value: TensorLiteral
  func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] { [value.type] }
}

/// Has two regions.
struct EitherOp: Op {
  static let name = "either"
  static let summary = "Test: an op with two regions."
  static let signature = Signature(
    operands: 0...0, regions: [RegionSignature("first"), RegionSignature("second")], captures: true)
  func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    context.regions[1].results
  }
}

/// Its result is as long as the data says.
struct FindOp: Op {
  static let name = "find"
  static let summary = "Test: a result whose size is a fresh symbol."
  static let signature = Signature.operands(1)
  func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let name = context.symbols.freshName("found")
    context.symbols.declare(Symbol(name))
    return [TensorType(.i64, [Dimension(operands[0].rank), Dimension(symbol: name)])]
  }
}

/// Has regions; the types of its results are those of its last region.
struct FusedOp: Op {
  static let name = "fused"
  static let summary = "Test: an op with regions."
  static let signature = Signature(
    operands: 0...(.max), results: nil, regions: [RegionSignature("body", parameters: .inferred)], captures: true)
  func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    context.regions[0].results
  }
}

struct ReorderOp: Op {
  static let name = "reorder"
  static let summary = "Test: a change of layout."
  static let signature = Signature.operands(1)
  var layout: Layout
  func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    operands.map { $0.with(layout: layout) }
  }
  func checkLayouts(_ operands: [TensorType], _ results: [TensorType]) throws {}
}

/// One attribute of every kind.
struct EverythingOp: Op {
  enum Mode: String, Codable { case reflect, edge, f32, odd = "odd mode" }
  enum Scale: Codable, Hashable { case none, factor(Double), range(low: Int, high: Int) }
  struct Pad: Codable, Hashable {
    var before: Int
    var after: Dimension
  }

  static let name = "everything"
  static let summary = "Test: one attribute of every kind."
  static let signature = Signature.operands(from: 0)
  var zebra: Int
  var apple: Int?
  var shape: [Dimension]
  var type: ElementType
  var value: TensorLiteral
  var layout: Layout
  var result: TensorType
  var ratio: Double
  var small: Float
  var seed: UInt64
  var keep: Bool
  var text: String
  var mode: Mode
  var scale: [Scale]
  var pads: [[Pad]]
  var holes: [Int?]

  func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] { [result] }
}

let testOps = OpDirectory([
  ReluOp.self, MatmulOp.self, SplitOp.self, ConstantOp.self, FindOp.self, FusedOp.self, EitherOp.self, ReorderOp.self,
  EverythingOp.self,
])

/// Random numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
