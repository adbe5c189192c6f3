import TensorIR
import TensorOps

extension Tensor {
  /// A part of the tensor, as NumPy's brackets select it: `x[0]`, `x[1..<3, .all, -1]`, `x[..., 2]`, `x[.newAxis]`,
  /// `x[.stride(by: -1)]`, `x[indices]`, `x[mask]`; see ``TensorIndex``.
  ///
  /// A tensor that is made fails with `index-out-of-range` for a position that is not there, `bad-index` for more indices
  /// than axes, more than one `.ellipsis` or more than one tensor.
  public subscript(_ indices: any TensorIndex...) -> Tensor {
    get { selecting(indices.map(\.selection)) }
  }

  public subscript(_ dots: UnboundedRange, _ indices: any TensorIndex...) -> Tensor {
    get { selecting([.ellipsis] + indices.map(\.selection)) }
  }

  public subscript(
    _ first: any TensorIndex, _ dots: UnboundedRange, _ indices: any TensorIndex...
  ) -> Tensor {
    get { selecting([first.selection, .ellipsis] + indices.map(\.selection)) }
  }

  /// A part, selected as the subscript does; for calls that give their place.
  func selecting(_ selections: [AxisSelection]) -> Tensor {
    do {
      let part = try TensorPart(of: self, selections)
      if part.mask != nil { throw Diagnostic("unknown-size", "how many elements a mask picks depends on data") }
      var result = part.isWhole ? self : sliced(starts: part.starts, sizes: part.sizes, steps: part.steps)
      if let (axis, indices) = part.indices { result = result.gather(indices, axis: axis) }
      return result.reshaped(to: part.resultShape)
    } catch let diagnostic as Diagnostic { return mistake(diagnostic.id, diagnostic.message) } catch {
      return mistake("internal", "\(error)")
    }
  }
}
