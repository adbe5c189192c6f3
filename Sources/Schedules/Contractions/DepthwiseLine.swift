import TensorIR
import TensorOps

/// Writes one output row of a depthwise convolution: tiles of pixels, in which what lies beside the image is left out.
///
/// Where the width is known, so are the tiles, and nothing in them asks. Where it is not, pixels whose window lies inside
/// are cut into equal tiles and those at the borders are taken one by one.
struct DepthwiseLine {
  let tile: DepthwiseTile
  let epilogue: Epilogue
  let width: Dimension
  let outputWidth: Dimension
  let channelCount: Dimension
  /// Where sums go that the epilogue does not take from registers; nil where it does.
  private let stack: Buffer?

  init(tile: DepthwiseTile, epilogue: Epilogue, width: Dimension, outputWidth: Dimension, channelCount: Dimension) {
    (self.tile, self.epilogue, self.width) = (tile, epilogue, width)
    (self.outputWidth, self.channelCount) = (outputWidth, channelCount)
    stack =
      epilogue.isOnRegisters
      ? nil : tile.builder.array("tile", tile.element.computeType, count: tile.mostPixels * tile.lanes)
  }

  private var builder: KernelBuilder { tile.builder }
  private var stride: Int { tile.op.strides[tile.op.strides.count - 1] }
  private var before: Int { tile.op.before[tile.op.before.count - 1] }
  private var reach: Int { (tile.taps - 1) * tile.op.dilations[tile.op.dilations.count - 1] }

  /// One row, as far as a block of channels goes.
  private struct Line {
    var rows: DepthwiseTile.Rows
    /// Where row 0 of the window begins.
    var image: Expression
    /// The row's first pixel among all of the result.
    var first: Expression
    var channels: (from: Expression, to: Expression)
  }

  func write(
    rows: DepthwiseTile.Rows, image: Expression, first: Expression, channels: (from: Expression, to: Expression)
  ) throws {
    let line = Line(rows: rows, image: image, first: builder.declare("first", first), channels: channels)
    if let width = width.constant, let outputs = outputWidth.constant, try known(line, width, outputs) { return }
    try unknown(line)
  }

  // MARK: A known width

  /// False where a border is wider than a tile, or the line very wide.
  private func known(_ line: Line, _ width: Int, _ outputs: Int) throws -> Bool {
    if outputs < 1 { return true }
    guard outputs <= builder.target.tuning.depthwise.widest else { return false }
    let tiles = (outputs + tile.mostPixels - 1) / tile.mostPixels
    let (base, extra) = (outputs / tiles, outputs % tiles)
    let starts = (0..<tiles).map { $0 * base + min($0, extra) }
    /// Whether a tile needs nothing beside the image.
    func isInner(_ tile: Int) -> Bool {
      let first = starts[tile] * stride - before
      let last = ((tile + 1 < tiles ? starts[tile + 1] : outputs) - 1) * stride - before + reach
      return first >= 0 && last < width
    }
    let inner = (0..<tiles).filter(isInner)
    guard tiles - inner.count <= 4, inner == Array((inner.first ?? 0)..<((inner.last ?? -1) + 1)) else { return false }
    for tile in 0..<tiles {
      let pixels = base + (tile < extra ? 1 : 0)
      if !inner.contains(tile) {
        let column = starts[tile] * stride - before
        try self.tile(line, pixels: pixels, at: .integer(starts[tile])) { 0..<width ~= column + $0 }
      } else if tile == inner.first || tile == extra {
        // Neighbouring tiles of one width are a loop.
        let end = tile < extra ? min(extra, inner.last.map { $0 + 1 } ?? extra) : (inner.last.map { $0 + 1 } ?? tiles)
        try builder.loop(
          "pixel", from: .integer(starts[tile]), to: .integer(starts[tile] + (end - tile) * pixels),
          step: .integer(pixels)
        ) { pixel in
          try self.tile(line, pixels: pixels, at: pixel) { _ in true }
        }
      }
    }
    return true
  }

  // MARK: A width known at run time

  private func unknown(_ line: Line) throws {
    let (columns, outputs) = (builder.extent(width), builder.extent(outputWidth))
    let inner = builder.declare("inner_from", .minimum(.integer((before + stride - 1) / stride), outputs))
    // The last pixel whose window ends inside; behind it, windows reach beyond the image.
    let room = builder.declare("room", columns + .integer(before - reach - 1))
    let end = Expression.select(.less(room, 0), 0, room / .integer(stride) + 1)
    let innerEnd = builder.declare("inner_to", .maximum(.minimum(end, outputs), inner))
    try border(line, from: 0, to: inner, columns)
    let count = builder.declare("inner", innerEnd - inner)
    let size = tile.mostPixels
    let tiles = builder.declare("tiles", .maximum((count + .integer(size - 1)) / .integer(size), 1))
    let base = builder.declare("base", count / tiles)
    let extra = builder.declare("extra", count % tiles)
    try builder.loop("t", to: .minimum(tiles, count)) { t in
      let pixels = builder.declare("pixels", base + .select(.less(t, extra), 1, 0))
      let pixel = builder.declare("pixel", inner + t * base + .minimum(t, extra))
      try choose(1...size, pixels) { try self.tile(line, pixels: $0, at: pixel) { _ in true } }
    }
    try border(line, from: innerEnd, to: outputs, columns)
  }

  private func choose(_ range: ClosedRange<Int>, _ count: Expression, _ body: (Int) throws -> Void) throws {
    if range.count == 1 { return try body(range.lowerBound) }
    let middle = (range.lowerBound + range.upperBound + 1) / 2
    try builder.branch(.less(count, .integer(middle))) {
      try choose(range.lowerBound...(middle - 1), count, body)
    } otherwise: {
      try choose(middle...range.upperBound, count, body)
    }
  }

  /// Pixels one by one, with the taps that lie inside.
  private func border(_ line: Line, from: Expression, to: Expression, _ columns: Expression) throws {
    let dilation = Expression.integer(tile.op.dilations[tile.op.dilations.count - 1])
    try builder.loop("pixel", from: from, to: to) { pixel in
      let column = builder.declare("column", pixel * .integer(stride) - .integer(before))
      let low = builder.declare("tap_from", .maximum((dilation - 1 - column) / dilation, 0))
      let rest = Expression.maximum(columns - column, 0)
      let high = builder.declare("tap_to", .minimum((rest + (dilation - 1)) / dilation, .integer(tile.taps)))
      try vectors(line) { channel, count in
        let start = line.image + column * tile.channels + channel
        let sum = tile.sum(rows: line.rows, start: start, channel: channel, low: low, high: high, count: count)
        try store([sum], line, pixel: pixel, channel: channel, count: count)
      }
    }
  }

  // MARK: Tiles

  private func tile(_ line: Line, pixels: Int, at pixel: Expression, inside: (Int) -> Bool) throws {
    let column = builder.declare("column", pixel * .integer(stride) - .integer(before))
    let start = builder.declare("start", line.image + column * tile.channels)
    try vectors(line) { channel, count in
      let sums = tile.sums(
        pixels: pixels, rows: line.rows, start: start + channel, channel: channel, inside: inside, count: count)
      try store(sums, line, pixel: pixel, channel: channel, count: count)
    }
  }

  /// The vectors of the block; the last one of all may be cut.
  private func vectors(_ line: Line, _ body: (_ channel: Expression, _ count: Expression?) throws -> Void) throws {
    let lanes = Expression.integer(tile.lanes)
    let (from, to) = line.channels
    if channelCount.constant.map({ $0 % tile.lanes == 0 }) ?? false {
      return try builder.loop("channel", from: from, to: to, step: lanes) { try body($0, nil) }
    }
    let whole = builder.declare("whole", to - (to - from) % lanes)
    try builder.loop("channel", from: from, to: whole, step: lanes) { try body($0, nil) }
    try builder.branch(.less(whole, to)) { try body(whole, builder.declare("count", to - whole)) }
  }

  private func store(
    _ sums: [Variable], _ line: Line, pixel: Expression, channel: Expression, count: Expression?
  ) throws {
    let row = builder.declare("place", line.first + pixel)
    guard let stack else { return try epilogue.store(sums.map { [$0] }, row: row, column: channel, count: count) }
    for (number, sum) in sums.enumerated() { builder.store(stack, .integer(number * tile.lanes), .variable(sum)) }
    try epilogue.write(
      stack, width: tile.lanes, row: row, height: .integer(sums.count), column: channel,
      columns: builder.extent(channelCount))
  }
}
