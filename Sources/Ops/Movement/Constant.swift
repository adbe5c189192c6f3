import TensorIR

/// A tensor known at compile time.
public struct Constant: ElementOp, NotDifferentiable {
  public static let name = "constant"
  public static let summary = "A tensor that is known when the function is compiled."
  public static let signature = Signature.operands(0)
  public var value: TensorLiteral
  public init(_ value: TensorLiteral) { self.value = value }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    [value.type]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    [ReferenceTensor(value)]
  }

  /// A single number is written into the kernel that reads it; larger constants are memory.
  public func fuses(_ operands: [TensorType], _ results: [TensorType]) -> Bool { value.count == 1 }

  public var isUniform: Bool { value.count == 1 }

  /// One number; only such constants are computed within kernels.
  public func source(_ operands: [TensorType], _ result: TensorType) -> ElementSource {
    let type = LoopType(value.elementType.computeType)
    guard value.count == 1 else { return .literal(.constant(0, type)) }
    let number = ReferenceTensor(value)
    return .literal(value.elementType.isFloat ? .number(number.floats[0], type) : .literal(number.integers[0], type))
  }

  public func accessMap(_ operands: [TensorType], _ result: TensorType) -> AccessMap? { nil }
}

/// An op whose result is data of the library, in memory as it is wanted.
public protocol StoredOp: TensorOp {
  /// The bytes, in the order of the result's layout.
  var stored: TensorLiteral { get }
}

/// An op that brings constants into the order in which kernels read them, a little larger than they were.
public protocol PackingOp: TensorOp {
  /// The result for a constant, by its bytes; nil for elements that share bytes.
  func packed(_ constant: TensorLiteral) -> TensorLiteral?
}

extension Constant: StoredOp {
  public var stored: TensorLiteral { value }
}

extension Operation {
  /// Whether its result is data of the library in row-major order.
  public var isPlainConstant: Bool { op is Constant }

  /// Whether its result is data of the library.
  public var isConstantMemory: Bool { op is any StoredOp }
}
