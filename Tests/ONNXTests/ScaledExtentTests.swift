import TensorIR
import TensorOps
import Testing

@testable import TensorONNX

/// Extents of scaled axes against the products in f32. `scripts/check_resize_extents.py` holds these to onnxruntime.
@Suite struct ScaledExtentTests {
  @Test func agreeWithProductsInFloats() {
    var refused = 0
    for divisor in 1...24 {
      for multiple in 1...48 {
        let scale = Double(Float(multiple) / Float(divisor))
        let rule = ScaledExtent(scale: scale)
        if rule == nil { refused += 1 }
        let dimension = rule?.extent(of: Dimension(symbol: "n"))
        for extent in 1...256 {
          let product = (Float(extent) * Float(scale)).rounded(.down)
          #expect(ScaledExtent.extent(extent, scale: scale) == Int(product))
          if let dimension { #expect(dimension.evaluate { _ in extent } == Int(product), "\(extent) · \(scale)") }
        }
      }
    }
    // Those that no fraction gives are few.
    #expect(refused < 24 * 48 / 4, "\(refused)")
  }

  @Test func tenBySevenTenthsIsSeven() {
    #expect(ScaledExtent.extent(10, scale: Double(Float(0.7))) == 7)
    #expect(ScaledExtent(scale: Double(Float(0.7)))?.extent(of: 10) == 7)
    #expect(ScaledExtent(scale: Double(Float(31) / 7)) == nil)
  }

  /// In integers, what floats make of n · (k / n).
  @Test func scalesFromExtentsFallShortWhereFloatsDo() {
    let (k, n) = (Dimension(symbol: "k"), Dimension(symbol: "n"))
    let shortfall = ScaleFromExtents.shortfall(k, n)
    var short = 0
    for size in Array(1...80) + [127, 128, 224, 255, 256, 1000, 4095, 100_003, ScaleFromExtents.longest] {
      for extent in Array(1...130) + [224, 255, 256, 257, 999, 4096, 65_537, ScaleFromExtents.longest] {
        let product = (Float(extent) * (Float(size) / Float(extent))).rounded(.down)
        let isShort = Int(product) != size
        if isShort { short += 1 }
        let found = shortfall.evaluate { $0 == "k" ? size : extent }
        #expect((found != 0) == isShort, "\(size) / \(extent): \(found ?? 0)")
      }
    }
    #expect(short > 100)
  }

  @Test func scalesFromExtentsMakeTheSize() throws {
    let function = try resizing(by: [integers("size", [8])])
    #expect(function.resultTypes.map(\.description) == ["f32[1, 1, 8]"])
    for (extent, isRight) in [(4, true), (12, true), (41, false)] {
      let x = ReferenceTensor(.f32, [1, 1, extent], floats: (0..<extent).map(Double.init))
      if isRight {
        #expect(try Evaluator.run(function, [x])[0].shape == [1, 1, 8])
      } else {
        #expect(throws: Diagnostic.self) { _ = try Evaluator.run(function, [x]) }
      }
    }
  }

  private func resizing(by initialisers: [Onnx_TensorProto]) throws -> Function {
    var cast = node("Cast", ["size"], ["size_f"])
    var resize = node("Resize", ["x", "", "scales"], ["y"])
    var other = node("Cast", ["w"], ["w_f"])
    var join = node("Concat", ["ones", "ratio"], ["scales"])
    var shape = node("Shape", ["x"], ["w"])
    func integer(_ name: String, _ value: Int64) -> Onnx_AttributeProto {
      var attribute = Onnx_AttributeProto()
      (attribute.name, attribute.type, attribute.i) = (name, .int, value)
      return attribute
    }
    cast.attribute = [integer("to", 1)]
    other.attribute = cast.attribute
    join.attribute = [integer("axis", 0)]
    shape.attribute = [integer("start", 2)]
    resize.name = "resize"
    return try importing(
      [shape, cast, other, node("Div", ["size_f", "w_f"], ["ratio"]), join, resize],
      inputs: [valueInfo("x", [1, 1, "w"])], outputs: ["y"],
      initialisers: initialisers + [floats("ones", [2], [1, 1])])
  }
}

/// Ranks that follow from whether an extent is 1.
@Suite struct SqueezeTests {
  @Test func unknownExtentsStayAndAreChecked() throws {
    let function = try importing(
      [node("Squeeze", ["x"], ["y"])], inputs: [valueInfo("x", [1, "c", 1, "t"])], outputs: ["y"])
    #expect(function.resultTypes.map(\.description) == ["f32[c, t]"])
    func run(_ shape: [Int]) throws -> [ReferenceTensor] {
      let count = shape.reduce(1, *)
      return try Evaluator.run(function, [ReferenceTensor(.f32, shape, floats: (0..<count).map(Double.init))])
    }
    #expect(try run([1, 2, 1, 3])[0].shape == [2, 3])
    #expect(try run([1, 0, 1, 3])[0].shape == [0, 3])
    #expect(throws: Diagnostic.self) { _ = try run([1, 2, 1, 1]) }
    #expect(throws: Diagnostic.self) { _ = try run([1, 1, 1, 3]) }
  }

  @Test func whereNothingGoesExtentsAreCheckedToo() throws {
    let function = try importing(
      [node("Squeeze", ["x"], ["y"])], inputs: [valueInfo("x", ["c", 3])], outputs: ["y"])
    #expect(guards(function).count == 1)
  }
}
