import TensorIR

/// Something that remembers operations: a function being traced, or the lazy graph.
public protocol Recorder: AnyObject {
  /// The symbols of the function being recorded.
  var symbols: SymbolTable { get }
  func type(of id: Int) -> TensorType
  /// Appends an operation. Where the operands do not fit, records a diagnostic and gives poison.
  func record(_ op: any TensorOp, _ operands: [Tensor], at location: Location) -> [Tensor]
  /// Whether an operation that mixes tensors of this recorder with those of another is recorded here.
  var takesForeignTensors: Bool { get }
  /// The value of a tensor as a constant, where it has one apart from a call.
  func literal(of id: Int) throws -> TensorLiteral?
  /// The place given to operations that have none of their own.
  var location: Location { get set }
}

extension Recorder {
  public var takesForeignTensors: Bool { false }
  public func literal(of id: Int) throws -> TensorLiteral? { nil }
}

/// What the copies of one handle share, so that a recorder can see the last of them go.
open class TensorKeeper {
  public init() {}
}

/// A tensor in a recorded computation: a handle on one value. Arithmetic on it records operations; nothing is computed
/// until the recorder's owner asks for it.
///
/// A mistake in shapes gives a poison tensor, which later operations ignore; the diagnostic waits in the recorder.
public struct Tensor {
  /// Who recorded it; nil for ``absent``.
  public let recorder: (any Recorder)?
  /// Its number there; negative for poison.
  public let id: Int
  /// Tells the recorder when the last copy of this handle is gone; nil where values live as long as their recorder.
  public var keeper: TensorKeeper?

  public init(_ recorder: any Recorder, _ id: Int, keeper: TensorKeeper? = nil) {
    self.recorder = recorder
    self.id = id
    self.keeper = keeper
  }

  private init() {
    recorder = nil
    id = -2
    keeper = nil
  }

  /// Stands for an optional operand that is left out.
  public static let absentID = -2
  public static var absent: Tensor { Tensor() }
  public var isAbsent: Bool { recorder == nil }
  /// Whether it comes from an operation that failed.
  public var isPoison: Bool { recorder != nil && id < 0 }

  /// The element type, shape and layout; a scalar f32 for poison.
  public var type: TensorType { recorder.map { id < 0 ? Tensor.poisonType : $0.type(of: id) } ?? FunctionBuilder.absent }
  public var elementType: ElementType { type.elementType }
  public var shape: [Dimension] { type.shape }
  public var rank: Int { type.rank }

  static let poisonType = TensorType(.f32, [])

  /// Records an operation in the recorder of its operands.
  public static func record(
    _ op: any TensorOp, _ operands: [Tensor], at location: Location = .unknown
  ) throws -> [Tensor] {
    guard let recorder = recorder(of: operands) else {
      throw Diagnostic("no-operands", "'\(op.name)' was given no operand to record it with")
    }
    return recorder.record(op, operands, at: location)
  }

  /// Who records an operation on these tensors: the first recorder that takes tensors of others, if there is one.
  public static func recorder(of operands: [Tensor]) -> (any Recorder)? {
    operands.first { $0.recorder?.takesForeignTensors == true }?.recorder
      ?? operands.first { !$0.isAbsent }?.recorder
  }

  /// Records an operation with one result.
  static func one(_ op: any TensorOp, _ operands: Tensor..., at location: Location = .unknown) -> Tensor {
    guard let recorder = recorder(of: operands) else { return .absent }
    return recorder.record(op, operands, at: location).first ?? Tensor(recorder, -1)
  }
}
