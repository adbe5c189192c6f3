import Foundation
import TensorCoverage
import TensorIR
import TensorOps
import Testing

@testable import Tensors

/// Every row of docs/op-coverage.md, docs/api-coverage.md and docs/layer-coverage.md does what Burn's function or layer
/// of that name does, on every element type it claims.
@Suite struct CoverageTests {
  static let all = Coverage.rows + Api.rows + LayerCoverage.rows
  static let mapped = all.filter { $0.mapping != nil }.map(\.name)
  static let rows = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  private func mapping(_ name: String) throws -> Mapping {
    try #require(CoverageTests.rows[name]?.mapping, "no row \(name)")
  }

  @Test func theListIsWhole() {
    let first = Coverage.rows.filter { !$0.isLater }
    #expect(first.count == 272)
    #expect(Set(Coverage.rows.map(\.name)).count == Coverage.rows.count)
    #expect(Coverage.strays.isEmpty)
    var reasons: [String] = []
    for row in first { if case .notApplicable(let reason) = row.support { reasons.append(reason) } }
    #expect(reasons.count <= 10 && reasons.allSatisfy { !$0.isEmpty })
  }

  @Test func everyRowOfTheFirstReleaseIsThere() {
    let missing = Coverage.rows.filter { row in
      if case .no = row.support { return !row.isLater }
      return false
    }
    #expect(missing.isEmpty, "\(missing.map(\.name))")
  }

  /// `later` rows without a closure say why in words of their own.
  @Test func laterRowsHaveReasons() {
    let missing = Coverage.rows.filter { row in
      if case .no(Coverage.missing) = row.support { return row.isLater }
      return false
    }
    #expect(missing.isEmpty, "\(missing.map(\.name))")
  }

  @Test func theListOfFunctionsIsWhole() {
    let first = Api.entries.filter { !$0.isLater }
    #expect(first.count == 225 && Api.entries.count == 386)
    #expect(Set(Api.entries.map { "\($0.group) \($0.name)" }).count == 386)
    #expect(Api.strays.isEmpty)
    for entry in Api.entries {
      switch entry.row.support {
      case .yes: break
      case .notApplicable(let reason): #expect(!reason.isEmpty)
      case .no(let reason):
        // What release 0.16 has is there.
        #expect(entry.isLater && reason != Coverage.missing, "\(entry.group) \(entry.name): \(reason)")
      }
    }
  }

  @Test func theListOfLayersIsWhole() {
    #expect(LayerCoverage.entries.filter { !$0.isLater }.count == 121 && LayerCoverage.entries.count == 197)
    #expect(Set(LayerCoverage.entries.map(\.row.name)).count == 197)
    #expect(LayerCoverage.strays.isEmpty)
    for entry in LayerCoverage.entries {
      switch entry.row.support {
      case .yes: break
      case .notApplicable(let reason): #expect(!reason.isEmpty)
      case .no(let reason): #expect(entry.isLater, "\(entry.row.name): \(reason)")
      }
    }
  }

  @Test(arguments: mapped) func agreesWithNumPy(_ name: String) throws {
    let mapping = try mapping(name)
    if let property = mapping.property {
      for type in mapping.elementTypes {
        #expect(try property(try mapping.body([], type)) == nil, "\(type)")
      }
      return
    }
    let cases = CoverageCase.all[name] ?? []
    try #require(!cases.isEmpty, "no case for \(name)")
    for type in mapping.elementTypes {
      let suitable = cases.filter { $0.suits(type) }
      #expect(!suitable.isEmpty, "no case of \(type)")
      for one in suitable {
        let results = try mapping.body(try one.tensors(type), type)
        let found = try results.map { try ReferenceTensor(try $0.hostArray()) }
        #expect(one.difference(found, type) == nil, "\(type)")
      }
    }
  }

  @Test(arguments: mapped) func gradientsAgreeWithFiniteDifferences(_ name: String) throws {
    let mapping = try mapping(name)
    guard mapping.elementTypes.contains(.f64), let one = CoverageCase.all[name]?.first(where: { $0.suits(.f64) }) else {
      return
    }
    let places: [Int]
    switch mapping.gradient {
    case .none: return
    case .all: places = one.operands.indices.filter { one.operands[$0].kind == "x" }
    case .of(let list): places = list
    }
    #expect(!places.isEmpty)
    let operands = try one.tensors(.f64)
    let point = places.map { operands[$0] }
    func loss(_ changed: [Tensor]) throws -> Tensor {
      var all = operands
      for (place, tensor) in zip(places, changed) { all[place] = tensor }
      return try CoverageTests.weighted(try mapping.body(all, .f64))
    }
    let gradients = try valueAndGradient(at: point, of: loss).gradient
    for (position, tensor) in point.enumerated() {
      #expect(gradients[position].type.plain == tensor.type.plain)
      let found = try gradients[position].array(of: Double.self)
      let numbers = try tensor.array(of: Double.self)
      let shape = try #require(tensor.type.constantShape)
      for index in numbers.indices {
        let values = try [1e-5, -1e-5].map { step in
          var moved = numbers
          moved[index] += step
          var changed = point
          changed[position] = Tensor(moved, shape: shape, .f64)
          return try loss(changed).item()
        }
        let expected = (values[0] - values[1]) / 2e-5
        #expect(
          abs(found[index] - expected) <= 1e-6 * max(1, abs(expected)),
          "element \(index) of operand \(places[position]): \(found[index]), not \(expected)")
      }
    }
  }

  /// A scalar of float results that no symmetry hides a gradient of: each element times a number of its own.
  private static func weighted(_ results: [Tensor]) throws -> Tensor {
    var total: Tensor?
    for tensor in results where tensor.elementType == .f64 {
      let count = try #require(tensor.count)
      let weights = Tensor((0..<count).map { cos(Double($0) + 1) }, .f64)
      let term = (tensor.reshaped(to: [Dimension(count)]) * weights).sum()
      total = total.map { $0 + term } ?? term
    }
    return try #require(total, "there is no float result")
  }

  // MARK: Compiled

  private struct Part: Sendable {
    var row: Row
    var one: CoverageCase
    var type: ElementType
  }

  private static let parts: [Part] = all.flatMap { row -> [Part] in
    guard let mapping = row.mapping, mapping.isTraced, mapping.property == nil else { return [] }
    let usual: [ElementType] = [.f32, .i32, .bool]
    guard let type = usual.first(where: mapping.elementTypes.contains) ?? mapping.elementTypes.first else { return [] }
    return (CoverageCase.all[row.name] ?? []).filter { $0.suits(type) }.prefix(2).map {
      Part(row: row, one: $0, type: type)
    }
  }

  private static let batch = 40
  private static let batches = Array(0..<(parts.count + batch - 1) / batch)

  /// Many rows as one compiled function, each with operands of its own.
  @Test(arguments: batches) func compiledAgrees(_ number: Int) throws {
    let parts = CoverageTests.parts.dropFirst(number * CoverageTests.batch).prefix(CoverageTests.batch)
    do { try compareCompiled(Array(parts)) } catch {
      // One that cannot be compiled must not hide the others.
      for part in parts {
        do { try compareCompiled([part]) } catch { Issue.record("\(part.row.name) on \(part.type): \(error)") }
      }
      Issue.record("together: \(error)")
    }
  }

  private func compareCompiled(_ parts: [Part]) throws {
    var counts: [Int] = []
    let operands = try parts.map { try $0.one.tensors($0.type) }
    let function = try compile(operands.flatMap { $0 }) { inputs in
      var rest = inputs[...]
      var all: [Tensor] = []
      for (part, own) in zip(parts, operands) {
        let taken = Array(rest.prefix(own.count))
        rest = rest.dropFirst(own.count)
        let results = try part.row.mapping?.body(taken, part.type) ?? []
        counts.append(results.count)
        all += results
      }
      return all
    }
    var results = try function(operands.flatMap { $0 }).map { try ReferenceTensor(try $0.hostArray()) }[...]
    for (part, count) in zip(parts, counts) {
      let found = Array(results.prefix(count))
      results = results.dropFirst(count)
      #expect(part.one.difference(found, part.type) == nil, "\(part.row.name) on \(part.type)")
    }
  }

  @Test func thePageIsWhatTheTableSays() throws {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("docs/op-coverage.md")
    #expect(try CoverageDocument.text == String(contentsOf: page, encoding: .utf8), "run `make docs`")
    let api = page.deletingLastPathComponent().appendingPathComponent("api-coverage.md")
    #expect(try ApiDocument.text == String(contentsOf: api, encoding: .utf8), "run `make docs`")
    let layers = page.deletingLastPathComponent().appendingPathComponent("layer-coverage.md")
    #expect(try LayerDocument.text == String(contentsOf: layers, encoding: .utf8), "run `make docs`")
  }
}
