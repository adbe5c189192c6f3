/// How often each value of a function is used: as an operand, or as a result of a region or of the function.
public struct ValueUses: Sendable {
  private var counts: [Int]

  public init(_ function: Function) {
    counts = Array(repeating: 0, count: function.values.count)
    add(function.body)
  }

  /// The number of uses; 0 for a value that the function does not have.
  public subscript(id: ValueID) -> Int { counts.indices.contains(id.index) ? counts[id.index] : 0 }

  private mutating func add(_ region: Region) {
    for operation in region.operations {
      for id in operation.operands { if let id { add(id) } }
      for inner in operation.regions { add(inner) }
    }
    for id in region.results { add(id) }
  }

  private mutating func add(_ id: ValueID) { if counts.indices.contains(id.index) { counts[id.index] += 1 } }
}

extension Function {
  /// Counts the uses of every value.
  public func uses() -> ValueUses { ValueUses(self) }
}

extension Operation {
  /// The values from outside that the operation's regions use, each once, in order of use; operands do not count.
  public var captures: [ValueID] { Region.captures(of: regions) }
}

extension Region {
  /// The values from outside that regions use, each once, in order of use.
  static func captures(of regions: [Region]) -> [ValueID] {
    var inside: Set<ValueID> = []
    var seen: Set<ValueID> = []
    var found: [ValueID] = []
    func use(_ id: ValueID) { if !inside.contains(id) && seen.insert(id).inserted { found.append(id) } }
    func walk(_ region: Region) {
      inside.formUnion(region.parameters)
      for operation in region.operations {
        for id in operation.operands { if let id { use(id) } }
        operation.regions.forEach(walk)
        inside.formUnion(operation.results)
      }
      region.results.forEach(use)
    }
    regions.forEach(walk)
    return found
  }
}
