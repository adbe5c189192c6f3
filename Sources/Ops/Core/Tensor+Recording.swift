import TensorIR

extension Tensor {
  /// Records an operation with one result and any number of operands.
  static func one(_ op: any TensorOp, list operands: [Tensor], at location: Location = .unknown) -> Tensor {
    guard let recorder = recorder(of: operands) else { return .absent }
    return recorder.record(op, operands, at: location).first ?? Tensor(recorder, -1)
  }

  /// Records an operation without operands beside this tensor.
  func beside(_ op: any TensorOp) -> Tensor {
    guard let recorder else { return .absent }
    return recorder.record(op, [], at: .unknown).first ?? Tensor(recorder, -1)
  }

  /// An axis counted from 0; a negative one counts from the end.
  func normalised(_ axis: Int) -> Int { axis < 0 ? axis + rank : axis }

  /// Axes counted from 0 and sorted; negative ones count from the end. One that is named twice stays so, for the op to refuse.
  func normalised(_ axes: [Int]) -> [Int] { axes.map { normalised($0) }.sorted() }

  /// f32 for the 16-bit floats, in which sums of many elements would not fit; itself otherwise.
  func widened() -> Tensor { elementType == .f16 || elementType == .bf16 ? cast(to: .f32) : self }
}
