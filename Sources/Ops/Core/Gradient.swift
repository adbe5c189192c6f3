import TensorIR

/// Reverse-mode differentiation of a function, recorded operation by operation through each op's own rule.
public enum Gradient {
  /// Records `function` applied to tensors, and gives a pull from its results' cotangents to those of `all`, where
  /// `inputs` are the tensors for the function's parameters.
  public static func differentiate(
    _ function: Function, at inputs: [Tensor], of all: [Tensor]
  ) throws -> Differentiated {
    let tape = try Tape(function, present: inputs)
    return Differentiated(tape.results) { cotangents in
      // Absent operands have no parameter, hence no cotangent.
      var found = try tape.pull(cotangents).makeIterator()
      return all.map { $0.isAbsent ? nil : found.next() ?? nil }
    }
  }

  /// Records a function with tensors for its parameters and keeps each operation's pull.
  final class Tape {
    private var tensors: [ValueID: Tensor] = [:]
    private var pulls: [(operation: Operation, differentiated: Differentiated)] = []
    private let function: Function
    let results: [Tensor]

    init(_ function: Function, present arguments: [Tensor]) throws {
      self.function = function
      var known: [ValueID: Tensor] = [:]
      for (parameter, argument) in zip(function.body.parameters, arguments) { known[parameter] = argument }
      guard let recorder = Tensor.recorder(of: arguments) else {
        throw Diagnostic("no-operands", "a function without inputs has no gradient")
      }
      for operation in function.body.operations {
        guard let op = operation.op as? any TensorOp else { continue }
        let operands = operation.operands.map { $0.flatMap { known[$0] } ?? .absent }
        let differentiated: Differentiated
        do {
          differentiated = try Checkpointing.like(operation) {
            if operands.isEmpty {
              return Differentiated(recorder.record(op, [], at: operation.location), pull: { _ in [] })
            }
            return try Tensor.located(operands, at: operation.location) {
              let control = op as? any ControlOp
              return try control?.differentiate(operation, of: function, operands) ?? op.differentiate(operands)
            }
          }
        } catch let diagnostic as Diagnostic { throw diagnostic.located(at: operation.location) }
        for (id, tensor) in zip(operation.results, differentiated.results) { known[id] = tensor }
        pulls.append((operation, differentiated))
      }
      tensors = known
      results = function.body.results.map { known[$0] ?? .absent }
    }

    /// The parameters' cotangents from the results'.
    func pull(_ seeds: [Tensor?]) throws -> [Tensor?] {
      var cotangents: [ValueID: [Tensor]] = [:]
      func add(_ id: ValueID, _ tensor: Tensor?) {
        guard let tensor else { return }
        // Short floats are added in f32, hence all at once.
        if let known = cotangents[id], !tensor.elementType.isShortFloat {
          cotangents[id] = [known[0] + tensor]
        } else {
          cotangents[id, default: []].append(tensor)
        }
      }
      func total(_ id: ValueID) -> Tensor? {
        guard let terms = cotangents[id] else { return nil }
        return Tensor.composed { terms.dropFirst().reduce(terms[0], +) }
      }
      for (id, seed) in zip(function.body.results, seeds) { add(id, seed) }
      for (operation, differentiated) in pulls.reversed() {
        let incoming = operation.results.map(total)
        if incoming.allSatisfy({ $0 == nil }) { continue }
        do {
          let outgoing = try Checkpointing.behind(operation) {
            try Tensor.located(incoming.compactMap { $0 }, at: operation.location) {
              try differentiated.pullPrecisely(incoming)
            }
          }
          for (operand, cotangent) in zip(operation.operands, outgoing) {
            if let operand { add(operand, cotangent) }
          }
        } catch let diagnostic as Diagnostic { throw diagnostic.located(at: operation.location) }
      }
      return function.body.parameters.map(total)
    }

    /// The gradient of the first result, a scalar, with respect to some of the function's arguments; zeros for one that it does not
    /// depend on.
    func gradients(at parameters: [Int], of arguments: [Tensor]) throws -> [Tensor] {
      let found = try pull([results[0].full(1, [])] + results.dropFirst().map { _ in nil })
      return parameters.map { found[$0] ?? arguments[$0].full(0, arguments[$0].shape) }
    }
  }

  /// The function that computes `function`'s results and, behind them, the gradient of its first result, a scalar, with
  /// respect to some of its parameters.
  public static func valueAndGradient(of function: Function, at parameters: [Int]) throws -> Function {
    guard let loss = function.body.results.first, function.type(of: loss).rank == 0,
      function.type(of: loss).elementType.isFloat
    else { throw Diagnostic("gradient-of-tensor", "the first result must be a float scalar to be differentiated") }
    let trace = TraceRecorder(like: function)
    let inputs = function.body.parameters.map { trace.parameter(function.type(of: $0), name: function[$0].name) }
    let tape = try Tape(function, present: inputs)
    let gradients = try tape.gradients(at: parameters, of: inputs)
    let names = function.resultNames + parameters.map { "gradient_\(function[function.body.parameters[$0]].name)" }
    return try trace.finish(tape.results + gradients, names: function.resultNames.isEmpty ? [] : names)
  }
}
