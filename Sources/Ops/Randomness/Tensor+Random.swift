import TensorIR

// Random numbers from a state, u32 [6], of a counter's four words and a key's two; all of it is computed where the state
// is used, so a compiled step draws new numbers from a new state. The numbers are those that `RandomNumbers` of the same
// seed and counter gives, on every machine: integers and single IEEE operations alone. Normal numbers take a logarithm and a
// cosine too, whose last bits depend on who computes them.
extension Tensor {
  /// Random words of a shape: u32, block after block.
  public func randomBits(_ shape: [Dimension]) -> Tensor { .one(RandomBits(shape), self) }

  /// Uniform floats from `range`, its end excluded where the element type can represent what is next to it. They have 24
  /// random bits.
  public func randomUniform(
    _ shape: [Dimension], in range: Range<Double> = 0..<1, _ type: ElementType = .f32
  ) -> Tensor {
    let unit = randomUnit(shape)
    let width = range.upperBound - range.lowerBound
    return (unit.like(range.lowerBound) + unit.like(width) * unit).cast(to: type)
  }

  /// 1 with a probability, otherwise 0.
  public func randomBernoulli(_ probability: Double, _ shape: [Dimension], _ type: ElementType = .f32) -> Tensor {
    // A multiple of 2⁻²⁴ is below the probability where its 24 bits are below this. Compared as integers they leave what is
    // computed with a mask, such as dropout behind a product, in vectors.
    let bound = probability > 0 ? Swift.min(probability * 0x1p24, 0x1p24).rounded(.up) : 0
    let upper = upperBits(shape)
    return (upper .< upper.like(bound)).cast(to: type)
  }

  /// 1 with a probability of its own for each element, otherwise 0: where a uniform number is below it. Of the shape of the
  /// probabilities, which are floats; one that is NaN gives 0.
  public func randomBernoulli(_ probabilities: Tensor, _ type: ElementType = .f32) -> Tensor {
    guard probabilities.elementType.isFloat || probabilities.isPoison else {
      return refusing("element-type", "probabilities are floats, not \(probabilities.type)")
    }
    return (randomUnit(probabilities.shape) .< probabilities.cast(to: .f64)).cast(to: type)
  }

  /// Normally distributed floats by Box and Muller's transform (1958), in f64: of two uniform numbers u and v
  /// √(-2 ln(1 - u)) cos 2πv and √(-2 ln(1 - u)) sin 2πv, one after the other.
  public func randomNormal(
    _ shape: [Dimension], mean: Double = 0, deviation: Double = 1, _ type: ElementType = .f32
  ) -> Tensor {
    let count = shape.reduce(1, *)
    let pairs = (count + 1).floorDivided(by: 2)
    let units = randomUnit([pairs, 2])
    // In (0, 1], whose logarithm is finite.
    let rest = units.like(1) - units.sliced(axis: 1, start: 0, size: 1)
    let radius = (rest.log() * units.like(-2)).sqrt() * units.like(deviation)
    let angle = units.sliced(axis: 1, start: 1, size: 1) * units.like(2 * .pi)
    let numbers = Tensor.concat([radius * angle.cos(), radius * angle.sin()], axis: 1).reshaped(to: [pairs * 2])
    return (numbers.sliced(axis: 0, start: 0, size: count).reshaped(to: shape) + units.like(mean)).cast(to: type)
  }

  /// Positions on the last axis of weights, drawn with replacement and with probabilities in proportion to the weights, which
  /// are not negative and not all 0: of weights [.., k] positions [.., count], i64.
  public func randomCategorical(_ weights: Tensor, count: Dimension) -> Tensor {
    guard let last = weights.shape.last, weights.elementType.isFloat else {
      return refusing(
        "bad-attribute", "positions are drawn with weights that are floats on an axis, not \(weights.type)")
    }
    // In f64 a multiple of 2⁻²⁴ below 1 times a sum stays below the sum.
    let axis = weights.rank - 1
    let sums = weights.cast(to: .f64).cumulativeSum(axis: axis)
    let total = sums.sliced(axis: axis, start: last - 1, size: 1)
    let places = randomUnit(weights.shape.dropLast() + [count]) * total
    let isBelow = Tensor.one(LessEqual(), sums.unsqueezed(axes: [-2]), places.unsqueezed(axes: [-1]))
    return isBelow.cast(to: .i64).sum(axes: [axis + 1])
  }

  /// Integers from `range`, of at most 2³¹ numbers, all equally likely but for a bias below 2⁻³² times their number.
  public func randomIntegers(_ shape: [Dimension], in range: Range<Int>, _ type: ElementType = .i64) -> Tensor {
    let words = randomBits(shape).cast(to: .i64)
    // The greatest product is below 2⁶³.
    let scaled = Tensor.shiftRight(words * words.like(Double(range.count)), words.like(32))
    return (scaled + words.like(Double(range.lowerBound))).cast(to: type)
  }

  /// Multiples of 2⁻²⁴ from [0, 1), as f64.
  private func randomUnit(_ shape: [Dimension]) -> Tensor {
    let upper = upperBits(shape).cast(to: .f64)
    return upper * upper.like(0x1p-24)
  }

  /// Random numbers of 24 bits, as u32.
  private func upperBits(_ shape: [Dimension]) -> Tensor {
    let words = randomBits(shape)
    return Tensor.shiftRight(words, words.like(8))
  }
}
