import Foundation
import TensorIR
import TensorOps
import Tensors

extension Api {
  static func gradients(_ list: inout RowList) {
    list.rows("backward", "valueAndGradient(at: x, of: function)", gradient: .none) { x in
      let (value, gradient) = try valueAndGradient(at: x[0]) { point in (point * point).sum() }
      return [value, gradient]
    }
    list.row("grad grad_remove", "valueAndGradient(at: x, of: function).gradient", gradient: .none) { x in
      try valueAndGradient(at: x[0]) { point in (point * point).sum() }.gradient
    }
    list.notApplicable("grad_replace", "gradients are tensors in the caller's hands, assigned to like others")
    list.notApplicable("no_wrapper", "any tensor can be differentiated by; none is wrapped for it")
    list.notApplicable("inplace", "a tensor is a value: `x = function(x)`, with operators such as `x += y`")
    list.notApplicable(
      "with_gradient_checkpointing_strategy", "the compiler decides what a gradient computes again")
    list.notApplicable("extract can_mut", "who owns memory is the compiler's concern")
  }

  static func making(_ list: inout RowList) {
    list.made("eye", "Tensor.identity(3, type)", types: Trait.float.elementTypes + Trait.integer.elementTypes) {
      _, type in .identity(3, type)
    }
    list.row("zeros_like empty_like", "Tensor.zeros(like: x)", gradient: .none) { x in .zeros(like: x[0]) }
    list.row("ones_like", "Tensor.ones(like: x)", gradient: .none) { x in .ones(like: x[0]) }
    list.row("full_like", "Tensor.full(7, like: x)", gradient: .none) { x in .full(7, like: x[0]) }
    list.row("one_hot", "x.oneHot(depth: 4)", types: Trait.integer.elementTypes, gradient: .none) { x in
      x[0].oneHot(depth: 4)
    }
    list.row(
      "one_hot_fill", "x.oneHot(depth: 4, axis: 1, on: 5, off: 2)", types: Trait.integer.elementTypes,
      gradient: .none
    ) { x in x[0].oneHot(depth: 4, axis: 1, on: 5, off: 2) }
    list.row("triu_mask", "x.triuMask([3, 4], offset: 1)", gradient: .none) { x in x[0].triuMask([3, 4], offset: 1) }
    list.row("tril_mask", "x.trilMask([3, 4], offset: -1)", gradient: .none) { x in x[0].trilMask([3, 4], offset: -1) }
    list.row("diag_mask", "x.diagonalMask([3, 4], offset: 1)", gradient: .none) { x in
      x[0].diagonalMask([3, 4], offset: 1)
    }
    list.random("categorical", "RandomNumbers(seed: 1).categorical(weights, count: 2000)", types: [.f64, .f32]) {
      type in
      var random = RandomNumbers(seed: 1)
      return [random.categorical(Tensor([[1, 0, 3, 0], [0, 2, 2, 1]], type), count: 2000)]
    } property: { results in
      let places = try results[0].array(of: Int64.self)
      for (row, shares) in [[0.25, 0, 0.75, 0], [0, 0.4, 0.4, 0.2]].enumerated() {
        for (place, share) in shares.enumerated() {
          let found = Double(places[row * 2000..<row * 2000 + 2000].count { $0 == Int64(place) }) / 2000
          // Four standard errors of 2,000 numbers.
          if abs(found - share) > 4 * (share * (1 - share) / 2000).squareRoot() {
            return "place \(place) of row \(row) is drawn with probability \(found), not \(share)"
          }
        }
      }
      return nil
    }
  }

  static func grids(_ list: inout RowList) {
    list.made("cartesian_grid", "Tensor.cartesianGrid([2, 3], type)", types: [.i64, .i32]) { _, type in
      .cartesianGrid([2, 3], type)
    }
    list.rows("meshgrid", "Tensor.meshgrid([x, y], indexing: .cartesian, sparse: false)") { x in
      Tensor.meshgrid(x) + Tensor.meshgrid(x, indexing: .matrix) + Tensor.meshgrid(x, sparse: true)
    }
    list.row("meshgrid_stack", "Tensor.stacked(Tensor.meshgrid([x, y]), axis: -1)") { x in
      .stacked(Tensor.meshgrid(x), axis: -1)
    }
    list.rows("affine_grid_2d", "maps.affineGrid(height: 2, width: 3, alignCorners: false)") { x in
      [x[0].affineGrid(height: 2, width: 3), x[0].affineGrid(height: 2, width: 3, alignCorners: true)]
    }
  }

  static func signals(_ list: inout RowList) {
    list.made("hann_window", "Tensor.hannWindow(5, periodic: true, type)") { _, type in
      .concat([.hannWindow(5, type), .hannWindow(5, periodic: false, type), .hannWindow(1, type)], axis: 0)
    }
    list.made("hamming_window", "Tensor.hammingWindow(5, periodic: true, type)") { _, type in
      .concat([.hammingWindow(5, type), .hammingWindow(5, periodic: false, type), .hammingWindow(0, type)], axis: 0)
    }
    list.made("blackman_window", "Tensor.blackmanWindow(5, periodic: true, type)") { _, type in
      .concat([.blackmanWindow(5, type), .blackmanWindow(5, periodic: false, type)], axis: 0)
    }
    list.rows("cfft", "Tensor.fourier(real, imaginary, inverse: false)", types: [.f64, .f32]) { x in
      let (real, imaginary) = Tensor.fourier(x[0], x[1])
      let (back, rest) = Tensor.fourier(x[0], x[1], inverse: true)
      return [real, imaginary, back, rest]
    }
    list.rows("stft", "x.shortTimeFourier(size: 4, step: 2, window: window, centred: true)", types: [.f64, .f32]) { x in
      let (real, imaginary) = x[0].shortTimeFourier(size: 4, step: 2, window: x[1])
      let (first, second) = x[0].shortTimeFourier(size: 4, step: 3, centred: false)
      return [real, imaginary, first, second]
    }
    list.row(
      "istft", "Tensor.inverseShortTimeFourier(real, imaginary, size: 4, step: 2, window: window)",
      types: [.f64, .f32], gradient: .of([0, 1])
    ) { x in .inverseShortTimeFourier(x[0], x[1], size: 4, step: 2, window: x[2]) }
  }

  static func notThere(_ list: inout RowList) {
    list.notApplicable("no_devices", "there is one device, the processor")
    list.notApplicable("no_futures", "reading waits for the result; a task around it makes it asynchronous")
    list.notApplicable(
      "no_quantised",
      "no tensor is quantised as a type; `quantize(scale:zeroPoint:)` and `dequantize` are methods on integers")
    list.notApplicable("no_distribution", "one process computes; gradients are not sent to others")
    list.notApplicable("set_print_options", "`print(x)` abridges long tensors, in one format for all of the process")
    list.no("lu_decomposition lu", "no factorisation but inside of `x.determinant()`")
    list.no("qr", "no factorisation but inside of `x.determinant()`")
  }
}
