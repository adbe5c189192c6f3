import TensorIR
import TestSamples
import Testing

@testable import TensorOps

/// Maps of how elements are used, held to the ops' own evaluations.
@Suite struct AccessMapTests {
  @Test(arguments: OpSamples.selected) func mapsAreTrue(_ sample: OpSample) throws {
    var context = InferenceContext(symbols: SymbolTable())
    let types = try sample.op.inferTypes(sample.types, &context)
    guard let type = types.first, let map = sample.op.accessMap(sample.types, type) else { return }
    let operands = sample.values
    let expected = try sample.op.evaluate(operands, types)[0]
    switch map.use {
    case .moved(let otherwise): try holdMove(map, otherwise, operands, expected, sample)
    case .computed:
      let read = try map.reads.map { read in try gathered(read, operands, expected.shape) }
      let found = try sample.op.evaluate(read, types)[0]
      #expect(found.shape == expected.shape && found.integers == expected.integers, "\(sample)")
      #expect(found.floats.map(\.bitPattern) == expected.floats.map(\.bitPattern), "\(sample)")
    case .combined(let extents):
      try holdCombination(map, extents.compactMap(\.constant), operands, expected, sample, types)
    }
  }

  /// Every element is that of the first read whose conditions hold, or the number around them.
  private func holdMove(
    _ map: AccessMap, _ otherwise: Double?, _ operands: [ReferenceTensor], _ expected: ReferenceTensor,
    _ sample: OpSample
  ) throws {
    let type = expected.elementType
    let fill = otherwise.map { type.isFloat ? Rounding.round($0, to: type) : Double(Evaluator.saturate($0, type)) }
    for (flat, index) in ReferenceTensor.indices(expected.shape).enumerated() {
      let reader = PlaceReader(index: index, operands: operands)
      guard let read = map.reads.first(where: { $0.conditions.allSatisfy(reader.holds) }) else {
        #expect(expected.number(flat) == (try #require(fill)), "\(sample) at \(index)")
        continue
      }
      let source = operands[read.operand]
      let places = read.places.map(reader.value)
      #expect(zip(places, source.shape).allSatisfy { (0..<$1).contains($0) }, "\(sample) reads \(places) at \(index)")
      let position = ReferenceTensor.position(places, ReferenceTensor.strides(source.shape))
      let (found, wanted) = (source.number(position), expected.number(flat))
      #expect(found.bitPattern == wanted.bitPattern, "\(sample) at \(index)")
    }
  }

  /// The operand as the result sees it.
  private func gathered(
    _ read: AccessMap.Read, _ operands: [ReferenceTensor], _ shape: [Int]
  ) throws -> ReferenceTensor {
    let source = operands[read.operand]
    let strides = ReferenceTensor.strides(source.shape)
    let positions = ReferenceTensor.indices(shape).map { index in
      ReferenceTensor.position(read.places.map(PlaceReader(index: index, operands: operands).value), strides)
    }
    return source.picking(positions, shape: shape)
  }

  /// An element does not change with the elements that the map does not name, and all that it names are different ones.
  private func holdCombination(
    _ map: AccessMap, _ extents: [Int], _ operands: [ReferenceTensor], _ expected: ReferenceTensor, _ sample: OpSample,
    _ types: [TensorType]
  ) throws {
    let all = Array(ReferenceTensor.indices(expected.shape).enumerated())
    for (flat, index) in all.prefix(2) + all.suffix(1) {
      var changed = operands
      for read in map.reads {
        let source = operands[read.operand]
        var named: Set<Int> = []
        for inner in ReferenceTensor.indices(extents) {
          let reader = PlaceReader(index: index + inner, operands: operands)
          guard read.conditions.allSatisfy(reader.holds) else { continue }
          let places = read.places.map(reader.value)
          named.insert(ReferenceTensor.position(places, ReferenceTensor.strides(source.shape)))
        }
        #expect(named.count <= extents.reduce(1, *), "\(sample)")
        changed[read.operand] = disturbed(source, except: named)
      }
      #expect(
        try sample.op.evaluate(changed, types)[0].number(flat).bitPattern == expected.number(flat).bitPattern,
        "\(sample) at \(index)")
    }
  }

  private func disturbed(_ tensor: ReferenceTensor, except kept: Set<Int>) -> ReferenceTensor {
    tensor.elementType.isFloat
      ? ReferenceTensor(
        tensor.elementType, tensor.shape, floats: tensor.floats.enumerated().map { kept.contains($0) ? $1 : 77 })
      : ReferenceTensor(
        tensor.elementType, tensor.shape, integers: tensor.integers.enumerated().map { kept.contains($0) ? $1 : 1 - $1 }
      )
  }

  @Test func mostOpsHaveMaps() {
    let mapped = Set(
      OpSamples.all.filter { sample in
        var context = InferenceContext(symbols: SymbolTable())
        guard let type = try? sample.op.inferTypes(sample.types, &context).first else { return false }
        return sample.op.accessMap(sample.types, type) != nil
      }.map(\.op.name))
    for name in ["add", "transpose", "pad", "concat", "gather", "sum", "unfold", "slice_gradient"] {
      #expect(mapped.contains(name))
    }
    #expect(mapped.count > 80, "\(mapped.sorted())")
  }

  // MARK: Questions

  private func map(_ op: any TensorOp, _ shapes: [Dimension]...) throws -> AccessMap {
    var context = InferenceContext(symbols: SymbolTable([Symbol("n")]))
    let types = shapes.enumerated().map { TensorType($0 == 1 && op is Gather ? .i64 : .f32, $1) }
    return try #require(op.accessMap(types, try op.inferTypes(types, &context)[0]))
  }

  @Test func questionsAreAnswered() throws {
    let n = Dimension(symbol: "n")
    let transpose = try map(Transpose([0, 2, 1]), [2, n, 4])
    #expect(transpose.permutedAxes(rank: 3) == [0, 2, 1])
    #expect(!transpose.keepsOrder)
    let reshape = try map(Reshape([n * 4, 3]), [n, 12])
    #expect(reshape.keepsOrder && reshape.isReshape && reshape.permutedAxes(rank: 2) == nil)
    #expect(try map(Reshape([6, 1, n]), [6, n]).reads[0].places == [.axis(0), .axis(2)])
    #expect(try map(Concat(axis: 1), [2, n], [2, 3], [2, 1]).joinedAxis == 1)
    let pad = try map(Pad(before: [0, 2], after: [1, n], value: 7), [3, n])
    #expect(try #require(pad.margins).before == [0, 2] && pad.margins?.value == 7)
    let edge = try map(Pad(before: [1], after: [1], mode: .edge), [3])
    #expect(edge.margins == nil && edge.interior(axis: 0) == 1 && pad.interior(axis: 1) == 2)
    #expect(try map(Slice(starts: [1], sizes: [2], steps: [1]), [3]).interior(axis: 0) == nil)
    #expect(try !map(Pad(before: [-1], after: [1], mode: .edge), [3]).isReshape)
    #expect(try map(Gather(axis: 1), [2, n, 5], [3, 4]).pickedAxis == 1)
    #expect(try map(Slice(starts: [1, 0], sizes: [1, 2], steps: [1, 2]), [3, 4]).keepsOrder)
    #expect(try !map(Reverse(axes: [0]), [n]).keepsOrder)
    let add = try map(Add(), [n, 1, 4], [3, 4])
    #expect(add.reads.map { add.followedAxes($0) } == [[0, nil, 2], [1, 2]])
    #expect(try map(Add(), [n], [Dimension(symbol: "m")]).reads.map { $0.places[0].axes } == [[0], [0]])
  }
}

/// Works out places for one element.
private struct PlaceReader {
  let index: [Int]
  let operands: [ReferenceTensor]

  func holds(_ condition: PlaceCondition) -> Bool {
    switch condition {
    case .atLeast(let place, let least): value(place) >= number(least)
    case .less(let place, let end): value(place) < number(end)
    case .multiple(let place, let factor): value(place) % factor == 0
    }
  }

  func value(_ place: Place) -> Int {
    switch place {
    case .axis(let axis): index[axis]
    case .broadcast(let axis, let extent): number(extent) == 1 ? 0 : index[axis]
    case .size(let size): number(size)
    case .sum(let a, let b): value(a) + value(b)
    case .scaled(let a, let factor): value(a) * factor
    case .product(let a, let factor): value(a) * number(factor)
    case .quotient(let a, let size): value(a) / number(size)
    case .remainder(let a, let size): value(a) % number(size)
    case .bounded(let a, let extent, let rule): bounded(value(a), number(extent), rule)
    case .element(let operand, let places): element(operand, places)
    case .index(let operand, let places, let extent):
      element(operand, places) < 0 ? element(operand, places) + number(extent) : element(operand, places)
    }
  }

  private func bounded(_ place: Int, _ extent: Int, _ rule: Place.Bounding) -> Int {
    if (0..<extent).contains(place) { return place }
    return switch rule {
    case .edge: place < 0 ? 0 : extent - 1
    case .reflect: place < 0 ? -place : 2 * (extent - 1) - place
    case .wrap: (place % extent + extent) % extent
    }
  }

  private func element(_ operand: Int, _ places: [Place]) -> Int {
    let tensor = operands[operand]
    return tensor.integers[ReferenceTensor.position(places.map(value), ReferenceTensor.strides(tensor.shape))]
  }

  private func number(_ size: Dimension) -> Int { size.constant ?? .min }
}
