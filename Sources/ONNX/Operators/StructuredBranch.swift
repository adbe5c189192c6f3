import TensorIR
import TensorOps

/// `If` on a condition that is known when the model runs. Where its branches differ in an extent, that of the result is a
/// size which the run finds; of different ranks there is one that the sizes of a call usually choose, or none.
struct StructuredBranch {
  private let node: NodeConversion
  private let graph: GraphImport
  private let branches: [Onnx_GraphProto]

  init(_ node: NodeConversion, _ first: Onnx_GraphProto, _ second: Onnx_GraphProto) {
    (self.node, graph, branches) = (node, node.graph, [first, second])
  }

  func results() throws -> [ImportedValue] {
    var sides = try branches.map { side in try graph.traced([]) { _ in try graph.inline(side) } }
    let isList = sides[0].values.indices.map { place in
      sides.allSatisfy { place < $0.values.count && $0.values[place].isList }
    }
    for side in sides.indices { sides[side] = try sides[side].stacking { isList[$0] } }
    guard sides[0].values.count == sides[1].values.count else {
      throw OnnxError("onnx-if", "its branches have \(sides[0].values.count) and \(sides[1].values.count) outputs")
    }
    for (a, b) in zip(sides[0].values, sides[1].values) {
      guard a.isTensor, b.isTensor else {
        throw OnnxError(
          "onnx-if", "its branches give lists or optional values, and its condition is not known\(node.hint(0))")
      }
      let types = (try a.type(), try b.type())
      guard types.0.rank == types.1.rank else {
        throw try fork(types)
      }
      guard types.0.elementType == types.1.elementType else {
        throw OnnxError("onnx-if", "its branches give elements of \(types.0.elementType) and \(types.1.elementType)")
      }
    }
    let results = try StructuredBranch.record(sides, node.reshape(node.tensor(0), []), in: graph)
    return try results.enumerated().map { place, value in
      isList[place] ? ImportedValue(.stack(try value.tensor(in: graph.recorder))) : value
    }
  }

  /// Branches of different ranks.
  private func fork(_ types: (TensorType, TensorType)) throws -> RankFork {
    let (node, branches) = (node, branches)
    let refusal = OnnxError(
      "onnx-data-dependent",
      "its branches give \(types.0) and \(types.1), of different ranks, and its condition is known only when it runs; "
        + "the rank of a tensor must be known before\(node.hint(0))")
    return RankFork(
      condition: try node.reshape(node.tensor(0), []),
      sides: branches.map { side in { try node.graph.inline(side) } },
      assume: { isTrue in
        guard let choice = try BranchBySizes(node) else { throw refusal }
        return try choice.taken(branches, isTrue)
      },
      usual: {
        guard let choice = try BranchBySizes(node), let isTrue = try choice.usual() else { throw refusal }
        return try choice.taken(branches, isTrue)
      })
  }

  /// Records both branches, of which a run takes one.
  static func record(
    _ sides: [TracedGraph], _ condition: Tensor, in graph: GraphImport
  ) throws -> [ImportedValue] {
    let results = try sides.map { try $0.tensors() }
    var sizes: [Dimension] = []
    for (a, b) in zip(results[0], results[1]) {
      guard a.rank == b.rank, a.elementType == b.elementType else {
        throw OnnxError("onnx-if", "its branches give \(a.type) and \(b.type)")
      }
      for (x, y) in zip(a.shape, b.shape) where x != y {
        let bounds = (sides[0].recorder.symbols.bound(of: x), sides[1].recorder.symbols.bound(of: y))
        let most = bounds.0.flatMap { p in bounds.1.map { Dimension.maximum(p, $0) } }
        let symbol = graph.freshSize("taken", bound: most.flatMap { graph.recorder.symbols.bound(of: $0) })
        graph.recorder.declare(symbol)
        sizes.append(Dimension(symbol: symbol.name))
      }
    }
    var captures: [Tensor] = []
    for capture in sides.flatMap(\.recorder.captures) where !captures.contains(where: { $0.isSame(as: capture) }) {
      captures.append(capture)
    }
    let bodies = try zip(sides, results).map { try $0.function($1, parameters: 0, captures: captures) }
    return try graph.recorder.add(If(sizes: sizes), [condition] + captures, bodies: bodies).map { ImportedValue($0) }
  }
}

/// The branch of an `If` whose condition follows from sizes alone: the one that is meant for usual sizes, which are like no
/// number in the model (an exporter asks whether an extent is 1, and means all the others), or the one that can be
/// computed. The run checks that it is so.
private struct BranchBySizes {
  private let node: NodeConversion
  private let symbols: [String]

  /// Nil where it does not.
  init?(_ node: NodeConversion) throws {
    self.node = node
    let origins = Origins(try node.input(0), in: node.graph)
    guard origins.inputs.isEmpty, !origins.symbols.isEmpty else { return nil }
    symbols = origins.symbols
  }

  /// What the condition is for usual sizes; nil where they do not tell.
  func usual() throws -> Bool? {
    var sizes: [String: Int] = [:]
    for (index, name) in symbols.enumerated() {
      guard let size = BranchBySizes.size(node.symbols[name], index) else { return nil }
      sizes[name] = size
    }
    guard case .tensor(let condition) = try node.input(0).content, condition.recorder === node.graph.recorder else {
      return nil
    }
    return BranchBySizes.value(of: condition, node.graph.recorder.builder.function, sizes)
  }

  /// A size as a call might have it, and another for each symbol.
  private static func size(_ symbol: Symbol?, _ index: Int) -> Int? {
    let divisor = symbol?.divisor ?? 1
    let wanted = max(97 + 10 * index, symbol?.minimum ?? 0)
    let size = (wanted + divisor - 1) / divisor * divisor
    return symbol?.maximum.map { size <= $0 } ?? true ? size : nil
  }

  /// What a scalar is for some sizes, if nothing else decides.
  private static func value(of scalar: Tensor, _ function: Function, _ sizes: [String: Int]) -> Bool? {
    var part = Function(name: function.name, symbols: function.symbols)
    for value in function.values { _ = part.addValue(value.type.substituting { sizes[$0].map { Dimension($0) } }) }
    var needed: Set<ValueID> = [ValueID(scalar.id)]
    for operation in function.body.operations.reversed() where operation.results.contains(where: needed.contains) {
      needed.formUnion(operation.operands.compactMap { $0 })
      guard let op = try? operation.op.substituting({ sizes[$0].map { Dimension($0) } }) else { return nil }
      var copied = operation
      copied.op = op
      copied.guards = []
      part.body.operations.insert(copied, at: 0)
    }
    part.body.results = [ValueID(scalar.id)]
    return (try? Evaluator.run(part, []))?.first?.integers.first.map { $0 != 0 }
  }

  /// The results of a branch, which stand only where the condition is what it is taken to be.
  func taken(_ branches: [Onnx_GraphProto], _ isTrue: Bool) throws -> [ImportedValue] {
    let hint = symbols.map { "--dim \($0)=N" }.joined(separator: " ")
    let graph = node.graph
    let condition = try node.cast(node.reshape(node.tensor(0), []), to: .i64)
    let found = try node.size("condition", of: condition, bound: 1)
    var context = InferenceContext(symbols: node.symbols)
    try context.require(
      found, equals: isTrue ? 1 : 0,
      "its branches give results of different ranks, and the library is made for sizes of which its condition is "
        + "\(isTrue); fix them with \(hint)")
    return try graph.inline(branches[isTrue ? 0 : 1]).map { value in
      let tensor = try value.tensor(in: graph.recorder)
      let checked = try node.add(Copy(), tensor)
      graph.recorder.addGuards(context.guards)
      return ImportedValue(checked)
    }
  }
}
