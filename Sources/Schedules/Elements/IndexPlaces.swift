import TensorIR
import TensorOps

extension KernelBuilder {
  /// An index as a position on an axis that has elements: counted from the end if negative. One that is out of range is
  /// noted, for an error of the run, and clamped, never followed.
  func place(
    of index: Expression, extent: Expression, for name: String, at location: Location
  ) -> Expression {
    let raw = declare("index", index.data)
    let place = mutable("place", raw)
    let (value, zero, end) = (Expression.variable(place), Expression.integer(0).data, extent.data)
    // Most indices are on the axis, and one look at each should do.
    branch(.binary(.logicalOr, .less(value, zero), .binary(.greaterEqual, value, end))) {
      assign(place, .binary(.add, raw, end))
      branch(.binary(.logicalOr, .binary(.greaterEqual, raw, zero), .less(value, zero))) {
        badIndex(raw, extent: extent, of: name, at: location)
        assign(place, .select(.less(raw, zero), zero, Expression.maximum(0, extent - 1).data))
      }
    }
    return value.index
  }
}

extension ElementAccess {
  /// The element at the positions that indices name on axes of given extents. Where one of the axes has no elements, every
  /// index is out of range and the element is 0.
  func picking(
    _ indices: [(index: Expression, extent: Dimension)], at index: [Index], _ value: ([Index]) throws -> Expression
  ) throws -> Expression {
    let symbols = evaluator.group.function.symbols
    let open = indices.filter { symbols.isAtMost(1, $0.extent) != .yes }
    for (index, extent) in open {
      let size = builder.extent(extent)
      builder.branch(.binary(.lessEqual, size, 0)) {
        builder.badIndex(index.data, extent: size, of: operation.op.name, at: operation.location)
      }
    }
    return try guarded(open.map { .less(0, builder.extent($0.extent)) }, at: index, otherwise: 0) {
      let places = indices.map { index, extent in
        Index(
          builder.place(
            of: index, extent: builder.extent(extent), for: operation.op.name, at: operation.location))
      }
      return try value(places)
    }
  }
}
