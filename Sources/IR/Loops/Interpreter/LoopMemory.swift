/// Memory that interpreted kernels read and write. It notes who touched which byte since the last barrier, so that two
/// threads that meet there without one are found.
public final class LoopMemory {
  public private(set) var bytes: [UInt8]
  /// For each byte, the interval in which it was last written, and by which thread.
  private var writes: [Touch]
  private var reads: [Touch]
  private let use: Use

  /// Who comes to it.
  enum Use {
    case constant, oneThread, threads
  }

  private struct Touch {
    var interval: Int32 = -1
    /// The thread; -2 where there were several.
    var thread: Int32 = -1
  }

  /// - Parameter bytes: what it holds; memory that nobody has written should be NaN in every float type.
  public convenience init(_ bytes: [UInt8]) { self.init(bytes, .threads) }

  init(_ bytes: [UInt8], _ use: Use) {
    (self.bytes, self.use) = (bytes, use)
    writes = use == .threads ? Array(repeating: Touch(), count: bytes.count) : []
    reads = writes
  }

  /// Memory that nobody has written.
  public convenience init(count: Int) { self.init(count: count, .threads) }

  convenience init(count: Int, _ use: Use) { self.init(Array(repeating: 0xff, count: count), use) }

  /// Writes bytes to its beginning, while no thread is there.
  func replace(with other: ArraySlice<UInt8>) { bytes.replaceSubrange(0..<other.count, with: other) }

  /// The elements of a type that fit.
  func count(of element: ElementType) -> Int { bytes.count * 8 / element.bitWidth }

  /// Reads or writes are told apart by `isWrite`; gives whether another thread is in the way.
  private func touch(_ range: Range<Int>, _ isWrite: Bool, _ thread: Int, _ interval: Int) -> Bool {
    if use != .threads { return isWrite && use == .constant }
    let (own, now) = (Int32(thread), Int32(interval))
    var meets = false
    for byte in range {
      if writes[byte].interval == now, writes[byte].thread != own { meets = true }
      if isWrite {
        if reads[byte].interval == now, reads[byte].thread != own { meets = true }
        writes[byte] = Touch(interval: now, thread: own)
      } else if reads[byte].interval != now {
        reads[byte] = Touch(interval: now, thread: own)
      } else if reads[byte].thread != own {
        reads[byte].thread = -2
      }
    }
    return meets
  }

  /// Elements of f32 that lie together, of memory in which no threads can meet; nil where they cannot be had so.
  func words(_ place: Int, _ count: Int, _ element: ElementType) -> [UInt64]? {
    guard use != .threads, element == .f32, place >= 0, place + count <= bytes.count / 4 else { return nil }
    return bytes.withUnsafeBytes { raw in
      (0..<count).map { UInt64(raw.loadUnaligned(fromByteOffset: (place + $0) * 4, as: UInt32.self)) }
    }
  }

  /// An element as the bits of its compute type; nil where another thread writes it meanwhile.
  func load(_ place: Int, _ element: ElementType, thread: Int, interval: Int) -> UInt64? {
    let width = element.bitWidth
    let start = place * width / 8
    let size = max(width / 8, 1)
    if touch(start..<start + size, false, thread, interval) { return nil }
    if width == 4 {
      let nibble = bytes[start] >> (place & 1 == 0 ? 0 : 4) & 15
      return LaneArithmetic.canonical(UInt64(nibble), element)
    }
    if element == .f32 {
      return UInt64(bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start, as: UInt32.self) })
    }
    var raw: UInt64 = 0
    for byte in 0..<size { raw |= UInt64(bytes[start + byte]) << UInt64(8 * byte) }
    switch element {
    case .f16: return UInt64(Float(Float16(bitPattern: UInt16(raw))).bitPattern)
    case .bf16: return raw << 16
    case .bool: return raw != 0 ? 1 : 0
    default: return LaneArithmetic.canonical(raw, element)
    }
  }

  /// Stores bits of the compute type; false where another thread touches the element meanwhile.
  func store(_ value: UInt64, _ place: Int, _ element: ElementType, thread: Int, interval: Int) -> Bool {
    let width = element.bitWidth
    let start = place * width / 8
    let size = max(width / 8, 1)
    if touch(start..<start + size, true, thread, interval) { return false }
    if width == 4 {
      let shift: UInt8 = place & 1 == 0 ? 0 : 4
      bytes[start] = bytes[start] & ~(15 << shift) | UInt8(value & 15) << shift
      return true
    }
    var raw = value
    switch element {
    case .f16: raw = UInt64(Float16(Float(bitPattern: UInt32(truncatingIfNeeded: value))).bitPattern)
    case .bf16: raw = UInt64(LaneArithmetic.brain(Double(Float(bitPattern: UInt32(truncatingIfNeeded: value)))) >> 16)
    case .bool: raw = value != 0 ? 1 : 0
    default: break
    }
    for byte in 0..<size { bytes[start + byte] = UInt8(truncatingIfNeeded: raw >> UInt64(8 * byte)) }
    return true
  }
}
