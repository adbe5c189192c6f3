import TensorIR
import TensorOps

/// Parts of tensors whose places are computed from data: `Range`, `Slice` and `Pad` by operands.
extension NodeConversion {
  /// The number of elements of a `Range` whose operands are computed: `max(ceil((limit - start) / step), 0)`.
  func rangeCount() throws -> Dimension {
    let operands = try (0..<3).map { index in
      let operand = try reshape(tensor(index), [])
      // What is rounded to half floats may be another number of elements.
      return operand.elementType == .f16 || operand.elementType == .bf16 ? try cast(operand, to: .f32) : operand
    }
    guard !operands[0].elementType.isFloat else {
      // A step of 0 gives infinity or NaN, which no size is.
      let count = ((operands[1] - operands[0]) / operands[2]).ceil()
      return try size("range", of: Tensor.maximum(count, scalar(0, count.elementType)), bound: nil)
    }
    let (start, limit, step) = (
      try cast(operands[0], to: .i64), try cast(operands[1], to: .i64), try cast(operands[2], to: .i64)
    )
    let count = try add(Negate(), Tensor.floorDivide(start - limit, step))
    let bounds = ScalarBounds(graph)
    let isUpwards = number(2).map { $0 >= 1 } ?? false
    let isFromZero = number(0).map { $0 >= 0 } ?? false
    let most = isUpwards && isFromZero ? try bounds.most(of: limit) : nil
    return try size(
      "range", of: Tensor.maximum(count, scalar(0, .i64)), bound: most.map { symbols.maximum($0, 0) })
  }

  /// An element of an operand as an i64 scalar.
  func scalar(_ element: ComputedElements.Element) throws -> Tensor {
    switch element {
    case .known(let dimension):
      if let number = dimension.constant, number.magnitude < 1 << 52 { return try scalar(Double(number), .i64) }
      return try add(DimensionValues([dimension], []), list: [])[0]
    case .scalar(let tensor): return try cast(tensor, to: .i64)
    }
  }

  /// A dimension as an i64 scalar.
  func scalar(_ dimension: Dimension) throws -> Tensor { try scalar(.known(dimension)) }

  /// The slices of `x` at places `start + i step` along an axis.
  func picked(_ x: Tensor, axis: Int, count: Dimension, start: Tensor, step: Int) throws -> Tensor {
    let places = try add(Iota(.i64, [count], axis: 0), list: [])[0]
    let scaled = step == 1 ? places : try add(Multiply(), places, scalar(Double(step), .i64))
    return try add(Gather(axis: axis), x, add(Add(), scaled, start))
  }
}

/// `Slice` whose starts or ends are computed from data.
struct ComputedSlice {
  private let node: NodeConversion
  private let elements: ComputedElements

  init(_ node: NodeConversion) { (self.node, elements) = (node, ComputedElements(node)) }

  func sliced() throws -> Tensor {
    var x = try node.tensor(0)
    let starts = try elements.elements(of: node.tensor(1))
    let ends = try elements.elements(of: node.tensor(2))
    let axes = try node.axes(node.hasInput(3) ? node.integers(3) : Array(starts.indices), rank: x.rank)
    let steps = node.hasInput(4) ? try node.integers(4) : starts.map { _ in 1 }
    guard starts.count == ends.count, axes.count == starts.count, steps.count == starts.count else {
      throw OnnxError("onnx-slice", "its starts, ends, axes and steps differ in number")
    }
    for (index, axis) in axes.enumerated() {
      guard steps[index] != 0, steps[index] != .min else {
        throw OnnxError("onnx-slice-step", "a step of \(steps[index]) is not possible")
      }
      x = try sliced(x, axis: axis, starts[index], ends[index], step: steps[index])
    }
    return x
  }

  private func sliced(
    _ x: Tensor, axis: Int, _ start: ComputedElements.Element, _ end: ComputedElements.Element, step: Int
  ) throws -> Tensor {
    let extent = x.shape[axis]
    if case .known(let first) = start, case .known(let last) = end {
      let range = try SliceRange(first, last, step: step, extent: extent, node.symbols)
      var (starts, sizes, strides) = (x.shape.map { _ in Dimension(0) }, x.shape, x.shape.map { _ in 1 })
      (starts[axis], sizes[axis], strides[axis]) = (range.start, range.size, range.step)
      return try node.add(Slice(starts: starts, sizes: sizes, steps: strides), x)
    }
    let all = try node.scalar(extent)
    let zero = try node.scalar(0, .i64)
    let one = try node.scalar(1, .i64)
    let greatest = step > 0 ? all : all - one
    let first = try place(start, all, least: zero, greatest)
    let last = try place(end, all, least: step > 0 ? zero : zero - one, greatest)
    let length = step > 0 ? last - first : first - last
    let count = Tensor.floorDivide(
      length + (try node.scalar(Double(abs(step) - 1), .i64)), try node.scalar(Double(abs(step)), .i64))
    let size = try node.size(
      "slice", of: Tensor.maximum(count, zero), bound: extent.ceilingDivided(by: Dimension(abs(step))))
    return try node.picked(x, axis: axis, count: size, start: first, step: step)
  }

  /// ONNX's rule: negative positions count from the end, then all are clamped to the axis.
  private func place(
    _ element: ComputedElements.Element, _ extent: Tensor, least: Tensor, _ greatest: Tensor
  ) throws -> Tensor {
    let given = try node.scalar(clamped(element))
    let isNegative = try node.add(Less(), given, node.scalar(0, .i64))
    let counted = Tensor.select(isNegative, given + extent, given)
    return Tensor.maximum(Tensor.minimum(counted, greatest), least)
  }

  /// Exporters write the greatest integers for "to the end"; sums with them would wrap around.
  private func clamped(_ element: ComputedElements.Element) -> ComputedElements.Element {
    guard case .known(let dimension) = element, let number = dimension.constant else { return element }
    return .known(Dimension(min(max(number, -(1 << 50)), 1 << 50)))
  }
}

/// `Pad` whose margins are computed from data; negative ones crop.
struct ComputedPad {
  private let node: NodeConversion

  init(_ node: NodeConversion) { self.node = node }

  func padded(_ mode: PadMode) throws -> Tensor {
    var x = try node.tensor(0)
    let margins = try ComputedElements(node).elements(of: node.tensor(1))
    let axes = try node.axes(node.hasInput(3) ? node.integers(3) : Array(x.shape.indices), rank: x.rank)
    guard margins.count == 2 * axes.count else {
      throw OnnxError("onnx-pad", "\(margins.count) margins do not fit \(axes.count) axes")
    }
    let value =
      node.hasInput(2) && mode == .constant
      ? try node.reshape(node.tensor(2), []) : try node.scalar(0, x.elementType)
    for (index, axis) in axes.enumerated() {
      let (before, after) = (margins[index], margins[axes.count + index])
      if case .known(let a) = before, case .known(let b) = after, a == 0, b == 0 { continue }
      x = try padded(x, axis, node.scalar(before), node.scalar(after), mode, value)
    }
    return x
  }

  private func padded(
    _ x: Tensor, _ axis: Int, _ before: Tensor, _ after: Tensor, _ mode: PadMode, _ value: Tensor
  ) throws -> Tensor {
    let extent = try node.scalar(x.shape[axis])
    let zero = try node.scalar(0, .i64)
    let last = Tensor.maximum(extent - (try node.scalar(1, .i64)), zero)
    let size = try node.size("pad", of: Tensor.maximum(extent + before + after, zero), bound: nil)
    let places = try node.add(Iota(.i64, [size], axis: 0), list: [])[0] - before
    let source = try within(places, extent, last, mode)
    let taken = try node.add(Gather(axis: axis), x, source)
    if mode != .constant { return taken }
    let isInside = try node.add(Equal(), source, places)
    let line = x.shape.indices.map { $0 == axis ? size : Dimension(1) }
    return try node.add(Select(), node.reshape(isInside, line), taken, value)
  }

  /// Where the element for a place before or behind an axis is.
  private func within(_ places: Tensor, _ extent: Tensor, _ last: Tensor, _ mode: PadMode) throws -> Tensor {
    let zero = try node.scalar(0, .i64)
    switch mode.rawValue {
    case "reflect":
      let period = Tensor.maximum(last + last, try node.scalar(1, .i64))
      let place = places - Tensor.floorDivide(places, period) * period
      return Tensor.minimum(place, last + last - place)
    case "wrap": return places - Tensor.floorDivide(places, extent) * extent
    default: return Tensor.maximum(Tensor.minimum(places, last), zero)
    }
  }
}
