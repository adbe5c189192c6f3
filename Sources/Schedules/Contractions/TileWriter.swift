import TensorIR
import TensorOps

/// Writes tiles of a matrix product with what follows them: chooses the code for whole panels, cut ones and narrow ones,
/// and stores the finished sums by way of the epilogue.
struct TileWriter {
  let product: any RegisterTile
  let epilogue: Epilogue
  let columns: Dimension
  /// Where the product's columns begin in the result.
  var firstColumn: Expression = 0
  /// For a right operand whose panels are unpacked first where rows are many.
  var unpacked: Unpacked?
  /// Writes tiles of few rows, where another product is better at them.
  var few: (() -> TileWriter)?

  /// How a product gets along with a right operand that is not numbers.
  struct Unpacked {
    /// The steps of a sum.
    var length: Expression
    /// Writes the panel that begins at an offset.
    var write: (Expression) -> Void
  }

  /// Where sums go that the epilogue does not take from registers; nil where it does.
  private let tile: Buffer?
  /// The most rows of a tile that covers several panels at once, so that their sums fit the registers.
  static func fewRows(_ shape: TileShape, _ target: Target) -> Int {
    shape.rows / target.tuning.products.panelsOfFewRows
  }

  init(_ product: any RegisterTile, _ epilogue: Epilogue, columns: Dimension) {
    self.product = product
    self.epilogue = epilogue
    self.columns = columns
    tile =
      epilogue.isOnRegisters || product.memory != nil
      ? product.memory
      : product.builder.array(
        "tile", product.element.computeType,
        count: product.shape.rows * product.shape.columns(product.target, product.element))
  }

  private var builder: KernelBuilder { product.builder }
  private var lanes: Int { product.target.lanes(of: product.element) }
  private var vectors: Int { product.shape.vectors }
  private var width: Int { vectors * lanes }

  /// One tile of a product.
  struct Place {
    var left: TileProduct.Left
    var runs: TileProduct.Runs
    /// Its first row among all rows of the result.
    var row: Expression
    var height: Expression
    /// The heights that may occur.
    var heights: ClosedRange<Int>
    /// Its first column, and where each of its panels begins.
    var column: Expression
    var panels: [Expression]
  }

  /// How the columns behind the last whole panel may be: known where their number is.
  private var remainder: Int? { columns.constant.map { $0 % width } }
  private var mayBeNarrow: Bool { vectors > 1 && (remainder.map { 1...lanes ~= $0 } ?? true) }
  private var mayBeCut: Bool { remainder.map { $0 > (vectors > 1 ? lanes : 0) } ?? true }
  private var mayBeWhole: Bool { columns.constant.map { $0 >= width } ?? true }

  func write(_ place: Place) throws {
    epilogue.prefetch(
      row: place.row, height: place.height, column: firstColumn + place.column, width: width * place.panels.count)
    if product.memory != nil { return try sums(place, vectors: vectors) { _ in } }
    let left = builder.declare("columns_left", builder.extent(columns) - place.column)
    if place.panels.count > 1 {
      return try wide(place, left: left, mayBeCut: remainder != 0, mayBeWhole: mayBeWhole)
    }
    let narrow = Expression.binary(.lessEqual, left, .integer(lanes))
    switch (mayBeNarrow, mayBeWhole || mayBeCut) {
    case (false, _): try wide(place, left: left, mayBeCut: mayBeCut, mayBeWhole: mayBeWhole)
    case (true, false): try sums(place, vectors: 1) { try store($0, place, count: left) }
    case (true, true):
      try builder.branch(narrow) {
        try sums(place, vectors: 1) { try store($0, place, count: left) }
      } otherwise: {
        try wide(place, left: left, mayBeCut: mayBeCut, mayBeWhole: mayBeWhole)
      }
    }
  }

  /// All vectors of the panels; one test decides whether stores are limited.
  private func wide(_ place: Place, left: Expression, mayBeCut: Bool, mayBeWhole: Bool) throws {
    try sums(place, vectors: vectors) { sums in
      guard mayBeCut, epilogue.isOnRegisters else { return try store(sums, place, count: mayBeCut ? left : nil) }
      guard mayBeWhole else { return try store(sums, place, count: left) }
      try builder.branch(.less(left, .integer(width * place.panels.count))) {
        try store(sums, place, count: left)
      } otherwise: {
        try store(sums, place, count: nil)
      }
    }
  }

  private func sums(_ place: Place, vectors: Int, _ finish: TileProduct.Finish) throws {
    try product.write(
      place.left, place.runs, panels: place.panels, vectors: vectors, height: place.height, heights: place.heights,
      finish: finish)
    guard let tile else { return }
    for panel in place.panels.indices {
      let skipped = Expression.integer(panel * width)
      // Tiles of several panels lie one panel behind the other.
      let start = builder.pointer("part", into: tile, offset: .integer(panel * place.heights.upperBound * width))
      try epilogue.write(
        start, width: width, row: place.row, height: place.height, column: firstColumn + place.column + skipped,
        columns: firstColumn + builder.extent(columns))
    }
  }

  private func store(_ sums: [[Variable]], _ place: Place, count: Expression?) throws {
    guard let tile else {
      return try epilogue.store(sums, row: place.row, column: firstColumn + place.column, count: count)
    }
    let perPanel = (sums.first?.count ?? 0) / place.panels.count
    for (row, parts) in sums.enumerated() {
      for (part, sum) in parts.enumerated() {
        let panel = part / max(perPanel, 1) * place.heights.upperBound * width
        let offset = panel + row * width + part % max(perPanel, 1) * lanes
        builder.store(tile, .integer(offset), .variable(sum))
      }
    }
  }
}
