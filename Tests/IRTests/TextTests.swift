import Foundation
import Testing

@testable import TensorIR

/// A text in exactly the form that the printer gives it.
let sampleText = """
  func @forward(%x: f32[batch, 784], %w: f32[784, 128], %"conv/W:0": f32[batch, 3, h, w]) -> (%out: f32[batch, 64], \
  %again: f32[784, 128] reuses %w, %"2": i64[2, found]) where batch in 1..64 divisible 4, found {
    %h = matmul %x, %w, _ : f32[batch, 128] at "mlp.swift":15:17
    %a, %0 = split %h {axis: 1} : f32[batch, 64], f32[batch, 64] at node "split/1" (Split)
    %r = fused %a, %0 { (%p: f32[batch, 64])
      %1 = relu %p : f32[batch, 64]
      %2 = either {
        yield %1
      } {
        %3 = relu %a : f32[batch, 64]
        yield %3
      } : f32[batch, 64]
      yield %2
    } : f32[batch, 64]
    %4 = reorder %"conv/W:0" {layout: layout(nChw16c)} : f32[batch, 3, h, w] in nChw16c
    %found = find %a : i64[2, found]
    %wide = constant {value: dense(f32, [784, 128], [])} : f32[784, 128]
    return %r, %wide, %found
  }

  """.replacingOccurrences(of: "dense(f32, [784, 128], [])", with: "BLOB")

@Suite struct TextTests {
  private let weights = TensorLiteral(.f32, shape: [784, 128], bytes: Data(count: 784 * 128 * 4))

  private func sample() throws -> (text: String, blobs: MemoryBlobs) {
    let weights = try #require(weights)
    return (sampleText.replacingOccurrences(of: "BLOB", with: weights.description), MemoryBlobs([weights]))
  }

  @Test func theTextFormReadsBack() throws {
    let (text, blobs) = try sample()
    let function = try Function(parsing: text, ops: testOps, blobs: blobs)
    #expect(function.text() == text)
    #expect(function.donations == [1: 1])
    #expect(function.resultNames == ["out", "again", "2"])
    #expect(function.symbols["batch"] == Symbol("batch", minimum: 1, maximum: 64, divisor: 4))
    #expect(Verifier.check(function) == nil, "\(Verifier.check(function)?.description ?? "")")
    #expect(!function.text(.brief).contains(" at "))
  }

  @Test func usesAndCapturesAreCounted() throws {
    let (text, blobs) = try sample()
    let function = try Function(parsing: text, ops: testOps, blobs: blobs)
    let a = try #require(function.body.operations[1].results.first)
    #expect(function.uses()[a] == 3)
    #expect(function.uses()[ValueID(10_000)] == 0)
    #expect(function.body.operations[2].captures == [a])
  }

  @Test func typesMayBeLeftOut() throws {
    let function = try Function(
      parsing: "func @f(%x: f32[n]) { %y = relu %x\n return %y }", ops: testOps)
    #expect(function.text() == "func @f(%x: f32[n]) -> f32[n] {\n  %y = relu %x : f32[n]\n  return %y\n}\n")
  }

  @Test func guardsAreInferredAgain() throws {
    let text = "func @f(%x: f32[n, k], %w: f32[j, 2]) { %y = matmul %x, %w : f32[n, 2]\n return %y }"
    let function = try Function(parsing: text, ops: testOps)
    let printed = function.text()
    #expect(printed.contains(#"requires k == j "matmul cannot contract k with j""#))
    #expect(try Function(parsing: printed, ops: testOps).text() == printed)
  }

  @Test func guardsKeepTheirConditionsAndPlaces() throws {
    let guards = [
      #"n == m "a""#, #"n <= 2*m + 1 "b" from node "sum" (Add)"#, #"n broadcasts_with m "c""#,
      #"m broadcasts_to n "d" from "f.swift":1:2"#,
    ]
    let text = """
      func @f(%x: f32[n], %y: f32[m]) -> f32[n] {
        %0 = relu %x : f32[n] requires \(guards.joined(separator: ", ")) at node "bend" (Relu)
        return %0
      }

      """
    let function = try Function(parsing: text, ops: testOps)
    #expect(function.text() == text)
    let places = function.body.operations[0].guards.map(\.location.description)
    let own = #"at node "bend" (Relu)"#
    #expect(places == [own, #"at node "sum" (Add)"#, own, #"at "f.swift":1:2"#])
  }

  @Test func freshSymbolsMayBeRenamed() throws {
    let text = """
      func @f(%x: f32[n]) -> (i64[1, many], i64[1, found]) where many, found {
        %0 = find %x : i64[1, many]
        %1 = find %x : i64[1, found]
        return %0, %1
      }

      """
    let function = try Function(parsing: text, ops: testOps)
    #expect(function.text() == text)
    #expect(Verifier.check(function) == nil)
  }

  @Test func symbolsKeepTheirOrder() throws {
    for order in [["n", "m"], ["m", "n"], ["z", "n", "m"], ["n", "z", "m"]] {
      var function = Function(name: "f", symbols: SymbolTable(order.map { Symbol($0) }))
      _ = function.addParameter(TensorType(.f32, [Dimension(symbol: "n"), Dimension(symbol: "m")]), name: "x")
      let parsed = try Function(parsing: function.text(), ops: testOps)
      #expect(parsed.symbols == function.symbols, "\(function.text())")
    }
  }

  @Test func equalNamesAreNumbered() throws {
    var builder = FunctionBuilder(name: "f")
    let x = builder.parameter(TensorType(.f32, [2]), name: "x")
    let y = try builder.add(ReluOp(), [x], names: ["x"])
    let z = try builder.add(ReluOp(), y, names: ["7"])
    let text = builder.finish(z).text()
    #expect(text.contains("%0 = relu %x"))
    #expect(text.contains(#"%"7" = relu %0"#))
    #expect(try Function(parsing: text, ops: testOps).text() == text)
  }

  @Test func bundlesReadBack() throws {
    let (text, blobs) = try sample()
    let function = try Function(parsing: text, ops: testOps, blobs: blobs)
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("bundle-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let path = directory.appendingPathComponent("model.tir").path
    try TextBundle.write([function, function], to: path)
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
    #expect(names == ["model.tir", "model.tir.blob"])
    let written = try String(contentsOfFile: path, encoding: .utf8)
    #expect(written.contains(#"blob("model.tir.blob", 0, f32, [784, 128], hash"#))
    let read = try TextBundle.read(path, ops: testOps)
    #expect(read.map { $0.text() } == [text, text])

    try Data(repeating: 1, count: 784 * 128 * 4).write(to: URL(fileURLWithPath: path + ".blob"))
    #expect(throws: Diagnostics.self) { try TextBundle.read(path, ops: testOps) }
    try written.replacingOccurrences(of: "\"model.tir.blob\"", with: "\"../model.tir.blob\"")
      .write(toFile: path, atomically: true, encoding: .utf8)
    #expect(throws: Diagnostics.self) { try TextBundle.read(path, ops: testOps) }
    #expect(throws: Diagnostics.self) { try TextBundle.read(path + ".none", ops: testOps) }
    #expect(throws: Diagnostic.self) { try TextBundle.write([function], to: "/nowhere/at/all.tir") }
  }
}

@Suite struct LargeFunctionTests {
  /// Real models have thousands of operations; nothing may take time quadratic in them.
  @Test func longFunctionsReadBackAndVerify() throws {
    var builder = FunctionBuilder(name: "long")
    var last = builder.parameter(TensorType(.f32, [Dimension(symbol: "n")]), name: "x")
    builder.function.symbols.declare(Symbol("n"))
    for index in 0..<5_000 {
      last = try builder.add(ReluOp(), [last], names: index % 2 == 0 ? ["relu\(index)"] : [])[0]
    }
    let function = builder.finish([last])
    let text = function.text()
    #expect(try Function(parsing: text, ops: testOps).text() == text)
    try function.verify()
  }
}
