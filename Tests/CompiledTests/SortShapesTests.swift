import CompiledModels
import TensorIR
import TensorOps
import Testing

/// Sorts of lines around every length and number at which another kernel, or another number of digits, is chosen.
@Suite struct SortShapesTests {
  /// Lines of one order each: mixed with what is special, all equal, sorted, reversed, and few different numbers.
  struct Lines {
    let type: ElementType
    let shape: [Int]
    let axis: Int

    func tensor() -> ReferenceTensor {
      let (count, length) = (shape[1 - axis], shape[axis])
      var floats = [Double](repeating: 0, count: count * length)
      var integers = [Int](repeating: 0, count: count * length)
      for line in 0..<count {
        for i in 0..<length {
          let place = axis == 1 ? line * length + i : i * count + line
          if type.isFloat { floats[place] = float(line, i, length) } else { integers[place] = integer(line, i, length) }
        }
      }
      return type.isFloat
        ? ReferenceTensor(type, shape, floats: floats) : ReferenceTensor(type, shape, integers: integers)
    }

    private func random(_ line: Int, _ i: Int) -> UInt64 {
      var z = UInt64(line &* 1_000_003 &+ i &+ 1) &* 0x9e37_79b9_7f4a_7c15
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return z ^ (z >> 31)
    }

    /// A number that the type holds exactly.
    private func float(_ line: Int, _ i: Int, _ length: Int) -> Double {
      let special = [0.0, -0.0, .nan, .infinity, -.infinity, -0.0, 1, -1]
      let bits = random(line, i)
      let digits = type == .bf16 ? 8 : type == .f16 ? 11 : type == .f32 ? 24 : 53
      let scaled = Double(Int64(bitPattern: bits) >> (64 - digits - 1)) / Double(1 << (digits - 3))
      switch (line + length) % 6 {
      case 0: return bits % 7 == 0 ? special[Int(bits >> 8) % special.count] : scaled
      case 1: return line % 2 == 0 ? -0.0 : 0.5
      case 2: return Double(i % 256)
      case 3: return Double(-(i % 128))
      case 4: return special[Int(bits >> 8) % special.count]
      default: return scaled
      }
    }

    private func integer(_ line: Int, _ i: Int, _ length: Int) -> Int {
      let bits = random(line, i)
      let drawn =
        switch (line + length) % 6 {
        case 0: Int(truncatingIfNeeded: bits)
        case 1: 1
        case 2: i
        case 3: -i
        case 4: Int(bits >> 8) % 3 - 1
        default: Int(truncatingIfNeeded: bits << 16)
        }
      switch type {
      case .bool: return drawn & 1
      case .u8: return drawn & 0xff
      case .u16: return drawn & 0xffff
      case .u32: return drawn & 0xffff_ffff
      case .i8: return Int(Int8(truncatingIfNeeded: drawn))
      case .i16: return Int(Int16(truncatingIfNeeded: drawn))
      case .i32: return Int(Int32(truncatingIfNeeded: drawn))
      default: return drawn
      }
    }
  }

  private static func function(_ type: ElementType, axis: Int) throws -> Function {
    let trace = TraceRecorder(name: "sort", symbols: SymbolTable([Symbol("m"), Symbol("n")]))
    let x = trace.parameter(TensorType(type, [Dimension(symbol: "m"), Dimension(symbol: "n")]))
    return try trace.finish([
      x.sorted(axis: axis), x.sorted(axis: axis, descending: true), x.argSort(axis: axis),
      x.argSort(axis: axis, descending: true),
    ])
  }

  /// Where the elements of each line stand.
  private static func places(_ shape: [Int], axis: Int) -> [[Int]] {
    (0..<shape[1 - axis]).map { line in
      (0..<shape[axis]).map { axis == 1 ? line * shape[1] + $0 : $0 * shape[1] + line }
    }
  }

  /// The positions in every line by Swift's own sort, of equal elements the first first.
  private static func orders(_ x: ReferenceTensor, axis: Int, descending: Bool) -> [[Int]] {
    places(x.shape, axis: axis).map { line in
      let isUnsigned = x.elementType == .u64
      let keys = line.map { place -> (Double, UInt64) in
        guard x.elementType.isFloat else {
          return (0, UInt64(bitPattern: Int64(x.integers[place])) ^ (isUnsigned ? 0 : 1 << 63))
        }
        let number = x.floats[place]
        return number.isNaN ? (.infinity, 1) : (number, 0)
      }
      return line.indices.sorted { a, b in
        let isLess = descending ? keys[b] < keys[a] : keys[a] < keys[b]
        return isLess || keys[a] == keys[b] && a < b
      }
    }
  }

  /// What stands at a place, so that equal bits are equal numbers; every NaN is one.
  private static func bits(_ x: ReferenceTensor, _ place: Int) -> UInt64 {
    guard x.elementType.isFloat else { return UInt64(bitPattern: Int64(x.integers[place])) }
    return x.floats[place].isNaN ? 1 : x.floats[place].bitPattern
  }

  private static func check(_ found: [ReferenceTensor], _ x: ReferenceTensor, axis: Int, _ what: String) {
    for (number, descending) in [false, true].enumerated() {
      let orders = orders(x, axis: axis, descending: descending)
      var wrong = 0
      for (line, order) in zip(places(x.shape, axis: axis), orders) {
        for (place, position) in zip(line, order) {
          if bits(found[number], place) != bits(x, line[position]) { wrong += 1 }
          if found[2 + number].integers[place] != position { wrong += 1 }
        }
      }
      #expect(wrong == 0, "\(what), \(descending ? "descending" : "ascending"): \(wrong) places are wrong")
    }
  }

  private static func check(
    _ type: ElementType, axis: Int, _ shapes: [(lines: Int, length: Int)], _ target: Target?
  ) throws {
    let function = try function(type, axis: axis)
    let model = try target == nil ? Compiled.modelForFour(function) : Compiled.model(function, target: target)
    for (lines, length) in shapes {
      let shape = axis == 1 ? [lines, length] : [length, lines]
      let x = Lines(type: type, shape: shape, axis: axis).tensor()
      let found = try Compiled.run(model, function, [x], threads: 4)
      check(found, x, axis: axis, "\(type) \(shape) along \(axis)")
      if target != nil { continue }
      for threads in [1, 2] {
        let other = try Compiled.run(model, function, [x], threads: threads)
        let isSame = zip(found, other).allSatisfy { a, b in (0..<a.count).allSatisfy { bits(a, $0) == bits(b, $0) } }
        #expect(isSame, "\(type) \(shape) along \(axis) differs between 4 threads and \(threads)")
      }
    }
  }

  private static let small: [(lines: Int, length: Int)] = [
    (1, 0), (0, 5), (5, 0), (1, 1), (5, 1), (3, 2), (1, 31), (2, 32), (3, 33), (4, 15), (5, 16), (17, 17), (16, 31),
    (33, 7), (1, 255), (3, 257), (6, 128),
  ]

  @Test(arguments: ElementType.numbers + [.bool]) func everyType(type: ElementType) throws {
    try Self.check(type, axis: 1, Self.small + [(6, 511), (7, 513), (6, 1025), (1, 4097)], nil)
    try Self.check(type, axis: 0, Self.small + [(18, 65), (6, 520)], nil)
  }

  @Test(arguments: [ElementType.f32, .f64, .f16, .i64, .u16]) func longLines(type: ElementType) throws {
    let shapes = [
      (4, 1023), (5, 1024), (4, 2047), (5, 2048), (4, 2049), (3, 4095), (4, 4096), (2, 4096), (4, 4097), (17, 4097),
      (1, 65_537),
    ]
    try Self.check(type, axis: 1, shapes.map { (lines: $0.0, length: $0.1) }, nil)
  }

  /// Registers of other widths hold other numbers of lines, and other groups of a network.
  @Test(arguments: [Target.generic, .x86v3]) func otherTargets(target: Target) throws {
    for type in [ElementType.f32, .f64, .bf16, .u8] {
      try Self.check(type, axis: 1, Self.small + [(9, 63), (6, 1025), (5, 2048), (4, 2049)], target)
    }
  }
}
