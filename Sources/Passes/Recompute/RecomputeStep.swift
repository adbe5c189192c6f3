import TensorIR
import TensorOps

/// An item of a function's kernels, called in its turn or again.
struct RecomputeStep {
  var item: Int
  var isAgain: Bool

  /// The items in order, each that is called again right before the first that needs it.
  /// - Parameter takesAgain: whether an item, itself called again or not, takes what another makes from where that is called
  ///   again.
  static func all(
    _ row: KernelRow, takesAgain: (_ reader: Int, _ isAgain: Bool, _ maker: Int) -> Bool
  ) -> [RecomputeStep] {
    var steps: [RecomputeStep] = []
    var isDone = [Bool](repeating: false, count: row.items.count)
    func demand(_ item: Int, _ isAgain: Bool) {
      for value in row.items[item].reads {
        let maker = row.maker[value]
        guard maker >= 0, !isDone[maker], takesAgain(item, isAgain, maker) else { continue }
        isDone[maker] = true
        demand(maker, true)
        steps.append(RecomputeStep(item: maker, isAgain: true))
      }
    }
    for item in row.items.indices {
      demand(item, false)
      steps.append(RecomputeStep(item: item, isAgain: false))
    }
    return steps
  }
}

/// The kernels of checkpointed regions.
struct CheckpointedKernels {
  /// For each operation, the region that it is in. What a gradient makes of values of the region alone is fused into it.
  private var inside: [Int?] = []
  /// The regions of whose backward pass something is in it.
  private var backward: [Set<Int>] = []

  init(_ function: Function, _ row: KernelRow) {
    // For each operation, the regions whose values were used outside of them on the way to it: their backward passes.
    var left: [Set<Int>] = []
    for (index, operation) in function.body.operations.enumerated() {
      let members = operation.isGroup ? operation.regions.flatMap(\.operations) : [operation]
      // Numbers and the like stand in every kernel that reads them.
      let marks = members.filter { !$0.operands.isEmpty }.map(\.checkpoint)
      var own = marks.first??.region
      if !marks.allSatisfy({ $0?.region == own }) || !marks.contains(where: { $0?.isInside == true }) { own = nil }
      var before: Set<Int> = []
      for value in row.items[index].reads where row.maker[value] >= 0 {
        let maker = row.maker[value]
        before.formUnion(left[maker])
        if let region = inside[maker], region != own { before.insert(region) }
      }
      if let region = own, before.contains(region) { own = nil }
      inside.append(own)
      left.append(before)
      backward.append(Set(marks.compactMap { $0?.isInside == false ? $0?.region : nil }))
    }
  }

  var isEmpty: Bool { inside.allSatisfy { $0 == nil } }

  func steps(_ row: KernelRow) -> [RecomputeStep] {
    RecomputeStep.all(row) { reader, isAgain, maker in
      guard let region = inside[maker], row.items[maker].isRepeatable else { return false }
      return isAgain ? inside[reader] == region : backward[reader].contains(region)
    }
  }
}
