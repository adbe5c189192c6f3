import Foundation
import TensorCoverage
import TensorIR
import TensorOps

@testable import Tensors

/// A case of Tests/Fixtures/coverage/coverage.json, which make_coverage.py there writes.
struct CoverageCase: Decodable, Sendable {
  var row: String
  var operands: [Numbers]
  var results: [Numbers]
  /// Whether there are negative integers, so that it is no case of unsigned types.
  var signed: Bool?
  /// The only kind of types that it is a case of: bool, float or number.
  var only: String?

  /// A tensor: kind, shape and elements; the kind x is the element type under test.
  struct Numbers: Decodable, Sendable {
    var kind: String
    var shape: [Int]
    var values: [Double]

    init(from decoder: any Decoder) throws {
      var list = try decoder.unkeyedContainer()
      kind = try list.decode(String.self)
      shape = try list.decode([Int].self)
      values = try list.decode([Number].self).map(\.value)
    }

    func elementType(_ type: ElementType) -> ElementType { ElementType(rawValue: kind) ?? type }

    /// The tensor in an element type: floats rounded to it, integers wrapped.
    func reference(_ type: ElementType) -> ReferenceTensor {
      let own = elementType(type)
      return own.isFloat
        ? ReferenceTensor(own, shape, floats: values)
        : ReferenceTensor(own, shape, integers: values.map { Int($0) })
    }
  }

  /// A number, or a word for one that JSON has none for.
  private struct Number: Decodable {
    var value: Double
    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let value = try? container.decode(Double.self) {
        self.value = value
      } else {
        value = Double(try container.decode(String.self)) ?? .nan
      }
    }
  }

  func suits(_ type: ElementType) -> Bool {
    let isOfKind =
      switch only {
      case "bool": type == .bool
      case "float": type.isFloat
      case "number": type != .bool
      default: true
      }
    return isOfKind && (signed != true || type.isSigned)
  }

  func tensors(_ type: ElementType) throws -> [Tensor] {
    try operands.map { Tensor(try HostArray($0.reference(type))) }
  }

  static let all: [String: [CoverageCase]] = {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/coverage")
    let list = ["coverage.json", "layers.json"].flatMap { name in
      (try? JSONDecoder().decode([CoverageCase].self, from: Data(contentsOf: folder.appendingPathComponent(name))))
        ?? []
    }
    return Dictionary(grouping: list, by: \.row)
  }()

  /// What differs from what is expected; nil if nothing does.
  func difference(_ found: [ReferenceTensor], _ type: ElementType) -> String? {
    guard found.count == results.count else { return "\(found.count) results in place of \(results.count)" }
    for (position, (tensor, wanted)) in zip(found, results).enumerated() {
      let expected = wanted.reference(type)
      guard tensor.elementType == expected.elementType, tensor.shape == expected.shape else {
        return
          "result \(position) is \(tensor.elementType)\(tensor.shape), not \(expected.elementType)\(expected.shape)"
      }
      for place in 0..<expected.count {
        let (a, b) = (tensor.number(place), expected.number(place))
        if !CoverageCase.agree(a, b, expected.elementType) {
          return "element \(place) of result \(position) is \(a), not \(b)"
        }
      }
    }
    return nil
  }

  /// Eight units in the last place of a number of size 1 or more; integers are equal.
  static func agree(_ a: Double, _ b: Double, _ type: ElementType) -> Bool {
    if a == b || (a.isNaN && b.isNaN) { return true }
    let unit: [ElementType: Double] = [.f64: 1e-14, .f32: 0x1p-24, .f16: 0x1p-11, .bf16: 0x1p-8]
    return abs(a - b) <= 8 * (unit[type] ?? 0) * max(1, abs(b))
  }
}
