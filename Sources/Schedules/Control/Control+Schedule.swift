import TensorIR
import TensorOps

extension If: ControlSchedule {
  public func lower(_ operation: Operation, into sink: any ControlSink) throws {
    let operands = try operation.operands.map { try $0.map { try sink.buffer(of: $0) } }
    guard let condition = operands[0] else { throw Diagnostic("internal", "'if' has no condition") }
    let steps = try operation.regions.map { region in
      try sink.steps { try addBranch(region, Array(operands.dropFirst()), operation, sink) }
    }
    sink.add(.branch(Step.Branch(condition, then: steps[0], otherwise: steps[1])))
  }

  /// What may come out greater than the result's memory lies in memory of its own until there is room for it, or it is known
  /// to fit.
  private func addBranch(
    _ region: Region, _ operands: [BufferReference?], _ operation: Operation, _ sink: any ControlSink
  ) throws {
    let types = operation.results.map { sink.type(of: $0) }
    let places = try operation.results.map { try sink.buffer(of: $0) }
    let fits = zip(types, region.results).map { sink.symbols.fits(sink.type(of: $1).byteCount, in: $0.byteCount) }
    let steps = try sink.steps(of: region, parameters: operands, results: zip(places, fits).map { $1 ? $0 : nil })
    steps.forEach { sink.add($0) }
    var found: [(symbol: String, value: Step.Definition.Value)] = []
    for (type, result) in zip(types, region.results.map { sink.type(of: $0) }) {
      for (extent, own) in zip(type.shape, result.shape) {
        guard let name = extent.symbolName, definedSizes.contains(name) else { continue }
        found.append((name, .size(own)))
      }
    }
    sink.hold(found, at: operation.location)
    sink.define(found, at: operation.location)
    let kernels = LoopKernels(sink, operation.location)
    for (index, id) in region.results.enumerated() where !fits[index] {
      sink.makeRoom(places[index], bytes: types[index].byteCount)
      kernels.copy(try sink.buffer(of: id), to: places[index], types[index])
    }
  }
}

extension SymbolTable {
  /// Whether memory that is planned for so many bytes holds so many others, whatever a run finds.
  fileprivate func fits(_ own: Dimension, in planned: Dimension) -> Bool {
    if own == planned { return true }
    guard let (most, room) = bound(of: own).flatMap({ most in bound(of: planned).map { (most, $0) } }) else {
      return false
    }
    return isAtMost(most, room) == .yes
  }
}

extension Loop: ControlSchedule {
  public func lower(_ operation: Operation, into sink: any ControlSink) throws {
    try LoopLowering(self, operation, sink).run()
  }
}

extension Size: ControlSchedule {
  public func lower(_ operation: Operation, into sink: any ControlSink) throws {
    guard let operand = operation.operands[0], let name = symbol.symbolName else { return }
    sink.define([(name, .stored(try sink.buffer(of: operand)))], at: operation.location)
  }
}
