/// The machine that code is emitted for: what decides vector width, tile shapes and compiler flags.
public struct Target: Hashable, Sendable {
  /// The name on the command line.
  public var name: String
  /// The width of a vector register in bytes: 64, 32 or 16.
  public var vectorBytes: Int
  /// How many vector registers there are.
  public var registers: Int
  public var hasFMA: Bool
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

  /// The targets that can be named.
  public static let all = [generic, x86v3, x86v4]

  /// The lanes of a vector of an element type.
  public func lanes(of element: ElementType) -> Int { vectorBytes / max(element.computeType.bitWidth / 8, 4) }
}
