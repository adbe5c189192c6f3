import TensorIR
import TensorOps
import Tensors

extension Api {
  private static let numbers = Trait.float.elementTypes + Trait.integer.elementTypes
  private static let every = numbers + [.bool]

  static func shapes(_ list: inout RowList) {
    list.row("shape", "x.shape", types: every, gradient: .none) { x in
      Tensor(of: x[0].shape.map { Int64($0.constant ?? -1) })
    }
    list.row("rank", "x.rank", types: every, gradient: .none) { x in Tensor(of: [Int64(x[0].rank)], shape: []) }
    list.row("dtype", "x.elementType", types: every, gradient: .none) { x in
      Tensor(of: [x[0].elementType == x[1].elementType], shape: [])
    }
    list.row("into_primitive", "x.hostArray()", types: every, gradient: .none, traced: false) { x in
      Tensor(try x[0].hostArray())
    }
    list.row("from_primitive", "Tensor(array)", types: every, gradient: .none, traced: false) { x in
      Tensor(try x[0].hostArray())
    }
    list.row("movedim", "x.movingAxes([0, -1], to: [1, 0])", types: every) { x in
      x[0].movingAxes([0, -1], to: [1, 0])
    }
    list.row("flatten", "x.flattened(start: 1, end: -1)", types: every) { x in x[0].flattened(start: 1, end: -1) }
    list.row("squeeze_dim", "x.squeezed(axis: 1)", types: every) { x in x[0].squeezed(axis: 1) }
    list.rows("squeeze_dims", "x.squeezed(axes: [0, -1]), x.squeezed()", types: every) { x in
      [x[0].squeezed(axes: [0, -1]), x[0].squeezed()]
    }
    list.row("unsqueeze", "x.unsqueezed(axes: [0, 1])", types: every) { x in x[0].unsqueezed(axes: [0, 1]) }
    list.row("unsqueeze_dim", "x.unsqueezed(axis: 1)", types: every) { x in x[0].unsqueezed(axis: 1) }
    list.row("unsqueeze_dims", "x.unsqueezed(axes: [1, -1])", types: every) { x in x[0].unsqueezed(axes: [1, -1]) }
    list.row("repeat", "x.tiled([2, 3])", types: every) { x in x[0].tiled([2, 3]) }
    list.row("stack", "Tensor.stacked([a, b], axis: 1)", types: every) { x in .stacked(x, axis: 1) }
    list.rows("iter_dim", "x.split(size: 1, axis: 1)", types: every) { x in x[0].split(size: 1, axis: 1) }
    list.row("roll_dim", "x.rolled(by: -1, axis: 1)", types: every) { x in x[0].rolled(by: -1, axis: 1) }
    list.row("roll", "x.rolled(by: [1, 2], axes: [0, 1])", types: every) { x in
      x[0].rolled(by: [1, 2], axes: [0, 1])
    }
  }

  static func parts(_ list: inout RowList) {
    list.row("slice_fill", "x[0..<2, 1] = .full(5, like: x[0..<2, 1])", types: numbers) { x in
      var result = x[0]
      result[0..<2, 1] = .full(5, like: x[0][0..<2, 1])
      return result
    }
    list.rows("slice_dim", "x[.all, 1..<3], x[..., .stride(by: -2)]", types: every) { x in
      [x[0][.all, 1..<3], x[0][..., .stride(by: -2)]]
    }
    list.row("select_dim", "x[.all, 2]", types: every) { x in x[0][.all, 2] }
    list.row("take", "x.gather(indices, axis: 1)", types: every) { x in x[0].gather(x[1], axis: 1) }
    list.row("triu", "x.triu(offset: 1)", types: numbers) { x in x[0].triu(offset: 1) }
    list.row("tril", "x.tril(offset: -1)", types: numbers) { x in x[0].tril(offset: -1) }
    list.row("diag", "x.diagonal()", types: numbers) { x in x[0].diagonal() }
    list.row("pad", "x.padded(before: [1, 0], after: [2, 1], value: 3)", types: numbers) { x in
      x[0].padded(before: [1, 0], after: [2, 1], value: 3)
    }
    list.row("pad_reflect", "x.padded(before: [1, 0], after: [1, 2], mode: .reflect)", types: numbers) { x in
      x[0].padded(before: [1, 0], after: [1, 2], mode: .reflect)
    }
    list.row("pad_edge", "x.padded(before: [1, 0], after: [1, 2], mode: .edge)", types: numbers) { x in
      x[0].padded(before: [1, 0], after: [1, 2], mode: .edge)
    }
    list.rows("sort_descending_with_indices", "x.sortedWithIndices(axis: 1, descending: true)", types: numbers) { x in
      let (values, indices) = x[0].sortedWithIndices(axis: 1, descending: true)
      return [values, indices]
    }
    list.row("into_scalar", "x.item()", gradient: .none, traced: false) { x in
      Tensor(try x[0].item(), x[0].elementType)
    }
    list.row("as_type", "x.cast(to: .f64).array(of: Double.self)", types: every, gradient: .none, traced: false) { x in
      Tensor(try x[0].cast(to: .f64).array(of: Double.self), .f64)
    }
  }

  static func comparisons(_ list: inout RowList) {
    list.rows("is_close", "a.isClose(b, relative: 1e-5, absolute: 1e-8)", types: numbers, gradient: .none) { x in
      [x[0].isClose(x[1]), x[0].isClose(x[1], relative: 0.5, absolute: 0.25)]
    }
    list.rows("all_close", "a.allClose(b, relative: 1e-5, absolute: 1e-8)", types: numbers, gradient: .none) { x in
      [x[0].allClose(x[1]), x[0].allClose(x[0]), x[0].allClose(x[1], relative: 0, absolute: 50)]
    }
    list.row("is_finite", "x.isFinite()", gradient: .none) { x in x[0].isFinite() }
    list.row("contains_nan", "x.containsNaN()", gradient: .none) { x in x[0].containsNaN() }
    list.row("bool", "x.cast(to: .bool)", types: numbers, gradient: .none) { x in x[0].cast(to: .bool) }
    list.row("max_pair", "Tensor.maximum(a, b)", types: numbers) { x in .maximum(x[0], x[1]) }
    list.row("min_pair", "Tensor.minimum(a, b)", types: numbers) { x in .minimum(x[0], x[1]) }
  }
}
