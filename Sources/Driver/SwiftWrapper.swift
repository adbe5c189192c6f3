import TensorCodegenC
import TensorIR

/// Prints a Swift file that calls a compiled model: inputs are labels, symbols that no input tells are labels too, and what
/// Swift has a type for is an array of that type.
///
///     let scores = try await Mlp.shared(pixels: pixels)       // [Float] in, [Float] out
struct SwiftWrapper {
  private let inputs: [Parameter]
  private let outputs: [Parameter]
  private let program: LoweredProgram
  private let name: String
  private let prefix: String
  private let isLinked: Bool
  /// How each symbol is found; nil where arrays of numbers do not tell their shape.
  private let sizes: [Size]?

  /// An input or output.
  private struct Parameter {
    var label: String
    var value: Value
    /// The Swift type of an element; nil where Swift has none.
    var element: String?

    var isScalar: Bool { value.type.rank == 0 }
    var typeText: String { "\(value.name): \(value.type)" }
    var arrayType: String { element.map { isScalar ? $0 : "[\($0)]" } ?? "HostArray" }
  }

  /// A symbol as a variable of the call.
  private struct Size {
    var symbol: String
    var variable: String
    /// The input whose number of elements tells it, and the product of its other sizes; nil where the caller tells.
    var source: (parameter: Parameter, stride: Int)?
  }

  /// - Parameters:
  ///   - name: the file's name, of which the type's is made.
  ///   - prefix: what the library's symbols begin with.
  ///   - isLinked: whether the library is linked, or only loaded.
  init(_ program: LoweredProgram, name: String, prefix: String, _ isLinked: Bool) {
    (self.program, self.name, self.prefix, self.isLinked) = (program, name, prefix, isLinked)
    var names = SwiftNames(taken: ["threads", "results"])
    func parameters(_ values: [Value], _ fallback: String, _ names: inout SwiftNames) -> [Parameter] {
      values.map {
        Parameter(
          label: names.declare($0.name, or: fallback), value: $0, element: SwiftWrapper.element($0.type.elementType))
      }
    }
    inputs = parameters(program.inputs, "input", &names)
    var outputNames = SwiftNames()
    outputs = parameters(program.outputs, "output", &outputNames)
    sizes = SwiftWrapper.sizes(inputs, &names)
  }

  var text: String {
    let type = SwiftNames.type(name)
    return """
      // \(name).swift: calls the model '\(program.name)'. Written by tensorc \(ToolVersion.text); yours to use without conditions.
      import TensorRuntime
      \(isLinked ? linkage : "")
      /// \(program.name), compiled by tensorc.
      ///
      \(documentation)
      public struct \(type): Sendable {
        /// The model itself, for calls on the caller's thread and for what it tells of itself.
        public let model: CompiledModel

        private init(_ model: CompiledModel) { self.model = model }
      \(isLinked ? shared(type) : "")
        /// Loads the model from a shared library.
        /// - Throws: a `RuntimeError` where there is none, or it is of another model.
        public init(library path: String) throws(RuntimeError) {
          model = try CompiledModel(
            path: path, inputs: [\(list(inputs))], outputs: [\(list(outputs))])
        }
      \(arrayCall)\(sizes == nil ? "" : elementCall)}

      """
  }

  // MARK: Pieces

  private var linkage: String {
    """

    @_silgen_name("\(prefix)_library") private func linkedLibrary() -> UnsafeRawPointer

    """
  }

  private func shared(_ type: String) -> String {
    """

      /// The model that is linked into the program.
      public static let shared = \(type)(CompiledModel(linked: \(literal(name)), table: linkedLibrary()))

    """
  }

  private var documentation: String {
    let rows =
      inputs.map { "///   takes \($0.typeText)" } + outputs.map { "///   gives \($0.typeText)" }
      + program.symbols.symbols.filter { !$0.isComputed }.map { symbol in
        var text = "///   \(symbol.name) is \(symbol.minimum) or more"
        if let maximum = symbol.maximum { text = "///   \(symbol.name) is from \(symbol.minimum) to \(maximum)" }
        return text + (symbol.divisor > 1 ? ", a multiple of \(symbol.divisor)" : "")
      }
    return rows.map { $0.replacing("\n", with: " ") }.joined(separator: "\n")
  }

  /// Arrays with shapes, which every model takes.
  private var arrayCall: String {
    let parameters = inputs.map { "\(SwiftNames.used($0.label)): HostArray" } + ["threads: Int? = nil"]
    let arguments = inputs.map { SwiftNames.used($0.label) }.joined(separator: ", ")
    let call = "try await self.model.run([\(arguments)], threads: threads)"
    let bindings = outputs.indices.map { "results[\($0)]" }
    return function(
      "Calls the model on arrays with shapes.", parameters, result(of: outputs.map { _ in "HostArray" }),
      ["let results = \(call)", returned(bindings)])
  }

  /// Elements in row-major order.
  private var elementCall: String {
    guard let sizes, !inputs.isEmpty, inputs.allSatisfy({ $0.element != nil }) else { return "" }
    let asked = sizes.filter { $0.source == nil }
    let parameters =
      inputs.map { "\(SwiftNames.used($0.label)): \($0.arrayType)" }
      + asked.map { "\(SwiftNames.used($0.variable)): Int" } + ["threads: Int? = nil"]
    let found = sizes.compactMap { size in size.source.map { SwiftWrapper.binding(size, $0.parameter, $0.stride) } }
    let arrays = inputs.map { input -> String in
      let used = SwiftNames.used(input.label)
      if input.isScalar { return "try HostArray(scalar: \(used))" }
      let shape = shape(of: input, sizes)
      return "try CompiledModel.input(\(literal(input.typeText)), \(used), shape: [\(shape)])"
    }
    let results = outputs.enumerated().map { number, output -> String in
      guard output.element != nil else { return "results[\(number)]" }
      return "try results[\(number)].\(output.isScalar ? "scalar" : "elements")()"
    }
    let body =
      found + ["let results = try await self.model.run("]
      + ["  ["] + arrays.map { "    \($0)," } + ["  ], threads: threads)"] + [returned(results)]
    let what = inputs.allSatisfy(\.isScalar) ? "numbers" : "elements in row-major order"
    return function("Calls the model on \(what).", parameters, result(of: outputs.map(\.arrayType)), body)
  }

  private func function(_ summary: String, _ parameters: [String], _ result: String, _ body: [String]) -> String {
    """

      /// \(summary)
      /// - Parameter threads: how many threads the call may use; nil shares the processors with the calls under way.
      /// - Throws: a `RuntimeError` that names the input at fault; `CancellationError`.
      public func callAsFunction(\(parameters.joined(separator: ", "))) async throws\(result) {
    \(body.map { "    \($0)\n" }.joined())  }

    """
  }

  private func result(of types: [String]) -> String {
    switch types.count {
    case 0: ""
    case 1: " -> \(types[0])"
    default: " -> (\(zip(outputs, types).map { "\(SwiftNames.used($0.label)): \($1)" }.joined(separator: ", ")))"
    }
  }

  private func returned(_ values: [String]) -> String {
    switch values.count {
    case 0: "_ = results"
    case 1: "return \(values[0])"
    default: "return (\(values.joined(separator: ", ")))"
    }
  }

  private func list(_ parameters: [Parameter]) -> String {
    parameters.map { literal($0.typeText) }.joined(separator: ", ")
  }

  private func literal(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n") + "\""
  }

  // MARK: Sizes

  private static func binding(_ size: Size, _ parameter: Parameter, _ stride: Int) -> String {
    let type = "'\(parameter.value.name)' (\(parameter.value.type))".replacing("\\", with: "\\\\")
      .replacing("\"", with: "\\\"")
    return "let \(SwiftNames.used(size.variable)) = try CompiledModel.size(\"\(size.symbol)\", of: \"\(type)\", "
      + "count: \(SwiftNames.used(parameter.label)).count, stride: \(stride))"
  }

  private func shape(of input: Parameter, _ sizes: [Size]) -> String {
    input.value.type.shape.map { dimension in
      if let constant = dimension.constant { return "\(constant)" }
      return sizes.first { $0.symbol == dimension.symbolName }.map { SwiftNames.used($0.variable) } ?? "0"
    }.joined(separator: ", ")
  }

  /// How the symbols of the inputs are found, in the order in which they can be: by the input of which all other sizes are
  /// numbers, else by the caller. Nil where a dimension is a formula.
  private static func sizes(_ inputs: [Parameter], _ names: inout SwiftNames) -> [Size]? {
    var sizes: [Size] = []
    var left: [(symbol: String, inputs: [Parameter])] = []
    for input in inputs {
      for dimension in input.value.type.shape where dimension.constant == nil {
        guard let symbol = dimension.symbolName else { return nil }
        if let index = left.firstIndex(where: { $0.symbol == symbol }) {
          left[index].inputs.append(input)
        } else {
          left.append((symbol, [input]))
        }
      }
    }
    for (symbol, users) in left {
      let source = users.lazy.compactMap { user -> (Parameter, Int)? in
        let others = user.value.type.shape.filter { $0.symbolName != symbol }
        let product = others.reduce(into: (value: 1, overflow: false)) { product, extent in
          let (value, overflow) = product.value.multipliedReportingOverflow(by: extent.constant ?? 0)
          product = (value, product.overflow || overflow)
        }
        guard others.count == user.value.type.rank - 1, product.value > 0, !product.overflow else { return nil }
        return (user, product.value)
      }.first
      sizes.append(Size(symbol: symbol, variable: names.declare(symbol, or: "size"), source: source))
    }
    return sizes
  }

  private static func element(_ type: ElementType) -> String? {
    switch type {
    case .f64: "Double"
    case .f32: "Float"
    case .f16: "Float16"
    case .i8: "Int8"
    case .i16: "Int16"
    case .i32: "Int32"
    case .i64: "Int64"
    case .u8: "UInt8"
    case .u16: "UInt16"
    case .u32: "UInt32"
    case .u64: "UInt64"
    case .bool: "Bool"
    default: nil
    }
  }
}
