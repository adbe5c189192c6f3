import TensorIR

extension TensorType {
  /// No processor addresses more.
  private static let mostBytes = 1 << 48

  /// Why no tensor can have this type, in words: an extent that is negative or out of reach, or more bytes than any memory
  /// has. Nil where one can. Extents of 0 count as 1, for the steps from element to element are products too.
  var extentFault: String? {
    if rank > TensorType.mostAxes { return "rank \(rank) is beyond the \(TensorType.mostAxes) axes that are supported" }
    var bytes = max(elementType.bitWidth / 8, 1)
    for extent in shape {
      if extent.isLong { return "an extent of its shape is a formula of more than \(Dimension.longest) parts" }
      if extent.holdsOverflow { return "an extent of its shape does not fit in 64 bits" }
      guard let number = extent.constant else { continue }
      if number < 0 { return "\(self) has a negative extent" }
      let (product, overflow) = bytes.multipliedReportingOverflow(by: max(number, 1))
      if overflow || product > TensorType.mostBytes { return "\(self) is larger than any memory" }
      bytes = product
    }
    return nil
  }

  /// Far beyond what frameworks allow (NumPy 64); loops and messages stay of a size.
  private static let mostAxes = 64
}

extension Dimension {
  /// Far beyond any model. Formulas may hold one another, so their length can double at every node.
  static let longest = 4096

  /// Whether the formula has so many parts that nobody should walk through it again and again.
  var isLong: Bool {
    var room = Dimension.longest
    return !fits(&room)
  }

  private func fits(_ room: inout Int) -> Bool {
    for term in terms {
      for atom in term.atoms {
        room -= 1
        if room < 0 { return false }
        switch atom {
        case .symbol: continue
        case .floorDivision(let a, let b), .modulo(let a, let b), .minimum(let a, let b), .maximum(let a, let b),
          .broadcast(let a, let b):
          if !a.fits(&room) || !b.fits(&room) { return false }
        }
      }
    }
    return true
  }
}
