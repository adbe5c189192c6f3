import TensorIR

/// Something that remembers operations: a function being traced, or the lazy graph. Tensors pass from thread to thread,
/// so a recorder takes calls from any.
public protocol Recorder: AnyObject, Sendable {
  /// The symbols of the function being recorded.
  var symbols: SymbolTable { get }
  func type(of id: Int) -> TensorType
  /// Appends an operation. Where the operands do not fit, records a diagnostic and gives poison.
  func record(_ op: any TensorOp, _ operands: [Tensor], at location: Location) -> [Tensor]
  /// Of several recorders whose tensors meet in an operation, the one with the highest records it: a trace before the
  /// lazy graph, an inner trace before the one around it.
  var precedence: Int { get }
  /// The value of a tensor as a constant, where it has one apart from a call.
  func literal(of id: Int) throws -> TensorLiteral?
  /// The place given to all operations while it is known, before the places that they come with: a layer tells its
  /// caller's, for its own lines mean nothing to the caller.
  var location: Location { get set }
  /// Lets go of values that nothing uses or ever will, if they would stay otherwise.
  func forget(_ ids: Set<Int>)
  /// Has more checked before what was recorded last. Nothing to do where all extents are numbers.
  func addGuards(_ guards: [InferenceContext.Guard])
}

extension Recorder {
  public var precedence: Int { 0 }
  public func literal(of id: Int) throws -> TensorLiteral? { nil }
  public func forget(_ ids: Set<Int>) {}
  public func addGuards(_ guards: [InferenceContext.Guard]) {}
}

/// What the copies of one handle share, so that a recorder can see the last of them go. It holds nothing that changes;
/// subclasses must not either.
open class TensorKeeper: @unchecked Sendable {
  public init() {}
}

/// A tensor in a recorded computation: a handle on one value. Arithmetic on it records operations; nothing is computed
/// until the recorder's owner asks for it.
///
/// A mistake in shapes gives a poison tensor, which later operations ignore; the diagnostic waits in the recorder.
public struct Tensor: Sendable {
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

  /// The element type, shape and layout. Poison has some shape whose extents may be asked for.
  public var type: TensorType {
    recorder.map { id < 0 ? Tensor.poisonType : $0.type(of: id) } ?? FunctionBuilder.absent
  }
  public var elementType: ElementType { type.elementType }
  public var shape: [Dimension] { type.shape }
  public var rank: Int { type.rank }

  static let poisonType = TensorType(.f32, Array(repeating: 1, count: 8))

  /// Runs `body` with the recorder of operands giving a place to what it records, unless it has one already.
  public static func located<Result>(
    _ operands: [Tensor], at place: Location, _ body: () throws -> Result
  ) rethrows -> Result {
    guard let recorder = recorder(of: operands), recorder.location == .unknown else { return try body() }
    recorder.location = place
    defer { recorder.location = .unknown }
    return try body()
  }

  /// Records an operation in the recorder of its operands.
  public static func record(
    _ op: any TensorOp, _ operands: [Tensor], at location: Location = .unknown
  ) throws -> [Tensor] {
    guard let recorder = recorder(of: operands) else {
      throw Diagnostic("no-operands", "'\(op.name)' was given no operand to record it with")
    }
    return recorder.record(op, operands, at: location)
  }

  /// Who records an operation on these tensors.
  public static func recorder(of operands: [Tensor]) -> (any Recorder)? {
    var best: (any Recorder)?
    for case let recorder? in operands.lazy.map(\.recorder)
    where best.map({ $0.precedence < recorder.precedence }) ?? true {
      best = recorder
    }
    return best
  }

  /// Records an operation with one result.
  static func one(_ op: any TensorOp, _ operands: Tensor..., at location: Location = .unknown) -> Tensor {
    guard let recorder = recorder(of: operands) else { return .absent }
    return recorder.record(op, operands, at: location).first ?? Tensor(recorder, -1)
  }
}

extension Location {
  /// Where a method was called; unknown for a call from within these modules, which means nothing to the user.
  static func caller(_ file: String, _ line: Int, _ column: Int) -> Location {
    file.hasPrefix("TensorOps/") || file.hasPrefix("Tensors/")
      ? .unknown : .source(file: file, line: line, column: column)
  }
}
