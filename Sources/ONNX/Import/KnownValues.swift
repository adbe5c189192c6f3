import TensorData
import TensorIR
import TensorOps

/// The values of a function being recorded that follow from constants alone, computed when somebody asks.
///
/// Structure is often worked out in floats (`floor(height * 0.5)`), which dimensions cannot follow; where all of it is
/// known, the reference evaluator tells what it is.
final class KnownValues {
  /// Shapes, scales and trip counts are short.
  private static let largest = 4096

  private let recorder: TraceRecorder
  /// The same for graphs inside, which have recorders of their own.
  private var inner: [ObjectIdentifier: KnownValues] = [:]
  private var scanned = 0
  /// The operation that makes a value, for the values that are small and made of constants alone.
  private var makers: [ValueID: Int] = [:]
  private var values: [ValueID: ReferenceTensor] = [:]

  init(_ recorder: TraceRecorder) { self.recorder = recorder }

  /// The tensor as a constant; nil where it depends on data or is large.
  func literal(_ tensor: Tensor) -> HostTensor? {
    if let other = tensor.recorder as? TraceRecorder, other !== recorder {
      let values = inner[ObjectIdentifier(other)] ?? KnownValues(other)
      inner[ObjectIdentifier(other)] = values
      return values.literal(tensor)
    }
    guard tensor.id >= 0, let value = value(ValueID(tensor.id)) else { return nil }
    let literal = value.literal
    guard let type = DataType(rawValue: literal.elementType.rawValue) else { return nil }
    return try? HostTensor(type: type, shape: literal.shape, bytes: literal.bytes)
  }

  private func value(_ id: ValueID) -> ReferenceTensor? {
    scan()
    guard makers[id] != nil else { return nil }
    for operation in needed(for: id) where !evaluate(operation) { return nil }
    return values[id]
  }

  /// Looks at the operations that were recorded since.
  private func scan() {
    let operations = recorder.builder.function.body.operations
    for index in scanned..<operations.count {
      let operation = operations[index]
      let isKnown =
        operation.op is any TensorOp && operation.regions.isEmpty && operation.guards.isEmpty
        && operation.operands.allSatisfy { $0.map { makers[$0] != nil } ?? true }
        && operation.results.allSatisfy { KnownValues.isSmall(recorder.builder.type(of: $0)) }
      if isKnown { for result in operation.results { makers[result] = index } }
    }
    scanned = operations.count
  }

  private static func isSmall(_ type: TensorType) -> Bool {
    type.constantShape.flatMap { TensorLiteral.count(of: $0) }.map { $0 <= largest } ?? false
  }

  /// The operations that have to be evaluated, in order. A list, not recursion: unrolled loops make long chains.
  private func needed(for id: ValueID) -> [Int] {
    let operations = recorder.builder.function.body.operations
    var found: Set<Int> = []
    var open = [id]
    while let next = open.popLast() {
      guard values[next] == nil, let maker = makers[next], found.insert(maker).inserted else { continue }
      open += operations[maker].operands.compactMap { $0 }
    }
    return found.sorted()
  }

  private func evaluate(_ index: Int) -> Bool {
    let function = recorder.builder.function
    let operation = function.body.operations[index]
    guard let op = operation.op as? any TensorOp else { return false }
    let operands = operation.operands.map { id in id.flatMap { values[$0] } ?? .absent }
    let types = operation.results.map { function.type(of: $0) }
    guard let results = try? op.evaluate(operands, types) else { return false }
    for (id, result) in zip(operation.results, results) { values[id] = result }
    return true
  }
}
