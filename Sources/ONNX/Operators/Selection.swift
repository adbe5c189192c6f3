import TensorData
import TensorIR
import TensorOps

extension OnnxOperators {
  /// Operators whose results are as long as their data say, where these data are known at import.
  static let selection: [String: Converter] = ["Compress": one(compress)]

  /// The slices along an axis, or the elements, whose condition holds.
  private static func compress(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    let axis = try node.integer("axis").map { try node.axis($0, rank: x.rank) }
    let kept = try node.integers(1).enumerated().compactMap { $1 != 0 ? Int64($0) : nil }
    let source = axis == nil ? try node.reshape(x, [x.shape.reduce(1, *)]) : x
    let places = try HostTensor(type: .i64, shape: [kept.count], elements: kept)
    return source.gather(try ImportedValue.constant(places, in: node.graph.recorder), axis: axis ?? 0)
  }
}
