import TensorIR
import TensorOps

extension OpSamples {
  static let movement: [OpSample] = made + stored + reordered + cut + joined

  private static let made: [OpSample] = [
    OpSample(Constant(TensorLiteral.numbers([1.5, 2]) ?? empty), []),
    OpSample(Constant(ReferenceTensor(.f16, [1], floats: [2.5]).literal), []),
    OpSample(Full(2.5, .f32, [3, 17]), []),
    OpSample(Full(3, .i64, []), []),
    OpSample(Iota(.f32, [3, 17], axis: 1), []),
    OpSample(Iota(.i64, [3, 2], axis: 0), []),
    OpSample(Iota(.i32, [0], axis: 0), []),
    OpSample(DimensionValues([5, 7, 1], [3]), []),
    OpSample(DimensionValues([5], []), []),
  ]

  private static let empty = ReferenceTensor(.f32, [0], floats: []).literal

  private static let grid = Layout(order: [0, 1, 2, 3], blocks: [Layout.Block(axis: 1, size: 4)])
  private static let weights = SampleOperand(.f32, [2, 5, 3, 1], .distinct)

  /// What lies in memory of its own or in another order.
  private static let stored: [OpSample] =
    [
      OpSample(Copy(), SampleOperand(.f32, [3, 17])),
      OpSample(Copy(), SampleOperand(.bool, [7], .uniform(0, 1))),
      OpSample(Reorder(.channelsLast(rank: 4)), SampleOperand(.f32, [2, 19, 5, 3])),
      OpSample(Reorder(.channelsLast(rank: 3)), SampleOperand(.i32, [2, 7, 5])),
      OpSample(Reorder(grid), SampleOperand(.f32, [2, 7, 5, 3])),
    ]
    + ([grid, .channelsLast(rank: 4)] as [Layout]).compactMap { layout in
      PackedConstant(OpSample(Copy(), weights).values[0].literal, layout).map { OpSample($0, []) }
    }

  private static let reordered: [OpSample] = [
    OpSample(BroadcastTo([4, 3, 5]), SampleOperand(.f32, [3, 1])),
    OpSample(BroadcastTo([2, 0]), SampleOperand(.f32, [1, 1])),
    OpSample(Reshape([2, 1, 3, 1]), SampleOperand(.f32, [2, 3])),
    OpSample(Reshape([6, 5]), SampleOperand(.f32, [2, 3, 5])),
    OpSample(Reshape([2, 3, 5]), SampleOperand(.f32, [2, 15])),
    OpSample(Reshape([5, 6]), SampleOperand(.f32, [6, 5])),
    OpSample(Reshape([]), SampleOperand(.f32, [1, 1])),
    OpSample(Reshape([0, 4]), SampleOperand(.f32, [2, 0])),
    OpSample(Transpose([2, 0, 1]), SampleOperand(.f32, [2, 3, 5])),
    OpSample(Transpose([]), SampleOperand(.f32, [])),
    OpSample(Reverse(axes: [1]), SampleOperand(.f32, [3, 17])),
    OpSample(Reverse(axes: [0, 1]), SampleOperand(.i32, [3, 5])),
    OpSample(Reverse(axes: []), SampleOperand(.f32, [3])),
  ]

  private static let cut: [OpSample] = [
    OpSample(Slice(starts: [1, 0], sizes: [2, 17], steps: [1, 1]), SampleOperand(.f32, [4, 17])),
    OpSample(Slice(starts: [4, 1], sizes: [3, 2], steps: [-2, 3]), SampleOperand(.f32, [5, 7])),
    OpSample(Slice(starts: [3], sizes: [0], steps: [1]), SampleOperand(.f32, [3])),
    OpSample(Slice(starts: [], sizes: [], steps: []), SampleOperand(.f32, [])),
    OpSample(SliceGradient(starts: [1, 0], steps: [2, 1], shape: [6, 17]), SampleOperand(.f32, [3, 17])),
    OpSample(SliceGradient(starts: [4], steps: [-2], shape: [5]), SampleOperand(.f32, [3])),
    OpSample(Pad(before: [1, 0], after: [2, 0], value: 1.5), SampleOperand(.f32, [3, 17])),
    OpSample(Pad(before: [1, 2], after: [0, 3]), SampleOperand(.f32, [3, 5])),
    OpSample(Pad(before: [-1, 2], after: [1, -2], value: 3), SampleOperand(.i32, [3, 5])),
    OpSample(Pad(before: [2, 1], after: [2, 0], mode: .reflect), SampleOperand(.f32, [3, 5])),
    OpSample(Pad(before: [2, 0], after: [1, 4], mode: .edge), SampleOperand(.f32, [3, 5])),
    OpSample(Pad(before: [2, 7], after: [4, 1], mode: .wrap), SampleOperand(.f32, [3, 5])),
    OpSample(Pad(before: [-1, 0], after: [3, -2], mode: .wrap), SampleOperand(.f32, [3, 5])),
    OpSample(Pad(before: [0, 1], after: [2, 0], mode: .constant, value: -1), SampleOperand(.f32, [0, 2])),
  ]

  private static let picks = SampleOperand(.i64, [2, 3], .list([0, 3, -1, 2, 2, -4]))

  private static let joined: [OpSample] = [
    OpSample(
      Concat(axis: 0), SampleOperand(.f32, [2, 17]), SampleOperand(.f32, [1, 17]),
      SampleOperand(.f32, [0, 17])),
    OpSample(Concat(axis: 1), SampleOperand(.f32, [2, 3]), SampleOperand(.f32, [2, 5])),
    OpSample(Concat(axis: 0), SampleOperand(.i32, [3])),
    OpSample(Gather(axis: 0), SampleOperand(.f32, [4, 17]), picks),
    OpSample(Gather(axis: 1), SampleOperand(.f32, [3, 4, 2]), picks),
    OpSample(Gather(axis: 1), SampleOperand(.f32, [3, 4]), SampleOperand(.i32, [], .list([-2]))),
    OpSample(Gather(axis: 0), SampleOperand(.f32, [4, 2]), SampleOperand(.i32, [0], .list([]))),
    OpSample(GatherGradient(axis: 0, extent: 4), SampleOperand(.f32, [2, 3, 17]), picks),
    OpSample(GatherGradient(axis: 1, extent: 4), SampleOperand(.f32, [3, 2, 3]), picks),
    OpSample(
      GatherGradient(axis: 1, extent: 5), SampleOperand(.i32, [3]), SampleOperand(.i32, [], .list([-2]))),
  ]
}
