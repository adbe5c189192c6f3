import Foundation
import TensorData
import TensorIR
import TensorOps

/// Convolutions of quantised tensors as those of bytes. Padding is put around before and stands for 0: it is the zero point. So
/// every window is whole, and what the zero point adds is the same everywhere: the sum of a filter.
struct ByteConvolution {
  let node: NodeConversion

  /// The sums over windows of `(x - zero) (w - zero)` in i32; nil where the operands are no bytes, filters have a zero point
  /// beside that of their type's middle, or channels are in groups.
  func sums(_ given: QuantisedTensor, _ w: QuantisedTensor) throws -> Tensor? {
    var x = given
    if let zero = x.zero, zero.rank == 1, zero.shape[0] == 1 { x.zero = try node.reshape(zero, []) }
    guard x.isBytes, w.isBytes, x.codes.rank >= 3, w.codes.rank == x.codes.rank, try node.integer("group") ?? 1 == 1,
      x.zero.map({ $0.rank == 0 }) ?? true,
      let kernel = w.codes.type.with(shape: Array(w.codes.shape.dropFirst(2))).constantShape,
      try node.integers("kernel_shape") ?? kernel == kernel
    else { return nil }
    let isSigned = w.codes.elementType == .i8
    guard w.isZero(at: isSigned ? 0 : 128) else { return nil }
    let placement = try WindowPlacement(node, kernel: kernel, shape: x.codes.shape)
    guard let padded = try padded(x, placement) else { return nil }
    let isUnsigned = x.codes.elementType == .u8
    let left = isUnsigned ? padded : ByteProducts.moved(padded, 128).cast(to: .u8)
    let filters = try filters(w, isSigned)
    let op = ConvolutionInteger(strides: placement.strides, dilations: placement.dilations)
    let sums = try node.add(op, left, filters.codes)
    guard let zero = ByteProducts.zero(x, moved: isUnsigned ? 0 : 128) else { return sums }
    return sums - zero * filters.sums
  }

  /// The convolution of dequantised tensors, scaled; nil where scales do not stand for the tensor and for filters as a whole.
  func scaled(_ x: QuantisedTensor, _ w: QuantisedTensor) throws -> Tensor? {
    guard let own = x.scale, let scale = w.scale, own.rank == 0, own.elementType == .f32, scale.elementType == .f32,
      scale.rank == 0 || w.axis == 0, let sums = try sums(x, w)
    else { return nil }
    let factor = scale.rank == 0 ? scale : try column(scale.shape.reduce(1, *) == 1 ? node.reshape(scale, []) : scale)
    return sums.cast(to: .f32) * (own * factor)
  }

  /// The codes with as many zero points around as the node pads; nil where it pads and the zero point is not known.
  private func padded(_ x: QuantisedTensor, _ placement: WindowPlacement) throws -> Tensor? {
    let margins = placement.symbolicMargins
    let before = margins?.before ?? placement.before.map { Dimension($0) }
    let after = margins?.after ?? placement.after.map { Dimension($0) }
    if (before + after).allSatisfy({ $0 == 0 }) { return x.codes }
    guard let zero = x.zero == nil ? 0 : x.zeroLiteral?.number(0) else { return nil }
    return try node.add(Pad(before: [0, 0] + before, after: [0, 0] + after, value: zero), x.codes)
  }

  /// Filters as signed bytes, and the sum of each, to stand beside results.
  private func filters(_ w: QuantisedTensor, _ isSigned: Bool) throws -> (codes: Tensor, sums: Tensor) {
    if let literal = w.literal, let count = literal.shape.first, count > 0 {
      let bytes = isSigned ? literal.bytes : Data(literal.bytes.map { $0 ^ 128 })
      let size = bytes.count / count
      let sums: [Int32] = bytes.withUnsafeBytes { raw in
        let codes = raw.bindMemory(to: Int8.self)
        return (0..<count).map { filter in codes[filter * size..<(filter + 1) * size].reduce(0) { $0 &+ Int32($1) } }
      }
      let shape = [count] + literal.shape.dropFirst(2).map { _ in 1 }
      return (
        try ImportedValue.constant(
          HostTensor(type: .i8, shape: literal.shape, bytes: bytes), in: node.graph.recorder),
        try ImportedValue.constant(HostTensor(type: .i32, shape: shape, elements: sums), in: node.graph.recorder)
      )
    }
    let codes = isSigned ? w.codes : ByteProducts.moved(w.codes, -128).cast(to: .i8)
    return (codes, try column(codes.cast(to: .i32).sum(axes: Array(1..<codes.rank))))
  }

  /// A number for each filter beside results [n, o, spatial…]; one for all as it is.
  private func column(_ x: Tensor) throws -> Tensor {
    if x.shape.reduce(1, *) == 1, x.rank == 0 { return x }
    let rank = try node.rank(0)
    return try node.reshape(x, [x.shape.reduce(1, *)] + Array(repeating: 1, count: rank - 2))
  }
}
