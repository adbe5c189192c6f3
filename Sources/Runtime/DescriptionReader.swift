import TensorABI

/// Copies a library's description out of C, refusing one that breaks the ABI: the library may be damaged, and what is
/// read here decides how memory is laid out later.
struct DescriptionReader {
  /// The library's path, for messages.
  let path: String

  func read(_ source: tensorc_description) throws(RuntimeError) -> LibraryDescription {
    let symbols = try elements(source.symbols, source.symbol_count, "symbols")
    let inputs = try elements(source.inputs, source.input_count, "inputs")
    let outputs = try elements(source.outputs, source.output_count, "outputs")
    let donations = try elements(source.donations, source.donation_count, "donations")
    var description = (inputs: [ValueDescription](), outputs: [ValueDescription](), donations: [Donation]())
    for value in inputs { description.inputs.append(try self.value(value, symbolCount: symbols.count)) }
    for value in outputs { description.outputs.append(try self.value(value, symbolCount: symbols.count)) }
    for donation in donations {
      guard donation.input < inputs.count, donation.output < outputs.count else { throw damaged("a donation") }
      description.donations.append(Donation(input: Int(donation.input), output: Int(donation.output)))
    }
    var readSymbols: [SymbolDescription] = []
    for symbol in symbols { readSymbols.append(try self.symbol(symbol)) }
    return LibraryDescription(
      modelName: try string(source.model_name), toolVersion: try string(source.tool_version),
      target: try string(source.target), isParallel: source.thread_mode != TENSORC_SERIAL.rawValue,
      inputs: description.inputs, outputs: description.outputs, symbols: readSymbols, donations: description.donations)
  }

  private func value(_ source: tensorc_value, symbolCount: Int) throws(RuntimeError) -> ValueDescription {
    let name = try string(source.name)
    guard let elementType = HostArray.ElementType(rawValue: source.element_type) else {
      throw damaged("the element type \(source.element_type) of '\(name)'")
    }
    guard let rank = UInt32(exactly: source.rank) else { throw damaged("the rank \(source.rank) of '\(name)'") }
    var dimensions: [DimensionDescription] = []
    for dimension in try elements(source.dimensions, rank, "dimensions of '\(name)'") {
      guard dimension.size >= -1, dimension.symbol < symbolCount else { throw damaged("a dimension of '\(name)'") }
      dimensions.append(
        DimensionDescription(
          size: dimension.size < 0 ? nil : Int(dimension.size), formula: try string(dimension.formula),
          symbol: dimension.symbol < 0 ? nil : Int(dimension.symbol)))
    }
    return ValueDescription(
      name: name, elementType: elementType, dimensions: dimensions,
      takesStrides: source.flags & UInt32(TENSORC_STRIDED) != 0)
  }

  private func symbol(_ source: tensorc_symbol) throws(RuntimeError) -> SymbolDescription {
    let name = try string(source.name)
    guard source.minimum >= 0, source.maximum >= source.minimum, source.divisor >= 1 else {
      throw damaged("the limits of the symbol '\(name)'")
    }
    return SymbolDescription(
      name: name, minimum: Int(source.minimum), maximum: Int(source.maximum), divisor: Int(source.divisor),
      isComputed: source.flags & UInt32(TENSORC_COMPUTED) != 0)
  }

  private func elements<Element>(
    _ start: UnsafePointer<Element>?, _ count: UInt32, _ what: String
  ) throws(RuntimeError) -> [Element] {
    if count == 0 { return [] }
    guard let start else { throw damaged("the \(what)") }
    return [Element](UnsafeBufferPointer(start: start, count: Int(count)))
  }

  private func string(_ characters: UnsafePointer<CChar>?) throws(RuntimeError) -> String {
    guard let characters else { throw damaged("a name") }
    return String(cString: characters)
  }

  private func damaged(_ what: String) -> RuntimeError {
    RuntimeError("damaged-library", "'\(path)' describes itself wrongly (\(what)): compile the model again.")
  }
}
