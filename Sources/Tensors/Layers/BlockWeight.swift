import TensorIR
import TensorOps

/// A weight [inputs, outputs] in few bits: in each column, numbers in blocks with a scale, read as they are by products
/// (``MatmulNBits``). It is not trained; what is computed with it is differentiated as ever.
public struct BlockWeight: TensorContainer, Sendable {
  /// Numbers in two's complement, the first in the low bits: u8 [outputs, inputs · bits / 8].
  public private(set) var codes: Tensor
  /// f32 [outputs, inputs / block].
  public private(set) var scales: Tensor
  public let bits: Int
  public let block: Int
  /// The element type of the weight that it stands for.
  let elementType: ElementType

  /// The nearest numbers to a weight, those of the greatest size in a block being the greatest that the bits hold.
  /// - Parameters:
  ///   - bits: 4 or 8.
  ///   - block: a multiple of 32 / bits that divides the inputs.
  /// - Throws: `block-weight` where the sizes do not fit, or are not known.
  public init(_ weight: Tensor, bits: Int, block: Int) throws {
    guard let shape = weight.type.constantShape, shape.count == 2, weight.elementType.isFloat, [4, 8].contains(bits),
      block > 0, block % (32 / bits) == 0, shape[0] % block == 0
    else {
      throw Diagnostic(
        "block-weight",
        "a weight [inputs, outputs] of floats is held in 4 or 8 bits in blocks that divide its inputs, of a multiple of "
          + "\(32 / (bits == 8 ? 8 : 4)) numbers; \(weight.type) is not, in \(bits) bits and blocks of \(block)")
    }
    (self.bits, self.block, elementType) = (bits, block, weight.elementType)
    let (inputs, outputs) = (shape[0], shape[1])
    let greatest = Double(1 << (bits - 1) - 1)
    let blocks = weight.cast(to: .f32).transposed([1, 0]).reshaped(to: [outputs, inputs / block, block])
    let largest = blocks.absolute().max(axes: [-1], keepAxes: true)
    let scales = Tensor.select(largest .> 0, largest / greatest, largest.like(1))
    let numbers = (blocks / scales).round().clip(minimum: -greatest, maximum: greatest).cast(to: .i32)
    // Two's complement of so many bits, then as many beside each other as a byte has room for.
    let raw = Tensor.bitwiseAnd(numbers, numbers.like(Double(1 << bits - 1)))
      .reshaped(to: [outputs, inputs * bits / 8, 8 / bits])
    let places = Tensor((0..<8 / bits).map { Double(1 << ($0 * bits)) }, shape: [8 / bits], .i32)
    codes = (raw * places).sum(axes: [-1]).cast(to: .u8)
    self.scales = scales.reshaped(to: [outputs, inputs / block])
  }

  public mutating func visit(_ visitor: TensorVisitor) {
    visitor.untrained("codes", &codes)
    visitor.untrained("scales", &scales)
  }

  /// `x·W`, in which the weight stays codes until it is in registers.
  func product(_ x: Tensor) -> Tensor {
    x.cast(to: .f32).matmulNBits(codes: codes, scales: scales, bits: bits, block: block).cast(to: x.elementType)
  }

  /// The weight as floats, [inputs, outputs].
  var values: Tensor {
    MatmulNBits(bits: bits, block: block).weights(codes: codes, scales: scales).transposed([1, 0]).cast(to: elementType)
  }
}
