import Foundation
import TensorData
import TensorIR
import TensorPasses
import TensorRuntime

/// Inputs for a library where there is no data: what to measure with, and to try a model on. They are the same every time.
public enum MadeInputs {
  /// The size that a symbol gets on the first axis of an input, and elsewhere, within its limits.
  private static let (firstSize, otherSize) = (1, 64)

  /// One tensor for each input that the library takes: floats from -1 to 1, integers of 8 bits of all sizes, other integers
  /// 0 and 1, which are indices, masks and sizes alike.
  ///
  /// - Throws: a `Diagnostic` where a size is computed from symbols and no input names those.
  public static func make(for runner: LibraryRunner) throws -> [DataInput] {
    let description = runner.library.description
    var sizes: [Int: Int] = [:]
    for (axis, symbol) in description.inputs.flatMap({ $0.dimensions.enumerated().map { ($0, $1.symbol) } }) {
      guard let symbol, sizes[symbol] == nil else { continue }
      let limits = description.symbols[symbol]
      sizes[symbol] = size(
        axis == 0 ? firstSize : otherSize, limits.minimum, limits.maximum, divisor: limits.divisor)
    }
    var generator = SplitMix(state: 7)
    return try zip(runner.places, description.inputs).map { place, input in
      let shape = try input.dimensions.map { dimension -> Int in
        if let size = dimension.size ?? dimension.symbol.flatMap({ sizes[$0] }) { return size }
        throw Diagnostic(
          "input-size",
          "no input can be made for '\(input.name)' (\(input)), whose size \(dimension.formula) is computed: give data")
      }
      let tensor = try tensor(of: input, shape, &generator)
      return DataInput(number: place, file: "input '\(input.name)'", tensor: tensor)
    }
  }

  /// The sizes that the symbols of a function's inputs get.
  public static func sizes(for function: Function) -> [String: Int] {
    var sizes: [String: Int] = [:]
    for id in function.body.parameters {
      for (axis, dimension) in function[id].type.shape.enumerated() {
        guard let name = dimension.symbolName, sizes[name] == nil, let symbol = function.symbols[name] else { continue }
        sizes[name] = size(
          axis == 0 ? firstSize : otherSize, symbol.minimum, symbol.maximum ?? .max, divisor: max(symbol.divisor, 1))
      }
    }
    return sizes
  }

  private static func size(_ wanted: Int, _ minimum: Int, _ maximum: Int, divisor: Int) -> Int {
    let least = max(minimum, wanted)
    let multiple = least > Int.max - divisor ? least : (least + divisor - 1) / divisor * divisor
    return multiple <= maximum ? multiple : maximum / divisor * divisor
  }

  private static func tensor(
    of input: ValueDescription, _ shape: [Int], _ generator: inout SplitMix
  ) throws -> HostTensor {
    let count = try HostTensor.elementCount(shape: shape)
    func elements<Element>(_ make: (UInt64) -> Element) throws -> HostArray where Element: HostElement {
      try HostArray((0..<count).map { _ in make(generator.next()) }, shape: shape)
    }
    func float(_ bits: UInt64) -> Float { Float(bits >> 40) / Float(1 << 23) - 1 }
    let array: HostArray =
      switch input.elementType {
      case .f64: try elements { Double(float($0)) }
      case .f32: try elements { float($0) }
      case .f16: try elements { Float16(float($0)) }
      case .bf16:
        try bytes(2, count, shape, .bf16) {
          UInt64(float($0).bitPattern >> 16)
        } next: {
          generator.next()
        }
      case .i8: try elements { Int8(truncatingIfNeeded: $0 >> 8) }
      case .u8: try elements { UInt8(truncatingIfNeeded: $0 >> 8) }
      case .i16: try elements { Int16($0 >> 63) }
      case .i32: try elements { Int32($0 >> 63) }
      case .i64: try elements { Int64($0 >> 63) }
      case .u16: try elements { UInt16($0 >> 63) }
      case .u32: try elements { UInt32($0 >> 63) }
      case .u64: try elements { $0 >> 63 }
      case .bool: try elements { $0 >> 63 == 1 }
      case .i4, .u4:
        try bytes(1, (count + 1) / 2, shape, input.elementType) {
          $0 >> 56
        } next: {
          generator.next()
        }
      }
    return try HostTensor(array)
  }

  /// Elements that Swift has no type for, from the low bytes of what `make` gives.
  private static func bytes(
    _ width: Int, _ count: Int, _ shape: [Int], _ type: HostArray.ElementType, _ make: (UInt64) -> UInt64,
    next: () -> UInt64
  ) throws -> HostArray {
    var data: [UInt8] = []
    for _ in 0..<count {
      let bits = make(next())
      for byte in 0..<width { data.append(UInt8(truncatingIfNeeded: bits >> (8 * byte))) }
    }
    return try data.withUnsafeBytes { try HostArray(bytes: $0, shape: shape, type) }
  }
}

extension LibraryRunner {
  /// The name of the input that a tensor is for.
  public func name(of input: DataInput) -> String {
    places.firstIndex(of: input.number).map { library.description.inputs[$0].name } ?? "input_\(input.number)"
  }
}
