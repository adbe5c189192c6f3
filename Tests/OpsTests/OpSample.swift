import TensorIR
import TensorOps
import TestSupport

/// One op with attributes and operands, for the contract every op is held to: by the evaluator here, by compiled code
/// elsewhere.
struct OpSample: Sendable, CustomStringConvertible {
  let op: any TensorOp
  let operands: [SampleOperand]
  /// Whether its pullback is to be compared with central differences.
  var hasGradient = true

  init(_ op: any TensorOp, _ operands: SampleOperand..., hasGradient: Bool = true) {
    self.init(op, operands, hasGradient: hasGradient)
  }

  init(_ op: any TensorOp, _ operands: [SampleOperand], hasGradient: Bool = true) {
    self.op = op
    self.operands = operands
    self.hasGradient = hasGradient
  }

  var description: String { "\(op) of \(operands.map(\.description).joined(separator: ", "))" }

  var types: [TensorType] { operands.map { TensorType($0.elementType, $0.shape.map { Dimension($0) }) } }

  /// The operands' values, the same in every run.
  var values: [ReferenceTensor] {
    var random = Mutations(seed: 7)
    return operands.map { $0.value(&random) }
  }
}

/// A tensor to be made up: its type and where its values lie.
struct SampleOperand: Sendable, CustomStringConvertible {
  enum Values: Sendable {
    /// Evenly spread between two numbers; integers include both.
    case uniform(Double, Double)
    /// All different and well apart, in random order.
    case distinct
    case list([Double])
  }

  var elementType: ElementType
  var shape: [Int]
  var values: Values

  init(_ elementType: ElementType, _ shape: [Int], _ values: Values = .uniform(-2, 2)) {
    self.elementType = elementType
    self.shape = shape
    self.values = values
  }

  var description: String { "\(elementType)\(shape)" }

  func value(_ random: inout Mutations) -> ReferenceTensor {
    let count = shape.reduce(1, *)
    let numbers: [Double]
    switch values {
    case .list(let list): numbers = list
    case .distinct: numbers = (0..<count).shuffled(using: &random).map { Double($0) * 0.25 - 2.1 }
    case .uniform(let low, let high):
      numbers = (0..<count).map { _ in
        elementType.isFloat
          ? Double.random(in: low...high, using: &random)
          : Double(Int.random(in: Int(low)...Int(high), using: &random))
      }
    }
    return elementType.isFloat
      ? ReferenceTensor(elementType, shape, floats: numbers)
      : ReferenceTensor(elementType, shape, integers: numbers.map { Int($0) })
  }

  /// The same operand in f64 if it is a float.
  var inDouble: SampleOperand { SampleOperand(elementType.isFloat ? .f64 : elementType, shape, values) }
}

/// The samples of all ops; add those of a new op to its family's list.
enum OpSamples {
  static let all: [OpSample] = unary + binary + chosen + movement + reductions + normalisation + windows
}
