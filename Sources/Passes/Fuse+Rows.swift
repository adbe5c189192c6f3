import TensorIR
import TensorOps
import TensorSchedules

/// The join of rows: softmax and norms become one kernel, which reads each row once from memory.
extension FusionGroups {
  /// Joins neighbours as long as a plan for rows fits what they become.
  mutating func joinRows() {
    var isChanged = true
    while isChanged {
      isChanged = false
      for index in operations.indices {
        for case let id? in operations[index].operands {
          guard let source = producer[id], group[source] != group[index] else { continue }
          if joinRows(group[source], group[index]) { isChanged = true }
        }
      }
    }
  }

  private mutating func joinRows(_ first: Int, _ second: Int) -> Bool {
    let all = (members(first) + members(second)).sorted()
    guard all.count <= tuning.largestGroup, all.contains(where: { operations[$0].op is any ReductionOp }),
      all.allSatisfy({ fitsRows($0) }),
      // A view that nothing of the rows stands before is better left a view.
      !members(first).allSatisfy({ operations[$0].isView(in: function) }),
      !closesCircle(first, second), let plan = RowPlan(candidate(all)), plan.isWorthwhile(tuning.rows)
    else { return false }
    join(first, second)
    return true
  }

  /// Whether there is a walk over rows for what two groups become, where a reduction is among them. There is none, for one,
  /// where a symbol leaves open which axis an operand behind the reduction broadcasts along.
  func fitsWalk(_ first: Int, _ second: Int) -> Bool {
    let all = (members(first) + members(second)).sorted()
    guard all.contains(where: { operations[$0].op is any ReductionOp }) else { return true }
    return RowPlan(candidate(all)) != nil
  }

  private func fitsRows(_ index: Int) -> Bool {
    let operation = operations[index]
    if operation.op is any ReductionOp { return true }
    if isElementwise(index) { return !operation.operands.isEmpty }
    return operation.isView(in: function) && operation.accessMap(in: function)?.keepsOrder == true
  }

  /// Operations as the group that they would be.
  private func candidate(_ all: [Int]) -> Group {
    let inside = Set(all.flatMap { operations[$0].results })
    let leaves = all.flatMap { operations[$0].operands.compactMap { $0 } }.uniqued().filter { !inside.contains($0) }
    let outputs = all.flatMap { operations[$0].results }.filter { id in
      results.contains(id) || (users[id] ?? []).contains { !all.contains($0) }
    }
    return Group(operations: all.map { operations[$0] }, leaves: leaves, outputs: outputs, function: function)
  }
}
