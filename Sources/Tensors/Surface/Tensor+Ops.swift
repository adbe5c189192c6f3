import TensorIR
import TensorOps

extension Tensor {
  /// The first result of an op, which may be one of your own (docs/tutorial/6-op.md): lazily, in a trace, or in a closure that
  /// is differentiated, as the operands are. `.absent` among the operands stands for one that is left out; where all are, or
  /// there are none, the result is absent too.
  ///
  /// What the op refuses is thrown where the result is read, with the place of this call; hand on your caller's place as
  /// `file`, `line` and `column` where you call it from a method of your own.
  public static func applying(
    _ op: any TensorOp, to operands: Tensor..., file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    located(operands, at: .source(file: file, line: line, column: column)) {
      guard let recorder = recorder(of: operands) else { return .absent }
      return recorder.record(op, operands, at: .unknown).first ?? .absent
    }
  }
}
