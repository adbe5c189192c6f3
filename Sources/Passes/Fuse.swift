import TensorIR
import TensorOps
import TensorSchedules

/// Joins operations into groups that become one kernel each.
///
/// Four joins are made. *Tile*: a pointwise operation joins the group that computes one of its operands at the same shape,
/// if that group's anchor applies it before storing. *Load*: an operation that is computed element by element joins the one
/// group that reads it, if that group reads element by element. *Rows*: reductions over the same axes and what lies between them become one walk
/// over rows. *Copies*: numbers and their like are repeated in each
/// reader. Memory between the joined operations is never written.
enum Fuse {
  static func run(_ function: Function, _ tuning: Tuning = Tuning()) throws -> Function {
    var groups = FusionGroups(function, tuning)
    groups.joinTiles()
    // Before loads: the last operation of a softmax belongs to its rows rather than to the product that reads it.
    groups.joinRows()
    groups.joinLoads()
    return groups.rebuilt()
  }
}

/// The groups being made: each operation is in one.
struct FusionGroups {
  let function: Function
  let operations: [Operation]
  /// For each operation, its group, named by the number of one of its operations.
  var group: [Int]
  /// For each group's name, its operations in order.
  private var table: [[Int]]
  var producer: [ValueID: Int] = [:]
  var users: [ValueID: [Int]] = [:]
  /// The operations that find the sizes which another one needs to know.
  private var sizeMakers: [Int: [Int]] = [:]
  let results: Set<ValueID>
  let tuning: Tuning

  init(_ function: Function, _ tuning: Tuning) {
    self.function = function
    self.tuning = tuning
    operations = function.body.operations
    group = Array(operations.indices)
    table = group.map { [$0] }
    results = Set(function.body.results)
    for (index, operation) in operations.enumerated() {
      for id in operation.results { producer[id] = index }
      for case let id? in Set(operation.operands) { users[id, default: []].append(index) }
    }
    if function.symbols.hasComputed { noteSizes() }
  }

  /// What needs a size stands behind what finds it, like the user of a value.
  private mutating func noteSizes() {
    var makers: [String: Int] = [:]
    for (index, operation) in operations.enumerated() {
      for name in operation.neededSizes(in: function).sorted() {
        guard let maker = makers[name] else { continue }
        sizeMakers[index, default: []].append(maker)
        if let value = operations[maker].results.first { users[value, default: []].append(index) }
      }
      for name in operation.op.definedSizes { makers[name] = index }
    }
  }

  // MARK: Questions

  private func types(_ ids: [ValueID?]) -> [TensorType] {
    ids.map { $0.map { function.type(of: $0) } ?? FunctionBuilder.absent }
  }

  func isElementwise(_ index: Int) -> Bool {
    guard let op = operations[index].op as? any ElementOp, !operations[index].isView(in: function) else { return false }
    return op.fuses(types(operations[index].operands), types(operations[index].results))
  }

  /// Whether an operation is cheap enough to be repeated in every kernel that reads it.
  private func isRepeated(_ index: Int) -> Bool {
    guard isElementwise(index) else { return false }
    return operations[index].operands.isEmpty
  }

  /// An operation that is memory or a view of memory, not a kernel.
  private func isMemory(_ index: Int) -> Bool {
    let operation = operations[index]
    if operation.isConstantMemory { return !isElementwise(index) }
    return operation.isView(in: function)
  }

  /// An operation that is no kernel itself: memory, or control flow.
  private func isNoKernel(_ index: Int) -> Bool { isMemory(index) || operations[index].op is any ControlOp }

  func members(_ name: Int) -> [Int] { table[name] }

  private func anchor(_ name: Int) -> Int? { members(name).first { !isElementwise($0) } }

  /// Whether a group may take pointwise operations behind its anchor.
  private func acceptsTile(_ name: Int) -> Bool {
    guard let anchor = anchor(name) else { return true }
    if isMemory(anchor) { return false }
    if let op = operations[anchor].op as? any ScheduledOp {
      return op.acceptsTileFusion(types(operations[anchor].operands))
    }
    return operations[anchor].op is any ReductionOp
  }

  /// Whether joining two groups closes a circle: something behind `first` outside both leads into `second`.
  func closesCircle(_ first: Int, _ second: Int) -> Bool {
    var reached: Set<Int> = []
    var waiting = members(first)
    while let next = waiting.popLast() {
      for id in operations[next].results {
        for user in users[id] ?? [] where group[user] != first && !reached.contains(user) {
          if group[user] == second {
            if group[next] != first { return true }
            continue
          }
          reached.insert(user)
          waiting.append(contentsOf: members(group[user]).filter { reached.insert($0).inserted || $0 == user })
        }
      }
    }
    return false
  }

  mutating func join(_ first: Int, _ second: Int) {
    for index in table[second] { group[index] = first }
    table[first] = (table[first] + table[second]).sorted()
    table[second] = []
  }

  // MARK: Joins

  /// Pointwise operations go into the group that makes an operand of their own shape.
  mutating func joinTiles() {
    for index in operations.indices where operations[index].op is any PointwiseOp && isElementwise(index) {
      let type = function.type(of: operations[index].results[0])
      let sources = operations[index].operands.compactMap { $0 }.filter {
        function.type(of: $0).shape == type.shape && function.type(of: $0).layout == type.layout
      }
      let candidates = Set(sources.compactMap { producer[$0] }).filter { !isRepeated($0) && !isMemory($0) }
      for candidate in candidates.sorted(by: >) {
        let name = group[candidate]
        guard name != group[index], acceptsTile(name), members(name).count < tuning.largestGroup,
          followsAnchor(candidate, name),
          anchor(name) == nil || anchor(group[index]) == nil,
          // Tiles are divided between threads in the midst of a byte that two results of 4 bits share.
          anchor(name) == nil || type.elementType.bitWidth >= 8, !feedsAnchor(name, of: group[index]),
          !movesResults(name, of: group[index]), !movesResults(group[index], of: name),
          fitsWalk(name, group[index]), !closesCircle(name, group[index])
        else { continue }
        join(name, group[index])
      }
    }
  }

  /// Whether a group makes what the anchor of another reads: side by side with what lies behind that anchor they would be
  /// results of the joined group that its kernels need before they are there.
  private func feedsAnchor(_ name: Int, of other: Int) -> Bool {
    guard let anchor = anchor(other) else { return false }
    var waiting = [anchor]
    while let next = waiting.popLast() {
      let sources = operations[next].operands.compactMap { $0.flatMap { producer[$0] } }
      if sources.contains(where: { group[$0] == name }) { return true }
      waiting.append(contentsOf: sources.filter { group[$0] == other })
    }
    return false
  }

  /// Whether a member is the anchor or behind it, and not on the way to it.
  private func followsAnchor(_ member: Int, _ name: Int) -> Bool {
    guard let anchor = anchor(name) else { return true }
    var waiting = [member]
    while let next = waiting.popLast() {
      if next == anchor { return true }
      waiting.append(
        contentsOf: operations[next].operands.compactMap { $0.flatMap { producer[$0] } }.filter { group[$0] == name })
    }
    return false
  }

  /// Groups without an anchor go into the one group that reads them, if it reads element by element. No circle can close:
  /// whatever leads out of such a group enters its reader, and nothing led from there back before.
  mutating func joinLoads() {
    for index in operations.indices.reversed() where isElementwise(index) && !isRepeated(index) {
      let name = group[index]
      guard anchor(name) == nil, let reader = onlyReader(of: name), acceptsLoads(reader, from: name),
        fitsWalk(reader, name), members(reader).count + members(name).count <= tuning.largestGroup
      else { continue }
      join(reader, name)
    }
  }

  /// Whether a group reads what another with an anchor makes anywhere else than where it is made. A row can look at itself
  /// with its axes moved about; a tile of a product cannot.
  private func movesResults(_ name: Int, of reader: Int) -> Bool {
    guard let anchor = anchor(reader) else { return false }
    let isRow = operations[anchor].op is any ReductionOp
    var made = Set(members(reader).flatMap { operations[$0].results })
    return members(name).contains { member in
      let operation = operations[member]
      guard operation.operands.contains(where: { $0.map(made.contains) ?? false }) else { return false }
      made.formUnion(operation.results)
      if operation.op is any PointwiseOp { return false }
      return !(isRow && followsAxes(operation))
    }
  }

  /// Whether each axis of every operand follows an axis of the result, so that a row reads a row.
  private func followsAxes(_ operation: Operation) -> Bool {
    guard let map = operation.accessMap(in: function) else { return false }
    return map.reads.allSatisfy { map.followedAxes($0) != nil }
  }

  /// The group that holds every use of a group's values.
  private func onlyReader(of name: Int) -> Int? {
    var found: Int?
    for member in members(name) {
      for id in operations[member].results {
        if results.contains(id) { return nil }
        for user in users[id] ?? [] where group[user] != name {
          if found == nil { found = group[user] }
          if found != group[user] { return nil }
        }
      }
    }
    return found
  }

  private func acceptsLoads(_ reader: Int, from name: Int) -> Bool {
    guard let anchor = anchor(reader) else { return true }
    let operation = operations[anchor]
    if operation.op is any ReductionOp { return true }
    guard let op = operation.op as? any ScheduledOp else { return false }
    let made = Set(members(name).flatMap { operations[$0].results })
    return operation.operands.enumerated().allSatisfy { position, id in
      guard let id, made.contains(id) else { return true }
      return op.acceptsLoadFusion(position, types(operation.operands))
    }
  }

  // MARK: The fused function

  /// The function with each group of several operations inside a `fused`.
  func rebuilt() -> Function {
    var rebuild = Rebuild(function)
    var done: Set<Int> = []
    for index in order() where done.insert(group[index]).inserted {
      let all = members(group[index])
      let repeated = repeatedOperations(for: all)
      if all.count == 1 && (repeated.isEmpty || isNoKernel(all[0])) {
        if isRepeated(all[0]) && !isNeededInMemory(all[0]) { continue }
        rebuild.copy(operations[all[0]])
      } else {
        append(repeated + all, results: all, to: &rebuild)
      }
    }
    return rebuild.finish()
  }

  private func append(_ all: [Int], results made: [Int], to rebuild: inout Rebuild) {
    let inside = Set(all.flatMap { operations[$0].results })
    let leaves = all.flatMap { operations[$0].operands.compactMap { $0 } }.uniqued().filter { !inside.contains($0) }
    let outputs = made.flatMap { operations[$0].results }.filter { id in
      results.contains(id) || (users[id] ?? []).contains { !all.contains($0) }
    }
    // What nothing reads is not worth a kernel.
    if outputs.isEmpty { return }
    let operands = leaves.map { rebuild.values[$0] }
    let inner = rebuild.region(all.map { operations[$0] }, leaves: leaves, results: outputs)
    let made = outputs.map { rebuild.builder.function.addValue(function.type(of: $0), name: function[$0].name) }
    for (old, new) in zip(outputs, made) { rebuild.set(old, to: new) }
    var fused = Operation(
      Fused(), operands, results: made, regions: [inner], location: operations[all.last ?? 0].location)
    fused.guards = all.reduce([]) { $0.adding(operations[$1].guards) }
    rebuild.builder.append(fused)
  }

  /// Numbers and the like that the operations of a group read.
  private func repeatedOperations(for all: [Int]) -> [Int] {
    var found: [Int] = []
    for member in all {
      for (position, id) in operations[member].operands.enumerated() where takesInside(member, position) {
        if let source = id.flatMap({ producer[$0] }), isRepeated(source), !all.contains(source) { found.append(source) }
      }
    }
    return found.uniqued().sorted()
  }

  /// Whether an operation may compute an operand itself rather than read it from memory.
  private func takesInside(_ user: Int, _ position: Int) -> Bool {
    if isNoKernel(user) { return false }
    // What packs an operand copies memory.
    if operations[user].results.contains(where: { !function.type(of: $0).layout.blocks.isEmpty }) { return false }
    guard !isElementwise(user), let op = operations[user].op as? any ScheduledOp else { return true }
    return op.acceptsLoadFusion(position, types(operations[user].operands))
  }

  /// Whether some use of a repeated operation cannot take it inside: an anchor that reads memory, or a result.
  private func isNeededInMemory(_ index: Int) -> Bool {
    operations[index].results.contains { id in
      results.contains(id)
        || (users[id] ?? []).contains { user in
          operations[user].operands.enumerated().contains { $1 == id && !takesInside(user, $0) }
        }
    }
  }

  /// The operations so that each group comes behind all that it reads.
  private func order() -> [Int] {
    var state: [Int: Bool] = [:]
    var order: [Int] = []
    func visit(_ name: Int) {
      if state[name] != nil { return }
      state[name] = false
      for member in members(name) {
        for id in operations[member].operands {
          if let source = id.flatMap({ producer[$0] }), group[source] != name { visit(group[source]) }
        }
        for source in sizeMakers[member] ?? [] where group[source] != name { visit(group[source]) }
      }
      state[name] = true
      order.append(contentsOf: members(name))
    }
    operations.indices.forEach { visit(group[$0]) }
    return order
  }
}
