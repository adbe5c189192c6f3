import TensorIR
import TensorOps

extension OnnxOperators {
  /// Operators with graphs inside.
  static let control: [String: Converter] = [
    "If": branch,
    "Loop": loop,
    "Scan": scan,
    "SequenceMap": { node in try mapList(node) },
  ]

  /// Few trips are written out, for then all that follows from a trip's number is known in it. More are a loop, unless the
  /// structure of the body depends on the number.
  private static func loop(_ node: NodeConversion) throws -> [ImportedValue] {
    let unrolled = try UnrolledLoop(node)
    let trips = node.symbolic(0)?.numbers?.first
    let isRandom = RandomNodes.stand(in: try node.subgraph("body"))
    let isShort = trips.map { $0 <= UnrolledLoop.always } ?? !node.hasInput(0)
    if isShort || isRandom, let results = node.graph.attempt(unrolled.results) { return results }
    let structured = try StructuredLoop(node)
    if let results = node.graph.attempt(structured.results) { return results }
    // A condition that is known may end it early.
    if !isShort, let results = node.graph.attempt(unrolled.results) { return results }
    return try structured.results()
  }

  private static func scan(_ node: NodeConversion) throws -> [ImportedValue] {
    let scan = try UnrolledScan(node)
    let isShort = try scan.length()?.constant.map { $0 <= UnrolledLoop.always } ?? false
    if !isShort, !scan.hasBatch, !RandomNodes.stand(in: scan.body), let results = node.graph.attempt(scan.loop) {
      return results
    }
    return try scan.results()
  }

  /// One branch where the condition is known; otherwise both, of which the run takes one.
  private static func branch(_ node: NodeConversion) throws -> [ImportedValue] {
    let branches = (try node.subgraph("then_branch"), try node.subgraph("else_branch"))
    if let condition = node.symbolic(0)?.numbers, condition.count == 1 {
      return try node.graph.inline(condition[0] != 0 ? branches.0 : branches.1)
    }
    return try StructuredBranch(node, branches.0, branches.1).results()
  }
}
