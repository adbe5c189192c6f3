import TensorIR
import TensorOps

/// Writes the innermost part of a depthwise convolution with channels innermost: sums of some output pixels of a row
/// × one vector of channels in named registers, over the rows of the window.
struct DepthwiseTile {
  let builder: KernelBuilder
  let op: Convolution
  /// Taps of the window along rows.
  let taps: Int
  let channels: Expression
  let element: ElementType
  let lanes: Int
  let input: Buffer
  let filters: Buffer

  /// The rows of the window that lie inside the image, and how far apart they are.
  struct Rows {
    var low: Expression
    var high: Expression
    /// From row to row of the window, in the input.
    var distance: Expression
  }

  /// The most pixels.
  var mostPixels: Int { builder.target.tuning.depthwise.mostPixels }
  private var stride: Int { op.strides[op.strides.count - 1] }
  private var dilation: Int { op.dilations[op.dilations.count - 1] }

  /// Sums of `pixels` pixels.
  ///
  /// - Parameters:
  ///   - start: the offset of the first tap of the first pixel in the row of the image that row 0 of the window meets.
  ///   - inside: whether the input column, counted from the first tap of the first pixel, lies inside the image.
  ///   - count: how many lanes are channels; nil if all are.
  func sums(
    pixels: Int, rows: Rows, start: Expression, channel: Expression, inside: (Int) -> Bool, count: Expression?
  ) -> [Variable] {
    let type = LoopType(element.computeType, lanes: lanes)
    let sums = (0..<pixels).map { builder.mutable("sum\($0)", .number(0, type)) }
    let columns = usedColumns(pixels, inside)
    guard let first = columns.first else { return sums }
    builder.loop("kh", from: rows.low, to: rows.high, unroll: .none) { row in
      let weights = vectors(
        filters, at: row * .integer(taps) * channels + channel, columns: Array(0..<taps), from: 0, count: count)
      let line = start + row * rows.distance + .integer(first) * channels
      let values = vectors(input, at: line, columns: columns, from: first, count: count)
      for (column, value) in zip(columns, values) {
        for (pixel, tap) in users(of: column, pixels) {
          builder.assign(sums[pixel], .intrinsic(.fma, [value, weights[tap], .variable(sums[pixel])], type))
        }
      }
    }
    return sums
  }

  /// The sum of one pixel whose taps low … high lie inside the image, for borders that are known only at run time.
  func sum(
    rows: Rows, start: Expression, channel: Expression, low: Expression, high: Expression, count: Expression?
  ) -> Variable {
    let type = LoopType(element.computeType, lanes: lanes)
    let sum = builder.mutable("sum", .number(0, type))
    builder.loop("kh", from: rows.low, to: rows.high, unroll: .none) { row in
      let line = builder.declare("line", start + row * rows.distance)
      let filter = builder.declare("filter", row * .integer(taps) * channels + channel)
      builder.loop("kw", from: low, to: high, unroll: .none) { tap in
        let value = load(input, line + tap * .integer(dilation) * channels, count)
        let weight = load(filters, filter + tap * channels, count)
        builder.assign(sum, .intrinsic(.fma, [value, weight, .variable(sum)], type))
      }
    }
    return sum
  }

  /// The pixels and taps that read an input column.
  private func users(of column: Int, _ pixels: Int) -> [(pixel: Int, tap: Int)] {
    (0..<pixels).compactMap { pixel in
      let distance = column - pixel * stride
      return distance >= 0 && distance % dilation == 0 && distance / dilation < taps
        ? (pixel, distance / dilation) : nil
    }
  }

  private func usedColumns(_ pixels: Int, _ inside: (Int) -> Bool) -> [Int] {
    (0...((pixels - 1) * stride + (taps - 1) * dilation)).filter { inside($0) && !users(of: $0, pixels).isEmpty }
  }

  /// Vectors of neighbouring pixels; one pointer serves three, whose distances are address modes.
  private func vectors(
    _ buffer: Buffer, at offset: Expression, columns: [Int], from first: Int, count: Expression?
  ) -> [Expression] {
    let pointer = builder.pointer("p", into: buffer, offset: offset)
    var moved = first
    return columns.map { column in
      while column - moved > 2 {
        builder.advance(pointer, by: .integer(3) * channels)
        moved += 3
      }
      return builder.declare("v", load(pointer, .integer(column - moved) * channels, count))
    }
  }

  private func load(_ buffer: Buffer, _ offset: Expression, _ count: Expression?) -> Expression {
    count.map { .loadPartial(buffer, offset, lanes: lanes, count: $0) } ?? .load(buffer, offset, lanes: lanes)
  }
}
