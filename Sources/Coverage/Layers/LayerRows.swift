import TensorIR
import TensorLayers

extension LayerCoverage {
  static func convolutions(_ list: inout LayerRowList) {
    list.row("module/Linear", "Linear(3, 4)") { x in
      let layer = Linear(weight: x[1], bias: x[2])
      return [layer(x[0]), layer(x[0].sliced(axis: 0, start: 0, size: 1).reshaped(to: [3]))]
    }
    list.row(
      "module/Conv1d", "Conv1d(4, 4, kernel: 3, strides: 2, padding: .explicit(1), groups: 2)"
    ) { x in
      var layer = Conv1d(4, 4, kernel: 3, strides: 2, padding: .explicit(1), groups: 2)
      (layer.weight, layer.bias) = (x[1], x[2])
      var same = Conv1d(4, 2, kernel: 3, padding: .same, bias: false)
      same.weight = x[3]
      return [layer(x[0]), same(x[0])]
    }
    list.row("module/ConvTranspose1d", "ConvTranspose1d(4, 4, kernel: 3, strides: 2, padding: 1, extra: 1, groups: 2)")
    {
      x in
      var layer = ConvTranspose1d(4, 4, kernel: 3, strides: 2, padding: 1, extra: 1, groups: 2)
      (layer.weight, layer.bias) = (x[1], x[2])
      return [layer(x[0])]
    }
    list.row(
      "module/Conv2d", "Conv2d(4, 4, kernel: [3, 2], strides: 2, padding: .explicit(1), groups: 2)"
    ) { x in
      var layer = Conv2d(4, 4, kernel: [3, 2], strides: 2, padding: .explicit(1), groups: 2)
      (layer.weight, layer.bias) = (x[1], x[2])
      var same = Conv2d(4, 2, kernel: 3, padding: .same, bias: false)
      same.weight = x[3]
      return [layer(x[0]), same(x[0])]
    }
    list.row(
      "module/ConvTranspose2d", "ConvTranspose2d(4, 4, kernel: [3, 2], strides: 2, padding: 1, extra: 1, groups: 2)"
    ) {
      x in
      var layer = ConvTranspose2d(4, 4, kernel: [3, 2], strides: 2, padding: 1, extra: 1, groups: 2)
      (layer.weight, layer.bias) = (x[1], x[2])
      return [layer(x[0])]
    }
    list.row(
      "module/Conv3d", "Conv3d(4, 4, kernel: [2, 3, 1], strides: 2, padding: .explicit(1), groups: 2)"
    ) { x in
      var layer = Conv3d(4, 4, kernel: [2, 3, 1], strides: 2, padding: .explicit(1), groups: 2)
      (layer.weight, layer.bias) = (x[1], x[2])
      var same = Conv3d(4, 2, kernel: 3, padding: .same, bias: false)
      same.weight = x[3]
      return [layer(x[0]), same(x[0])]
    }
    list.row(
      "module/ConvTranspose3d", "ConvTranspose3d(4, 4, kernel: [2, 3, 1], strides: 2, padding: 1, extra: 1, groups: 2)"
    ) {
      x in
      var layer = ConvTranspose3d(4, 4, kernel: [2, 3, 1], strides: 2, padding: 1, extra: 1, groups: 2)
      (layer.weight, layer.bias) = (x[1], x[2])
      return [layer(x[0])]
    }
    list.row("module/DeformConv2d", "DeformConv2d(2, 2, kernel: 2)(x, offsets: offsets, mask: mask)") { x in
      var layer = DeformConv2d(2, 2, kernel: 2)
      (layer.weight, layer.bias) = (x[2], x[4])
      return [layer(x[0], offsets: x[1], mask: x[3])]
    }
    list.row("module/Embedding", "Embedding(5, 3)") { x in
      var layer = Embedding(5, 3)
      layer.weight = x[0]
      return [layer(x[1])]
    }
    for (name, swift) in [
      ("padding/PaddingConfig1d", "padding: .same"), ("padding/PaddingConfig2d", "padding: .explicit([1, 2])"),
      ("padding/PaddingConfig3d", "padding: .valid"),
    ] {
      list.numbers(name, swift) { _ in
        // Extents after windows of 4 over 9 elements by 2: of each kind of padding.
        let x = Tensor.zeros([1, 1, 9, 9])
        return [Padding.valid, .same, .explicit([1, 2])].flatMap { padding in
          MaxPool2d(4, strides: 2, padding: padding)(x).shape.dropFirst(2).map { Double($0.constant ?? 0) }
        }
      }
    }
  }

  static func pools(_ list: inout LayerRowList) {
    list.row("module/MaxPool1d", "MaxPool1d(3, strides: 2, padding: .explicit(1))") { x in
      [MaxPool1d(3, strides: 2, padding: .explicit(1))(x[0]), MaxPool1d(3)(x[0])]
    }
    list.row("module/AvgPool1d", "AvgPool1d(3, strides: 2, padding: .explicit(1))") { x in
      [true, false].map { AvgPool1d(3, strides: 2, padding: .explicit(1), countsPadding: $0)(x[0]) }
    }
    list.row("module/MaxPool2d", "MaxPool2d([2, 3], strides: 2, padding: .explicit(1))") { x in
      [MaxPool2d([2, 3], strides: 2, padding: .explicit(1))(x[0]), MaxPool2d([2, 3])(x[0])]
    }
    list.row("module/AvgPool2d", "AvgPool2d([2, 3], strides: 2, padding: .explicit(1))") { x in
      [true, false].map { AvgPool2d([2, 3], strides: 2, padding: .explicit(1), countsPadding: $0)(x[0]) }
    }
    list.row("module/AdaptiveAvgPool1d", "AdaptiveAvgPool1d(4)") { x in [AdaptiveAvgPool1d(4)(x[0])] }
    list.row("module/AdaptiveAvgPool2d", "AdaptiveAvgPool2d([3, 4])") { x in [AdaptiveAvgPool2d([3, 4])(x[0])] }
    list.row("module/AdaptiveAvgPool3d", "AdaptiveAvgPool3d([2, 3, 2])") { x in [AdaptiveAvgPool3d([2, 3, 2])(x[0])] }
    list.row("module/Unfold4d", "Unfold4d([2, 3], padding: 1)") { x in [Unfold4d([2, 3], padding: 1)(x[0])] }
    list.row("module/Fold4d", "Fold4d([2, 3], sizes: [5, 4], padding: 1)") { x in
      [Fold4d([2, 3], sizes: [5, 4], padding: 1)(x[0])]
    }
    list.row("module/Interpolate1d", "Interpolate1d(sizes: 8, mode: .linear)") { x in
      [InterpolationMode.nearest, .linear, .cubic].map { Interpolate1d(sizes: 8, mode: $0)(x[0]) }
        + [Interpolate1d(factors: [1.7], mode: .linear)(x[0])]
    }
    list.row("module/Interpolate2d", "Interpolate2d(sizes: [7, 5], mode: .cubic)") { x in
      [InterpolationMode.nearest, .linear, .cubic].map { Interpolate2d(sizes: [7, 5], mode: $0)(x[0]) }
    }
    list.row("module/PixelShuffle", "PixelShuffle(2)") { x in [PixelShuffle(2)(x[0])] }
    list.row("module/PixelUnshuffle", "PixelUnshuffle(2)") { x in [PixelUnshuffle(2)(x[0])] }
  }

  static func normalisations(_ list: inout LayerRowList) {
    list.row("module/LayerNorm", "LayerNorm(4)") { x in
      var layer = LayerNorm(4)
      (layer.scale, layer.bias) = (x[1], x[2])
      return [layer(x[0])]
    }
    list.row("module/BatchNorm", "BatchNorm(4)(x, mode)") { x in
      let layer = batchNorm(x)
      return [try trained(layer, x[0]).value, layer(x[0], .inference)]
    }
    list.row("module_system/RunningState", "Frozen(Tensor)", gradient: .none) { x in
      let layer = try trained(batchNorm(x), x[0]).layer
      return [layer.mean.value, layer.variance.value]
    }
    list.row("module/GroupNorm", "GroupNorm(groups: 2, 4)") { x in
      var layer = GroupNorm(groups: 2, 4)
      (layer.scale, layer.bias) = (x[1], x[2])
      return [layer(x[0])]
    }
    list.row("module/InstanceNorm", "InstanceNorm(4)") { x in
      var layer = InstanceNorm(4)
      (layer.norm.scale, layer.norm.bias) = (x[1], x[2])
      return [layer(x[0])]
    }
    list.row("module/RmsNorm", "RMSNorm(4)") { x in
      var layer = RMSNorm(4)
      layer.scale = x[1]
      return [layer(x[0])]
    }
    list.row("module/LocalResponseNorm", "LocalResponseNorm(3, alpha: 0.5)") { x in
      [LocalResponseNorm(3, alpha: 0.5)(x[0])]
    }
    list.notApplicable(
      "module/Normalization", "a field `any Module`, or an enum of one's own, holds a layer that is chosen")
  }

  private static func batchNorm(_ x: [Tensor]) -> BatchNorm {
    var layer = BatchNorm(4)
    (layer.scale, layer.bias) = (x[1], x[2])
    (layer.mean.value, layer.variance.value) = (x[3], x[4])
    return layer
  }

  /// What batch normalisation gives in a step of training, and the layer after it.
  private static func trained(_ layer: BatchNorm, _ x: Tensor) throws -> (value: Tensor, layer: BatchNorm) {
    var layer = layer
    var random = RandomState(seed: 1)
    let found = try valueAndGradient(training: &layer, random: &random) { layer, mode in
      let y = layer(x, mode)
      return (y.sum(), y)
    }
    return (found.auxiliary, layer)
  }
}
