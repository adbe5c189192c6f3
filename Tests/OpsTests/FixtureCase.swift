import Foundation
import TensorIR
import TensorOps

/// One case of Fixtures/ops: an op with its attributes, operands and what an independent source gives for them.
/// Fixtures/ops/README.md tells the form.
struct FixtureCase: Decodable, Sendable {
  let op: String
  /// `{axis: 1}` as in the text form; empty where there are none.
  let attributes: String
  /// Tensors as text; nil for an operand that is left out.
  let operands: [String?]
  let results: [String]
  /// How far floats may be off, against the greater of 1 and their size.
  var tolerance: Double?
  /// Whether the signs of zeros count; they do unless it says otherwise.
  var signedZeros: Bool?

  /// The cases of all themes, by theme.
  static let themes: [String: [FixtureCase]] = {
    let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/ops")
    let files = (try? FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)) ?? []
    var themes: [String: [FixtureCase]] = [:]
    for file in files where file.pathExtension == "json" {
      // A file that cannot be read is a theme without cases, which fails.
      let cases = try? JSONDecoder().decode([FixtureCase].self, from: Data(contentsOf: file))
      themes[file.deletingPathExtension().lastPathComponent] = cases ?? []
    }
    return themes
  }()

  /// What is wrong with the evaluator on this case; nil where it agrees.
  func fault() -> String? {
    do {
      let operands = try operands.map { try $0.map(Self.tensor) }
      let wanted = try results.map(Self.tensor)
      let function = try Function(parsing: text, ops: OpDirectory(Registry.types))
      let found = try Evaluator.run(function, operands.compactMap { $0 })
      guard found.count == wanted.count else { return "\(found.count) results instead of \(wanted.count)" }
      let op = function.body.operations.first?.op
      for (number, (result, want)) in zip(found, wanted).enumerated() {
        if let fault = fault(result, want, op is any PointwiseOp) { return "result \(number): \(fault)" }
      }
      return nil
    } catch { return "\(error)" }
  }

  /// A function of this op alone; the parser holds its types to those of the results.
  private var text: String {
    func type(_ tensor: String) -> Substring { tensor.prefix { $0 != " " } }
    let parameters = operands.enumerated().compactMap { place, operand in operand.map { "%a\(place): \(type($0))" } }
    let names = operands.enumerated().map { $1 == nil ? "_" : "%a\($0)" }
    let values = results.indices.map { "%r\($0)" }.joined(separator: ", ")
    let types = results.map { String(type($0)) }.joined(separator: ", ")
    return """
      func @case(\(parameters.joined(separator: ", "))) -> (\(types)) {
        \(values) = \(op) \(names.joined(separator: ", ")) \(attributes) : \(types)
        return \(values)
      }
      """
  }

  /// Reads `f32[2,3] 0 -0 inf nan 1e-09 2`.
  private static func tensor(_ text: String) throws -> ReferenceTensor {
    let words = text.split(separator: " ")
    let head = (words.first ?? "").split(separator: "[", omittingEmptySubsequences: false)
    guard head.count == 2, let type = ElementType(rawValue: String(head[0])), head[1].hasSuffix("]") else {
      throw Diagnostic("fixture", "'\(words.first ?? "")' is not a type")
    }
    let shape = head[1].dropLast().split(separator: ",").compactMap { Int($0) }
    let values = words.dropFirst()
    let tensor =
      if type.isFloat {
        ReferenceTensor(type, shape, floats: values.compactMap { Double($0) })
      } else if type == .u64 {
        ReferenceTensor(type, shape, integers: values.compactMap { UInt64($0).map { Int(bitPattern: UInt($0)) } })
      } else {
        ReferenceTensor(type, shape, integers: values.compactMap { Int($0) })
      }
    guard tensor.count == values.count, max(tensor.floats.count, tensor.integers.count) == values.count else {
      throw Diagnostic("fixture", "'\(text)' does not hold \(tensor.count) numbers")
    }
    return tensor
  }

  private func fault(_ found: ReferenceTensor, _ wanted: ReferenceTensor, _ isPointwise: Bool) -> String? {
    if found.elementType != wanted.elementType || found.shape != wanted.shape {
      return "\(found.elementType)\(found.shape) instead of \(wanted.elementType)\(wanted.shape)"
    }
    if let place = zip(found.integers, wanted.integers).enumerated().first(where: { $1.0 != $1.1 })?.offset {
      return "element \(place) is \(found.integers[place]) instead of \(wanted.integers[place])"
    }
    for (place, (a, b)) in zip(found.floats, wanted.floats).enumerated() {
      if !agrees(a, b, wanted.elementType, isPointwise) { return "element \(place) is \(a) instead of \(b)" }
    }
    return nil
  }

  private func agrees(_ a: Double, _ b: Double, _ type: ElementType, _ isPointwise: Bool) -> Bool {
    if a == b { return a != 0 || signedZeros == false || a.sign == b.sign }
    if a.isNaN || b.isNaN { return a.isNaN && b.isNaN }
    if let tolerance { return abs(a - b) <= tolerance * max(1, abs(b)) }
    guard type == .f64 else { return false }
    // What combines elements may cancel; what takes them one by one must be right for the small ones too.
    return abs(a - b) <= 1e-13 * max(isPointwise ? 0 : 1, abs(a), abs(b))
  }
}
