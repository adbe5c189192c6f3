import TensorIR
import TensorOps

/// Makes a function one whose every op has a rule that writes it: what ONNX lacks is taken apart, by a rule's ops or by
/// the op's own decomposition, again and again.
enum ExportForms {
  /// Nothing is taken apart more often; the rules lead to fewer kinds of ops with each step.
  private static let deepest = 16

  /// - Throws: `Diagnostics` with every operation that cannot be written, each at its place.
  static func run(_ function: Function) throws -> Function {
    var current = function
    for _ in 0..<deepest {
      var pass = Pass(current)
      let next = try pass.run()
      if !pass.hasChanged { return next }
      current = next
    }
    throw Diagnostic("onnx-export", "'\(function.name)' could not be taken apart into what ONNX has")
  }

  /// Once over all operations.
  private struct Pass {
    let function: Function
    let trace: TraceRecorder
    private var tensors: [ValueID: Tensor] = [:]
    private var mistakes: [Diagnostic] = []
    private(set) var hasChanged = false

    init(_ function: Function) {
      self.function = function
      trace = TraceRecorder(like: function)
    }

    mutating func run() throws -> Function {
      for id in function.body.parameters {
        tensors[id] = trace.parameter(function.type(of: id), name: function[id].name)
      }
      let isNeeded = function.neededOperations
      for (place, operation) in function.body.operations.enumerated() where isNeeded[place] {
        trace.location = operation.location
        let operands = operation.operands.map { $0.flatMap { tensors[$0] } ?? .absent }
        do {
          let results = try record(operation, operands)
          for (tensor, id) in zip(results, operation.results) {
            if !function[id].name.isEmpty { trace.setName(function[id].name, of: tensor) }
            tensors[id] = tensor
          }
        } catch let mistake as Diagnostic {
          mistakes.append(mistake.located(at: operation.location))
          try stand(for: operation)
        }
      }
      if mistakes.count == 1 { throw mistakes[0] }
      if !mistakes.isEmpty { throw Diagnostics(mistakes) }
      return try trace.finish(function.body.results.compactMap { tensors[$0] }, names: function.resultNames)
    }

    /// Something of the right types for an operation that cannot be written, so that others are told of too.
    private mutating func stand(for operation: Operation) throws {
      for id in operation.results { tensors[id] = trace.parameter(function.type(of: id).plain) }
    }

    private mutating func record(_ operation: Operation, _ operands: [Tensor]) throws -> [Tensor] {
      guard let op = operation.op as? any TensorOp else { throw refusal(operation.op) }
      let types = operands.map { $0.isAbsent ? nil : $0.type }
      let rule = ExportTable.rules[op.name]
      if let wider = try widened(op, operands, types) { return changed(wider) }
      if let rule, rule.write != nil, rule.fits(op, ExportOperands(tensors: operands, trace: trace)) {
        return try trace.add(op, operands, bodies: try bodies(of: operation))
      }
      if let expand = rule?.expand {
        let results = try Composition.run { try expand(op, operands, trace) }
        if !results.isEmpty { return changed(try sound(results)) }
      }
      if ExportTable.reasons[op.name] == nil, let results = try op.decomposed(operands) {
        return changed(try sound(results))
      }
      throw refusal(op)
    }

    private mutating func changed(_ results: [Tensor]) -> [Tensor] {
      hasChanged = true
      return results
    }

    /// What went wrong in a composition is the trace's to tell.
    private func sound(_ results: [Tensor]) throws -> [Tensor] {
      if results.contains(where: \.isPoison) { throw Diagnostics(trace.diagnostics) }
      return results
    }

    private mutating func bodies(of operation: Operation) throws -> [Function] {
      try operation.regions.map { region in
        var pass = Pass(function.function(of: region))
        let body = try pass.run()
        if pass.hasChanged { hasChanged = true }
        return body
      }
    }

    private func refusal(_ op: any Op) -> Diagnostic {
      let reason =
        ExportTable.reasons[op.name] ?? "there is no operator of opset \(OnnxExport.opset) for it, on such operands"
      return Diagnostic("onnx-export", "'\(op.name)' cannot be written as ONNX: \(reason)")
    }

    /// The op on wider operands, cast back, where ONNX's operator or onnxruntime's kernels do not take their type; nil
    /// where they do.
    private func widened(_ op: any TensorOp, _ operands: [Tensor], _ types: [TensorType?]) throws -> [Tensor]? {
      if op.needsWidening(operands) { return try op.decomposed(operands) }
      guard let own = types.compactMap({ $0?.elementType }).first(where: { NarrowTypes.wider($0, for: op) != nil }),
        let wide = NarrowTypes.wider(own, for: op)
      else { return nil }
      var context = InferenceContext(symbols: trace.symbols)
      let results = try op.resultTypes(types, &context)
      let cast = operands.map { $0.isAbsent || $0.elementType != own ? $0 : $0.cast(to: wide) }
      return zip(try trace.add(op, cast), results).map { found, result in
        let isExtreme = NarrowTypes.givesExtremes(op) && !own.isFloat && result.elementType == own
        return (isExtreme ? found.clip(minimum: own.least, maximum: own.greatest) : found).cast(to: result.elementType)
      }
    }
  }
}

extension Function {
  /// Which operations of the body something depends on.
  fileprivate var neededOperations: [Bool] {
    var needed = Set(body.results)
    var isNeeded = [Bool](repeating: false, count: body.operations.count)
    for (place, operation) in body.operations.enumerated().reversed() {
      // A size stands in types and attributes, where no operand tells of it.
      guard operation.results.contains(where: needed.contains) || !operation.op.definedSizes.isEmpty else { continue }
      isNeeded[place] = true
      needed.formUnion(operation.operands.compactMap { $0 })
    }
    return isNeeded
  }
}
