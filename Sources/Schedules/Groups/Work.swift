/// How the work of a kernel is estimated, for deciding whether a call is worth several threads. The unit is a multiply-add
/// in a register tile.
enum Work {
  /// An operation on an element that is read from memory and written to it.
  static let element = 8
}
