import TensorIR
import TensorOps

/// The axes over which a kernel loops, outermost first in the order of memory, neighbours joined where every value that is
/// read or written allows it; and the stride of each value along them.
struct LoopDomain {
  var extents: [Dimension]
  /// For each value, its stride on each loop axis; 0 where it is broadcast.
  var strides: [ValueID: [Dimension]]

  /// The domain of a pointwise group: the axes of `type`, with strides for `values`. Nil where a value's layout has no
  /// strides or it is not known whether an axis broadcasts.
  ///
  /// - Parameter keepsInnermost: whether the innermost axis stays as it is, for tiles of rows and columns.
  init?(_ type: TensorType, values: [(ValueID, TensorType)], keepsInnermost: Bool = false) {
    guard type.layout.blocks.isEmpty else { return nil }
    let order = type.layout.axes(rank: type.rank)
    extents = order.map { type.shape[$0] }
    strides = [:]
    for (id, own) in values {
      guard let mapped = LoopDomain.strides(of: own, over: type) else { return nil }
      strides[id] = order.map { mapped[$0] }
    }
    join(keepsInnermost)
  }

  /// The strides of a value over the axes of the type that it broadcasts to.
  private static func strides(of own: TensorType, over type: TensorType) -> [Dimension]? {
    guard let dense = own.layout.strides(of: own.shape) else { return nil }
    var result = [Dimension](repeating: 0, count: type.rank)
    for (place, stride) in zip(AccessMap.broadcast(own.shape, to: type.shape), dense) {
      switch place {
      case .axis(let axis): result[axis] = stride
      case .size: continue
      default: return nil
      }
    }
    return result
  }

  /// Joins an axis with the next inner one where no value notices, and drops axes of extent 1.
  private mutating func join(_ keepsInnermost: Bool) {
    let first = keepsInnermost ? extents.count - 2 : extents.count - 1
    for axis in (0...max(first, 0)).reversed() where first >= 0 && extents[axis] == 1 && extents.count > 1 {
      remove(axis)
    }
    var axis = extents.count - (keepsInnermost ? 3 : 2)
    while axis >= 0 {
      let inner = extents[axis + 1]
      if strides.values.allSatisfy({ $0[axis] == $0[axis + 1] * inner }) {
        extents[axis + 1] = extents[axis] * inner
        remove(axis)
      }
      axis -= 1
    }
  }

  private mutating func remove(_ axis: Int) {
    extents.remove(at: axis)
    for id in strides.keys { strides[id]?.remove(at: axis) }
  }

  /// The flat position of a value at positions on the loop axes, and how far lanes lie apart.
  func offset(
    _ id: ValueID, _ index: [Index], _ builder: KernelBuilder
  ) -> (Expression, step: Expression) {
    var offset: Expression = 0
    var step: Expression = 0
    for (position, stride) in zip(index, strides[id] ?? []) {
      let distance = builder.extent(stride)
      offset = offset + position.base * distance
      step = step + .integer(position.step) * distance
    }
    return (offset, step)
  }
}
