import TensorIR
import TensorOps

/// The target of `Reshape` where some of it is computed: whether an element is an extent, stands for the operand's extent
/// (0) or for what is left (-1) is known only when the function runs.
struct ComputedReshape {
  private let node: NodeConversion
  private let shape: [Dimension]
  private let keepsZeros: Bool

  init(_ node: NodeConversion) throws {
    self.node = node
    shape = try node.shape(0)
    keepsZeros = try node.flag("allowzero")
  }

  /// One element of the target.
  private enum Extent {
    case known(Dimension)
    /// What may be -1.
    case open(Tensor)
  }

  /// The extents; nil where none of the elements may be -1 or 0, so that the usual rules do.
  func target() throws -> [Dimension]? {
    let elements = try ComputedElements(node).elements(of: node.tensor(1))
    let bounds = ScalarBounds(node.graph)
    var extents = try elements.enumerated().map { axis, element -> Extent in
      switch element {
      case .known(let dimension): return .known(stated(dimension, axis))
      case .scalar(let scalar):
        if bounds.isNatural(scalar) { return .known(try ComputedElements(node).size(of: scalar)) }
        return .open(try stated(node.cast(scalar, to: .i64), axis))
      }
    }
    guard extents.contains(where: { if case .open = $0 { true } else { false } }) else { return nil }
    for (axis, extent) in extents.enumerated() {
      if case .known(-1) = extent { extents[axis] = .open(try node.scalar(-1, .i64)) }
    }
    return try chosen(extents)
  }

  private func stated(_ dimension: Dimension, _ axis: Int) -> Dimension {
    dimension == 0 && !keepsZeros && axis < shape.count ? shape[axis] : dimension
  }

  private func stated(_ scalar: Tensor, _ axis: Int) throws -> Tensor {
    guard !keepsZeros, axis < shape.count else { return scalar }
    let isZero = try node.add(Equal(), scalar, node.scalar(0, .i64))
    return Tensor.select(isZero, try node.scalar(shape[axis]), scalar)
  }

  /// Where more than one is -1, what is left is -1 too, which no size is.
  private func chosen(_ extents: [Extent]) throws -> [Dimension] {
    let (one, none) = (try node.scalar(1, .i64), try node.scalar(-1, .i64))
    var product = try node.scalar(extents.map { if case .known(let known) = $0 { known } else { 1 } }.reduce(1, *))
    var opens = try node.scalar(0, .i64)
    for case .open(let scalar) in extents {
      let isOpen = try node.add(Equal(), scalar, none)
      product = product * Tensor.select(isOpen, one, scalar)
      opens = opens + (try node.cast(isOpen, to: .i64))
    }
    let count = try node.scalar(shape.reduce(1, *))
    let left = Tensor.floorDivide(count, Tensor.maximum(product, one))
    let rest = Tensor.select(try node.add(LessEqual(), opens, one), left, none)
    return try extents.map { extent in
      switch extent {
      case .known(let dimension): return dimension
      case .open(let scalar):
        let isOpen = try node.add(Equal(), scalar, none)
        return try node.size("size", of: Tensor.select(isOpen, rest, scalar), bound: nil)
      }
    }
  }
}
