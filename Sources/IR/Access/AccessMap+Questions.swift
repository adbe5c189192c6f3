/// What schedules and passes ask of a map.
extension AccessMap {
  public var isMove: Bool { if case .moved = use { true } else { false } }

  /// The only read of a move that takes every element from one operand.
  public var onlyRead: Read? {
    guard isMove, reads.count == 1, let read = reads.first, read.conditions.isEmpty else { return nil }
    return read
  }

  /// For each axis of a read operand, the axis of the result that it follows; nil for an axis that is read at one place.
  /// Nothing where a read is anything else than that, or where it is open whether an axis broadcasts.
  public func followedAxes(_ read: Read) -> [Int?]? {
    guard read.conditions.isEmpty else { return nil }
    var axes: [Int?] = []
    for place in read.places {
      switch place {
      case .axis(let axis): axes.append(axis)
      case .size(0): axes.append(nil)
      default: return nil
      }
    }
    return axes
  }

  /// The axes of the result that the operand's axes become, where a move gives the operand's axes in another order, or in
  /// the same. Nil for other maps.
  public func permutedAxes(rank: Int) -> [Int]? {
    guard let read = onlyRead, read.places.count == rank else { return nil }
    let axes = followedAxes(read)?.compactMap { $0 }
    return axes.flatMap { $0.sorted() == Array(0..<rank) ? $0 : nil }
  }

  /// Whether elements are read in the order in which they are made, so that to read them through the map costs no more than
  /// to read them: views, broadcasts, slices, reshapes.
  public var keepsOrder: Bool {
    guard let read = onlyRead else { return false }
    var axes: [Int] = []
    var previous: Place?
    for place in read.places {
      if place.axes.isEmpty { continue }
      // The axes of a reshaped run are taken apart by quotients and remainders of one number.
      if place.whole == nil && !place.isIncreasing { return false }
      if let whole = place.whole, whole == previous { continue }
      previous = place.whole
      axes += place.axes
    }
    return axes == axes.sorted()
  }

  /// Whether a move takes the axes of the result together and apart again, and nothing else: with as many elements on both
  /// sides it leaves all of them where they are.
  public var isReshape: Bool { keepsOrder && reads.allSatisfy { $0.places.allSatisfy(\.isDigits) } }

  /// Where a move puts operands one after another along one axis: that axis.
  public var joinedAxis: Int? {
    guard isMove, reads.count > 1, use == .moved(otherwise: nil) else { return nil }
    var found: Int?
    for (number, read) in reads.enumerated() {
      if number == reads.count - 1 { break }
      guard read.operand == number, read.conditions.count == 1, case .less(.axis(let axis), _) = read.conditions[0],
        found == nil || found == axis
      else { return nil }
      found = axis
    }
    return found
  }

  /// The margins in front of an operand that a move puts into a greater shape, and the number around it; nil for other moves.
  public var margins: (before: [Dimension], value: Double)? {
    guard case .moved(let value?) = use, reads.count == 1 else { return nil }
    let places = reads[0].places
    let distances = places.indices.compactMap { places[$0].distance(along: $0, rank: places.count) }
    guard distances.count == places.count else { return nil }
    let isBounds = reads[0].conditions.allSatisfy { condition in
      switch condition {
      case .atLeast(let place, 0), .less(let place, _): places.contains(place)
      default: false
      }
    }
    return isBounds ? (distances.map { -$0 }, value) : nil
  }

  /// Where along an axis a move reads its only operand place by place, each element of it once: how many elements of the
  /// result come before. Before and after stands something else: a number, or elements read again.
  public func interior(axis: Int) -> Dimension? {
    guard isMove, reads.count == 1, reads[0].places.indices.contains(axis) else { return nil }
    var place = reads[0].places[axis]
    let isBound = reads[0].conditions.contains { $0.place == place }
    if case .bounded(let inner, _, _) = place { place = inner } else if !isBound { return nil }
    return place.distance(along: axis, rank: reads[0].places.count).map { -$0 }
  }

  /// The axis of the first operand along which whole slices are picked by the elements of the second, whose axes stand in
  /// its place.
  public var pickedAxis: Int? {
    guard let read = onlyRead else { return nil }
    let picks = read.places.indices.filter { read.places[$0].readsOperand }
    guard let axis = picks.first, picks.count == 1, case .index(1, let places, _) = read.places[axis] else {
      return nil
    }
    let all = read.places[..<axis] + places + read.places[(axis + 1)...]
    return all.enumerated().allSatisfy { $1 == .axis($0) } ? axis : nil
  }
}

extension Place {
  /// How far it lies beyond the index on one axis of the result, where that is all it hangs on.
  fileprivate func distance(along axis: Int, rank: Int) -> Dimension? {
    guard let (offset, steps) = linear(rank: rank),
      steps.enumerated().allSatisfy({ $1 == ($0 == axis ? 1 : 0) })
    else { return nil }
    return offset
  }

  /// Whether axes are put together by their extents and taken apart again.
  fileprivate var isDigits: Bool {
    switch self {
    case .axis, .size: true
    case .sum(let a, let b): a.isDigits && b.isDigits
    case .scaled(let a, _), .product(let a, _), .quotient(let a, _), .remainder(let a, _): a.isDigits
    default: false
    }
  }

  /// The number of which this is a digit, where a run of axes is taken apart.
  fileprivate var whole: Place? {
    switch self {
    case .remainder(let place, _), .quotient(let place, _): place.undivided
    default: nil
    }
  }

  private var undivided: Place {
    if case .quotient(let place, _) = self { return place.undivided }
    return self
  }
}
