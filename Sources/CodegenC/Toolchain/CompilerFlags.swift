import TensorIR

/// The flags that emitted C is compiled with.
public enum CompilerFlags {
  /// The flags that the first comment of the C states.
  public static func recommended(for target: Target, threads: ThreadMode) -> [String] {
    // -fno-math-errno makes sqrt one instruction; nothing reads errno.
    ["-O2", "-std=gnu11"] + target.flags + ["-ffp-contract=off", "-fno-math-errno"]
      + (threads == .openMP ? ["-fopenmp"] : [])
  }
}
