import TensorIR
import TensorOps

extension OpSamples {
  private static func quantize(
    _ type: ElementType, _ codes: ElementType, _ x: [Int], _ factors: [Int] = [], _ values: SampleOperand.Values? = nil
  ) -> OpSample {
    let range = codes.codes ?? 0...0
    let reach = Double(range.upperBound - range.lowerBound)
    return OpSample(
      Quantize(to: codes), SampleOperand(type, x, values ?? .uniform(-0.4 * reach, 0.4 * reach)),
      SampleOperand(type, factors, .uniform(0.25, 1)),
      SampleOperand(codes, factors, .uniform(Double(range.lowerBound), Double(range.upperBound))), hasGradient: false)
  }

  private static func dequantize(
    _ type: ElementType, _ codes: ElementType, _ x: [Int], _ factors: [Int] = []
  ) -> OpSample {
    let range = codes.codes ?? -9999...9999
    let values = SampleOperand.Values.uniform(Double(range.lowerBound), Double(range.upperBound))
    return OpSample(
      Dequantize(), SampleOperand(codes, x, values), SampleOperand(type, factors, .uniform(0.25, 1)),
      SampleOperand(codes, factors, values), hasGradient: type == .f32)
  }

  private static let codes: [ElementType] = [.u8, .i8, .u16, .i16, .u4, .i4]

  /// Every type of codes, but that a result of four bits has half a byte that nobody writes; one scale and one for each place on an axis; halves, infinities and NaN.
  static let quantised: [OpSample] =
    codes.filter { $0.bitWidth >= 8 }.map { quantize(.f32, $0, [3, 17]) } + codes.map { dequantize(.f32, $0, [3, 17]) }
    + [.f16, .bf16].flatMap { [quantize($0, .u8, [7]), dequantize($0, .i8, [7])] }
    + [
      quantize(.f32, .i8, [2, 3, 5], [3, 1]), quantize(.f32, .u8, []), quantize(.f32, .u8, [0]),
      quantize(.f32, .i8, [9], [], .list([0.5, 1.5, 2.5, -0.5, -1.5, .nan, .infinity, -.infinity, 0])),
      dequantize(.f32, .u8, [2, 3, 5], [3, 1]), dequantize(.f32, .i32, [7]), dequantize(.f64, .u8, [3, 17]),
      dequantize(.f32, .u8, [0]),
    ]
}
