/// How one result of an op uses its operands: for each read, from which place of which operand an element comes. It is data,
/// so that everything which asks how elements depend on each other asks it: the expression of an element, fusion, layouts,
/// schedules, constant folding. An op without one uses its operands as a whole (a sort, a Fourier transform).
public struct AccessMap: Hashable, Sendable {
  /// What an element of the result is made of.
  public enum Use: Hashable, Sendable {
    /// It is the element of the first read whose conditions hold; where none does, a number. Nil: the last read is all that
    /// is left.
    case moved(otherwise: Double?)
    /// It is computed from one element of every operand.
    case computed
    /// It combines what is read along further axes of these extents, which are counted after the result's.
    case combined(over: [Dimension])
  }

  public struct Read: Hashable, Sendable {
    public var operand: Int
    /// For each axis of the operand, where it is read.
    public var places: [Place]
    /// What must hold for it to be read, in this order.
    public var conditions: [PlaceCondition]

    public init(_ operand: Int, _ places: [Place], if conditions: [PlaceCondition] = []) {
      self.operand = operand
      self.places = places
      self.conditions = conditions
    }
  }

  public var use: Use
  public var reads: [Read]

  public init(_ use: Use, _ reads: [Read]) {
    self.use = use
    self.reads = reads
  }

  /// Elements of the first operand, all of which are there.
  public static func moved(_ places: [Place]) -> AccessMap { moved([Read(0, places)]) }

  public static func moved(_ reads: [Read], otherwise: Double? = nil) -> AccessMap {
    AccessMap(.moved(otherwise: otherwise), reads)
  }

  /// The element at the same place.
  public static func identity(rank: Int) -> AccessMap { .moved((0..<rank).map { .axis($0) }) }

  /// One element of every operand, all of which broadcast to the result.
  public static func pointwise(_ operands: [TensorType], _ result: TensorType) -> AccessMap {
    AccessMap(
      .computed,
      operands.enumerated().map { Read($0, AccessMap.broadcast($1.shape, to: result.shape)) })
  }

  /// Where an operand that broadcasts to a shape is read.
  public static func broadcast(_ own: [Dimension], to shape: [Dimension]) -> [Place] {
    let skip = shape.count - own.count
    return own.indices.map { axis in
      if own[axis] == 1 { return .zero }
      return own[axis] == shape[skip + axis] ? .axis(skip + axis) : .broadcast(skip + axis, extent: own[axis])
    }
  }
}

/// What must hold of the indices of an element for a read to take place.
public enum PlaceCondition: Hashable, Sendable {
  case atLeast(Place, Dimension)
  case less(Place, Dimension)
  /// Divides without remainder; the place is not negative.
  case multiple(Place, of: Int)

  public var place: Place {
    switch self {
    case .atLeast(let place, _), .less(let place, _), .multiple(let place, _): place
    }
  }

  /// Both ends of an axis.
  public static func within(_ place: Place, _ extent: Dimension) -> [PlaceCondition] {
    [.atLeast(place, 0), .less(place, extent)]
  }
}
