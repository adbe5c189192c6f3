import Foundation

/// Undoes the compression of RFC 1951 ("deflate"), which `numpy.savez_compressed` uses.
struct Inflate {
  private let input: [UInt8]
  private let limit: Int
  private var position = 0
  private var bits: UInt64 = 0
  private var bitCount = 0
  private var output: [UInt8] = []

  private struct Fault: Error {}

  /// The bytes that `compressed` stands for.
  /// - Parameter count: how many they are.
  /// - Throws: `TensorDataError` where the bytes are no such stream, or make another count.
  static func bytes(_ compressed: Data, count: Int) throws -> Data {
    var state = Inflate(compressed, count)
    do { try state.run() } catch is Fault {
      throw TensorDataError(id: "zip-deflate", message: "the compressed bytes are damaged")
    }
    guard state.output.count == count else {
      throw TensorDataError(
        id: "zip-deflate", message: "\(state.output.count) bytes came out where \(count) were announced")
    }
    return Data(state.output)
  }

  private init(_ compressed: Data, _ count: Int) {
    input = [UInt8](compressed)
    limit = count
    // What is announced may be a lie; memory is taken for what can come of the input at most.
    output.reserveCapacity(min(count, input.count.multipliedReportingOverflow(by: 1032).partialValue))
  }

  private mutating func run() throws {
    while true {
      let isLast = try take(1) == 1
      switch try take(2) {
      case 0: try copyStored()
      case 1: try expand(HuffmanCode(Inflate.fixedLengths), HuffmanCode([UInt8](repeating: 5, count: 30)))
      case 2: try expandDynamic()
      default: throw Fault()
      }
      if isLast { return }
    }
  }

  /// The next bits, the first the lowest.
  private mutating func take(_ count: Int) throws -> Int {
    while bitCount < count {
      guard position < input.count else { throw Fault() }
      bits |= UInt64(input[position]) << UInt64(bitCount)
      position += 1
      bitCount += 8
    }
    let value = Int(bits & (1 << UInt64(count) - 1))
    bits >>= UInt64(count)
    bitCount -= count
    return value
  }

  private mutating func put(_ byte: UInt8) throws {
    guard output.count < limit else { throw Fault() }
    output.append(byte)
  }

  private mutating func copyStored() throws {
    // The rest of the byte is filling; whole bytes that were taken ahead are given back.
    position -= bitCount / 8
    (bits, bitCount) = (0, 0)
    let length = try take(16)
    guard try take(16) == length ^ 0xFFFF, position + length <= input.count else { throw Fault() }
    guard output.count + length <= limit else { throw Fault() }
    output += input[position..<position + length]
    position += length
  }

  private mutating func expandDynamic() throws {
    let literals = try take(5) + 257
    let distances = try take(5) + 1
    let codes = try take(4) + 4
    guard literals <= 286, distances <= 30 else { throw Fault() }
    var lengths = [UInt8](repeating: 0, count: 19)
    for place in Inflate.lengthOrder.prefix(codes) { lengths[place] = UInt8(try take(3)) }
    let code = try HuffmanCode(lengths)
    var all: [UInt8] = []
    while all.count < literals + distances {
      let symbol = try decode(code)
      switch symbol {
      case 0...15: all.append(UInt8(symbol))
      case 16:
        guard let last = all.last else { throw Fault() }
        all += [UInt8](repeating: last, count: try take(2) + 3)
      case 17: all += [UInt8](repeating: 0, count: try take(3) + 3)
      default: all += [UInt8](repeating: 0, count: try take(7) + 11)
      }
    }
    guard all.count == literals + distances, all[256] > 0 else { throw Fault() }
    try expand(HuffmanCode(Array(all[..<literals])), HuffmanCode(Array(all[literals...])))
  }

  /// Literals and copies of what came out before, up to the end of the block.
  private mutating func expand(_ literals: HuffmanCode, _ distances: HuffmanCode) throws {
    while true {
      let symbol = try decode(literals)
      if symbol < 256 {
        try put(UInt8(symbol))
        continue
      }
      if symbol == 256 { return }
      guard symbol <= 285 else { throw Fault() }
      let (length, lengthBits) = Inflate.lengths[symbol - 257]
      let count = length + (try take(lengthBits))
      let slot = try decode(distances)
      guard slot < 30 else { throw Fault() }
      let (distance, distanceBits) = Inflate.distances[slot]
      let back = distance + (try take(distanceBits))
      guard back <= output.count, output.count + count <= limit else { throw Fault() }
      for _ in 0..<count { output.append(output[output.count - back]) }
    }
  }

  /// The symbol whose code comes next; codes of one length are consecutive numbers, shorter ones before longer.
  private mutating func decode(_ code: HuffmanCode) throws -> Int {
    var number = 0
    var first = 0
    var place = 0
    for length in 1...15 {
      number = number << 1 | (try take(1))
      first <<= 1
      let count = code.counts[length]
      if number - first < count { return code.symbols[place + number - first] }
      first += count
      place += count
    }
    throw Fault()
  }

  /// A canonical Huffman code.
  private struct HuffmanCode {
    /// How many symbols have a code of each length.
    var counts = [Int](repeating: 0, count: 16)
    /// The symbols, by the length of their codes, then by number.
    var symbols: [Int] = []

    /// - Parameter lengths: the length of each symbol's code; 0 for one that does not occur.
    init(_ lengths: [UInt8]) throws {
      for length in 1...15 {
        let own = lengths.indices.filter { lengths[$0] == length }
        counts[length] = own.count
        symbols += own
      }
      var room = 1
      for length in 1...15 {
        room = room * 2 - counts[length]
        if room < 0 { throw Fault() }
      }
    }
  }

  private static let lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

  private static let fixedLengths =
    [UInt8](repeating: 8, count: 144) + [UInt8](repeating: 9, count: 112) + [UInt8](repeating: 7, count: 24)
    + [UInt8](repeating: 8, count: 8)

  /// The least length, and how many bits are added to it, of the symbols from 257: four symbols to a number of bits.
  private static let lengths: [(Int, Int)] = {
    var result = (0..<8).map { ($0 + 3, 0) }
    var least = 11
    for bits in 1...5 {
      for _ in 0..<4 {
        result.append((least, bits))
        least += 1 << bits
      }
    }
    result[27] = (227, 5)
    return result + [(258, 0)]
  }()

  /// Likewise for distances: two symbols to a number of bits.
  private static let distances: [(Int, Int)] = {
    var result = (0..<4).map { ($0 + 1, 0) }
    var least = 5
    for bits in 1...13 {
      for _ in 0..<2 {
        result.append((least, bits))
        least += 1 << bits
      }
    }
    return result
  }()
}
