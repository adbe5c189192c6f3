import TensorData
import TensorIR
import TensorOps

/// The inputs of a model: which become parameters, which constants, and what symbols their shapes have.
struct GraphInputs {
  private let model: OnnxModel
  private let options: ImportOptions
  /// Symbols whose value follows from a shape that is known.
  private var fixed: [String: Int] = [:]
  /// The type is nil where the input cannot be one of a function.
  private var parameters: [(name: String, type: TensorType?)] = []
  /// The constants that cannot be what they are given for.
  private var refused: Set<String> = []
  /// The symbols in the parameters' shapes.
  private(set) var symbols = SymbolTable()
  /// What is wrong with the inputs and with what the user said of them.
  private(set) var errors: [OnnxError] = []

  init(_ model: OnnxModel, _ options: ImportOptions) {
    self.model = model
    self.options = options
    for name in options.constants.keys.sorted() where !model.graph.input.contains(where: { $0.name == name }) {
      errors.append(
        OnnxError("onnx-no-such-input", "the model has no input '\(name)' that could be given as a constant"))
    }
    for input in model.graph.input {
      guard let constant = options.constants[input.name] else { continue }
      let count = errors.count
      tell { try $0.fix(OnnxValue(input), constant) }
      if errors.count > count { refused.insert(input.name) }
    }
    for input in model.inputs where options.constants[input.name] == nil { learnShape(of: input) }
    for input in model.inputs where options.constants[input.name] == nil {
      var type: TensorType?
      tell { type = try $0.type(of: input) }
      parameters.append((input.name, type))
    }
    tell { try $0.checkDimensions() }
  }

  /// Runs `body` and keeps what it throws.
  private mutating func tell(_ body: (inout GraphInputs) throws -> Void) {
    do { try body(&self) } catch { errors += OnnxError.list(error) }
  }

  /// Adds the parameters to a function and gives the values of all inputs.
  func declare(in recorder: TraceRecorder) -> [String: ImportedValue] {
    var values: [String: ImportedValue] = [:]
    for (name, constant) in options.constants {
      values[name] = ImportedValue(refused.contains(name) ? .failed : .literal(constant), name: name)
    }
    for (name, type) in parameters {
      guard let type else {
        values[name] = ImportedValue(.failed, name: name)
        continue
      }
      let parameter = recorder.parameter(type, name: name)
      let format = format(of: name)
      // Bits come in, and the numbers that they stand for are computed with.
      let content = (try? format?.decoded(parameter, in: recorder)) ?? parameter
      values[name] = ImportedValue(.tensor(content), name: name, format: format)
    }
    return values
  }

  /// The format of an input whose elements are stored in few bits.
  private func format(of name: String) -> SmallFormat? {
    model.graph.input.first { $0.name == name }.flatMap { SmallFormat($0.type.tensorType.elemType) }
  }

  private mutating func type(of input: OnnxValue) throws -> TensorType {
    switch input.type {
    case .tensor(let element, let declared) where declared != nil || options.shapes[input.name] != nil:
      let known = options.shapes[input.name]
      let shape = declared ?? known?.map { .fixed($0) } ?? []
      let dimensions = shape.enumerated().map { axis, extent in
        // A number that is declared stays: data of another size is refused where it is given.
        if case .fixed = extent {} else if let known, known.count == shape.count { return Dimension(known[axis]) }
        return dimension(extent, fallback: "\(GraphInputs.word(input.name))_\(axis)")
      }
      let type = TensorType(try ElementType(element), dimensions)
      if let fault = type.extentFault { throw OnnxError("onnx-overflow", "input '\(input.name)': \(fault)") }
      return type
    case .tensor:
      throw OnnxError(
        "onnx-unknown-rank", "the rank of input '\(input.name)' is not declared; export the model with input shapes")
    case nil:
      throw OnnxError("onnx-untyped-input", "the type of input '\(input.name)' is not declared")
    case .sequence, .optional, .sparseTensor, .other:
      throw OnnxError(
        "onnx-input-kind", "input '\(input.name)' is not a tensor of numbers, which is all that is supported")
    }
  }

  private mutating func dimension(_ extent: OnnxValueType.Extent, fallback: String) -> Dimension {
    let name: String
    switch extent {
    case .fixed(let value): return Dimension(value)
    case .symbol(let given) where GraphInputs.isName(given): name = given
    case .symbol, .unknown: name = freshName(fallback)
    }
    if let value = fixed[name] { return Dimension(value) }
    let range = options.dimensions[name]
    if let range, range.lowerBound == range.upperBound { return Dimension(range.lowerBound) }
    if symbols[name] == nil {
      let most = range.flatMap { $0.upperBound == .max ? nil : $0.upperBound }
      symbols.declare(Symbol(name, minimum: range?.lowerBound ?? 0, maximum: most))
    }
    return Dimension(symbol: name)
  }

  /// A symbol for an extent without a name; never one that another input uses as a name.
  private func freshName(_ stem: String) -> String {
    let given = Set(
      model.inputs.flatMap { input -> [String] in
        guard case .tensor(_, let shape?) = input.type else { return [] }
        return shape.compactMap { if case .symbol(let name) = $0 { name } else { nil } }
      })
    var name = symbols.freshName(stem)
    while given.contains(name) { name = symbols.freshName(name + "_") }
    return name
  }

  /// Refuses a dimension that the user names and the model does not have.
  private func checkDimensions() throws {
    let named = Set(
      model.inputs.flatMap { input -> [String] in
        guard case .tensor(_, let shape?) = input.type else { return [] }
        return shape.enumerated().flatMap { axis, extent -> [String] in
          if case .symbol(let name) = extent { return [name, "\(GraphInputs.word(input.name))_\(axis)"] }
          return ["\(GraphInputs.word(input.name))_\(axis)"]
        }
      })
    for name in options.dimensions.keys.sorted() {
      guard let range = options.dimensions[name], named.contains(name) || symbols[name] != nil else {
        let known = symbols.symbols.map { "'\($0.name)'" }.joined(separator: ", ")
        throw OnnxError(
          "onnx-no-such-dimension",
          "the inputs have no dimension '\(name)'; they have \(known.isEmpty ? "none" : known)")
      }
      guard range.lowerBound >= 0 else {
        throw OnnxError("onnx-dimension-range", "dimension '\(name)' cannot be negative")
      }
    }
  }

  /// Learns symbols from the shape of an input that is known.
  private mutating func learnShape(of input: OnnxValue) {
    guard let known = options.shapes[input.name], case .tensor(_, let shape?) = input.type, shape.count == known.count
    else { return }
    for (extent, value) in zip(shape, known) {
      guard case .symbol(let name) = extent, GraphInputs.isName(name), fixed[name] == nil else { continue }
      fixed[name] = value
    }
  }

  /// Exporters write '?' and the like for several unknown extents, which need not be equal.
  private static func isName(_ symbol: String) -> Bool { symbol.contains { $0.isLetter || $0 == "_" } }

  /// Learns symbols from the shape of an input given as a constant.
  private mutating func fix(_ input: OnnxValue, _ constant: HostTensor) throws {
    guard case .tensor(let element, let shape) = input.type else { return }
    guard element == constant.type else {
      throw OnnxError(
        "onnx-constant-type",
        "input '\(input.name)' is \(element.rawValue), but its constant is \(constant.type.rawValue)")
    }
    guard let shape else { return }
    let fits =
      shape.count == constant.shape.count
      && zip(shape, constant.shape).allSatisfy { extent, value in
        if case .fixed(let expected) = extent { return expected == value }
        return true
      }
    guard fits else {
      throw OnnxError("onnx-constant-shape", "the constant for input '\(input.name)' has shape \(constant.shape)")
    }
    for (extent, value) in zip(shape, constant.shape) {
      if case .symbol(let name) = extent, GraphInputs.isName(name) { fixed[name] = value }
    }
  }

  /// A name with everything but letters and digits replaced, to make a symbol of.
  private static func word(_ name: String) -> String {
    let word = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    return word.first?.isNumber ?? true ? "input_" + word : word
  }
}
