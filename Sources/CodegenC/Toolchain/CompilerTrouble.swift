import Foundation
import TensorIR

/// What ends a compiler's work and is no fault of the text it was given.
enum CompilerTrouble {
  /// What to tell the user; nil where the text is to blame.
  static func diagnostic(_ outcome: Command.Outcome) -> Diagnostic? {
    let full = [ENOSPC, EDQUOT, EFBIG, EROFS].map { String(cString: strerror($0)) } + ["File size limit exceeded"]
    if let reason = full.first(where: outcome.errors.contains) { return ScratchDirectory.unwritable(reason) }
    if outcome.status == 128 + SIGXFSZ { return ScratchDirectory.unwritable(String(cString: strerror(EFBIG))) }
    if outcome.status == 128 + SIGKILL || outcome.errors.contains("Killed") {
      return Diagnostic("c-compiler-killed", "the C compiler was killed, most likely because memory ran out")
    }
    return nil
  }
}
