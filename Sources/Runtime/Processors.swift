#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The processors that this process may use.
public enum Processors {
  /// Their number, at least 1: those the process is bound to, and no more than its control group's quota pays for.
  /// More threads than that wait for each other at every barrier.
  public static var available: Int { max(1, min(bound, quota ?? Int.max)) }

  private static var bound: Int {
    #if os(Linux)
      // Looked up by name, because Swift's import of the C library leaves out GNU's extensions.
      typealias Affinity = @convention(c) (CInt, Int, UnsafeMutableRawPointer?) -> CInt
      if let symbol = dlsym(nil, "sched_getaffinity") {
        let affinity = unsafeBitCast(symbol, to: Affinity.self)
        var mask = [UInt64](repeating: 0, count: 128)
        if affinity(0, mask.count * 8, &mask) == 0 { return mask.reduce(0) { $0 + $1.nonzeroBitCount } }
      }
    #endif
    return Int(sysconf(CInt(_SC_NPROCESSORS_ONLN)))
  }

  /// The quota of a control group of version 2, rounded up.
  private static var quota: Int? {
    #if os(Linux)
      guard let file = fopen("/sys/fs/cgroup/cpu.max", "r") else { return nil }
      defer { fclose(file) }
      var line = [CChar](repeating: 0, count: 64)
      guard fgets(&line, CInt(line.count), file) != nil else { return nil }
      let fields = line.prefix { $0 != 0 && $0 != 10 }.split(separator: 32)
      let numbers = fields.map { Int(String(decoding: $0.map { UInt8(bitPattern: $0) }, as: UTF8.self)) }
      // The first is the word "max" where there is no quota.
      guard numbers.count == 2, let time = numbers[0], let period = numbers[1], period > 0 else { return nil }
      return (time + period - 1) / period
    #else
      return nil
    #endif
  }
}
