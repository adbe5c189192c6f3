import TensorIR

// The operators stand on Tensor alone: the same overloads as protocol extensions make the type checker give up.
extension Tensor {
  public static func + (a: Tensor, b: Tensor) -> Tensor { one(Add(), a, b) }
  public static func - (a: Tensor, b: Tensor) -> Tensor { one(Subtract(), a, b) }
  public static func * (a: Tensor, b: Tensor) -> Tensor { one(Multiply(), a, b) }
  public static func / (a: Tensor, b: Tensor) -> Tensor { one(Divide(), a, b) }
  public static prefix func - (x: Tensor) -> Tensor { one(Negate(), x) }
  public static func .> (a: Tensor, b: Tensor) -> Tensor { one(Greater(), a, b) }

  /// `condition ? a : b`, element by element.
  public static func select(_ condition: Tensor, _ a: Tensor, _ b: Tensor) -> Tensor {
    one(Select(), condition, a, b)
  }

  /// The exponential of each element.
  public func exp() -> Tensor { .one(Exp(), self) }
  /// The greater of each element and 0.
  public func relu() -> Tensor { .one(Relu(), self) }
  /// The elements in another type.
  public func cast(to type: ElementType) -> Tensor { type == elementType ? self : .one(Cast(to: type), self) }

  /// A scalar of this tensor's element type, recorded beside it. A number that the type does not have, such as 0.5 beside
  /// integers, gives `element-type`; floats round it.
  public func like(_ value: Double) -> Tensor {
    guard let lost = elementType.loss(of: value), !isPoison else { return full(value, []) }
    return refusing("element-type", "\(lost) to compute with beside \(type); cast the tensor to a float first")
  }

  /// A tensor of this one's element type with every element `value`, recorded beside it.
  public func full(_ value: Double, _ shape: [Dimension]) -> Tensor {
    guard let recorder else { return .absent }
    return recorder.record(Full(value, elementType, shape), [], at: .unknown).first ?? Tensor(recorder, -1)
  }
}

infix operator .> : ComparisonPrecedence

extension Tensor {
  /// The same elements under another shape. One extent may be -1: what is left for it.
  public func reshaped(
    to shape: [Dimension], file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    let shape = isPoison ? shape : inferring(shape)
    return shape == self.shape ? self : .one(Reshape(shape), self, at: .caller(file, line, column))
  }

  /// A shape with its one extent of -1 replaced by what this tensor's elements leave for it, if that is a whole number.
  private func inferring(_ shape: [Dimension]) -> [Dimension] {
    let open = shape.indices.filter { shape[$0] == -1 }
    guard let place = open.first, open.count == 1 else { return shape }
    let rest = shape.indices.filter { $0 != place }.map { shape[$0] }.reduce(1, *)
    guard rest != 0, let extent = self.shape.reduce(1, *).exactQuotient(by: rest) else { return shape }
    return shape.indices.map { $0 == place ? extent : shape[$0] }
  }

  /// The axes in another order: axis i of the result is axis `permutation[i]` of this.
  public func transposed(
    _ permutation: [Int], file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { .one(Transpose(permutation), self, at: .caller(file, line, column)) }

  /// Axes of extent 1 repeated, and axes added in front, to reach a shape.
  public func broadcast(
    to shape: [Dimension], file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    shape == self.shape ? self : .one(BroadcastTo(shape), self, at: .caller(file, line, column))
  }

  /// The sum over axes; they stay with extent 1 if `keepAxes`. Negative axes count from the end.
  public func sum(axes: [Int], keepAxes: Bool = false) -> Tensor {
    .one(Sum(axes: normalised(axes), keepAxes: keepAxes), self)
  }

  /// Sums over the axes that were broadcast from `shape`: the gradient of broadcasting.
  public func summed(to shape: [Dimension]) throws -> Tensor {
    if self.shape == shape || isPoison { return self }
    let skip = rank - shape.count
    let axes = (0..<rank).filter { $0 < skip || (shape[$0 - skip] == 1 && self.shape[$0] != 1) }
    return Tensor.composed {
      let sum = axes.isEmpty ? self : self.sum(axes: axes, keepAxes: true)
      let kept = (0..<rank).map { axes.contains($0) ? 1 : self.shape[$0] }
      return shape.indices.reduce(sum.reshaped(to: Array(kept[skip...]))) { $0.summed(axis: $1, to: shape[$1]) }
        .reshaped(to: shape)
    }
  }

  /// The sum over an axis whose extent is a symbol that may be 1, where it has been broadcast; the tensor itself where it
  /// is not.
  private func summed(axis: Int, to extent: Dimension) -> Tensor {
    guard !isPoison, let recorder, shape[axis] != extent, extent != 1,
      recorder.symbols.isEqual(shape[axis], extent) != .yes
    else { return self }
    var own = shape
    own[axis] = extent
    let place = iota(.i64, [shape[axis]], axis: 0) % dimensionValue(extent)
    return full(0, own).indexAdd(place, values: self, axis: axis)
  }
}

extension ElementType {
  /// What there is not of a number, in words; nil where it is one of this type, or rounded to one that is a float.
  public func loss(of value: Double) -> String? {
    if isFloat { return nil }
    let width = isSigned ? bitWidth - 1 : self == .bool ? 1 : bitWidth
    let limit = Double(sign: .plus, exponent: width, significand: 1)
    if value == value.rounded(.towardZero), value < limit, value >= (isSigned ? -limit : 0) { return nil }
    return "there is no \(value) of type \(self)"
  }
}
