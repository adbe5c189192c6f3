import TensorData
import TensorIR
import TensorOps

extension OnnxOperators {
  /// Forests: those of the first versions with an attribute for everything, and `TreeEnsemble`.
  static let trees: [String: Converter] = [
    "TreeEnsembleRegressor": one { node in
      let x = try rows(node)
      let forest = try oldForest(node, x, prefix: "target", targets: node.count("n_targets"))
      let base = try floats(node, "base_values")
      let conversion = try ForestConversion(node, forest)
      let aggregate = try node.string("aggregate_function") ?? "SUM"
      var scores = try combined(conversion, conversion.leaves(x), aggregate)
      if let base { scores = try scores + row(node, base, forest.targets, scores.elementType) }
      return try PostTransform(node).applied(to: scores).cast(to: .f32)
    },
    "TreeEnsembleClassifier": treeClassifier,
    "TreeEnsemble": one(treeEnsemble),
  ]

  /// The input as [rows, features].
  static func rows(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    guard x.rank == 1 || x.rank == 2 else {
      throw OnnxError("onnx-rank", "it takes rows of features, not rank \(x.rank)")
    }
    return x.rank == 1 ? try node.reshape(x, [1, x.shape[0]]) : x
  }

  /// The numbers of an attribute, or of one that is a tensor under the name with `_as_tensor`.
  static func floats(_ node: NodeConversion, _ name: String) throws -> [Double]? {
    if let tensor = try node.literal(attribute: name + "_as_tensor") {
      return (0..<tensor.elementCount).map { tensor.number($0) ?? .nan }
    }
    return try node.floats(name)
  }

  /// One number for each target.
  static func row(_ node: NodeConversion, _ values: [Double], _ count: Int, _ type: ElementType) throws -> Tensor {
    guard values.count == count || values.count == 1 else {
      throw OnnxError("onnx-targets", "it has \(values.count) numbers for \(count) targets")
    }
    let tensor = try HostTensor(type: .f64, shape: [values.count], elements: values)
    return try ImportedValue.constant(tensor, in: node.graph.recorder).cast(to: type)
  }

  private static func combined(_ forest: ForestConversion, _ leaves: Tensor, _ how: String) throws -> Tensor {
    switch how {
    case "SUM": return try forest.weights(at: leaves).sum(axes: [1])
    case "AVERAGE": return try forest.weights(at: leaves).mean(axes: [1])
    case "MIN", "MAX":
      let none = how == "MIN" ? Double.infinity : -.infinity
      let weights = try forest.weights(at: leaves, absent: none)
      let best = how == "MIN" ? weights.min(axes: [1]) : weights.max(axes: [1])
      return Tensor.select(best .== best.like(none), best.like(0), best)
    default: throw OnnxError("onnx-unsupported-attribute", "its aggregate_function '\(how)' is unknown")
    }
  }

  /// The trees of an operator with a list for each property of nodes.
  private static func oldForest(_ node: NodeConversion, _ x: Tensor, prefix: String, targets: Int) throws -> Forest {
    let isWide = try x.elementType == .f64 || node.literal(attribute: "nodes_values_as_tensor")?.type == .f64
    var forest = try Forest(targets: targets, type: isWide ? .f64 : .f32)
    node.ignore("nodes_hitrates", "nodes_hitrates_as_tensor")
    let trees = try node.integers("nodes_treeids") ?? []
    let ids = try node.integers("nodes_nodeids") ?? []
    let count = ids.count
    func list(_ name: String) throws -> [Int] {
      let values = try node.integers(name) ?? []
      guard values.count == count else {
        throw OnnxError("onnx-tree", "'\(name)' has \(values.count) of \(count) entries")
      }
      return values
    }
    let values = try floats(node, "nodes_values") ?? []
    let modes = try node.strings("nodes_modes") ?? []
    guard trees.count == count, values.count == count, modes.count == count, count > 0 else {
      throw OnnxError("onnx-tree", "the lists of its nodes are not equally long")
    }
    let (features, ifTrue, ifFalse) = (
      try list("nodes_featureids"), try list("nodes_truenodeids"), try list("nodes_falsenodeids")
    )
    let missing = try node.integers("nodes_missing_value_tracks_true") ?? []
    var places: [[Int]: Int] = [:]
    for place in 0..<count { places[[trees[place], ids[place]]] = place }
    var isChild = [Bool](repeating: false, count: count)
    for place in 0..<count {
      guard modes[place] != "LEAF" else {
        forest.nodes.append(Forest.Node(ifTrue: place, ifFalse: place))
        continue
      }
      guard let mode = Forest.Mode(modes[place]), let lower = places[[trees[place], ifTrue[place]]],
        let upper = places[[trees[place], ifFalse[place]]]
      else { throw OnnxError("onnx-tree", "its node \(ids[place]) of mode \(modes[place]) leads to none") }
      (isChild[lower], isChild[upper]) = (true, true)
      forest.nodes.append(
        Forest.Node(
          feature: features[place], mode: mode, value: values[place], ifTrue: lower, ifFalse: upper,
          tracksMissing: place < missing.count && missing[place] != 0))
    }
    forest.roots = isChild.indices.filter { !isChild[$0] }
    let (weightTrees, weightNodes) = (
      try node.integers("\(prefix)_treeids") ?? [], try node.integers("\(prefix)_nodeids") ?? []
    )
    let (weightTargets, weights) = (
      try node.integers("\(prefix)_ids") ?? [], try floats(node, "\(prefix)_weights") ?? []
    )
    guard weightTrees.count == weights.count, weightNodes.count == weights.count, weightTargets.count == weights.count
    else { throw OnnxError("onnx-tree", "the lists of its weights are not equally long") }
    for index in weights.indices {
      guard let place = places[[weightTrees[index], weightNodes[index]]] else {
        throw OnnxError("onnx-tree", "a weight is of node \(weightNodes[index]), which is none")
      }
      forest.weights.append((place, weightTargets[index], weights[index]))
    }
    return forest
  }

  /// The class of each row and the score of each class.
  private static func treeClassifier(_ node: NodeConversion) throws -> [ImportedValue] {
    let x = try rows(node)
    let labels = try ClassLabels(node)
    let used = try node.integers("class_ids") ?? []
    let targets = max(labels.count, (used.max() ?? 0) + 1)
    let forest = try oldForest(node, x, prefix: "class", targets: targets)
    let conversion = try ForestConversion(node, forest)
    let leaves = try conversion.leaves(x)
    var scores = try conversion.weights(at: leaves).sum(axes: [1])
    let base = try floats(node, "base_values")
    let transform = try PostTransform(node)
    if targets > 2 {
      if let base { scores = try scores + row(node, base, targets, scores.elementType) }
      let isScored = base == nil ? try conversion.isScored(at: leaves) : nil
      let ranked = isScored.map { Tensor.select($0, scores, scores.like(-.infinity)) } ?? scores
      return try [
        labels.value(ranked.argMax(axis: 1), node), ImportedValue(transform.applied(to: scores).cast(to: .f32)),
      ]
    }
    let rule = BinaryScores(
      usesFirst: used.contains(0), usesSecond: used.contains(1), base: base,
      isPositive: forest.weights.allSatisfy { $0.weight >= 0 }, classes: targets)
    let (isSecond, final) = try rule.decided(scores, transform)
    // Where both classes have scores, onnxruntime gives 0 and 1 whatever the classes are called.
    let index = isSecond.cast(to: .i64)
    let label = rule.namesClasses ? try labels.value(index, node) : ImportedValue(index)
    return [label, ImportedValue(final.cast(to: .f32))]
  }

  /// The operator of version 5: trees whose leaves stand apart from the nodes.
  private static func treeEnsemble(_ node: NodeConversion) throws -> Tensor {
    let x = try rows(node)
    guard let splits = try node.literal(attribute: "nodes_splits"),
      let modes = try node.literal(attribute: "nodes_modes"),
      let weights = try node.literal(attribute: "leaf_weights"), let roots = try node.integers("tree_roots"),
      let features = try node.integers("nodes_featureids"), let targets = try node.integers("leaf_targetids"),
      let codes = modes.integers
    else { throw OnnxError("onnx-missing-attribute", "the lists of its nodes or leaves are missing") }
    node.ignore("nodes_hitrates")
    var forest = try Forest(targets: node.count("n_targets"), type: x.elementType == .f64 ? .f64 : .f32)
    let count = features.count
    func list(_ name: String) throws -> [Int] {
      let values = try node.integers(name) ?? []
      guard values.count == count else {
        throw OnnxError("onnx-tree", "'\(name)' has \(values.count) of \(count) entries")
      }
      return values
    }
    let children = (try list("nodes_truenodeids"), try list("nodes_falsenodeids"))
    let areLeaves = (try list("nodes_trueleafs"), try list("nodes_falseleafs"))
    let missing = try node.integers("nodes_missing_value_tracks_true") ?? []
    guard splits.elementCount == count, codes.count == count, weights.elementCount == targets.count else {
      throw OnnxError("onnx-tree", "the lists of its nodes or leaves are not equally long")
    }
    // Leaves come after the nodes.
    func place(_ child: Int, _ isLeaf: Int) throws -> Int {
      guard child >= 0, child < (isLeaf != 0 ? targets.count : count) else {
        throw OnnxError("onnx-tree", "a node of its trees leads to none")
      }
      return isLeaf != 0 ? count + child : child
    }
    var members = try memberSets(node, codes)[...]
    for index in 0..<count {
      guard let mode = Forest.Mode(rawValue: codes[index]) else {
        throw OnnxError("onnx-tree", "mode \(codes[index]) of a node is unknown")
      }
      forest.nodes.append(
        Forest.Node(
          feature: features[index], mode: mode, value: splits.number(index) ?? .nan,
          ifTrue: try place(children.0[index], areLeaves.0[index]),
          ifFalse: try place(children.1[index], areLeaves.1[index]),
          tracksMissing: index < missing.count && missing[index] != 0,
          members: mode == .member ? members.popFirst() ?? [] : []))
    }
    for leaf in targets.indices {
      forest.nodes.append(Forest.Node(ifTrue: count + leaf, ifFalse: count + leaf))
      forest.weights.append((count + leaf, targets[leaf], weights.number(leaf) ?? .nan))
    }
    // A tree of one leaf is a node both of whose sides are that leaf.
    forest.roots = try roots.map { try place($0, 0) }
    let conversion = try ForestConversion(node, forest)
    let names = ["AVERAGE", "SUM", "MIN", "MAX"]
    let how = try node.integer("aggregate_function") ?? 1
    let scores = try combined(conversion, conversion.leaves(x), names.indices.contains(how) ? names[how] : "\(how)")
    return try PostTransform(code: node.integer("post_transform") ?? 0).applied(to: scores).cast(to: x.elementType)
  }

  /// The sets of the nodes that ask for members, which NaN keeps apart.
  private static func memberSets(_ node: NodeConversion, _ codes: [Int]) throws -> [[Double]] {
    guard let values = try node.literal(attribute: "membership_values") else { return [] }
    var sets: [[Double]] = [[]]
    for index in 0..<values.elementCount {
      let value = values.number(index) ?? .nan
      if value.isNaN { sets.append([]) } else { sets[sets.count - 1].append(value) }
    }
    return sets
  }
}
