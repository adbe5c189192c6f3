import TensorIR
import TensorOps
import TensorSchedules

extension Lowering: ControlSink {
  func type(of value: ValueID) -> TensorType { function.type(of: value) }

  func steps(
    of region: Region, parameters: [BufferReference?], results: [BufferReference?]
  ) throws -> [Step] {
    for (id, place) in zip(region.parameters, parameters) { memory[id] = place }
    place(resultsOf: region, results)
    return try steps { try lower(region.operations) }
  }

  func hold(_ sizes: [(symbol: String, value: Step.Definition.Value)], at location: Location) {
    for (name, value) in sizes {
      guard case .size(let size) = value, let most = symbols.bound(of: Dimension(symbol: name)),
        symbols.isAtMost(size, most) != .yes
      else { continue }
      let message = "'\(name)' came out greater than it can be"
      add(.check(.init(SizeCondition(size, .atMost, most), message, at: location)))
    }
  }

  func define(_ sizes: [(symbol: String, value: Step.Definition.Value)], at location: Location) {
    if sizes.isEmpty { return }
    add(.define(sizes.map { Step.Definition($0.symbol, $0.value) }))
    for (name, value) in sizes {
      // A size made of others is in their bounds.
      guard case .stored = value, let symbol = symbols[name] else { continue }
      let size = Dimension(symbol: name)
      let least = "'\(name)' came out less than it can be"
      add(.check(.init(SizeCondition(Dimension(symbol.minimum), .atMost, size), least, at: location)))
      guard let most = symbols.bound(of: size) else { continue }
      let message = "'\(name)' came out greater than it can be"
      add(.check(.init(SizeCondition(size, .atMost, most), message, at: location)))
    }
  }
}
