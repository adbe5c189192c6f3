import TensorData
import TensorIR
import TensorOps

/// Tensors of text, with which no compiled code computes: places, i64, in a table of the texts that may occur, each of which
/// stands there once.
enum TextTable {
  private static let mostShown = 20

  /// Text by its places in a list, in which a text may stand twice.
  static func value(_ places: Tensor, _ list: [String], _ node: NodeConversion) throws -> ImportedValue {
    let (texts, numbers) = distinct(list)
    guard numbers != Array(numbers.indices) else { return ImportedValue(.tensor(places), texts: texts) }
    return ImportedValue(.tensor(try node.table(numbers).gather(places, axis: 0)), texts: texts)
  }

  /// The texts of a list, each once, and the place of each element of the list among them.
  static func distinct(_ list: [String]) -> (texts: [String], places: [Int]) {
    var (texts, known): ([String], [String: Int]) = ([], [:])
    let places = list.map { text in
      if let place = known[text] { return place }
      texts.append(text)
      known[text] = texts.count - 1
      return texts.count - 1
    }
    return (texts, places)
  }

  /// The table in words.
  static func summary(_ texts: [String]) -> String {
    let shown = texts.prefix(mostShown).enumerated().map { "\($0) '\($1)'" }.joined(separator: ", ")
    return "\(shown)\(texts.count > mostShown ? ", …" : "")"
  }
}

extension ImportedValue {
  /// A tensor of the file, of numbers or of text.
  convenience init(_ tensor: OnnxTensor, format: SmallFormat? = nil) throws {
    switch tensor.value {
    case .numbers(let numbers): self.init(.literal(numbers), name: tensor.name, format: format)
    case .strings(let list, let shape):
      let (texts, places) = TextTable.distinct(list)
      let literal = try HostTensor(type: .i64, shape: shape, elements: places.map { Int64($0) })
      self.init(.literal(literal), name: tensor.name, texts: texts)
    }
  }
}

extension NodeConversion {
  /// Gives inputs that are text one table in common.
  /// - Returns: the table.
  /// - Throws: where one of them is not text.
  func unifyTexts(_ places: [Int]) throws -> [String] {
    var lists: [[String]] = []
    for place in places {
      guard let texts = try input(place).texts else {
        throw OnnxError(
          "onnx-strings", "its input \(place) '\(node.input[place])' is numbers where the others are text")
      }
      lists.append(texts)
    }
    let (texts, all) = TextTable.distinct(lists.flatMap { $0 })
    var (values, rest) = (inputs, all[...])
    for (place, list) in zip(places, lists) {
      let own = Array(rest.prefix(list.count))
      rest = rest.dropFirst(list.count)
      guard own != Array(own.indices) else { continue }
      values[place] = ImportedValue(.tensor(try table(own).gather(tensor(place), axis: 0)), texts: texts)
    }
    replaceInputs(values)
    return texts
  }
}
