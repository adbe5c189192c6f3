import TensorIR
import TensorOps
import TensorSchedules

/// Makes it safe for a result to lie in the memory of the parameter that is donated to it: every read of the old value
/// comes before the write.
///
/// The kernel that writes such a result is moved behind all that read the parameter. Where that is impossible, because a
/// reader needs something that the kernel makes, or where the kernel itself reads other elements than the one it is
/// writing, the result is computed elsewhere and copied at the end.
enum ProtectDonations {
  static func run(_ function: Function) throws -> Function {
    if function.donations.isEmpty { return function }
    var order = DonationOrder(function)
    var copied: [Int] = []
    for (result, parameter) in function.donations.sorted(by: { $0.key < $1.key }) {
      guard function.body.results.indices.contains(result), function.body.parameters.indices.contains(parameter) else {
        throw Diagnostic("donation", "there is no result \(result) or no parameter \(parameter) to donate")
      }
      let (target, donor) = (function.body.results[result], function.body.parameters[parameter])
      guard function.type(of: target) == function.type(of: donor) else {
        throw Diagnostic(
          "donation",
          "a result of \(function.type(of: target)) cannot take the memory of '\(function[donor].name)', which is "
            + "\(function.type(of: donor))")
      }
      if !order.place(writerOf: target, behindReadersOf: donor) { copied.append(result) }
    }
    return try rebuilt(function, order.operations(), copied)
  }

  private static func rebuilt(_ function: Function, _ operations: [Operation], _ copied: [Int]) throws -> Function {
    var rebuild = Rebuild(function)
    operations.forEach { rebuild.copy($0) }
    var results = function.body.results.compactMap { rebuild.values[$0] }
    for result in copied {
      let name = function[function.body.results[result]].name
      results[result] = try rebuild.builder.add(Copy(), [results[result]], names: [name])[0]
    }
    return rebuild.builder.finish(results, names: function.resultNames)
  }
}

/// The order of operations, with the constraints that donations add.
private struct DonationOrder {
  private let function: Function
  private let all: [Operation]
  private var producer: [ValueID: Int] = [:]
  /// What must come before each operation.
  private var before: [[Int]]
  /// For each value that is a view of a parameter, or one itself, that parameter.
  private var parameterOf: [ValueID: ValueID] = [:]

  init(_ function: Function) {
    self.function = function
    all = function.body.operations
    before = []
    for parameter in function.body.parameters { parameterOf[parameter] = parameter }
    for (index, operation) in all.enumerated() {
      for result in operation.results { producer[result] = index }
      if operation.op is any AliasOp, let source = operation.operands.first.flatMap({ $0 }) {
        parameterOf[operation.results[0]] = parameterOf[source]
      }
    }
    before = all.map { operation in operation.operands.compactMap { $0.flatMap { producer[$0] } } }
    if function.symbols.hasComputed { addSizes() }
  }

  /// What needs a size comes behind what finds it.
  private mutating func addSizes() {
    var makers: [String: Int] = [:]
    for (index, operation) in all.enumerated() {
      before[index] += operation.neededSizes(in: function).sorted().compactMap { makers[$0] }
      for name in operation.op.definedSizes { makers[name] = index }
    }
  }

  /// Adds the constraint that a result's kernel follows all that read a parameter; false where it cannot be met.
  mutating func place(writerOf result: ValueID, behindReadersOf parameter: ValueID) -> Bool {
    guard let writer = writer(of: result) else { return false }
    let readers = all.indices.filter { index in
      all[index].operands.contains { $0.map { parameterOf[$0] == parameter } ?? false }
        && !(all[index].op is any AliasOp)
    }
    for reader in readers {
      if reader == writer {
        guard readsInPlace(writer, parameter) else { return false }
      } else if mustFollow(reader, writer) {
        return false
      }
    }
    before[writer] += readers.filter { $0 != writer }
    return true
  }

  private func writer(of result: ValueID) -> Int? {
    var index = producer[result]
    while let current = index, all[current].op is any AliasOp, let source = all[current].operands[0] {
      index = producer[source]
    }
    return index
  }

  /// Whether a kernel reads of a parameter only the element at whose place it writes.
  private func readsInPlace(_ writer: Int, _ parameter: ValueID) -> Bool {
    let operation = all[writer]
    let type = function.type(of: parameter)
    if operation.op is any ControlOp { return false }
    // Pointwise shapes only grow, so that between operands and results of one shape no element is read twice.
    return isPointwise(operation, reading: parameter)
      && operation.operands.allSatisfy { $0.map { parameterOf[$0] != parameter || $0 == parameter } ?? true }
      && operation.results.allSatisfy {
        function.type(of: $0).shape == type.shape && function.type(of: $0).layout == type.layout
      }
  }

  /// Whether a kernel's operations are pointwise, but for one at most that finishes its elements in place and needs nothing that is
  /// made of a parameter.
  private func isPointwise(_ operation: Operation, reading parameter: ValueID) -> Bool {
    guard let region = operation.regions.first else { return operation.op.isPointwise(operation) }
    let others = region.operations.filter { !$0.op.isPointwise($0) }
    guard let anchor = others.first else { return true }
    guard others.count == 1, (anchor.op as? any ScheduledOp)?.finishesInPlace == true else { return false }
    let inside = zip(operation.operands, region.parameters).filter { $0.0 == parameter }.map(\.1)
    var needed = Set(anchor.operands.compactMap { $0 })
    for before in region.operations.reversed() where before.results.contains(where: { needed.contains($0) }) {
      needed.formUnion(before.operands.compactMap { $0 })
    }
    return needed.isDisjoint(with: inside)
  }

  /// Whether one operation must come behind another.
  private func mustFollow(_ later: Int, _ earlier: Int) -> Bool {
    var seen: Set<Int> = []
    var waiting = [later]
    while let next = waiting.popLast() {
      if next == earlier { return true }
      for index in before[next] where seen.insert(index).inserted { waiting.append(index) }
    }
    return false
  }

  /// The operations in an order that meets all constraints, as near to the old one as they allow.
  func operations() -> [Operation] {
    var isPlaced = [Bool](repeating: false, count: all.count)
    var order: [Operation] = []
    for first in all.indices {
      var waiting = [first]
      while let next = waiting.last {
        let missing = before[next].filter { !isPlaced[$0] }
        if isPlaced[next] {
          waiting.removeLast()
        } else if missing.isEmpty {
          waiting.removeLast()
          isPlaced[next] = true
          order.append(all[next])
        } else {
          waiting += missing.reversed()
        }
      }
    }
    return order
  }
}

extension Op {
  /// Whether an element is made of those at its place, or of nothing.
  fileprivate func isPointwise(_ operation: Operation) -> Bool {
    self is any PointwiseOp || (self is any ElementOp && operation.operands.isEmpty)
  }
}
