import Foundation

/// A reproducible source of damage: the same seed, the same mutations, on every run.
public struct Mutations: RandomNumberGenerator {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    // SplitMix64.
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }

  /// A copy of `data` with one to four bytes changed.
  public mutating func mutated(_ data: Data) -> Data {
    var result = [UInt8](data)
    for _ in 0..<Int.random(in: 1...4, using: &self) {
      result[Int.random(in: 0..<result.count, using: &self)] = UInt8.random(in: .min ... .max, using: &self)
    }
    return Data(result)
  }
}
