import Foundation
import TensorData

/// A graph in which products are given quantised operands.
struct QuantizedGraph {
  private var graph: Onnx_GraphProto
  private var constants: [String: Onnx_TensorProto]
  private var names: Set<String>
  /// Nodes to be put before the node at a place.
  private var before: [Int: [Onnx_NodeProto]] = [:]
  private var after: [Int: [Onnx_NodeProto]] = [:]
  /// What a tensor is called once it was quantised and dequantised.
  private var steps: [String: (name: String, scale: Float)] = [:]

  init(_ graph: Onnx_GraphProto) {
    self.graph = graph
    constants = Dictionary(graph.initializer.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    names = Set(graph.node.flatMap { $0.input + $0.output + [$0.name] } + constants.keys)
  }

  /// A name that nothing has yet.
  private mutating func fresh(_ wish: String) -> String {
    var (name, number) = (wish, 1)
    while !names.insert(name).inserted { (name, number) = ("\(wish)_\(number)", number + 1) }
    return name
  }

  private mutating func constant<Element: BitwiseCopyable>(
    _ wish: String, _ type: DataType, _ shape: [Int], _ elements: [Element]
  ) throws -> String {
    let name = fresh(wish)
    let tensor = try HostTensor(type: type, shape: shape, elements: elements)
    graph.initializer.append(OnnxTensor(name: name, value: .numbers(tensor)).proto)
    return name
  }

  private func values(_ name: String, _ model: OnnxModel) throws -> [Float] {
    guard let tensor = constants[name] else { throw OnnxError("internal", "'\(name)' is no constant") }
    return try model.floats(tensor)
  }

  // MARK: Eight bits

  /// Both operands of a product as they are after a round trip through eight bits.
  mutating func quantize(_ target: QuantizationTarget, range: ClosedRange<Double>, _ model: OnnxModel) throws {
    let input = try rounded(target, range)
    let rows = target.rows(of: try values(target.weights, model))
    let scales = rows.map { row in row.reduce(0) { max($0, abs($1)) } }.map { $0 > 0 && $0.isFinite ? $0 / 127 : 1 }
    let codes = zip(rows, scales).map { row, scale in row.map { code($0 / scale, -127...127) } }
    let count = rows.count
    let flat =
      target.channels == 0
      ? codes.flatMap { $0 } : (0..<(codes.first?.count ?? 0)).flatMap { step in codes.map { $0[step] } }
    let operands = [
      try constant("\(target.weights)_codes", .i8, target.shape, flat.map { Int8($0) }),
      try constant("\(target.weights)_scale", .f32, [count], scales),
      try constant("\(target.weights)_zero", .i8, [count], [Int8](repeating: 0, count: count)),
    ]
    let weights = fresh("\(target.weights)_dequantized")
    let name = fresh("\(target.weights)_DequantizeLinear")
    before[target.place, default: []].append(
      NodeText.node("DequantizeLinear", operands, [weights], ["axis": .int(target.channels)], name: name))
    graph.node[target.place].input[0] = input.name
    graph.node[target.place].input[1] = weights
    if let bias = target.bias { try quantizeBias(bias, target, scales.map { $0 * input.scale }, model) }
  }

  /// A bias as i32 in steps of the products' scales, as runtimes want it.
  private mutating func quantizeBias(
    _ bias: String, _ target: QuantizationTarget, _ scales: [Float], _ model: OnnxModel
  ) throws {
    let codes = zip(try values(bias, model), scales).map { value, scale in
      Int32(max(-0x1p31, min(0x1p31 - 1, (Double(value) / Double(scale)).rounded(.toNearestOrEven))))
    }
    let operands = [
      try constant("\(bias)_codes", .i32, [codes.count], codes),
      try constant("\(bias)_scale", .f32, [codes.count], scales),
    ]
    let name = fresh("\(bias)_DequantizeLinear")
    let result = fresh("\(bias)_dequantized")
    before[target.place, default: []].append(
      NodeText.node("DequantizeLinear", operands, [result], ["axis": .int(0)], name: name))
    graph.node[target.place].input[2] = result
  }

  /// The left operand after its round trip, the same for all that read it.
  private mutating func rounded(
    _ target: QuantizationTarget, _ range: ClosedRange<Double>
  ) throws -> (name: String, scale: Float) {
    if let known = steps[target.input] { return known }
    // 0 has a code of its own: padding and what relu cuts off are exact.
    let (low, high) = (min(range.lowerBound, 0), max(range.upperBound, 0))
    let scale = high > low ? Float((high - low) / 255) : 1
    let zero = UInt8(max(0, min(255, (-low / Double(scale)).rounded(.toNearestOrEven))))
    let factors = [
      try constant("\(target.input)_scale", .f32, [], [scale]), try constant("\(target.input)_zero", .u8, [], [zero]),
    ]
    let (codes, result) = (fresh("\(target.input)_codes"), fresh("\(target.input)_dequantized"))
    let labels = [fresh("\(target.input)_QuantizeLinear"), fresh("\(target.input)_DequantizeLinear")]
    before[target.place, default: []] += [
      NodeText.node("QuantizeLinear", [target.input] + factors, [codes], name: labels[0]),
      NodeText.node("DequantizeLinear", [codes] + factors, [result], name: labels[1]),
    ]
    steps[target.input] = (result, scale)
    return (result, scale)
  }

  /// A number rounded to a code, halves to even; NaN is 0.
  private func code(_ value: Float, _ range: ClosedRange<Float>) -> Int {
    value.isNaN ? 0 : Int(max(range.lowerBound, min(range.upperBound, value.rounded(.toNearestOrEven))))
  }

  // MARK: Four bits

  /// A product with weights of four bits in its place.
  mutating func shorten(_ target: QuantizationTarget, block: Int, _ model: OnnxModel) throws {
    let rows = target.rows(of: try values(target.weights, model))
    let k = rows.first?.count ?? 0
    var bytes: [UInt8] = []
    var scales: [Float] = []
    for row in rows {
      for start in stride(from: 0, to: k, by: block) {
        let part = row[start..<start + block]
        // What is farthest from 0 becomes -8, so that the whole range is used.
        let extreme = part.max { abs($0) < abs($1) } ?? 0
        let scale = extreme != 0 && extreme.isFinite ? extreme / -8 : 1
        scales.append(scale)
        let codes = part.map { UInt8(code($0 / scale, -8...7) + 8) }
        bytes += stride(from: 0, to: block, by: 2).map { codes[$0] | codes[$0 + 1] << 4 }
      }
    }
    let operands = [
      graph.node[target.place].input[0],
      try constant("\(target.weights)_codes", .u8, [rows.count, k / block, block / 2], bytes),
      try constant("\(target.weights)_scales", .f32, [rows.count, k / block], scales),
    ]
    let old = graph.node[target.place]
    let product = target.bias == nil ? old.output[0] : fresh("\(old.output[0])_product")
    var node = NodeText.node(
      "MatMulNBits", operands, [product],
      ["K": .int(k), "N": .int(rows.count), "bits": .int(4), "block_size": .int(block)], name: old.name)
    node.domain = "com.microsoft"
    graph.node[target.place] = node
    guard let bias = target.bias else { return }
    after[target.place] = [
      NodeText.node("Add", [product, bias], [old.output[0]], name: fresh("\(old.name)_bias"))
    ]
  }

  // MARK: The end

  /// The graph with all nodes in order, without the constants that nothing reads any more.
  func finish() -> Onnx_GraphProto {
    var result = graph
    result.node = graph.node.enumerated().flatMap {
      (before[$0.offset] ?? []) + [$0.element] + (after[$0.offset] ?? [])
    }
    var read = Set(result.node.flatMap(\.input)).union(result.output.map(\.name))
    // What subgraphs read is not looked into: whatever was there stays for them.
    if result.node.contains(where: { $0.attribute.contains(where: { $0.hasG || !$0.graphs.isEmpty }) }) {
      read.formUnion(constants.keys)
    }
    result.initializer = result.initializer.filter { read.contains($0.name) }
    result.input = result.input.filter { constants[$0.name] == nil || read.contains($0.name) }
    return result
  }
}
