import Foundation
import TensorData
import TensorIR
import TensorOps

/// `Resize` with antialiasing: where an axis shrinks, the weights of neighbours are as many times wider. Axis by axis, by tables
/// that are made at import.
struct AntialiasedResize {
  private let node: NodeConversion
  private let op: Interpolate
  private let x: Tensor

  init(_ node: NodeConversion, _ op: Interpolate, _ x: Tensor) throws {
    (self.node, self.op, self.x) = (node, op, x)
    guard op.coordinates != .cropAndResize else {
      throw OnnxError("onnx-unsupported-attribute", "antialiasing of a region is not supported")
    }
    let unknown = op.axes.map { x.shape[$0] } + op.sizes
    guard unknown.allSatisfy({ $0.constant != nil }) else {
      throw OnnxError(
        "onnx-symbolic-structure", "antialiasing needs extents that are numbers\(node.hint(unknown))")
    }
  }

  func resized() throws -> Tensor {
    var result = x.elementType == .f64 ? x : x.cast(to: .f32)
    for (number, axis) in op.axes.enumerated().sorted(by: { $0.element > $1.element }) {
      guard let extent = x.shape[axis].constant, let size = op.sizes[number].constant, extent > 0 else { continue }
      let scale = op.scales?[number] ?? Double(size) / Double(extent)
      let rows = (0..<size).map { taps($0, extent, size, scale) }
      let width = rows.map(\.count).max() ?? 1
      let table = rows.flatMap { row in (0..<width).map { $0 < row.count ? row[$0] : (index: -1, weight: 0) } }
      let shape = [size, width]
      let recorder = node.graph.recorder
      let indices = try ImportedValue.constant(
        HostTensor(type: .i64, shape: shape, elements: table.map { Int64($0.index) }), in: recorder)
      let weights = try node.table(table.map(\.weight), result.elementType, shape: shape)
      result = try node.add(Resample(axis: axis), result, indices, weights)
    }
    guard !x.elementType.isFloat else { return result.cast(to: x.elementType) }
    let rounded = result.round()
    let limits: (Double, Double) = x.elementType == .u8 ? (0, 255) : x.elementType == .i8 ? (-128, 127) : (-2e9, 2e9)
    return rounded.clip(minimum: limits.0, maximum: limits.1).cast(to: x.elementType)
  }

  /// Which elements an element of the result is a mean of, each once; those beyond the ends are the ones at the ends, or count
  /// nothing.
  private func taps(_ index: Int, _ extent: Int, _ size: Int, _ scale: Double) -> [(index: Int, weight: Double)] {
    let place = coordinate(index, extent, size, scale)
    let narrow = min(scale, 1)
    let reach = (op.mode == .cubic ? 2 : 1) / narrow
    let (first, last) = (Int((place - reach).rounded(.down)), Int((place + reach).rounded(.up)))
    var weights: [Int: Double] = [:]
    var total = 0.0
    for tap in first...max(first, last) {
      let weight = weight(abs(Double(tap) - place) * narrow)
      if weight == 0 || op.excludeOutside && !(0..<extent).contains(tap) { continue }
      weights[min(max(tap, 0), extent - 1), default: 0] += weight
      total += weight
    }
    guard total != 0 else { return [(min(max(Int(place), 0), extent - 1), 1)] }
    return weights.sorted { $0.key < $1.key }.map { ($0.key, $0.value / total) }
  }

  private func weight(_ distance: Double) -> Double {
    guard op.mode == .cubic else { return max(1 - distance, 0) }
    let (a, d) = (op.cubicCoefficient, distance)
    if d <= 1 { return ((a + 2) * d - (a + 3)) * d * d + 1 }
    return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0
  }

  private func coordinate(_ index: Int, _ extent: Int, _ size: Int, _ scale: Double) -> Double {
    let (i, n, m) = (Double(index), Double(extent), Double(size))
    switch op.coordinates {
    case .halfPixel, .cropAndResize: return (i + 0.5) / scale - 0.5
    case .pytorchHalfPixel: return size > 1 ? (i + 0.5) / scale - 0.5 : 0
    case .symmetricHalfPixel: return n / 2 * (1 - m / (n * scale)) + (i + 0.5) / scale - 0.5
    case .alignCorners: return size > 1 ? i * (n - 1) / (m - 1) : 0
    case .asymmetric: return i / scale
    case .shiftedHalfPixel: return (i + 0.5) / scale
    }
  }
}
