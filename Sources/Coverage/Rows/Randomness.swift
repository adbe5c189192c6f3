import Foundation
import TensorIR
import Tensors

extension Coverage {
  static func randomness(_ list: inout RowList) {
    list.random("float_random", "RandomNumbers(seed: 1).uniform(shape), .normal(shape), .bernoulli(0.25, shape)") {
      type in
      var random = RandomNumbers(seed: 1)
      return [
        random.uniform([40, 50], in: -1..<3, type), random.normal([40, 50], mean: 2, deviation: 0.5, type),
        random.bernoulli(0.25, [40, 50], type),
      ]
    } property: { results in
      let numbers = try results.map { try $0.cast(to: .f64).array(of: Double.self) }
      if !numbers[0].allSatisfy({ $0 >= -1 && $0 <= 3 }) { return "a uniform number is out of range" }
      if !numbers[2].allSatisfy({ $0 == 0 || $0 == 1 }) { return "a Bernoulli number is neither 0 nor 1" }
      // Four standard errors of 2,000 numbers.
      for (own, (mean, deviation)) in zip(numbers, [(1.0, 4 / 12.0.squareRoot()), (2.0, 0.5), (0.25, 0.433)]) {
        let found = own.reduce(0, +) / Double(own.count)
        if abs(found - mean) > 4 * deviation / Double(own.count).squareRoot() {
          return "the mean is \(found), not \(mean)"
        }
      }
      return nil
    }
    list.random("int_random", "RandomNumbers(seed: 1).integers(shape, in: 3..<9)") { type in
      var random = RandomNumbers(seed: 1)
      return [random.integers([40, 50], in: 3..<9, type)]
    } property: { results in
      let numbers = try results[0].cast(to: .i64).array(of: Int64.self)
      let counts = (3..<9).map { value in numbers.filter { $0 == value }.count }
      if counts.reduce(0, +) != numbers.count { return "an integer is out of range" }
      return counts.contains { abs($0 - 333) > 90 } ? "the integers occur \(counts) times" : nil
    }
  }
}
