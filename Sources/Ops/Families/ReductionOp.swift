import TensorIR

/// An op that combines the elements along axes into one: sum, max, product.
public protocol ReductionOp: TensorOp {
  /// The axes combined, from 0; sorted and unique.
  var axes: [Int] { get set }
  /// Whether they stay, with extent 1.
  var keepAxes: Bool { get set }
  static var elementTypes: [ElementType] { get }

  /// The value that changes nothing.
  func identity(_ type: ElementType) -> Double
  /// The combination of two partial results, scalar or vector.
  func combine(_ a: Expression, _ b: Expression, _ type: LoopType) -> Expression
  /// How the lanes of a vector of partial results become one.
  var laneReduction: LaneReduction { get }
  func combine(_ a: Double, _ b: Double) -> Double
  func combine(_ a: Int, _ b: Int, _ type: ElementType) -> Int
}

extension ReductionOp {
  public static var signature: Signature { .operands(1) }

  public func checkLayouts(_ operands: [TensorType], _ results: [TensorType]) throws {
    try requireStrides(operands)
    try requirePlain(results)
  }
  public static var elementTypes: [ElementType] { ElementType.numbers }

  @_semantics("optimize.sil.specialize.generic.never")
  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let x = operands[0]
    guard Self.elementTypes.contains(x.elementType) else {
      throw Diagnostic("element-type", "'\(name)' does not take \(x.elementType); cast the operand first")
    }
    guard axes == Array(Set(axes)).sorted(), axes.allSatisfy({ (0..<x.rank).contains($0) }) else {
      throw Diagnostic("bad-attribute", "\(axes) are not axes of \(x), from 0, in order and each once")
    }
    return [TensorType(x.elementType, reducedShape(x.shape))]
  }

  /// All elements along the axes; those that stay are the result's.
  public func accessMap(_ operands: [TensorType], _ result: TensorType) -> AccessMap? {
    let shape = operands[0].shape
    var kept = 0
    let places = shape.indices.map { axis -> Place in
      if let position = axes.firstIndex(of: axis) { return .axis(result.rank + position) }
      defer { kept += 1 }
      return .axis(keepAxes ? axis : kept)
    }
    return AccessMap(.combined(over: axes.map { shape[$0] }), [.init(0, places)])
  }

  /// Whether it looks for the greatest or the least element.
  public var isExtremum: Bool { laneReduction == .maximum || laneReduction == .minimum }

  /// The shape of the result.
  public func reducedShape(_ shape: [Dimension]) -> [Dimension] {
    shape.indices.compactMap { axes.contains($0) ? (keepAxes ? 1 : nil) : shape[$0] }
  }

  @_semantics("optimize.sil.specialize.generic.never")
  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let x = operands[0]
    let shape = try Evaluator.numbers(types[0])
    let kept = x.shape.indices.map { axes.contains($0) ? 1 : x.shape[$0] }
    let strides = ReferenceTensor.strides(kept)
    let count = shape.reduce(1, *)
    let type = x.elementType
    if type.isFloat {
      var sums = [Double](repeating: identity(type), count: count)
      for (position, index) in ReferenceTensor.indices(x.shape).enumerated() {
        let target = ReferenceTensor.broadcastPosition(index, in: kept, strides)
        sums[target] = combine(sums[target], x.floats[position])
      }
      return [ReferenceTensor(type, shape, floats: sums)]
    }
    var sums = [Int](repeating: Evaluator.saturate(identity(type), type), count: count)
    for (position, index) in ReferenceTensor.indices(x.shape).enumerated() {
      let target = ReferenceTensor.broadcastPosition(index, in: kept, strides)
      sums[target] = combine(sums[target], x.integers[position], type)
    }
    return [ReferenceTensor(type, shape, integers: sums)]
  }
}
