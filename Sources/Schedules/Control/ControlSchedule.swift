import TensorIR
import TensorOps

/// How control flow becomes steps of a program.
public protocol ControlSchedule: ControlOp {
  /// Adds the steps of the operation.
  func lower(_ operation: Operation, into sink: any ControlSink) throws
}

/// Where control flow puts its steps.
public protocol ControlSink: KernelSink {
  func add(_ step: Step)
  /// The steps of a region whose parameters lie in some memory and whose results go to other memory. A parameter that
  /// nothing in the region reads needs none; a result without a place gets one of its own.
  func steps(of region: Region, parameters: [BufferReference?], results: [BufferReference?]) throws -> [Step]
  /// Gives sizes their values, all at once. What is read from memory is held to the bounds of its symbol.
  func define(_ sizes: [(symbol: String, value: Step.Definition.Value)], at location: Location)
  /// Has sizes held to the bounds of their symbols before they get them.
  func hold(_ sizes: [(symbol: String, value: Step.Definition.Value)], at location: Location)
  /// Memory as ``KernelSink/scratch(_:bytes:perThread:)`` gives it, for which room is made later where it has no bound.
  func temporary(_ name: String, bytes: Dimension, perThread: Bool) -> BufferReference
  /// Has room made for memory that has no bound before the run; nothing for what has.
  func makeRoom(_ place: BufferReference, bytes: Dimension)
  /// Steps that `body` adds, as a list of their own.
  func steps(_ body: () throws -> Void) throws -> [Step]
  /// A symbol that no other has.
  func freshSymbol(_ stem: String) -> String
  /// The type of a value.
  func type(of value: ValueID) -> TensorType
}
