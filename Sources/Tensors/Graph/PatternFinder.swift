import TensorIR

/// Finds what the sizes of several slices of one form have to do with each other.
struct PatternFinder {
  private let sightings: [[Int]]
  private let extentCount: Int
  /// What each size is: a number, a symbol, or both combined.
  private(set) var pattern: [Dimension] = []
  /// For each symbol, a size that it is.
  private(set) var places: [(symbol: String, place: Int)] = []
  /// The symbols that are no extent of an input.
  private(set) var carried: [String] = []
  /// For each symbol, its values in the sightings.
  private var columns: [[Int]] = []

  /// - Parameter extentCount: how many of the sizes are extents of inputs; they come first.
  init(_ sightings: [[Int]], extentCount: Int) {
    self.sightings = sightings
    self.extentCount = extentCount
  }

  mutating func run() {
    for place in sightings[0].indices {
      let column = sightings.map { $0[place] }
      if column.allSatisfy({ $0 == column[0] }) {
        pattern.append(Dimension(column[0]))
      } else {
        pattern.append(known(column, isExtent: place < extentCount) ?? symbol(column, place))
      }
    }
  }

  /// A column as a symbol, or, where it is no extent of an input, as one and a number added or multiplied, or as two
  /// multiplied.
  private func known(_ column: [Int], isExtent: Bool) -> Dimension? {
    let names = places.map { Dimension(symbol: $0.symbol) }
    if let same = columns.firstIndex(of: column) { return names[same] }
    if isExtent { return nil }
    for (name, own) in zip(names, columns) {
      let difference = column[0] &- own[0]
      if zip(column, own).allSatisfy({ $0 &- $1 == difference }) { return name + Dimension(difference) }
      if own[0] != 0, column[0] % own[0] == 0 {
        let factor = column[0] / own[0]
        if zip(column, own).allSatisfy({ $0 == $1.multipliedSaturating(factor) }) { return name * Dimension(factor) }
      }
    }
    for (a, left) in zip(names, columns) {
      for (b, right) in zip(names, columns) {
        if zip(column, zip(left, right)).allSatisfy({ $0 == $1.0.multipliedSaturating($1.1) }) { return a * b }
      }
    }
    return nil
  }

  private mutating func symbol(_ column: [Int], _ place: Int) -> Dimension {
    let name = "n\(places.count)"
    places.append((name, place))
    columns.append(column)
    if place >= extentCount { carried.append(name) }
    return Dimension(symbol: name)
  }
}
