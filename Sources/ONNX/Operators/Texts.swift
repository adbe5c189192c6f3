import TensorData
import TensorIR
import TensorOps

/// What operators do with text, which is places in a table (``TextTable``).
enum TextOperators {
  /// Operators that only move elements, and the inputs that they move: the places of texts go the same way.
  private static let moving: [String: [Int]?] = [
    "Identity": [0], "Reshape": [0], "Flatten": [0], "Squeeze": [0], "Unsqueeze": [0], "Transpose": [0], "Slice": [0],
    "Split": [0], "Expand": [0], "Tile": [0], "Gather": [0], "GatherElements": [0], "GatherND": [0], "Compress": [0],
    "ReverseSequence": [0], "ArrayFeatureExtractor": [0], "Where": [1, 2], "ScatterElements": [0, 2],
    "ScatterND": [0, 2],
    "Concat": nil,
  ]

  /// The results of a node; what it does with numbers is `convert`'s.
  static func results(
    of node: NodeConversion, _ convert: () throws -> [ImportedValue]
  ) throws -> [ImportedValue] {
    guard let first = node.inputs.firstIndex(where: { $0?.texts != nil }) else { return try convert() }
    let name = node.node.opType
    switch name {
    case "Shape", "Size", "LabelEncoder", "CategoryMapper", "OneHotEncoder": return try convert()
    case "Equal":
      _ = try node.unifyTexts([0, 1])
      return try convert()
    case "Cast": return [try cast(node)]
    default:
      guard let moved = moving[name] else {
        throw OnnxError(
          "onnx-strings",
          "its input \(first) '\(node.node.input[first])' is text, with which compiled code does not compute")
      }
      let texts = try node.unifyTexts(moved ?? Array(node.inputs.indices))
      return try convert().map { $0.with(texts: texts) }
    }
  }

  /// Text that a `Constant` holds; nil where it holds numbers.
  static func constant(_ node: NodeConversion) throws -> ImportedValue? {
    if let tensor = try node.texts(attribute: "value") { return try ImportedValue(tensor) }
    if let text = try node.string("value_string") {
      return try ImportedValue(OnnxTensor(name: "", value: .strings([text], shape: [])))
    }
    return try node.strings("value_strings").map {
      try ImportedValue(OnnxTensor(name: "", value: .strings($0, shape: [$0.count])))
    }
  }

  /// Text read as numbers.
  private static func cast(_ node: NodeConversion) throws -> ImportedValue {
    let input = try node.input(0)
    if try node.integer("to") == Onnx_TensorProto.DataType.string.rawValue { return input }
    node.ignore("saturate", "round_mode")
    let type = try OnnxOperators.castType(node)
    let texts = input.texts ?? []
    // Whole numbers of 64 bits may be more than a Double holds.
    let whole = texts.compactMap { Int($0) }
    if !type.isFloat, whole.count == texts.count {
      return ImportedValue(try node.table(whole).gather(node.tensor(0), axis: 0).cast(to: type))
    }
    let numbers = try texts.map { text in
      guard let number = Double(text) else { throw OnnxError("onnx-strings", "the text '\(text)' is no number") }
      return number
    }
    return ImportedValue(try node.table(numbers, type).gather(node.tensor(0), axis: 0))
  }

  // MARK: Categories

  /// `LabelEncoder`: the value of the key that an element is, or the default.
  static func encoded(_ node: NodeConversion) throws -> [ImportedValue] {
    let keys = try column(node, "keys")
    let values = try column(node, "values")
    guard let count = keys.count, count == values.count else {
      throw OnnxError("onnx-label-encoder", "its keys and values are not two lists of equal length")
    }
    let (place, isKey) = try found(node, among: keys)
    node.ignore("default_float", "default_int64", "default_string")
    switch values {
    case .texts(let texts):
      let fallback = try defaultText(node)
      return [try chosen(texts, fallback, place, isKey, node)]
    case .numbers(let numbers):
      let fallback: Tensor
      if let given = try node.literal(attribute: "default_tensor") {
        fallback = try node.reshape(ImportedValue.constant(given, in: node.graph.recorder), [])
      } else if numbers.elementType.isFloat {
        fallback = numbers.like(try node.float("default_float") ?? -0.0)
      } else {
        fallback = numbers.like(Double(try node.integer("default_int64") ?? -1))
      }
      return [ImportedValue(Tensor.select(isKey, numbers.gather(place, axis: 0), fallback))]
    }
  }

  /// `CategoryMapper`: between texts and their numbers, whichever the input is.
  static func categories(_ node: NodeConversion) throws -> [ImportedValue] {
    let (texts, numbers) = (try node.strings("cats_strings") ?? [], try node.integers("cats_int64s") ?? [])
    guard texts.count == numbers.count, !texts.isEmpty else {
      throw OnnxError("onnx-label-encoder", "it has \(texts.count) texts and \(numbers.count) numbers")
    }
    let (fallback, number) = (try node.string("default_string") ?? unused, try node.integer("default_int64") ?? -1)
    let table = try node.table(numbers)
    if try node.input(0).texts != nil {
      let (place, isKey) = try found(node, among: .texts(texts))
      return [ImportedValue(Tensor.select(isKey, table.gather(place, axis: 0), table.like(Double(number))))]
    }
    let (place, isKey) = try found(node, among: .numbers(table))
    return [try chosen(texts, fallback, place, isKey, node)]
  }

  /// The place of each text of the input among some; as many as there are where it is none of them.
  static func places(_ node: NodeConversion, among keys: [String]) throws -> Tensor {
    guard let texts = try node.input(0).texts else {
      throw OnnxError("onnx-strings", "its keys are text, and its input '\(node.node.input[0])' is numbers")
    }
    let known = Dictionary(zip(keys, keys.indices), uniquingKeysWith: { first, _ in first })
    return try node.table(texts.map { known[$0] ?? keys.count }).gather(node.tensor(0), axis: 0)
  }

  private static let unused = "_Unused"

  /// One side of a table of categories.
  private enum Column {
    case numbers(Tensor)
    case texts([String])

    /// Nil where it is no list.
    var count: Int? {
      switch self {
      case .numbers(let tensor): tensor.rank == 1 ? tensor.shape[0].constant : nil
      case .texts(let texts): texts.count
      }
    }
  }

  private static func column(_ node: NodeConversion, _ name: String) throws -> Column {
    if let given = try node.texts(attribute: "\(name)_tensor"), case .strings(let texts, _) = given.value {
      return .texts(texts)
    }
    if let given = try node.literal(attribute: "\(name)_tensor") {
      return .numbers(try ImportedValue.constant(given, in: node.graph.recorder))
    }
    if let texts = try node.strings("\(name)_strings") { return .texts(texts) }
    if let numbers = try node.integers("\(name)_int64s") { return .numbers(try node.table(numbers)) }
    if let numbers = try node.floats("\(name)_floats") { return .numbers(try node.table(numbers)) }
    throw OnnxError("onnx-missing-attribute", "its \(name) are missing")
  }

  /// Where each element of the input is among the keys, the first of equal ones as in onnxruntime, and whether it is one.
  private static func found(_ node: NodeConversion, among keys: Column) throws -> (place: Tensor, isKey: Tensor) {
    switch keys {
    case .texts(let texts):
      let place = try places(node, among: texts)
      let isKey = place .< place.like(Double(texts.count))
      return (Tensor.select(isKey, place, place.like(0)), isKey)
    case .numbers(let numbers):
      guard try node.input(0).texts == nil else {
        throw OnnxError("onnx-strings", "its keys are numbers, and its input '\(node.node.input[0])' is text")
      }
      let x = try node.tensor(0)
      let (element, names) = (x.unsqueezed(axes: [x.rank]), numbers.cast(to: x.elementType))
      var isKey = element .== names
      if x.elementType.isFloat { isKey = isKey .| (element.isNaN() .& names.isNaN()) }
      let place = isKey.cast(to: .i32).argMax(axis: x.rank)
      return (place, isKey.any(axes: [x.rank]))
    }
  }

  private static func defaultText(_ node: NodeConversion) throws -> String {
    if let given = try node.texts(attribute: "default_tensor"), case .strings(let texts, _) = given.value {
      return texts.first ?? unused
    }
    return try node.string("default_string") ?? unused
  }

  private static func chosen(
    _ texts: [String], _ fallback: String, _ place: Tensor, _ isKey: Tensor, _ node: NodeConversion
  ) throws -> ImportedValue {
    let places = place.cast(to: .i64)
    let index = Tensor.select(isKey, places, places.like(Double(texts.count)))
    return try TextTable.value(index, texts + [fallback], node)
  }
}
