import TensorIR
import TensorOps

extension Tensor {
  /// A part of the tensor, as NumPy's brackets select it: `x[0]`, `x[1..<3, .all, -1]`, `x[..., 2]`, `x[.newAxis]`,
  /// `x[.stride(by: -1)]`, `x[indices]`, `x[mask]`; see ``TensorIndex``.
  ///
  /// Assigned to, the variable holds a new tensor with the part replaced by values that broadcast to it; what else refers to
  /// the old one sees no change. Of several values for one position, the last stays.
  ///
  /// A tensor that is made fails with `index-out-of-range` for a position that is not there, `bad-index` for more indices
  /// than axes, more than one `.ellipsis` or more than one tensor.
  public subscript(_ indices: any TensorIndex...) -> Tensor {
    get { selecting(indices.map(\.selection)) }
    set { self = assigning(indices.map(\.selection), newValue) }
  }

  public subscript(_ dots: UnboundedRange, _ indices: any TensorIndex...) -> Tensor {
    get { selecting([.remainingAxes] + indices.map(\.selection)) }
    set { self = assigning([.remainingAxes] + indices.map(\.selection), newValue) }
  }

  public subscript(
    _ first: any TensorIndex, _ dots: UnboundedRange, _ indices: any TensorIndex...
  ) -> Tensor {
    get { selecting([first.selection, .remainingAxes] + indices.map(\.selection)) }
    set { self = assigning([first.selection, .remainingAxes] + indices.map(\.selection), newValue) }
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

  /// The tensor with a part replaced, selected as the subscript does.
  func assigning(_ selections: [AxisSelection], _ values: Tensor) -> Tensor {
    do {
      let part = try TensorPart(of: self, selections)
      if let (axis, mask) = part.mask {
        // A mask covers axes from one on; it is one element wide on those behind.
        let behind = rank - axis - mask.rank
        let wide = mask.reshaped(to: mask.shape + Array(repeating: 1, count: behind))
        return .select(wide, values.broadcast(to: shape), self)
      }
      let wide = values.broadcast(to: part.resultShape)
      guard let (axis, indices) = part.indices else {
        return part.isWhole
          ? wide.reshaped(to: shape)
          : sliceUpdated(with: wide.reshaped(to: part.sizes), starts: part.starts, steps: part.steps)
      }
      let inner = part.sizes[..<axis] + indices.shape + part.sizes[(axis + 1)...]
      let own = wide.reshaped(to: Array(inner))
      if part.isWhole { return put(indices, values: own, axis: axis) }
      let old = sliced(starts: part.starts, sizes: part.sizes, steps: part.steps)
      return sliceUpdated(with: old.put(indices, values: own, axis: axis), starts: part.starts, steps: part.steps)
    } catch let diagnostic as Diagnostic { return mistake(diagnostic.id, diagnostic.message) } catch {
      return mistake("internal", "\(error)")
    }
  }
}
