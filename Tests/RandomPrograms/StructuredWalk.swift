import TensorIR
import TensorOps

/// Evaluates a function with its branches and loops, and gives each result to somebody who may change it. What `if` and
/// `loop` do is written down here once more, apart from the evaluator's own.
struct StructuredWalk {
  typealias After = (ReferenceTensor, any TensorOp, [ReferenceTensor]) -> ReferenceTensor

  let function: Function
  let after: After

  func results(
    of region: Region, _ arguments: [ReferenceTensor], _ known: [String: Int]
  ) throws -> [ReferenceTensor] {
    var sizes = known
    var values = Dictionary(uniqueKeysWithValues: zip(region.parameters, arguments))
    for operation in region.operations {
      let operands = operation.operands.map { $0.flatMap { values[$0] } ?? .absent }
      for name in operation.op.definedSizes { sizes[name] = nil }
      let results = try run(operation, operands, sizes)
      for (id, result) in zip(operation.results, results) {
        values[id] = result
        for (extent, size) in zip(function.type(of: id).shape, result.shape) {
          if let name = extent.symbolName, operation.op.definedSizes.contains(name) { sizes[name] = size }
        }
      }
      if operation.op is Size { sizes[operation.op.definedSizes[0]] = operands[0].integers[0] }
    }
    return region.results.compactMap { values[$0] }
  }

  private func run(
    _ operation: Operation, _ operands: [ReferenceTensor], _ sizes: [String: Int]
  ) throws -> [ReferenceTensor] {
    switch operation.op {
    case is If:
      return try results(
        of: operation.regions[operands[0].integers[0] != 0 ? 0 : 1], Array(operands.dropFirst()), sizes)
    case let loop as Loop: return try run(loop, operation, operands, sizes)
    case is Size: return [operands[0]]
    default:
      let replacement: (String) -> Dimension? = { sizes[$0].map { Dimension($0) } }
      guard let op = try operation.op.substituting(replacement) as? any TensorOp else { return [] }
      let types = operation.results.map { function.type(of: $0).substituting(replacement) }
      return try op.evaluate(operands, types).map { after($0, op, operands) }
    }
  }

  private func run(
    _ loop: Loop, _ operation: Operation, _ operands: [ReferenceTensor], _ known: [String: Int]
  ) throws -> [ReferenceTensor] {
    let (region, start) = (operation.regions[0], loop.exits ? 2 : 1)
    let most = loop.trips?.evaluate { known[$0] } ?? operands[0].integers.first ?? .max
    var state = Array(operands[start..<start + loop.carried])
    let captures = Array(operands.dropFirst(start + loop.carried))
    var goesOn = !loop.exits || operands[1].integers[0] != 0
    var stacks = operation.results.dropFirst(loop.carried).map { _ in [ReferenceTensor]() }
    var trip = 0
    while goesOn, trip < most {
      var sizes = known
      for (parameter, value) in zip(region.parameters.dropFirst(), state) {
        for (extent, size) in zip(function.type(of: parameter).shape, value.shape) {
          if let name = extent.symbolName, loop.regionSizes.contains(name) { sizes[name] = size }
        }
      }
      var found = try results(of: region, [ReferenceTensor(.i64, [], integers: [trip])] + state + captures, sizes)[...]
      if loop.exits { goesOn = found.removeFirst().integers[0] != 0 }
      state = Array(found.prefix(loop.carried))
      for (place, element) in found.dropFirst(loop.carried).enumerated() { stacks[place].append(element) }
      trip += 1
    }
    return try state
      + zip(stacks, operation.results.dropFirst(loop.carried)).map { stack, id in
        let type = function.type(of: id)
        let shape = try type.shape.dropFirst().map { extent in
          guard let size = extent.evaluate({ known[$0] }) else { throw Diagnostic("test", "\(extent) is not known") }
          return size
        }
        return type.elementType.isFloat
          ? ReferenceTensor(type.elementType, [trip] + shape, floats: stack.flatMap(\.floats))
          : ReferenceTensor(type.elementType, [trip] + shape, integers: stack.flatMap(\.integers))
      }
  }
}
