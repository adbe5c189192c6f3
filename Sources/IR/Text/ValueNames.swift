/// The names that the values of a function print with: their own where it is set and taken by no value before,
/// else a number in order of definition, so that dropping a named value does not renumber the others.
public struct ValueNames {
  private var names: [ValueID: String] = [:]
  private var taken: Set<String> = []
  private var next = 0

  public init(_ function: Function) {
    names.reserveCapacity(function.values.count)
    name(function.body, of: function)
  }

  /// `%h`, `%"conv1/Relu:0"`, `%7`; `%undefined_7` for a value that nothing defines.
  public subscript(id: ValueID) -> String { names[id] ?? "%undefined_\(id.raw)" }

  private mutating func name(_ region: Region, of function: Function) {
    for id in region.parameters { define(id, in: function) }
    for operation in region.operations {
      for id in operation.results { define(id, in: function) }
      for inner in operation.regions { name(inner, of: function) }
    }
  }

  private mutating func define(_ id: ValueID, in function: Function) {
    guard names[id] == nil else { return }
    let name = function.values.indices.contains(id.index) ? function[id].name : ""
    if !name.isEmpty && taken.insert(name).inserted {
      names[id] = "%" + TextForm.word(name)
    } else {
      names[id] = "%\(next)"
      next += 1
    }
  }
}
