import TensorIR
import TensorOps

/// A function without control flow that does what another one does with certain inputs: the branches that are taken, the
/// trips that are made one behind the other, and sizes as numbers.
struct Straightened {
  private let trace: TraceRecorder
  /// A value that is recorded, and what it is with the inputs.
  private typealias Known = (tensor: Tensor, value: ReferenceTensor)

  static func function(_ function: Function, _ inputs: [ReferenceTensor]) throws -> Function {
    var made = Straightened(trace: TraceRecorder(name: function.name))
    var sizes: [String: Int] = [:]
    var arguments: [Known] = []
    for (type, input) in zip(function.parameterTypes, inputs) {
      for (extent, size) in zip(type.shape, input.shape) { if let name = extent.symbolName { sizes[name] = size } }
      let fixed = TensorType(type.elementType, input.shape.map { Dimension($0) })
      arguments.append((made.trace.parameter(fixed), input))
    }
    let results = try made.run(function.body, of: function, arguments, sizes)
    return try made.trace.finish(results.map(\.tensor))
  }

  private init(trace: TraceRecorder) { self.trace = trace }

  private mutating func run(
    _ region: Region, of function: Function, _ arguments: [Known], _ known: [String: Int]
  ) throws -> [Known] {
    var (sizes, all) = (known, [ValueID: Known]())
    for (parameter, argument) in zip(region.parameters, arguments) { all[parameter] = argument }
    for operation in region.operations {
      for name in operation.op.definedSizes + operation.op.regionSizes { sizes[name] = nil }
      let fixed: (String) -> Dimension? = { [sizes] name in sizes[name].map { Dimension($0) } }
      let absent: Known = (.absent, .absent)
      let operands = operation.operands.map { $0.flatMap { all[$0] } ?? absent }
      guard let op = try operation.op.substituting(fixed) as? any TensorOp else { continue }
      let types = operation.results.map { function.type(of: $0) }
      let results: [Known]
      switch op {
      case is If:
        let taken = operation.regions[operands[0].value.integers[0] != 0 ? 0 : 1]
        results = try run(taken, of: function, Array(operands.dropFirst()), sizes)
      case let loop as Loop: results = try run(loop, operation, of: function, operands, types, sizes)
      case is Size:
        results = [operands[0]]
        sizes[op.definedSizes[0]] = operands[0].value.integers[0]
      default:
        let tensors = try trace.add(op, operands.map(\.tensor))
        results = Array(zip(tensors, try op.evaluate(operands.map(\.value), types.map { $0.substituting(fixed) })))
      }
      for (id, result) in zip(operation.results, results) {
        all[id] = result
        for (extent, size) in zip(function.type(of: id).shape, result.value.shape) {
          if let name = extent.symbolName, op.definedSizes.contains(name) { sizes[name] = size }
        }
      }
    }
    return region.results.compactMap { all[$0] }
  }

  private mutating func run(
    _ loop: Loop, _ operation: Operation, of function: Function, _ operands: [Known], _ types: [TensorType],
    _ known: [String: Int]
  ) throws -> [Known] {
    let region = operation.regions[0]
    let limit = loop.trips?.constant ?? operands[0].value.integers.first ?? .max
    var goesOn = !loop.exits || operands[1].value.integers[0] != 0
    var state = Array(operands.dropFirst(loop.exits ? 2 : 1).prefix(loop.carried))
    let rest = operands.dropFirst((loop.exits ? 2 : 1) + loop.carried)
    var stacks = types.dropFirst(loop.carried).map { _ in [Known]() }
    var trip = 0
    while trip < limit, goesOn {
      var sizes = known
      for (id, (_, value)) in zip(region.parameters.dropFirst(), state) {
        for (extent, size) in zip(function.type(of: id).shape, value.shape) {
          if let name = extent.symbolName, loop.regionSizes.contains(name) { sizes[name] = size }
        }
      }
      let count: Known = (
        try trace.add(Full(Double(trip), .i64, []), [])[0], ReferenceTensor(.i64, [], integers: [trip])
      )
      var results = try run(region, of: function, [count] + state + rest, sizes)[...]
      if loop.exits { goesOn = results.removeFirst().value.integers[0] != 0 }
      state = Array(results.prefix(loop.carried))
      for (place, result) in results.dropFirst(loop.carried).enumerated() { stacks[place].append(result) }
      trip += 1
    }
    return try state
      + zip(stacks, types.dropFirst(loop.carried)).map { parts, type in
        try stack(parts, type.with(shape: type.shape.dropFirst().map { Dimension($0.evaluate { known[$0] } ?? 0) }))
      }
  }

  /// Elements along a new first axis.
  private func stack(_ parts: [Known], _ type: TensorType) throws -> Known {
    let tensors = try parts.map { try trace.add(Reshape([1] + $0.tensor.shape), [$0.tensor])[0] }
    let none = try trace.add(Full(0, type.elementType, [0] + type.shape), [])
    let shape = [parts.count] + (try Evaluator.numbers(type))
    let value =
      type.elementType.isFloat
      ? ReferenceTensor(type.elementType, shape, floats: parts.flatMap(\.value.floats))
      : ReferenceTensor(type.elementType, shape, integers: parts.flatMap(\.value.integers))
    return (try trace.add(Concat(axis: 0), none + tensors)[0], value)
  }
}
