import TensorIR
import Tensors

extension Coverage {
  static func windows(_ list: inout RowList) {
    let line = Window(kernel: [3], strides: [2], before: [1], after: [1])
    let plane = Window(kernel: [2, 3], strides: [2, 1], before: [1, 1], after: [1, 1])
    pools(&list, "1d", line)
    pools(&list, "2d", plane)
    adaptive(&list, "1d", [3])
    adaptive(&list, "2d", [3, 2])
    adaptive(&list, "3d", [2, 3, 2])
    let block = Window(kernel: [2, 3], before: [1, 1], after: [1, 1])
    list.row("unfold4d", "x.unfolded(window)") { x in x[0].unfolded(block) }
    list.row("fold4d", "x.folded(window, sizes: [5, 4])") { x in x[0].folded(block, sizes: [5, 4]) }
    interpolations(&list)
    list.row("float_grid_sample_2d", "x.gridSampled(grid)") { x in x[0].gridSampled(x[1]) }
  }

  private static func pools(_ list: inout RowList, _ name: String, _ window: Window) {
    list.row("avg_pool\(name)", "x.averagePool(window)") { x in x[0].averagePool(window) }
    list.row("avg_pool\(name)_backward", "pullback", gradient: .none) { x in
      try pulled(x[0], x[1]) { $0.averagePool(window) }
    }
    list.row("max_pool\(name)", "x.maxPool(window)") { x in x[0].maxPool(window) }
    list.rows("max_pool\(name)_with_indices", "x.maxPoolWithIndices(window)") { x in
      let (values, indices) = x[0].maxPoolWithIndices(window)
      return [values, indices]
    }
    list.row(
      "max_pool\(name)_with_indices_backward", "x.maxPoolGradient(cotangent, indices: indices)", gradient: .none
    ) { x in x[0].maxPoolGradient(x[1], indices: x[0].maxPoolWithIndices(window).indices) }
  }

  private static func adaptive(_ list: inout RowList, _ name: String, _ sizes: [Int]) {
    list.row("adaptive_avg_pool\(name)", "x.adaptiveAveragePool(\(sizes))") { x in x[0].adaptiveAveragePool(sizes) }
    list.row("adaptive_avg_pool\(name)_backward", "x.adaptiveAveragePoolGradient(cotangent)", gradient: .none) { x in
      try pulled(x[0], x[1]) { $0.adaptiveAveragePool(sizes) }
    }
  }

  private static func interpolations(_ list: inout RowList) {
    list.rows("interpolate", "x.interpolated(to: [5, 6], mode: .linear, alignCorners: true)") { x in
      [
        x[0].interpolated(to: [5, 6], mode: .nearest),
        x[0].interpolated(to: [5, 6], mode: .linear, alignCorners: true),
        x[0].interpolated(to: [5, 6], mode: .cubic, alignCorners: true),
      ]
    }
    list.rows(
      "interpolate_backward", "x.interpolatedGradient(cotangent, mode: .linear, alignCorners: true)", gradient: .none
    ) { x in
      [
        x[0].interpolatedGradient(x[1], mode: .nearest),
        x[0].interpolatedGradient(x[1], mode: .linear, alignCorners: true),
        x[0].interpolatedGradient(x[1], mode: .cubic, alignCorners: true),
      ]
    }
  }
}
