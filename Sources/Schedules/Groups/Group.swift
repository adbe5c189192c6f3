import TensorIR
import TensorOps

/// Operations that become one kernel (or a short series): a single operation, or the body of a `fused` one.
public struct Group {
  /// In order; every operand is the result of an earlier one or a leaf.
  public var operations: [Operation]
  /// Values that come from memory.
  public var leaves: [ValueID]
  /// Values that go to memory.
  public var outputs: [ValueID]
  public var function: Function

  public init(operations: [Operation], leaves: [ValueID], outputs: [ValueID], function: Function) {
    self.operations = operations
    self.leaves = leaves
    self.outputs = outputs
    self.function = function
  }

  public func type(of id: ValueID) -> TensorType { function.type(of: id) }

  public func type(of operand: ValueID?) -> TensorType {
    operand.map { function.type(of: $0) } ?? FunctionBuilder.absent
  }

  public func operandTypes(_ operation: Operation) -> [TensorType] { operation.operands.map { type(of: $0) } }

  /// How an operation's first result uses its operands, where that is known element by element.
  public func accessMap(_ operation: Operation) -> AccessMap? { operation.accessMap(in: function) }

  /// The operation that computes a value; nil for a leaf.
  public func producer(of id: ValueID) -> Operation? { operations.first { $0.results.contains(id) } }

  /// The one operation that is not computed element by element, if there is one.
  public var anchor: Operation? { operations.first { !isElementwise($0) } }

  private func isElementwise(_ operation: Operation) -> Bool {
    guard let op = operation.op as? any ElementOp else { return false }
    return operations.count == 1
      || op.fuses(operation.operands.map { type(of: $0) }, operation.results.map { type(of: $0) })
  }

  /// What the kernel is called: the words of its operations.
  public var name: String {
    let words = operations.map(\.op.name)
    let shown = words.count <= 4 ? words : Array(words.prefix(3)) + ["\(words.count - 3)_more"]
    return shown.joined(separator: "_")
  }

  /// Where the operations come from, for comments.
  public var comments: [String] {
    var result: [String] = []
    for operation in operations {
      let text = "\(operation.op.name) \(operation.location)"
      if operation.location != .unknown && !result.contains(text) { result.append(text) }
    }
    return result
  }

  public var location: Location { (anchor ?? operations.last)?.location ?? .unknown }
}

/// Where schedules put kernels: knows the buffers of values and collects calls.
public protocol KernelSink: AnyObject {
  var target: Target { get }
  var symbols: SymbolTable { get }
  /// The memory of a value.
  func buffer(of value: ValueID) throws -> BufferReference
  /// Scratch memory that lives until the group is done; one for each thread if asked.
  func scratch(_ name: String, bytes: Dimension, perThread: Bool) -> BufferReference
  /// Adds a constant of the library.
  func constant(_ literal: TensorLiteral) -> BufferReference
  /// Calls a kernel: `buffers` in the order of its buffer parameters.
  func call(_ builder: KernelBuilder, buffers: [BufferReference], work: Dimension, at location: Location)
}
