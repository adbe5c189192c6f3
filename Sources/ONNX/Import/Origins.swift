import TensorIR
import TensorOps

/// What a value follows from, to tell the user which option makes it known.
struct Origins {
  /// The sizes of the inputs in it, in order of appearance.
  private(set) var symbols: [String] = []
  /// The inputs whose elements are in it.
  private(set) var inputs: [(name: String, type: TensorType)] = []
  /// Whether a size is in it that a call computes.
  private var hasComputedSize = false
  /// Whether it is an input itself.
  private var isInput = false

  /// Shapes, axes and counts are short.
  private static let most = 4096

  init(_ value: ImportedValue, in graph: GraphImport) {
    switch value.content {
    case .dimensions(let tensor): for element in tensor.elements { add(element, graph) }
    case .tensor(let tensor) where tensor.id >= 0: follow(ValueID(tensor.id), graph)
    case .tensor, .literal, .list, .stack, .nothing, .failed: break
    }
  }

  init(_ dimensions: [Dimension], in graph: GraphImport) {
    for dimension in dimensions { add(dimension, graph) }
  }

  private mutating func add(_ dimension: Dimension, _ graph: GraphImport) {
    for name in dimension.symbols where !symbols.contains(name) {
      if graph.inputSymbols.contains(name) { symbols.append(name) } else { hasComputedSize = true }
    }
  }

  private mutating func follow(_ start: ValueID, _ graph: GraphImport) {
    let function = graph.recorder.builder.function
    let parameters = Set(function.body.parameters)
    isInput = parameters.contains(start)
    var makers: [ValueID: Int] = [:]
    for (index, operation) in function.body.operations.enumerated() {
      for result in operation.results { makers[result] = index }
    }
    var seen: Set<ValueID> = []
    var open = [start]
    while let next = open.popLast() {
      guard seen.insert(next).inserted else { continue }
      if parameters.contains(next) { inputs.append((function[next].name, function.type(of: next))) }
      guard let maker = makers[next] else { continue }
      let operation = function.body.operations[maker]
      if let sizes = operation.op as? DimensionValues { for size in sizes.values { add(size, graph) } }
      open += operation.operands.compactMap { $0 }.reversed()
    }
  }

  /// What the user can do to make the value known, as the end of a sentence; empty where nothing helps.
  ///
  /// An input of floats is data, but for one that is asked for itself, such as the scales of a `Resize`.
  var hint: String {
    let isStructure = inputs.allSatisfy { _, type in
      let isShort = type.rank <= 1 && (type.count.constant ?? 0) <= Origins.most
      return isShort && (!type.elementType.isFloat || isInput)
    }
    guard isStructure, !hasComputedSize, !symbols.isEmpty || !inputs.isEmpty else { return "" }
    var options = symbols.map { "--dim \($0)=N" }
    options += inputs.map { "--const \($0.name)=FILE" }
    let subjects = symbols.map { "the extent '\($0)'" } + inputs.map { "input '\($0.name)'" }
    return "; it follows from \(Origins.list(subjects)): fix \(subjects.count == 1 ? "it" : "them") with "
      + options.joined(separator: " ")
  }

  private static func list(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " and " + last
  }
}

extension NodeConversion {
  /// How the user can make an input known, as the end of a sentence; empty where nothing helps.
  func hint(_ index: Int) -> String {
    guard hasInput(index), let value = inputs[index] else { return "" }
    return Origins(value, in: graph).hint
  }

  /// How the user can make extents numbers, as the end of a sentence.
  func hint(_ extents: [Dimension]) -> String { Origins(extents, in: graph).hint }
}
