import Tensors

/// The negative log likelihood of label sequences under all their alignments with steps (Graves et al.: "Connectionist
/// temporal classification", 2006): the sum over sequences, or the mean of each one's divided by its number of labels.
/// See ``ctcLosses(_:_:steps:lengths:blank:zeroInfinity:file:line:column:)``.
public func ctcLoss(
  _ logProbabilities: Tensor, _ labels: Tensor, steps: Tensor, lengths: Tensor, blank: Int = 0,
  zeroInfinity: Bool = false, reduction: LossReduction = .mean, file: String = #fileID, line: Int = #line,
  column: Int = #column
) -> Tensor {
  Tensor.placed([logProbabilities, labels], file, line, column) {
    let losses = ctcLosses(
      logProbabilities, labels, steps: steps, lengths: lengths, blank: blank, zeroInfinity: zeroInfinity)
    guard reduction == .mean else { return reduced(losses, .sum) }
    return reduced(losses / Tensor.maximum(lengths, lengths.like(1)).cast(to: losses.elementType), .mean)
  }
}

/// The loss of each sequence, [n], written out step by step: the number of steps is one that is known when it is traced.
/// - Parameters:
///   - logProbabilities: [steps, n, classes].
///   - labels: integers [n, length], the first few of each row counting.
///   - steps: how many steps each sequence has, integers [n].
///   - lengths: how many labels each sequence has, integers [n].
///   - blank: the class between labels.
///   - zeroInfinity: whether a sequence that no alignment fits has loss 0 rather than an infinite one.
public func ctcLosses(
  _ logProbabilities: Tensor, _ labels: Tensor, steps: Tensor, lengths: Tensor, blank: Int = 0,
  zeroInfinity: Bool = false, file: String = #fileID, line: Int = #line, column: Int = #column
) -> Tensor {
  Tensor.placed([logProbabilities, labels], file, line, column) {
    guard logProbabilities.rank == 3, labels.rank == 2, let count = logProbabilities.shape[0].constant, count > 0,
      let width = labels.shape[1].constant, width > 0
    else {
      return logProbabilities.mistake(
        "shape-mismatch",
        "the CTC loss takes [steps, n, classes] of a known number of steps and labels [n, length], "
          + "not \(logProbabilities.type) and \(labels.type)")
    }
    let alignment = Alignment(logProbabilities, labels.cast(to: .i64), width: width, blank: blank)
    let losses = alignment.losses(steps: steps.cast(to: .i64), lengths: lengths.cast(to: .i64), count: count)
    // What is near the logarithm that stands for none is the loss of no alignment.
    return losses.replacing(where: losses .> -Alignment.none / 2, with: zeroInfinity ? 0 : .infinity)
  }
}

/// The sums over alignments, in logarithms, of labels with blanks between them: [n, 2 · length + 1].
private struct Alignment {
  /// Stands for the logarithm of 0, so that no difference of infinities arises.
  static let none = -0x1p100
  /// Of each step and place the logarithm of its class's probability, [steps, n, places].
  let logs: Tensor
  /// Whether a place may follow the one two before: a label unlike the last.
  let skips: Tensor
  let places: Dimension

  init(_ logProbabilities: Tensor, _ labels: Tensor, width: Int, blank: Int) {
    let n = labels.shape[0]
    places = Dimension(2 * width + 1)
    let blanks = labels * 0 + Double(blank)
    let pairs = Tensor.concat([blanks.unsqueezed(axes: [2]), labels.unsqueezed(axes: [2])], axis: 2)
      .reshaped(to: [n, Dimension(2 * width)])
    let extended = Tensor.concat([pairs, blanks.sliced(axis: 1, start: 0, size: 1)], axis: 1)
    let last = extended.padded(before: [0, 2], after: [0, 0], value: Double(blank)).sliced(
      axis: 1, start: 0, size: places)
    skips = (extended .!= Double(blank)) .& (extended .!= last)
    let indices = extended.unsqueezed(axes: [0]).broadcast(to: [logProbabilities.shape[0], n, places])
    logs = logProbabilities.takeAlong(indices, axis: 2)
  }

  private func step(_ number: Int) -> Tensor {
    logs.sliced(axis: 0, start: Dimension(number), size: 1).squeezed(axes: [0])
  }

  private func shifted(_ sums: Tensor, _ by: Int) -> Tensor {
    sums.padded(before: [0, Dimension(by)], after: [0, 0], value: Alignment.none)
      .sliced(axis: 1, start: 0, size: places)
  }

  func losses(steps: Tensor, lengths: Tensor, count: Int) -> Tensor {
    let first = step(0)
    let place = lengths.iota(.i64, [1, places], axis: 1)
    var sums = Tensor.select(place .< 2, first, first.like(Alignment.none))
    for number in 1..<max(count, 1) {
      let twice = shifted(sums, 2).replacing(where: .!skips, with: Alignment.none)
      let greatest = Tensor.maximum(Tensor.maximum(sums, shifted(sums, 1)), twice).stoppingGradient()
      let total = [sums, shifted(sums, 1), twice].map { ($0 - greatest).exp() }
      let next = greatest + (total[0] + total[1] + total[2]).log() + step(number)
      sums = Tensor.select((steps .> Double(number)).unsqueezed(axes: [1]), next, sums)
    }
    // The last place is a blank, or the label before it.
    let end = (lengths * 2).unsqueezed(axes: [1])
    let isLast = (place .== end) .| (place .== end - 1)
    let ends = Tensor.select(isLast, sums, sums.like(Alignment.none))
    let greatest = ends.max(axes: [1], keepAxes: true).stoppingGradient()
    return -(greatest.squeezed(axes: [1]) + (ends - greatest).exp().sum(axes: [1]).log())
  }
}
