import TensorIR

// Random numbers from a state, u32 [6], of a counter's four words and a key's two; all of it is computed where the state
// is used, so a compiled step draws new numbers from a new state. The numbers are those that `RandomNumbers` of the same
// seed and counter gives, on every machine: integers and single IEEE operations alone.
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
    let unit = randomUnit(shape)
    return (unit .< unit.like(probability)).cast(to: type)
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
    let words = randomBits(shape)
    let upper = Tensor.shiftRight(words, words.like(8)).cast(to: .f64)
    return upper * upper.like(0x1p-24)
  }
}
