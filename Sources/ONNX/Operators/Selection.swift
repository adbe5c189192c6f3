import TensorData
import TensorIR
import TensorOps

extension OnnxOperators {
  /// Operators that keep what a condition holds for.
  static let selection: [String: Converter] = ["Compress": one(compress)]

  /// The slices along an axis, or the elements, whose condition holds.
  private static func compress(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    let axis = try node.integer("axis").map { try node.axis($0, rank: x.rank) }
    if node.symbolic(1) == nil {
      let condition = try node.tensor(1)
      let source = axis == nil ? try node.reshape(x, [x.type.count]) : x
      let places = try node.nonzero(node.reshape(condition, [condition.type.count]))
      return source.gather(try node.reshape(places, [places.shape[1]]), axis: axis ?? 0)
    }
    let kept = try node.integers(1).enumerated().compactMap { $1 != 0 ? Int64($0) : nil }
    let source = axis == nil ? try node.reshape(x, [x.shape.reduce(1, *)]) : x
    let places = try HostTensor(type: .i64, shape: [kept.count], elements: kept)
    return source.gather(try ImportedValue.constant(places, in: node.graph.recorder), axis: axis ?? 0)
  }
}
