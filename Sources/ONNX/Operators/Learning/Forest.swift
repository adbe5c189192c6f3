import TensorData
import TensorIR
import TensorOps

/// The trees of an `ai.onnx.ml` operator as tables of nodes, in which all rows and trees step down at once.
///
/// A leaf is a node that leads to itself, so that rows that have arrived wait for the others.
struct Forest {
  enum Mode: Int, CaseIterable {
    case lessEqual, less, greaterEqual, greater, equal, notEqual, member

    init?(_ name: String) {
      let names = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ", "BRANCH_MEMBER"]
      guard let place = names.firstIndex(of: name) else { return nil }
      self.init(rawValue: place)
    }
  }

  struct Node {
    var feature = 0
    var mode = Mode.lessEqual
    var value = 0.0
    /// Nodes that rows go to; a leaf's are itself.
    var ifTrue: Int
    var ifFalse: Int
    /// Whether NaN goes where a true condition leads.
    var tracksMissing = false
    /// What a member is of.
    var members: [Double] = []
  }

  var nodes: [Node] = []
  /// The node that each tree begins at.
  var roots: [Int] = []
  /// What leaves give: node, target, weight.
  var weights: [(node: Int, target: Int, weight: Double)] = []
  let targets: Int
  /// The type in which thresholds are compared and weights added.
  let type: ElementType

  init(targets: Int, type: ElementType) throws {
    guard (1...1 << 16).contains(targets) else { throw OnnxError("onnx-tree", "it has \(targets) targets") }
    (self.targets, self.type) = (targets, type)
  }

  /// The steps from a root to the deepest leaf.
  /// - Throws: where a node leads nowhere, or in a circle.
  func depth() throws -> Int {
    var depths = [Int?](repeating: nil, count: nodes.count)
    for root in roots {
      var open = [root]
      var isOpen: Set<Int> = []
      while let place = open.last {
        let node = nodes[place]
        if depths[place] != nil {
          open.removeLast()
          continue
        }
        if node.ifTrue == place {
          depths[place] = 0
          continue
        }
        let next = [node.ifTrue, node.ifFalse]
        guard next.allSatisfy(nodes.indices.contains) else {
          throw OnnxError("onnx-tree", "a node of its trees leads to none")
        }
        let waiting = next.filter { depths[$0] == nil }
        if waiting.isEmpty {
          depths[place] = 1 + next.compactMap { depths[$0] }.reduce(0, max)
          isOpen.remove(place)
          continue
        }
        guard isOpen.insert(place).inserted else { throw OnnxError("onnx-tree", "its trees have a circle") }
        open += waiting
      }
    }
    return roots.compactMap { depths[$0] }.max() ?? 0
  }
}

/// A forest on its way into a function.
struct ForestConversion {
  private let node: NodeConversion
  private let forest: Forest

  init(_ node: NodeConversion, _ forest: Forest) throws {
    guard !forest.roots.isEmpty else { throw OnnxError("onnx-tree", "it has no tree") }
    (self.node, self.forest) = (node, forest)
  }

  private func constant<Element: BitwiseCopyable>(
    _ type: DataType, _ shape: [Int], _ elements: [Element]
  ) throws -> Tensor {
    try ImportedValue.constant(HostTensor(type: type, shape: shape, elements: elements), in: node.graph.recorder)
  }

  private func integers(_ values: [Int]) throws -> Tensor {
    try constant(.i32, [values.count], values.map { Int32(clamping: $0) })
  }

  private func numbers(_ values: [Double], _ shape: [Int]) throws -> Tensor {
    forest.type == .f64
      ? try constant(.f64, shape, values) : try constant(.f32, shape, values.map { Float($0) })
  }

  /// The leaf that each row comes to in each tree, [rows, trees].
  /// - Parameter x: [rows, features]
  func leaves(_ x: Tensor) throws -> Tensor {
    let wide = x.cast(to: forest.type)
    let nodes = forest.nodes
    if let extent = x.shape[1].constant, let feature = nodes.map(\.feature).max(), feature >= extent {
      throw OnnxError("onnx-tree", "its trees ask for feature \(feature) of \(extent)")
    }
    guard nodes.allSatisfy({ $0.feature >= 0 }) else { throw OnnxError("onnx-tree", "it asks for a negative feature") }
    let first = try integers(forest.roots).broadcast(to: [x.shape[0], Dimension(forest.roots.count)])
    let steps = try forest.depth()
    guard steps > 0 else { return first }
    let (features, lower, upper) = (
      try integers(nodes.map(\.feature)), try integers(nodes.map(\.ifTrue)), try integers(nodes.map(\.ifFalse))
    )
    let inner = nodes.indices.filter { nodes[$0].ifTrue != $0 }
    let tracks = inner.contains { nodes[$0].tracksMissing } ? try integers(nodes.map { $0.tracksMissing ? 1 : 0 }) : nil
    let modes = Set(inner.map { nodes[$0].mode }).sorted { $0.rawValue < $1.rawValue }
    let codes = modes.count > 1 ? try integers(nodes.map(\.mode.rawValue)) : nil
    let values = try numbers(nodes.map(\.value), [nodes.count])
    let members = modes.contains(.member) ? try memberTable() : nil
    return try LoopPlan(node.graph).results(of: .dimension(Dimension(steps)), carrying: [first]) { _, state in
      let place = state[0]
      let element = wide.takeAlong(features.gather(place, axis: 0), axis: 1)
      let threshold = values.gather(place, axis: 0)
      var goesTrue = try modes.first.map { try holds($0, element, threshold, members, place) } ?? element.isNaN()
      for mode in modes.dropFirst() {
        guard let codes else { break }
        let code = codes.gather(place, axis: 0)
        goesTrue = Tensor.select(
          code .== code.like(Double(mode.rawValue)), try holds(mode, element, threshold, members, place), goesTrue)
      }
      if let tracks {
        let flag = tracks.gather(place, axis: 0)
        goesTrue = goesTrue .| (element.isNaN() .& (flag .> flag.like(0)))
      }
      let next = Tensor.select(goesTrue, lower.gather(place, axis: 0), upper.gather(place, axis: 0))
      return [next]
    }[0]
  }

  private func holds(
    _ mode: Forest.Mode, _ x: Tensor, _ value: Tensor, _ members: Tensor?, _ place: Tensor
  ) throws -> Tensor {
    switch mode {
    case .lessEqual: return x .<= value
    case .less: return x .< value
    case .greaterEqual: return x .>= value
    case .greater: return x .> value
    case .equal: return x .== value
    case .notEqual: return x .!= value
    case .member:
      guard let members else { return x .== value }
      return (x.unsqueezed(axes: [2]) .== members.gather(place, axis: 0)).any(axes: [2])
    }
  }

  /// The members of each node's set, repeated to as many as the largest set has; NaN is none.
  private func memberTable() throws -> Tensor {
    let width = max(forest.nodes.map(\.members.count).max() ?? 0, 1)
    let rows = forest.nodes.flatMap { node in
      (0..<width).map { $0 < node.members.count ? node.members[$0] : .nan }
    }
    return try numbers(rows, [forest.nodes.count, width])
  }

  /// What the leaves give to each target, [rows, trees, targets].
  /// - Parameter absent: what a leaf gives to a target that it has no weight for.
  func weights(at leaves: Tensor, absent: Double = 0) throws -> Tensor {
    var table = [Double](repeating: absent, count: forest.nodes.count * forest.targets)
    var isSet = [Bool](repeating: false, count: table.count)
    for (place, target, weight) in forest.weights {
      guard (0..<forest.targets).contains(target), forest.nodes.indices.contains(place) else {
        throw OnnxError("onnx-tree", "a weight of its leaves is for target \(target) of \(forest.targets)")
      }
      let index = place * forest.targets + target
      table[index] = isSet[index] ? table[index] + weight : weight
      isSet[index] = true
    }
    return try numbers(table, [forest.nodes.count, forest.targets]).gather(leaves, axis: 0)
  }

  /// Whether a leaf that a row comes to says something of a target, [rows, targets]; nil where all leaves do of all.
  func isScored(at leaves: Tensor) throws -> Tensor? {
    var table = [UInt8](repeating: 0, count: forest.nodes.count * forest.targets)
    for (place, target, _) in forest.weights { table[place * forest.targets + target] = 1 }
    let ends = forest.nodes.indices.filter { forest.nodes[$0].ifTrue == $0 }
    let isComplete = ends.allSatisfy { end in
      (0..<forest.targets).allSatisfy { table[end * forest.targets + $0] == 1 }
    }
    if isComplete { return nil }
    let flags = try constant(.u8, [forest.nodes.count, forest.targets], table).gather(leaves, axis: 0)
    return flags.max(axes: [1]) .> flags.like(0)
  }
}
