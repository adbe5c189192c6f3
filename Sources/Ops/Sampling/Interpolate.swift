import TensorIR

/// A tensor at other extents along some axes, its elements taken as samples of something continuous (ONNX `Resize`, PyTorch
/// `interpolate`). Element i of an axis comes from a place between the operand's elements that ``SampleCoordinates`` gives:
/// the nearest one, or a weighted mean of two (linear) or four (cubic) neighbours. Neighbours beyond the ends repeat the
/// element at the end, or are left out of the mean with `excludeOutside`.
///
/// Nearest takes every element type, the others take floats. The gradient is exact: the transpose of the weights.
public struct Interpolate: TensorOp {
  public static let name = "interpolate"
  public static let summary = "The tensor resized along axes: nearest, linear or cubic, by a choice of coordinates."
  public static let signature = Signature.operands(1)
  public var axes: [Int]
  /// The extents of the axes in the result.
  public var sizes: [Dimension]
  /// How far neighbours move apart; nil: as the extents' quotients say.
  @Exact public var scales: [Double]?
  public var mode: InterpolationMode
  public var coordinates: SampleCoordinates
  /// Which neighbour is the nearest.
  public var rounding: NearestRounding
  /// The a of the cubic weights (Keys, 1981): -0.75 in PyTorch and ONNX, -0.5 in others.
  @Exact public var cubicCoefficient: Double
  public var excludeOutside: Bool
  /// For ``SampleCoordinates/cropAndResize``, where the axes' first and then their last elements lie, from 0 to 1.
  @Exact public var region: [Double]
  /// What stands where ``SampleCoordinates/cropAndResize`` leaves the operand.
  @Exact public var extrapolation: Double

  public init(
    axes: [Int], sizes: [Dimension], scales: [Double]? = nil, mode: InterpolationMode = .linear,
    coordinates: SampleCoordinates = .halfPixel, rounding: NearestRounding = .preferFloor,
    cubicCoefficient: Double = -0.75, excludeOutside: Bool = false, region: [Double] = [], extrapolation: Double = 0
  ) {
    (self.axes, self.sizes, self.scales, self.mode) = (axes, sizes, scales, mode)
    (self.coordinates, self.rounding, self.cubicCoefficient) = (coordinates, rounding, cubicCoefficient)
    (self.excludeOutside, self.region, self.extrapolation) = (excludeOutside, region, extrapolation)
  }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let x = operands[0]
    guard mode == .nearest || x.elementType.isFloat else {
      throw Diagnostic("element-type", "'\(name)' cannot mix elements of \(x); take the nearest or cast to a float")
    }
    for axis in axes { try context.require(axis: axis, of: x, name) }
    guard Set(axes).count == axes.count, sizes.count == axes.count, scales?.count ?? axes.count == axes.count else {
      throw Diagnostic(
        "bad-attribute", "'\(name)' takes each axis once, with a size (and a scale), not \(axes), \(sizes)")
    }
    guard scales?.allSatisfy({ $0 > 0 && $0.isFinite }) ?? true else {
      throw Diagnostic("bad-attribute", "'\(name)' takes positive scales, not \(scales ?? [])")
    }
    guard coordinates != .cropAndResize || region.count == 2 * axes.count else {
      throw Diagnostic("bad-attribute", "'\(name)' needs a first and a last place of its region for each axis")
    }
    var shape = x.shape
    for (axis, size) in zip(axes, sizes) {
      try context.require(0, atMost: size, "'\(name)' makes \(size) elements of axis \(axis)")
      // None is made of none, as where an axis keeps its extent.
      if size != x.shape[axis] {
        try context.require(
          .minimum(size, 1), atMost: x.shape[axis], "'\(name)' has no element to resize on axis \(axis) of \(x)")
      }
      shape[axis] = size
    }
    return [x.with(shape: shape)]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let x = operands[0]
    let shape = try Evaluator.numbers(types[0])
    let strides = ReferenceTensor.strides(x.shape)
    let tables = axes.enumerated().map { number, axis in
      (0..<shape[axis]).map { formula(number, x.shape[axis], shape[axis]).taps($0) }
    }
    var floats: [Double] = []
    var picked: [Int?] = []
    for index in ReferenceTensor.indices(shape) {
      let start = index.indices.reduce(0) { axes.contains($1) ? $0 : $0 + index[$1] * strides[$1] }
      var terms: [(place: Int, weight: Double)]? = [(start, 1)]
      for (number, axis) in axes.enumerated() {
        terms = tables[number][index[axis]].flatMap { taps in
          terms?.flatMap { term in
            taps.map { (term.place + $0.index * strides[axis], mode == .nearest ? 1 : term.weight * $0.weight) }
          }
        }
      }
      if mode == .nearest {
        picked.append(terms?[0].place)
      } else {
        floats.append(terms?.reduce(0) { $0 + $1.weight * x.floats[$1.place] } ?? extrapolation)
      }
    }
    if mode == .nearest { return [x.picking(picked, fill: extrapolation, shape: shape)] }
    return [ReferenceTensor(x.elementType, shape, floats: floats)]
  }

  private func formula(_ number: Int, _ extent: Int, _ size: Int) -> InterpolationFormula {
    InterpolationFormula(op: self, number: number, extent: extent, size: size)
  }

  /// Axis by axis. Axes that shrink come first, and of the others the last in memory, so that little is walked through one by
  /// one.
  public func decompose(_ operands: [Tensor]) throws -> [Tensor]? {
    let x = operands[0]
    var result = mode == .nearest ? x : x.widened()
    var outside: Tensor?
    for number in order(x.shape) where !isIdentity(number, x.shape) {
      let tables = InterpolationTables(op: self, number: number, x: x)
      if let own = tables.outside { outside = outside.map { $0 .| own } ?? own }
      result =
        mode == .nearest
        ? result.gather(tables.nearest, axis: axes[number])
        : result.resampled(
          axis: axes[number], indices: tables.indices, weights: tables.weights.cast(to: result.elementType))
    }
    if let outside { result = Tensor.select(outside, result.like(extrapolation), result) }
    return [result.cast(to: x.elementType)]
  }

  private func order(_ shape: [Dimension]) -> [Int] {
    func shrinks(_ number: Int) -> Bool {
      guard let from = shape[axes[number]].constant, let to = sizes[number].constant else { return false }
      return to < from
    }
    let numbers = axes.indices.sorted { axes[$0] > axes[$1] }
    return numbers.filter(shrinks).reversed() + numbers.filter { !shrinks($0) }
  }

  /// Whether nothing happens along an axis.
  private func isIdentity(_ number: Int, _ shape: [Dimension]) -> Bool {
    sizes[number] == shape[axes[number]] && (scales.map { $0[number] == 1 } ?? true) && coordinates != .cropAndResize
  }
}

extension Tensor {
  /// The tensor with the axes from 2 on resized (PyTorch and Burn `interpolate`). With `alignCorners` the first and the last
  /// elements stay where they are; without it, elements are areas, whose outer edges stay. Nearest takes element
  /// ⌊i n / m⌋ for i.
  public func interpolated(to sizes: [Dimension], mode: InterpolationMode, alignCorners: Bool = false) -> Tensor {
    .one(Tensor.interpolation(to: sizes, mode, alignCorners), self)
  }

  /// The gradient of ``interpolated(to:mode:alignCorners:)`` for this operand from the result's cotangent.
  public func interpolatedGradient(
    _ cotangent: Tensor, mode: InterpolationMode, alignCorners: Bool = false
  ) -> Tensor {
    gradient(of: Tensor.interpolation(to: Array(cotangent.shape.dropFirst(2)), mode, alignCorners), [], cotangent)
  }

  private static func interpolation(
    to sizes: [Dimension], _ mode: InterpolationMode, _ alignCorners: Bool
  ) -> Interpolate {
    Interpolate(
      axes: sizes.indices.map { $0 + 2 }, sizes: sizes, mode: mode,
      coordinates: mode == .nearest ? .asymmetric : alignCorners ? .alignCorners : .halfPixel, rounding: .floor)
  }
}
