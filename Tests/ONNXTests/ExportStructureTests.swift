import Foundation
import TensorData
import TensorIR
import TensorONNX
import TensorOps
import Testing

/// Sizes that are worked out, branches and loops as ONNX models: read back and evaluated they give what the function gives.
@Suite struct ExportStructureTests {
  struct Case: Sendable {
    var name: String
    var text: String
    var inputs: [ReferenceTensor]
  }

  private static func floats(_ shape: [Int]) -> ReferenceTensor {
    ReferenceTensor(.f32, shape, floats: (0..<shape.reduce(1, *)).map { Double($0) / 4 - 1 })
  }

  private static func truth(_ values: [Int], _ shape: [Int]? = nil) -> ReferenceTensor {
    ReferenceTensor(.bool, shape ?? [values.count], integers: values)
  }

  private static let sizes = """
    func @main(%x: f32[n, m], %w: f32[2*n + 1]) -> (f32[m*n - n], f32[n], i64[4], f32[n, m], f32[m + n, m + 1], f32[n, n + 1]) {
      %a = reshape %x {shape: [<m*n>]} : f32[m*n]
      %b = slice %a {starts: [<n>], sizes: [<m*n - n>], steps: [1]} : f32[m*n - n]
      %r = slice %a {starts: [<n - 1>], sizes: [<n>], steps: [-1]} : f32[n]
      %d = dimension_values {values: [<floordiv(n + 3, 2)>, <mod(m, 3)>, <min(n, m)>, <max(n, m)>], shape: [4]} : i64[4]
      %i = iota {elementType: f32, shape: [<n>, <m>], axis: 1} : f32[n, m]
      %p = pad %x {before: [<m>, 0], after: [0, 1], mode: constant, value: 2} : f32[m + n, m + 1]
      %f = full {value: 3, elementType: f32, shape: [<n>, <n + 1>]} : f32[n, n + 1]
      return %b, %r, %d, %i, %p, %f
    }
    """

  private static let branch = """
    func @main(%x: f32[n], %c: bool[]) -> (f32[n], f32[n]) {
      %one = full {value: 1, elementType: f32, shape: []} : f32[]
      %r, %s = if %c, %x, %one { (%a: f32[n], %i: f32[])
        %s = add %a, %i : f32[n]
        yield %s, %a
      } { (%b: f32[n], %j: f32[])
        %t = negate %b : f32[n]
        yield %t, %t
      } : f32[n], f32[n]
      return %r, %s
    }
    """

  private static let loop = """
    func @main(%x: f32[n], %w: f32[n]) -> (f32[n], f32[n, n]) {
      %last, %all = loop _, %x, %w {carried: 1, trips: <n>, exits: false} { (%trip: i64[], %h: f32[n], %v: f32[n])
        %t = tanh %h : f32[n]
        %s = add %t, %v : f32[n]
        yield %s, %t
      } : f32[n], f32[n, n]
      return %last, %all
    }
    """

  private static let exit = """
    func @main(%x: f32[], %limit: f32[]) -> f32[] {
      %yes = full {value: 1, elementType: bool, shape: []} : bool[]
      %h = loop _, %yes, %x, %limit {carried: 1, trips: <100>, exits: true} { (%trip: i64[], %a: f32[], %most: f32[])
        %s = add %a, %a : f32[]
        %on = less %s, %most : bool[]
        yield %on, %s
      } : f32[]
      return %h
    }
    """

  private static let found = """
    func @main(%x: f32[n], %m: bool[n]) -> (f32[k], f32[k]) where n, k computed <= n {
      %c = cast %m {to: i64} : i64[n]
      %s = sum %c {axes: [0], keepAxes: false} : i64[]
      %k = size %s {symbol: <k>} : i64[]
      %p = nonzero %m {count: <k>} : i64[1, k]
      %i = reshape %p {shape: [<k>]} : i64[k]
      %y = gather %x, %i {axis: 0} : f32[k]
      %l = iota {elementType: f32, shape: [<k>], axis: 0} : f32[k]
      return %y, %l
    }
    """

  static let cases: [Case] = [
    Case(name: "sizes", text: sizes, inputs: [floats([3, 4]), floats([7])]),
    Case(name: "sizes-of-one", text: sizes, inputs: [floats([1, 1]), floats([3])]),
    Case(name: "branch", text: branch, inputs: [floats([5]), truth([1], [])]),
    Case(name: "branch-not-taken", text: branch, inputs: [floats([5]), truth([0], [])]),
    Case(name: "loop", text: loop, inputs: [floats([4]), floats([4])]),
    Case(
      name: "exit", text: exit,
      inputs: [ReferenceTensor(.f32, [], floats: [3]), ReferenceTensor(.f32, [], floats: [50])]),
    Case(name: "found", text: found, inputs: [floats([5]), truth([0, 1, 1, 0, 1])]),
    Case(name: "found-nothing", text: found, inputs: [floats([3]), truth([0, 0, 0])]),
  ]

  @Test(arguments: cases.map(\.name)) func structureIsKept(name: String) throws {
    let one = try #require(Self.cases.first { $0.name == name })
    let parsed = try TextParser.parse(one.text, file: "\(name).tir", ops: OpDirectory(Registry.types)).verified()
    let function = try #require(parsed.first)
    let bytes = try OnnxExport(function).encoded()
    let expected = try Evaluator.run(function, one.inputs)
    let back = try Importer(OnnxModel(bytes: bytes, name: name)).function()
    #expect(back.parameterTypes.map(\.rank) == function.parameterTypes.map(\.rank))
    for (own, other) in zip(expected, try Evaluator.run(back, one.inputs)) {
      #expect(own.shape == other.shape && own.elementType == other.elementType)
      #expect(ExportSampleTests.isNear(own, other), "\(own) and, as ONNX, \(other)")
    }
    try ExportSampleTests.writeIfAsked(bytes, one.inputs, expected, "structure-\(name)")
  }

  @Test func whatCannotBeWrittenIsToldAllAtOnce() throws {
    let text = """
      func @main(%x: f32[n], %c: u32[6]) -> (i32[n], u32[4]) {
        %b = bit_cast %x {to: i32} : i32[n] at "model.swift":7:3
        %r = random_bits %c {shape: [4]} : u32[4] at "model.swift":9:3
        return %b, %r
      }
      """
    let function = try #require(try TextParser.parse(text, ops: OpDirectory(Registry.types)).verified().first)
    let error = #expect(throws: Diagnostics.self) { _ = try OnnxExport(function) }
    #expect(error?.list.map(\.id) == ["onnx-export", "onnx-export"])
    let places = [7, 9].map { Location.source(file: "model.swift", line: $0, column: 3) }
    #expect(error?.list.map(\.location) == places)
  }

  @Test func weightsStandApartWhereTheyAreLarge() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("weights-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let trace = TraceRecorder(name: "main")
    let x = trace.parameter(TensorType(.f32, [Dimension(symbol: "n"), 300]), name: "x")
    let weight = Self.floats([300]).literal
    let y = x + (try trace.add(Constant(weight), [], names: ["bias"])[0])
    let function = try trace.finish([y], names: ["y"])
    let path = folder.appendingPathComponent("model.onnx").path
    try function.exportONNX(to: path, options: OnnxExportOptions(externalDataLimit: 100))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["model.onnx", "model.onnx.data"])
    let back = try Importer(OnnxModel(contentsOf: path)).function()
    let input = Self.floats([2, 300])
    #expect(try Evaluator.run(back, [input])[0].floats == Evaluator.run(function, [input])[0].floats)
  }
}
