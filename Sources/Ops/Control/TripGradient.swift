import TensorIR

/// How one trip of a loop is differentiated.
///
/// A captured value of which a trip takes but its own row along the first axis has a gradient whose rows are collected; that
/// of any other is summed up.
struct TripGradient {
  let op: Loop
  /// From what a trip takes, its rows, and the cotangents of what is carried on and of what is collected, to the cotangents of
  /// what was carried, those of what is summed up, and those of the rows.
  let pull: Function
  /// The carried values, the collected and the captured ones that have a gradient, by their places among such.
  let carried: [Int]
  let collected: [Int]
  let summed: [Int]
  let rows: [Row]
  /// Those rows that have a gradient.
  let pulledRows: [Row]
  /// Which of the body's first parameters, the number of the trip and the carried values, must be stacked.
  let stacked: [Int]
  private let body: Function

  /// The row of a captured value whose number is that of the trip.
  struct Row {
    var captured: Int
    var value: ValueID
  }

  init(_ op: Loop, _ body: Function, _ operands: [TensorType], _ symbols: SymbolTable) throws {
    (self.op, self.body) = (op, body)
    let (inner, rows) = Self.takingRows(op, body)
    self.rows = rows
    func isFloat(_ id: ValueID) -> Bool { body.type(of: id).elementType.isFloat }
    let results = Array(body.body.results.dropFirst(op.extra))
    let captured = Array(body.body.parameters.dropFirst(1 + op.carried))
    carried = (0..<op.carried).filter { isFloat(results[$0]) }
    collected = (0..<results.count - op.carried).filter { isFloat(results[op.carried + $0]) }

    let trace = TraceRecorder(name: "pull", symbols: symbols)
    let parameters = inner.parameterTypes.map { trace.parameter($0) }
    var cotangents = [Tensor?](repeating: nil, count: body.body.results.count)
    for place in carried + collected.map({ op.carried + $0 }) {
      cotangents[op.extra + place] = trace.parameter(body.type(of: results[place]))
    }
    let tape = try Gradient.Tape(inner, present: parameters)
    let found = try tape.pull(cotangents)
    let firstCaptured = 1 + op.carried
    let firstRow = firstCaptured + captured.count
    summed = captured.indices.filter { isFloat(captured[$0]) && found[firstCaptured + $0] != nil }
    let pulled = rows.indices.filter { isFloat(rows[$0].value) && found[firstRow + $0] != nil }
    pulledRows = pulled.map { rows[$0] }
    func gradient(_ place: Int) -> Tensor {
      found[place]?.shaped(like: parameters[place]) ?? parameters[place].full(0, parameters[place].shape)
    }
    let gradients =
      carried.map { gradient(1 + $0) }
      + summed.map { gradient(firstCaptured + $0).cast(to: parameters[firstCaptured + $0].elementType.computeType) }
      + pulled.map { gradient(firstRow + $0) }
    pull = try trace.finish(gradients)
    let (made, uses) = (pull, pull.uses())
    stacked = (1..<1 + op.carried).filter { uses[made.body.parameters[$0]] > 0 }
  }

  /// The type in which the gradient of a captured value is summed up.
  func sumType(_ captured: Int) -> TensorType {
    let type = body.type(of: body.body.parameters[1 + op.carried + captured])
    return TensorType(type.elementType.computeType, type.shape)
  }

  /// The type of an element that is collected.
  func collectedType(_ place: Int) -> TensorType { body.type(of: body.body.results[op.extra + op.carried + place]) }

  /// The body with rows as further parameters, where they are all that it takes of a captured value.
  private static func takingRows(_ op: Loop, _ body: Function) -> (Function, [Row]) {
    var made = body
    let (uses, trip) = (body.uses(), body.body.parameters[0])
    var rows: [Row] = []
    for (place, id) in body.body.parameters.dropFirst(1 + op.carried).enumerated() {
      let taken = body.body.operations.filter { operation in
        guard let gather = operation.op as? Gather, gather.axis == 0 else { return false }
        return operation.operands[0] == id && operation.operands[1] == trip
      }
      guard !taken.isEmpty, uses[id] == taken.count else { continue }
      rows += taken.map { Row(captured: place, value: $0.results[0]) }
    }
    let values = Set(rows.map(\.value))
    made.body.operations.removeAll { $0.results.count == 1 && values.contains($0.results[0]) }
    made.body.parameters += rows.map(\.value)
    return (made, rows)
  }
}
