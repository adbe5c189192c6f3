import TensorIR
import TensorOps

/// The ways in which a processor computes an operation.
public enum ScheduleKind: String, CaseIterable, Sendable {
  /// Element by element, wherever the element is needed.
  case elements
  /// A walk over rows that combines what lies along them.
  case rows
  /// Products with register tiles.
  case contraction
  /// What a window over the spatial axes meets, and its transpose.
  case window
  /// Elements put where indices or tables say.
  case scatter
  /// A walk along an axis with a state.
  case scan
  /// The steps of a recurrent layer.
  case recurrence
  /// A routine of its own: sorting, selecting, drawing random numbers.
  case routine
  /// Steps of the program around kernels.
  case control
  /// A step at which ranks meet.
  case collective
}

/// Which schedule takes what.
public enum ScheduleTable {
  /// Ops with kernels of their own. What only reads elements is ``ScheduleKind/elements``, what combines them
  /// ``ScheduleKind/rows``, by their families.
  static let own: [(kind: ScheduleKind, ops: [any TensorOp.Type])] = [
    (
      .contraction,
      [
        Matmul.self, MatmulInteger.self, MatmulNBits.self, MatmulBF16.self, Convolution.self, ConvolutionInteger.self,
        ConvolutionBF16.self, WinogradConvolution.self, WinogradFilterGradient.self, FilterGradient.self,
        Attention.self,
      ]
    ),
    (
      .window,
      [MaxPool.self, MaxPoolTaps.self, MaxPoolGradient.self, AveragePool.self, AveragePoolGradient.self, Fold.self]
    ),
    (.scatter, [ScatterElements.self, ScatterND.self, ScatterSlices.self, SliceAssign.self, GatherGradient.self]),
    (.scatter, [GatherPlanesGradient.self, Resample.self, ResampleGradient.self]),
    (.scan, [CumulativeSum.self, CumulativeProduct.self, CumulativeMax.self, CumulativeMin.self, LinearScan.self]),
    (.recurrence, [RecurrentSequence.self]),
    (.routine, [Sort.self, ArgSort.self, ArgTopK.self, NonMaxSuppression.self, Nonzero.self, RandomBits.self]),
    (.control, [If.self, Loop.self, Size.self]),
    (.collective, [AllReduce.self, AllGather.self, ReduceScatter.self, Broadcast.self, ReduceToRoot.self]),
  ]

  /// How an op becomes kernels; nil for one that decomposes, or that is memory.
  public static func kind(of op: any TensorOp.Type) -> ScheduleKind? {
    if let entry = own.first(where: { $0.ops.contains { $0 == op } }) { return entry.kind }
    if op is any ElementOp.Type { return .elements }
    return op is any ReductionOp.Type ? .rows : nil
  }
}
