import Foundation
import TensorIR

/// The convolution with filters of 3 by 3 by products of transformed tiles (Winograd, 1980; Lavin and Gray: "Fast algorithms for
/// convolutional neural networks", 2016, F(2×2, 3×3)): 16 multiplications for four results in place of 36. Axes before the last two
/// may have a window too, over which products are added. There is no padding.
///
/// Operands: x [n, c, spatial…, h, w] and the transformed filters u [16, taps · c, o] of ``transformed(_:)``, with the taps of the
/// window on the axes before the last two. Result: [n, o, spatial…, h - 2, w - 2].
public struct WinogradConvolution: TensorOp {
  public static let name = "winograd_convolution"
  public static let summary = "The convolution with filters of 3 by 3 by way of products of transformed tiles."
  public static let signature = Signature.operands(2)
  /// The window on each spatial axis before the last two, its steps, and the distances of its taps.
  public var kernel: [Int]
  public var strides: [Int]
  public var dilations: [Int]

  public init(kernel: [Int] = [], strides: [Int] = [], dilations: [Int] = []) {
    (self.kernel, self.strides, self.dilations) = (kernel, strides, dilations)
  }

  /// Channels come in whole vectors of every target.
  package static let together = 16

  /// The taps of the window on the axes before the last two.
  package var taps: Int { kernel.reduce(1, *) }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let (x, u) = (operands[0], operands[1])
    guard x.elementType == u.elementType, [.f32, .f64].contains(x.elementType), u.rank == 3 else {
      throw Diagnostic(
        "element-type", "'\(name)' takes x and u of f32 or f64, u of rank 3, and was given \(x) and \(u)")
    }
    let outer = x.rank - 4
    guard outer >= 0, [kernel, strides, dilations].allSatisfy({ $0.count == outer && $0.allSatisfy { $0 >= 1 } }) else {
      throw Diagnostic("bad-attribute", "'\(name)' of \(x) takes one of each attribute for each of \(outer) axes")
    }
    try context.require(
      x.shape[1].modulo(Dimension(WinogradConvolution.together)), equals: 0,
      "'\(name)' takes channels by \(WinogradConvolution.together), not \(x)")
    try context.require(u.shape[0], equals: 16, "'\(name)' takes filters [16, steps, o], not \(u)")
    try context.require(
      u.shape[1], equals: x.shape[1] * Dimension(taps), "'\(name)' of \(x) takes \(taps) taps of its channels, not \(u)"
    )
    let lead = (0..<outer).map { axis in
      (x.shape[axis + 2] - Dimension((kernel[axis] - 1) * dilations[axis] + 1))
        .floorDivided(by: Dimension(strides[axis])) + 1
    }
    return [TensorType(x.elementType, [x.shape[0], u.shape[2]] + lead + x.shape.suffix(2).map { $0 - 2 })]
  }

  public func checkLayouts(_ operands: [TensorType], _ results: [TensorType]) throws {
    let (x, u) = (operands[0], operands[1])
    guard let block = u.layout.blocks.first else { return try requirePlain([u]) }
    let channelsLast = Layout.channelsLast(rank: x.rank)
    guard u.layout == Self.panels(width: block.size), x.layout == channelsLast, results[0].layout == channelsLast else {
      throw Diagnostic(
        "layout",
        "'\(name)' reads channels innermost and panels of filters, and writes channels innermost, not \(x), \(u) and \(results[0])"
      )
    }
  }

  package static func panels(width: Int) -> Layout { .panels(rank: 3, stepAxis: 1, columnAxis: 2, width: width) }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let shape = try Evaluator.numbers(types[0])
    let (x, u) = (operands[0], operands[1])
    let (strides, rank) = (ReferenceTensor.strides(shape), shape.count)
    let filters = u.shape[2]
    var result = [Double](repeating: 0, count: shape.reduce(1, *))
    let tiles = shape.suffix(2).map { ($0 + 1) / 2 }
    for index in ReferenceTensor.indices([shape[0]] + shape[2..<(rank - 2)] + tiles) {
      let corner = [index[0]] + index[1..<(index.count - 2)] + index.suffix(2).map { $0 * 2 }
      let steps = steps(x, corner)
      for filter in 0..<filters {
        let products = (0..<16).map { place in
          steps.indices.reduce(0.0) { $0 + steps[$1][place] * u.floats[(place * steps.count + $1) * filters + filter] }
        }
        for (place, value) in WinogradConvolution.results(products).enumerated() {
          let (row, column) = (corner[corner.count - 2] + place / 2, corner[corner.count - 1] + place % 2)
          if row >= shape[rank - 2] || column >= shape[rank - 1] { continue }
          let outer = zip(corner.dropFirst().dropLast(2), strides.dropFirst(2)).reduce(0) { $0 + $1.0 * $1.1 }
          result[corner[0] * strides[0] + filter * strides[1] + outer + row * shape[rank - 1] + column] = value
        }
      }
    }
    return [ReferenceTensor(x.elementType, shape, floats: result)]
  }

  /// The transformed tile of each step, tap by tap, at a corner [n, spatial…, h, w] of the result.
  private func steps(_ x: ReferenceTensor, _ corner: [Int]) -> [[Double]] {
    let (strides, rank) = (ReferenceTensor.strides(x.shape), x.shape.count)
    let (height, width) = (x.shape[rank - 2], x.shape[rank - 1])
    return ReferenceTensor.indices(kernel + [x.shape[1]]).map { place in
      var from = corner[0] * strides[0] + place[place.count - 1] * strides[1]
      for axis in kernel.indices {
        from += (corner[axis + 1] * self.strides[axis] + place[axis] * dilations[axis]) * strides[axis + 2]
      }
      return WinogradConvolution.input(
        (0..<16).map { cell in
          let (row, column) = (corner[corner.count - 2] + cell / 4, corner[corner.count - 1] + cell % 4)
          return row < height && column < width ? x.floats[from + row * width + column] : 0
        })
    }
  }
}

// The transforms of Lavin and Gray, section 4.1, on matrices in row-major order.
extension WinogradConvolution {
  /// Bᵀ d B of a tile of 4 by 4.
  static func input(_ d: [Double]) -> [Double] {
    func line(_ x: [Double]) -> [Double] { [x[0] - x[2], x[1] + x[2], x[2] - x[1], x[1] - x[3]] }
    return bothWays(d, rows: 4, columns: 4, line)
  }

  /// Aᵀ m A: the 2 by 2 results.
  static func results(_ m: [Double]) -> [Double] {
    bothWays(m, rows: 4, columns: 4) { [$0[0] + $0[1] + $0[2], $0[1] - $0[2] - $0[3]] }
  }

  /// A y Aᵀ of a cotangent of 2 by 2 results: the transpose of ``results(_:)``.
  static func spread(_ y: [Double]) -> [Double] {
    bothWays(y, rows: 2, columns: 2) { [$0[0], $0[0] + $0[1], $0[0] - $0[1], -$0[1]] }
  }

  private static func bothWays(
    _ x: [Double], rows: Int, columns: Int, _ line: ([Double]) -> [Double]
  ) -> [Double] {
    let down = (0..<columns).map { column in line((0..<rows).map { x[$0 * columns + column] }) }
    return (0..<down[0].count).flatMap { row in line(down.map { $0[row] }) }
  }

  /// Filters of f32 [o, c, spatial…, 3, 3] as this op takes them, G g Gᵀ of each, computed in f64 and rounded once.
  ///
  /// - Precondition: the last two extents are 3.
  public static func transformed(_ filters: TensorLiteral) -> TensorLiteral? {
    guard filters.elementType == .f32 else { return nil }
    let shape = filters.shape
    let (count, channels, taps) = (shape[0], shape[1], shape[2..<(shape.count - 2)].reduce(1, *))
    let steps = taps * channels
    var result = [Float](repeating: 0, count: 16 * steps * count)
    filters.bytes.withUnsafeBytes { bytes in
      result.withUnsafeMutableBufferPointer { result in
        for step in 0..<steps {
          for filter in 0..<count {
            let from = ((filter * channels + step % channels) * taps + step / channels) * 9
            func cell(_ place: Int) -> Double {
              Double(bytes.loadUnaligned(fromByteOffset: (from + place) * 4, as: Float.self))
            }
            let left = columns(cell(0), cell(3), cell(6))
            let middle = columns(cell(1), cell(4), cell(7))
            let right = columns(cell(2), cell(5), cell(8))
            for row in 0..<4 {
              let cells = columns(left[row], middle[row], right[row])
              for column in 0..<4 {
                result[((row * 4 + column) * steps + step) * count + filter] = Float(cells[column])
              }
            }
          }
        }
      }
    }
    let data = result.withUnsafeBytes { Data($0) }
    return TensorLiteral(.f32, shape: [16, steps, count], bytes: data)
  }

  /// G ⊗ G [16, 9]: by what the nine cells of a filter are multiplied for each of the 16 places.
  package static let filterTransform: TensorLiteral? = {
    let lines = (0..<3).map { column in columns(column == 0 ? 1 : 0, column == 1 ? 1 : 0, column == 2 ? 1 : 0) }
    let numbers = (0..<144).map { index -> Float in
      let (place, cell) = (index / 9, index % 9)
      return Float(lines[cell / 3][place / 4] * lines[cell % 3][place % 4])
    }
    return TensorLiteral(.f32, shape: [16, 9], bytes: numbers.withUnsafeBytes { Data($0) })
  }()

  /// G x.
  private static func columns(_ a: Double, _ b: Double, _ c: Double) -> SIMD4<Double> {
    [a, (a + b + c) / 2, (a - b + c) / 2, c]
  }
}
