import TensorIR

/// Prints the tables behind NAME_describe.
struct DescriptionPrinter {
  let program: LoweredProgram
  /// Those of the inputs, and those that a run finds for the outputs.
  let symbols: [Symbol]
  let prefix: String
  let target: Target

  func text() -> String {
    """
    /* ---- what the model looks like ------------------------------------------------------------------------------ */

    \(values(program.inputs, "inputs", "input"))\(values(program.outputs, "outputs", "output"))\(symbolTable())\(donationTable())
    static const tensorc_description \(prefix)_description = {
        sizeof(tensorc_description),
        TENSORC_ABI_VERSION,
    #ifdef TENSORC_THREADS_NONE
        TENSORC_SERIAL,
    #else
        TENSORC_OPENMP,
    #endif
        "\(ToolVersion.text)",
        \(CLiteral.string(program.name)),
        \(CLiteral.string(target.name)),
        \(pointer("inputs", program.inputs.count)),
        \(pointer("outputs", program.outputs.count)),
        \(pointer("symbols", symbols.count)),
        \(pointer("donations", program.donations.count)),
        \(program.inputs.count), \(program.outputs.count), \(symbols.count), \(program.donations.count)};

    """
  }

  private func pointer(_ table: String, _ count: Int) -> String { count == 0 ? "NULL" : "\(prefix)_\(table)" }

  private func values(_ values: [Value], _ table: String, _ kind: String) -> String {
    if values.isEmpty { return "" }
    var dimensions = ""
    var rows: [String] = []
    for (number, value) in values.enumerated() {
      let name = "\(prefix)_\(kind)_\(number)_dimensions"
      if value.type.rank > 0 {
        let items = value.type.shape.map { "    \(dimension($0))" }.joined(separator: ",\n")
        dimensions += "static const tensorc_dimension \(name)[] = {\n\(items)};\n"
      }
      let type = "TENSORC_\(value.type.elementType.rawValue.uppercased())"
      let pointer = value.type.rank > 0 ? name : "NULL"
      rows.append("    {\(CLiteral.string(value.name)), \(type), \(value.type.rank), \(pointer), 0, 0}")
    }
    return dimensions + "static const tensorc_value \(prefix)_\(table)[] = {\n\(rows.joined(separator: ",\n"))};\n"
  }

  private func dimension(_ dimension: Dimension) -> String {
    let size = dimension.constant.map { CLiteral.index($0) } ?? "-1"
    let symbol = dimension.symbolName.flatMap { name in symbols.firstIndex { $0.name == name } } ?? -1
    return "{\(size), \(CLiteral.string(dimension.description)), \(symbol), 0}"
  }

  private func symbolTable() -> String {
    if symbols.isEmpty { return "" }
    let rows = symbols.map { symbol in
      let maximum = symbol.maximum.map { CLiteral.index($0) } ?? "INT64_MAX"
      let numbers = "\(CLiteral.index(symbol.minimum)), \(maximum), \(CLiteral.index(max(symbol.divisor, 1)))"
      return "    {\(CLiteral.string(symbol.name)), \(numbers), \(symbol.isComputed ? "TENSORC_COMPUTED" : "0"), 0}"
    }
    return "static const tensorc_symbol \(prefix)_symbols[] = {\n\(rows.joined(separator: ",\n"))};\n"
  }

  private func donationTable() -> String {
    if program.donations.isEmpty { return "" }
    let rows = program.donations.sorted { $0.key < $1.key }.map { "{\($0.value), \($0.key)}" }
    let start = "static const tensorc_donation \(prefix)_donations[] = {"
    return KernelPrinter.wrap(start, rows, end: "};") + "\n"
  }
}

/// The version that emitted files state.
public enum ToolVersion {
  public static let text = "0.1.0"
}
