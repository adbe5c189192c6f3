import TensorIR

/// Chooses the kernels of a function's first part whose results are not kept for its last part. There each of them is
/// computed once more, right before the first kernel that needs it.
///
/// The parts meet where memory is at its greatest: in a training step at the end of the forward pass. Kernels are chosen one
/// after the other, each with those that it needs and that are kept for nobody else, by how much memory above the target they
/// save for their cost.
struct RecomputeSearch {
  private let row: KernelRow
  /// The first item of the last part.
  let split: Int
  /// For each item, whether it is computed again.
  private(set) var isChosen: [Bool]

  /// More kernels than these are not computed again for the sake of one.
  private static let longestChain = 24

  init(_ row: KernelRow) {
    self.row = row
    isChosen = Array(repeating: false, count: row.items.count)
    let memory = RecomputeSearch.memory(row, split: row.items.count, isChosen).bytes
    split = memory.indices.max { (memory[$0], $1) < (memory[$1], $0) } ?? 0
  }

  // MARK: What a choice takes

  /// The greatest memory of all steps.
  var peak: Int { RecomputeSearch.memory(row, split: split, isChosen).bytes.max() ?? 0 }

  var steps: [RecomputeStep] { RecomputeSearch.steps(row, split, isChosen) }

  private static func steps(_ row: KernelRow, _ split: Int, _ isChosen: [Bool]) -> [RecomputeStep] {
    RecomputeStep.all(row) { reader, isAgain, maker in (isAgain || reader >= split) && maker < split && isChosen[maker]
    }
  }

  /// The bytes in use at each item, the greatest of those computed again right before it counted as its own; and which values of the
  /// first part are kept for the last.
  private static func memory(
    _ row: KernelRow, split: Int, _ isChosen: [Bool]
  ) -> (bytes: [Int], isKept: [Bool]) {
    let count = row.root.count
    let steps = steps(row, split, isChosen)
    // A value that is computed again has a second place behind all others.
    var lives = [(first: Int, last: Int)](repeating: (-1, -1), count: 2 * count)
    for (time, step) in steps.enumerated() {
      let isLate = step.isAgain || step.item >= split
      for value in row.items[step.item].reads {
        let maker = row.maker[value]
        guard maker >= 0 else { continue }
        lives[isLate && maker < split && isChosen[maker] ? count + value : value].last = time
      }
      for value in row.items[step.item].makes { lives[step.isAgain ? count + value : value] = (time, time) }
    }
    var changes = [Int](repeating: 0, count: steps.count + 1)
    for (place, life) in lives.enumerated() where life.first >= 0 {
      let bytes = row.bytes[place % count]
      changes[life.first] += bytes
      changes[life.last + 1] -= bytes
    }
    var result = [Int](repeating: 0, count: row.items.count)
    var (current, before) = (0, 0)
    for (time, step) in steps.enumerated() {
      current += changes[time]
      before = max(before, current)
      if step.isAgain { continue }
      result[step.item] = before
      before = 0
    }
    return (result, (0..<count).map { lives[$0].last >= split && row.maker[$0] < split })
  }

  // MARK: Choosing

  /// Chooses until memory is below a target everywhere, or nothing more can be gained.
  mutating func reach(_ target: Int) {
    var (memory, isKept) = RecomputeSearch.memory(row, split: split, isChosen)
    while excess(memory, target) > 0 {
      guard let best = bestMove(target, excess(memory, target), isKept) else { return }
      for item in best { isChosen[item] = true }
      (memory, isKept) = RecomputeSearch.memory(row, split: split, isChosen)
    }
    giveBack(target)
  }

  private func excess(_ memory: [Int], _ target: Int) -> Double {
    memory.reduce(0.0) { $0 + Double(max(0, $1 - target)) }
  }

  /// The kernels that save the most for their cost.
  private func bestMove(_ target: Int, _ now: Double, _ isKept: [Bool]) -> [Int]? {
    var best: (move: [Int], worth: Double)?
    for item in 0..<split where !isChosen[item] && row.items[item].isRepeatable {
      guard row.items[item].makes.contains(where: { isKept[$0] && row.bytes[$0] > 0 }), let move = chain(item, isKept)
      else { continue }
      var chosen = isChosen
      for item in move { chosen[item] = true }
      let saved = now - excess(RecomputeSearch.memory(row, split: split, chosen).bytes, target)
      let worth = saved / move.reduce(1.0) { $0 + row.items[$1].cost }
      if saved > 0, worth > best?.worth ?? 0 { best = (move, worth) }
    }
    return best?.move
  }

  /// A kernel and those before it whose results are kept for nobody; small ones are kept instead. Nil where it is too long.
  private func chain(_ item: Int, _ isKept: [Bool]) -> [Int]? {
    let saved = row.items[item].makes.reduce(0) { $0 + (isKept[$1] ? row.bytes[$1] : 0) }
    var found = [item]
    var next = 0
    while next < found.count {
      for value in row.items[found[next]].reads {
        let maker = row.maker[value]
        guard maker >= 0, !isChosen[maker], !isKept[value], row.bytes[value] * 8 > saved, row.items[maker].isRepeatable,
          !found.contains(maker)
        else { continue }
        found.append(maker)
      }
      if found.count > RecomputeSearch.longestChain { return nil }
      next += 1
    }
    return found
  }

  /// Keeps again what need not be computed again, the costliest first.
  private mutating func giveBack(_ target: Int) {
    let chosen = isChosen.indices.filter { isChosen[$0] }
    for item in chosen.sorted(by: { (row.items[$0].cost, $1) > (row.items[$1].cost, $0) }) {
      isChosen[item] = false
      if peak > target { isChosen[item] = true }
    }
  }
}
