/// The machine that code is emitted for: what decides vector width, tile shapes and compiler flags.
public struct Target: Hashable, Sendable {
  /// The name on the command line.
  public var name: String
  /// The width of a vector register in bytes: 64, 32 or 16.
  public var vectorBytes: Int
  /// How many vector registers there are.
  public var registers: Int
  public var hasFMA: Bool
  /// Whether there is an instruction that multiplies pairs of bf16, and whether there are matrix registers for them.
  public var hasPairs = false
  public var hasTiles = false
  /// Whether there is an instruction that adds the products of four bytes.
  public var hasByteProducts = false
  /// The flags that the emitted C wants.
  public var flags: [String]
  /// What decides between ways of writing a kernel that are all right.
  public var tuning = Tuning()

  public init(name: String, vectorBytes: Int, registers: Int, hasFMA: Bool, flags: [String]) {
    self.name = name
    self.vectorBytes = vectorBytes
    self.registers = registers
    self.hasFMA = hasFMA
    self.flags = flags
  }

  /// Any machine: 16-byte vectors, no flags.
  public static let generic = Target(name: "generic", vectorBytes: 16, registers: 16, hasFMA: false, flags: [])
  public static let x86v3 = Target(
    name: "x86-64-v3", vectorBytes: 32, registers: 16, hasFMA: true, flags: ["-march=x86-64-v3"])
  public static let x86v4 = Target(
    name: "x86-64-v4", vectorBytes: 64, registers: 32, hasFMA: true,
    flags: ["-march=x86-64-v4", "-mprefer-vector-width=512"])

  /// With AVX-512-BF16, and with AMX: Zen 4 and later, Sapphire Rapids and later.
  public static let x86v4bf16 = x86v4.with("x86-64-v4+bf16", hasTiles: false, ["-mavx512bf16", "-mavx512vnni"])
  public static let x86v4amx = x86v4.with(
    "x86-64-v4+amx", hasTiles: true, ["-mavx512bf16", "-mavx512vnni", "-mamx-tile", "-mamx-bf16"])

  /// The targets that can be named.
  public static let all = [generic, x86v3, x86v4, x86v4bf16, x86v4amx]

  private func with(_ name: String, hasTiles: Bool, _ more: [String]) -> Target {
    var target = self
    (target.name, target.hasPairs, target.hasTiles, target.hasByteProducts) = (name, true, hasTiles, true)
    target.flags += more
    return target
  }

  /// The lanes of a vector of an element type.
  public func lanes(of element: ElementType) -> Int { vectorBytes / max(element.computeType.bitWidth / 8, 4) }
}
