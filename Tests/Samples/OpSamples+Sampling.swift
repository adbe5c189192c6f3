import TensorIR
import TensorOps

extension OpSamples {
  /// Ops that sample a tensor between its elements or in bins.
  static let sampling: [OpSample] =
    bins + resampled + resized + grids + regions + planes

  private static let bins: [OpSample] =
    ElementType.floats.flatMap { type in
      [
        ([2, 3, 7], [3]), ([1, 2, 5], [5]), ([2, 2, 4], [7]), ([1, 1, 33], [4]), ([3, 2, 17], [1]), ([2, 1, 6], [2]),
      ]
      .flatMap { shape, sizes -> [OpSample] in
        [
          OpSample(AdaptiveAveragePool(sizes), [data(type, shape)], hasGradient: type == .f32),
          OpSample(
            AdaptiveMaxPool(sizes), [SampleOperand(type, shape, .distinct)], hasGradient: type == .f32),
        ]
      }
        + [
          ([1, 2, 5, 7], [2, 3]), ([2, 1, 4, 6], [2, 2]), ([0, 2, 3, 3], [2, 1]), ([1, 1, 3, 4, 5], [2, 3, 2]),
        ]
        .flatMap { shape, sizes -> [OpSample] in
          [
            OpSample(AdaptiveAveragePool(sizes), [data(type, shape)], hasGradient: type == .f32),
            OpSample(
              AdaptiveMaxPool(sizes), [SampleOperand(type, shape, .distinct)], hasGradient: type == .f32),
          ]
        }
    }

  /// x, a table of indices of which some are not there, and weights.
  private static let resampled: [OpSample] = ([.f32, .f64] as [ElementType]).flatMap { type in
    [([3, 5], 1), ([5], 0), ([2, 3, 4], 1), ([4, 17], 0), ([17, 33], 0), ([2, 0], 0), ([3, 67], 1)].flatMap {
      shape, axis -> [OpSample] in
      let extent = shape[axis]
      let list = (0..<12).map { Double(($0 * 7) % (extent + 1)) - ($0 == 5 ? 9 : 0) }
      let indices = SampleOperand(.i64, [6, 2], .list(list))
      var moved = shape
      moved[axis] = 6
      let weights = SampleOperand(type, [6, 2])
      return [
        OpSample(Resample(axis: axis), [data(type, shape), indices, weights]),
        OpSample(
          ResampleGradient(axis: axis, extent: Dimension(extent)), [data(type, moved), indices, weights]),
      ]
    }
  }

  private static let resized = resizedToNearest + resizedByMode + resizedByRounding + resizedOtherwise

  private static let resizedToNearest: [OpSample] = allTypes.flatMap { type in
    [([1, 2, 5], 7), ([2, 1, 4], 8), ([1, 1, 17], 5), ([2, 3, 3], 3), ([1, 2, 6], 1)].map { shape, size in
      OpSample(
        Interpolate(axes: [2], sizes: [Dimension(size)], mode: .nearest, coordinates: .asymmetric, rounding: .floor),
        [data(type, shape)], hasGradient: type == .f32)
    }
  }

  private static let resizedByMode: [OpSample] = ElementType.floats.flatMap { type in
    ([.linear, .cubic] as [InterpolationMode]).flatMap { mode in
      ([.halfPixel, .alignCorners, .asymmetric, .pytorchHalfPixel, .symmetricHalfPixel] as [SampleCoordinates])
        .flatMap { coordinates in
          [([1, 2, 5], 7), ([2, 1, 8], 3)].map { shape, size in
            OpSample(
              Interpolate(axes: [2], sizes: [Dimension(size)], mode: mode, coordinates: coordinates),
              [data(type, shape)], hasGradient: type == .f32)
          }
        }
    }
  }

  private static let resizedByRounding: [OpSample] = ([.floor, .ceil, .preferFloor, .preferCeil] as [NearestRounding])
    .map { rounding in
      OpSample(
        Interpolate(
          axes: [1, 0], sizes: [7, 5], scales: [1.4, 2.5], mode: .nearest, coordinates: .halfPixel,
          rounding: rounding), SampleOperand(.f32, [2, 5]))
    }

  private static let resizedOtherwise: [OpSample] = [
    OpSample(
      Interpolate(axes: [2, 3], sizes: [6, 3], mode: .cubic, cubicCoefficient: -0.5, excludeOutside: true),
      SampleOperand(.f32, [1, 2, 4, 5])),
    OpSample(
      Interpolate(
        axes: [0], sizes: [7], coordinates: .cropAndResize, region: [0.2, 1.3], extrapolation: 5),
      SampleOperand(.f32, [5, 3])),
    OpSample(
      Interpolate(axes: [0], sizes: [5], mode: .nearest, coordinates: .shiftedHalfPixel, rounding: .floor),
      SampleOperand(.f32, [3])),
  ]

  private static let grids: [OpSample] = ElementType.floats.flatMap { type in
    ([.nearest, .linear, .cubic] as [InterpolationMode]).flatMap { mode in
      ([.zeros, .border, .reflection] as [GridPadding]).flatMap { padding in
        [true, false].map { corners in
          OpSample(
            GridSample(mode: mode, padding: padding, alignCorners: corners),
            [data(type, [1, 2, 3, 4]), SampleOperand(type, [1, 2, 3, 2], .uniform(-1.3, 1.3))],
            hasGradient: type == .f32 && mode != .nearest)
        }
      }
    }
  }

  private static let regions: [OpSample] = ElementType.floats.flatMap { type -> [OpSample] in
    let boxes = SampleOperand(type, [3, 4], .list([0, 0, 4, 3, 1, 0.5, 3.5, 3, -1, -1, 2, 2]))
    let images = SampleOperand(.i64, [3], .list([0, 1, 0]))
    return [(2, 2, 2), (1, 3, 1), (3, 2, 3)].flatMap { height, width, samples in
      [(true, false), (false, false), (true, true), (false, true)].map { half, greatest in
        OpSample(
          RoiAlign(
            height: height, width: width, samples: samples, scale: half ? 1 : 0.5, halfPixel: half,
            takesGreatest: greatest),
          [data(type, [2, 2, 4, 5]), boxes, images], hasGradient: type == .f32 && samples < 3 && !greatest)
      }
    }
  }

  private static let planes: [OpSample] = allTypes.flatMap { type in
    [([2, 3, 7], 5), ([1, 2, 17], 33), ([3, 1, 5], 4), ([2, 2, 1], 3), ([0, 2, 3], 2), ([1, 4, 13], 1)].flatMap {
      shape, count -> [OpSample] in
      let list = (0..<shape[0] * count).map { Double(($0 * 5) % (shape[2] + 2) - 1) }
      let places = SampleOperand(.i64, [shape[0], count], .list(list))
      let gather = OpSample(GatherPlanes(), [data(type, shape), places], hasGradient: type == .f32 && count < 10)
      return type == .bool
        ? [gather]
        : [
          gather,
          OpSample(
            GatherPlanesGradient(extent: Dimension(shape[2])), [data(type, [shape[0], shape[1], count]), places],
            hasGradient: type == .f32 && count < 10),
        ]
    }
  }
}
