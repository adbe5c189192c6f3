/// Mistakes in inputs, found before the library is called, so that the message can name the input and its type.
extension Context {
  func inputPosition(_ name: String) throws(RuntimeError) -> Int {
    if let position = model.description.inputs.firstIndex(where: { $0.name == name }) { return position }
    let names = model.description.inputs.map { "'\($0.name)'" }.joined(separator: ", ")
    throw RuntimeError("unknown-input", "The model has no input '\(name)'; its inputs are \(names).")
  }

  func missingInput(_ position: Int) -> RuntimeError {
    let value = model.description.inputs[position]
    return RuntimeError(
      "missing-input", "The input '\(value.name)' (\(value)) is not set: pass an array for it.")
  }

  /// What can be said of one input without the others: element type, rank, and the sizes that are fixed.
  func checkInput(
    _ position: Int, _ elementType: HostArray.ElementType, _ shape: [Int]
  ) throws(RuntimeError) {
    guard inputs.indices.contains(position) else {
      throw RuntimeError("unknown-input", "There is no input \(position): the model has \(inputs.count).")
    }
    let value = model.description.inputs[position]
    var advice: String?
    if elementType != value.elementType {
      throw RuntimeError(
        "element-type",
        "The input '\(value.name)' takes \(value), but \(elementType.description(shape: shape)) was given: convert "
          + "the elements to \(value.elementType).")
    } else if shape.count != value.dimensions.count {
      advice = "reshape it to \(value.dimensions.count) dimensions"
    } else {
      for (axis, (size, dimension)) in zip(shape, value.dimensions).enumerated() {
        if let fixed = dimension.size, fixed != size { advice = "dimension \(axis) must be \(fixed)" }
      }
    }
    guard let advice else { return }
    throw RuntimeError(
      "shape",
      "The input '\(value.name)' takes \(value), but \(elementType.description(shape: shape)) was given: \(advice).")
  }

  /// One symbol is one size in all inputs, within its limits.
  func checkSymbols() throws(RuntimeError) {
    let description = model.description
    for index in symbolUses.indices { symbolUses[index] = nil }
    for (position, value) in description.inputs.enumerated() where inputs[position].buffer != nil {
      let sizes = CallStorage.sizes(of: storage.inputs[position])
      for (axis, dimension) in value.dimensions.enumerated() {
        guard let index = dimension.symbol else { continue }
        let size = Int(sizes[axis])
        if let first = symbolUses[index], first.size != size {
          throw RuntimeError(
            "shape",
            "The input '\(value.name)' (\(value)) has \(size) for '\(dimension.formula)', but the input "
              + "'\(description.inputs[first.input].name)' has \(first.size): give both the same size.")
        }
        if symbolUses[index] == nil { try check(size, against: description.symbols[index], input: value) }
        symbolUses[index] = (size, position)
      }
    }
  }

  private func check(
    _ size: Int, against symbol: SymbolDescription, input value: ValueDescription
  ) throws(RuntimeError) {
    let limit =
      if size < symbol.minimum {
        "at least \(symbol.minimum)"
      } else if size > symbol.maximum {
        "at most \(symbol.maximum)"
      } else if size % symbol.divisor != 0 {
        "a multiple of \(symbol.divisor)"
      } else {
        ""
      }
    guard limit.isEmpty else {
      throw RuntimeError(
        "shape", "The input '\(value.name)' (\(value)) has \(size) for '\(symbol.name)', which must be \(limit).")
    }
  }

  /// Which donations the model offers, for messages.
  var donationAdvice: String {
    let description = model.description
    let pairs = description.donations.map {
      "'\(description.inputs[$0.input].name)' to '\(description.outputs[$0.output].name)'"
    }
    return pairs.isEmpty ? "this model takes no donations" : "it offers \(pairs.joined(separator: ", "))"
  }
}
