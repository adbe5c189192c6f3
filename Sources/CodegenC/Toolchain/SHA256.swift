import Foundation
import TensorDigest

/// SHA-256 (FIPS 180-4) of bytes that come piece by piece.
public struct SHA256 {
  private var state: [UInt32]
  /// Bytes that do not make a block of 64 yet.
  private var rest: [UInt8] = []
  private var byteCount: UInt64 = 0
  private let isPlain: Bool

  /// - Parameter plain: whether to leave the processor's instructions for it alone.
  public init(plain: Bool = false) {
    let start = tensorc_sha256_start
    state = [start.0, start.1, start.2, start.3, start.4, start.5, start.6, start.7]
    isPlain = plain
  }

  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    byteCount &+= UInt64(bytes.count)
    var bytes = bytes[...]
    if !rest.isEmpty {
      let taken = bytes.prefix(64 - rest.count)
      rest += taken
      bytes = bytes.dropFirst(taken.count)
      guard rest.count == 64 else { return }
      rest.withUnsafeBytes { take($0) }
      rest.removeAll(keepingCapacity: true)
    }
    take(UnsafeRawBufferPointer(rebasing: bytes.prefix(bytes.count / 64 * 64)))
    rest += bytes.suffix(bytes.count % 64)
  }

  public mutating func update(_ bytes: some ContiguousBytes) { bytes.withUnsafeBytes { update($0) } }

  private mutating func take(_ blocks: UnsafeRawBufferPointer) {
    guard let start = blocks.baseAddress, !blocks.isEmpty else { return }
    let count = blocks.count / 64
    if isPlain {
      tensorc_sha256_blocks_plain(&state, start, count)
    } else {
      tensorc_sha256_blocks(&state, start, count)
    }
  }

  /// The 32 bytes of the digest of all that came.
  public func digest() -> [UInt8] {
    var padded = self
    let zeros = (119 - rest.count) % 64
    padded.update([0x80] + [UInt8](repeating: 0, count: zeros))
    padded.update(withUnsafeBytes(of: (byteCount &* 8).bigEndian) { Array($0) })
    return padded.state.flatMap { word in withUnsafeBytes(of: word.bigEndian) { Array($0) } }
  }

  /// The digest in hexadecimal digits.
  public func text() -> String {
    let digits = Array("0123456789abcdef")
    return String(digest().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}

extension SHA256 {
  /// Takes in a field with its length before it, so that no two lists of fields run into the same bytes.
  mutating func add(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      add(bytes.count)
      update(UnsafeRawBufferPointer(bytes))
    }
  }

  mutating func add(_ number: Int) { withUnsafeBytes(of: UInt64(number).littleEndian) { update($0) } }
}
