import Foundation
import TensorIR
import TensorOps

/// Batch normalisation with statistics that are known is one factor and one number added for each channel.
enum BatchNormRules {
  static let rules: [Rule] = [constantStatistics]

  /// `batch_norm(x) => x · factor + shift`, which is worked out in f64 and rounded once.
  private static let constantStatistics = Rule(
    "batch-norm-of-constants", on: BatchNorm.self, exactness: .rounding
  ) {
    op, site in
    var statistics: [[Double]] = []
    for index in 1...4 {
      guard let literal = site.written(site.operand(index)) else { return nil }
      statistics.append(ReferenceTensor(literal).floats)
    }
    let x = site.operandTypes[0]
    let channels = statistics[0].count
    // They may differ where the channels are a symbol; a guard refuses that when the function runs.
    guard statistics.allSatisfy({ $0.count == channels }) else { return nil }
    let factors = (0..<channels).map { statistics[0][$0] / (statistics[3][$0] + op.epsilon).squareRoot() }
    let shifts = (0..<channels).map { statistics[1][$0] - statistics[2][$0] * factors[$0] }
    let shape = [channels] + x.shape.dropFirst(2).map { _ in 1 }
    func constant(_ values: [Double]) -> Constant {
      Constant(ReferenceTensor(x.elementType, shape, floats: values).literal)
    }
    let scaled = try site.one(Multiply(), site.operand(0), try site.one(constant(factors)))
    return [try site.one(Add(), scaled, try site.one(constant(shifts)))]
  }
}
