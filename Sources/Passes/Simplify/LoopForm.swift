import TensorIR
import TensorOps

/// A `loop` while it is being simplified: what is taken out of its body goes out of its operands and results too.
struct LoopForm {
  var op: Loop
  var operands: [ValueID?]
  /// The values of the function around it that the results were.
  var results: [ValueID]
  var body: Function
  let location: Location

  init(_ op: Loop, _ operation: Operation, _ body: Function) {
    self.op = op
    operands = operation.operands
    results = operation.results
    self.body = body
    location = operation.location
  }

  mutating func fix(trips: Int) {
    op.trips = Dimension(trips)
    operands[0] = nil
  }

  /// Drops the condition where the body always goes on and something else ends the loop.
  /// - Parameter begins: whether there is a first trip, as far as the condition goes.
  mutating func dropExit(begins: Bool?) -> Bool {
    guard op.exits, begins == true, op.trips != nil || operands[0] != nil,
      let maker = body.body.operations.first(where: { $0.results.contains(body.body.results[0]) }),
      SimplifyControl.truth(maker.op) == true
    else { return false }
    op.exits = false
    operands.remove(at: 1)
    body.body.results.removeFirst()
    return true
  }

  /// Whether a carried value is what it was at the start. One with a size of the region's own stays: its type changes.
  func isInvariant(_ index: Int) -> Bool {
    let parameter = body.body.parameters[1 + index]
    let shape = body.type(of: parameter).shape
    return body.body.results[op.extra + index] == parameter && !shape.contains { op.within?.contains($0) ?? false }
  }

  /// Makes a carried value that does not change one that the body only uses.
  mutating func moveOut(_ index: Int) {
    body.body.results.remove(at: op.extra + index)
    body.body.parameters.append(body.body.parameters.remove(at: 1 + index))
    operands.append(operands.remove(at: 1 + op.extra + index))
    results.remove(at: index)
    op.carried -= 1
  }

  mutating func keepResults(_ kept: [Int]) {
    results = kept.map { results[$0] }
    body.body.results = Array(body.body.results.prefix(op.extra)) + kept.map { body.body.results[op.extra + $0] }
  }
}
