import Foundation
import TensorData
import TensorIR
import TensorOps

/// A tensor of bytes that stands for numbers: `(codes - zero) scale`.
struct QuantisedTensor {
  var codes: Tensor
  /// Nil for zero.
  var zero: Tensor?
  /// The numbers of the file, where it holds them.
  var literal: HostTensor?
  var zeroLiteral: HostTensor?
  /// Of a dequantised tensor: one number, or one for each element of an axis.
  var scale: Tensor?
  var axis: Int?
  /// How many elements of the axis share a scale, where not all do; scale and zero point have as many as there are blocks then.
  var block: Int?

  init(codes: Tensor, zero: Tensor?) { (self.codes, self.zero) = (codes, zero) }

  /// An operand of a node.
  init(_ node: NodeConversion, _ index: Int, zero: Int, isLeft: Bool) throws {
    codes = try node.tensor(index)
    literal = try? node.literal(index)
    self.zero = try OnnxOperators.zero(node, zero, rows: isLeft)
    zeroLiteral = try? node.literal(zero)
  }

  /// Whether products of bytes may take it: scales of blocks do not stand outside of their sums.
  var isBytes: Bool { block == nil && (codes.elementType == .u8 || codes.elementType == .i8) }

  /// Whether the zero point, less a number, is known to be 0.
  func isZero(at offset: Double) -> Bool {
    guard zero != nil else { return offset == 0 }
    guard let zeroLiteral else { return false }
    return (0..<zeroLiteral.elementCount).allSatisfy { zeroLiteral.number($0) == offset }
  }
}

/// Products of quantised matrices as one of bytes: what zero points and codes of the other sign add is taken off by the sums
/// of rows and columns. In i32, where all of it wraps around, that is exact.
struct ByteProducts {
  let node: NodeConversion

  /// A right operand as signed bytes, with the sum of each of its columns.
  struct Right {
    var codes: Tensor
    var columns: Tensor
    /// Nil for zero.
    var zero: Tensor?
  }

  /// The sums over k of `(a[m, k] - zero) (b[k, n] - zero)` in i32; nil where the operands are no matrices of bytes.
  func sums(_ a: QuantisedTensor, _ b: QuantisedTensor) throws -> Tensor? {
    guard a.isBytes, a.codes.rank >= 2, let right = try right(b) else { return nil }
    return ByteProducts.sums(a, right)
  }

  /// The same for a matrix of bytes and a right operand that is ready.
  static func sums(_ a: QuantisedTensor, _ right: Right) -> Tensor {
    let isUnsigned = a.codes.elementType == .u8
    let left = isUnsigned ? a.codes : moved(a.codes, 128).cast(to: .u8)
    let leftZero = zero(a, moved: isUnsigned ? 0 : 128)
    var sums = left.matmulInteger(right.codes)
    if let leftZero { sums = sums - leftZero * right.columns }
    guard let rightZero = right.zero else { return sums }
    sums = sums - rightZero * left.cast(to: .i32).sum(axes: [left.rank - 1], keepAxes: true)
    guard let leftZero else { return sums }
    return sums + leftZero * rightZero * left.dimensionValue(left.shape[left.rank - 1]).cast(to: .i32)
  }

  /// The product of dequantised matrices, scaled; nil where scales do not stand for rows and columns as a whole.
  func scaled(_ a: QuantisedTensor, _ b: QuantisedTensor) throws -> Tensor? {
    guard let leftScale = a.scale, let rightScale = b.scale, leftScale.rank == 0, leftScale.elementType == .f32,
      rightScale.elementType == .f32, rightScale.rank == 0 || b.axis == b.codes.rank - 1,
      let sums = try sums(a, b)
    else { return nil }
    return sums.cast(to: .f32) * (leftScale * rightScale)
  }

  /// Codes as i32, moved.
  static func moved(_ x: Tensor, _ distance: Double) -> Tensor {
    let wide = x.cast(to: .i32)
    return distance == 0 ? wide : wide + wide.like(distance)
  }

  /// The zero point of codes that were moved; nil where it is known to be 0.
  static func zero(_ x: QuantisedTensor, moved: Double) -> Tensor? {
    if x.isZero(at: -moved) { return nil }
    return x.zero.map { ByteProducts.moved($0, moved) } ?? x.codes.cast(to: .i32).like(moved)
  }

  /// The right operand, ready for products; nil where it is no matrix of bytes.
  func right(_ b: QuantisedTensor) throws -> Right? {
    guard b.isBytes, b.codes.rank >= 2 else { return nil }
    let isSigned = b.codes.elementType == .i8
    let own = ByteProducts.zero(b, moved: isSigned ? 0 : -128)
    if let literal = b.literal, literal.shape.count == 2 {
      let bytes = isSigned ? literal.bytes : Data(literal.bytes.map { $0 ^ 128 })
      var sums = [Int32](repeating: 0, count: literal.shape[1])
      bytes.withUnsafeBytes { raw in
        let codes = raw.bindMemory(to: Int8.self)
        for row in 0..<literal.shape[0] {
          for column in sums.indices { sums[column] &+= Int32(codes[row * sums.count + column]) }
        }
      }
      let codes = isSigned ? literal : try HostTensor(type: .i8, shape: literal.shape, bytes: bytes)
      return Right(
        codes: try ImportedValue.constant(codes, in: node.graph.recorder),
        columns: try ImportedValue.constant(
          HostTensor(type: .i32, shape: [1, sums.count], elements: sums), in: node.graph.recorder), zero: own)
    }
    let codes = isSigned ? b.codes : ByteProducts.moved(b.codes, -128).cast(to: .i8)
    return Right(codes: codes, columns: codes.cast(to: .i32).sum(axes: [codes.rank - 2], keepAxes: true), zero: own)
  }
}

extension HostTensor {
  /// One place on the first axis of bytes; nil for other elements.
  func part(_ index: Int) -> HostTensor? {
    guard let count = shape.first, bytes.count == elementCount, (0..<count).contains(index) else { return nil }
    let size = bytes.count / count
    let own = Data(bytes.dropFirst(index * size).prefix(size))
    return try? HostTensor(type: type, shape: Array(shape.dropFirst()), bytes: own)
  }

  /// A matrix of bytes with its axes exchanged; nil for another tensor.
  var transposedBytes: HostTensor? {
    guard shape.count == 2, bytes.count == elementCount else { return nil }
    let (rows, columns) = (shape[0], shape[1])
    var turned = Data(count: bytes.count)
    turned.withUnsafeMutableBytes { (target: UnsafeMutableRawBufferPointer) in
      bytes.withUnsafeBytes { (source: UnsafeRawBufferPointer) in
        for row in 0..<rows {
          for column in 0..<columns { target[column * rows + row] = source[row * columns + column] }
        }
      }
    }
    return try? HostTensor(type: type, shape: [columns, rows], bytes: turned)
  }
}
