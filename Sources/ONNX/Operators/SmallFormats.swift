import Foundation
import TensorData
import TensorIR
import TensorOps

extension SmallFormat {
  var carrierType: ElementType { ElementType(rawValue: carrier.rawValue) ?? .f32 }

  /// Floats rounded to the nearest number of this format, halves to even; see ONNX's `Cast`.
  /// - Parameters:
  ///   - saturates: what is beyond the greatest number becomes it; else infinite, or no number.
  ///   - mode: how a power of two is found: up, down or nearest.
  func rounded(_ x: Tensor, saturates: Bool, mode: String = "up") throws -> Tensor {
    guard isFloat else { return integer(x) }
    let wide = x.cast(to: .f32)
    if self == .e8m0 { return try power(wide, saturates: saturates, mode: mode).cast(to: carrierType) }
    let size = wide.absolute()
    // Numbers below the least normal one are multiples of the least.
    let least = Double(sign: .plus, exponent: 1 - bias - mantissaBits, significand: 1)
    let fine = (size / size.like(least)).round() * size.like(least)
    let limit = size.like(Double(sign: .plus, exponent: 1 - bias, significand: 1))
    var near = Tensor.select(size .< limit, fine, coarse(size))
    let top = near.like(greatest)
    let isBeyond = near .> top
    let beyond = saturates || codeOfNaN == nil ? top : near.like(hasInfinity ? .infinity : .nan)
    near = Tensor.select(isBeyond, beyond, near)
    let isNegative = wide.bitCast(to: .i32) .< wide.bitCast(to: .i32).like(0)
    var signed = Tensor.select(isNegative, -near, near)
    if hasOneZero { signed = Tensor.select(near .== near.like(0), near.like(0), signed) }
    // A format without any takes the negative zero for what is no number, as the libraries do that ONNX's tests are made with.
    let bits = wide.bitCast(to: .i32)
    let signedNaN = Tensor.select(isNegative, bits.like(-0x40_0000), bits.like(0x7FC0_0000)).bitCast(to: .f32)
    let none = codeOfNaN == nil ? -near.like(0) : signedNaN
    return Tensor.select(wide.isNaN(), none, signed).cast(to: carrierType)
  }

  /// A normal float with as many bits behind its first as the format has.
  private func coarse(_ size: Tensor) -> Tensor {
    let bits = size.bitCast(to: .i32)
    let drop = 23 - mantissaBits
    let last = Tensor.bitwiseAnd(Tensor.shiftRight(bits, bits.like(Double(drop))), bits.like(1))
    let up = bits + bits.like(Double(1 << (drop - 1) - 1)) + last
    return Tensor.bitwiseAnd(up, bits.like(-Double(1 << drop))).bitCast(to: .f32)
  }

  /// The low bits of a whole number.
  private func integer(_ x: Tensor) -> Tensor {
    let whole = x.elementType == .i32 ? x : x.cast(to: .i32)
    let low = Tensor.bitwiseAnd(whole, whole.like(3))
    return (self == .u2 ? low : Tensor.select(low .> low.like(1), low - low.like(4), low)).cast(to: carrierType)
  }

  /// A power of two near a positive number.
  private func power(_ x: Tensor, saturates: Bool, mode: String) throws -> Tensor {
    let bits = Tensor.bitwiseAnd(x.bitCast(to: .i32), x.bitCast(to: .i32).like(0x7FFF_FFFF))
    let exponent = Tensor.shiftRight(bits, bits.like(23))
    let fraction = Tensor.bitwiseAnd(bits, bits.like(0x7F_FFFF))
    // The least power, 2^-127, is half of the least normal float.
    let isSmall = exponent .== exponent.like(0)
    let raised: Tensor
    switch mode {
    case "up": raised = fraction .> Tensor.select(isSmall, bits.like(0x40_0000), bits.like(0))
    case "down": raised = fraction .< bits.like(0)
    case "nearest": raised = fraction .>= Tensor.select(isSmall, bits.like(0x60_0000), bits.like(0x40_0000))
    default: throw OnnxError("onnx-unsupported-attribute", "its round_mode '\(mode)' is unknown")
    }
    var code = exponent + raised.cast(to: .i32)
    let isBeyond = (exponent .== exponent.like(255)) .| (code .> code.like(254))
    code = Tensor.select(isBeyond, code.like(saturates ? 254 : 255), code)
    if !saturates { code = Tensor.select(bits .== bits.like(0), code.like(255), code) }
    code = Tensor.select(x.isNaN(), code.like(255), code)
    let normal = Tensor.shiftLeft(code, code.like(23))
    let value = Tensor.select(code .== code.like(0), code.like(0x40_0000), normal).bitCast(to: .f32)
    return Tensor.select(code .== code.like(255), value.like(.nan), value)
  }

  /// The bits of numbers of this format.
  func encoded(_ x: Tensor) -> Tensor {
    guard isFloat, let type = ElementType(rawValue: stored.rawValue) else { return x }
    let wide = x.cast(to: .f32)
    let own = wide.bitCast(to: .i32)
    let bits = Tensor.bitwiseAnd(own, own.like(0x7FFF_FFFF))
    var code: Tensor
    if self == .e8m0 {
      code = Tensor.shiftRight(bits, bits.like(23))
    } else {
      let least = Double(sign: .plus, exponent: 1 - bias - mantissaBits, significand: 1)
      let size = wide.absolute()
      let fine = (size / size.like(least)).cast(to: .i32)
      let offset = bits.like(Double((127 - bias) << 23))
      let normal = Tensor.shiftRight(bits - offset, bits.like(Double(23 - mantissaBits)))
      let limit = size.like(Double(sign: .plus, exponent: 1 - bias, significand: 1))
      code = Tensor.select(size .< limit, fine, normal)
      if hasInfinity { code = Tensor.select(wide.isInfinite(), code.like(Double(31 << mantissaBits)), code) }
      let sign = code.like(Double(1 << (mantissaBits + exponentBits)))
      code = Tensor.select(own .< own.like(0), code + sign, code)
    }
    if let codeOfNaN {
      var none = code.like(Double(codeOfNaN))
      if hasSignOfNaN { none = Tensor.select(own .< own.like(0), code.like(Double(codeOfNaN + 0x80)), none) }
      code = Tensor.select(wide.isNaN(), none, code)
    }
    return code.cast(to: type)
  }

  /// The numbers that bits stand for.
  func decoded(_ bits: Tensor, in recorder: TraceRecorder) throws -> Tensor {
    guard isFloat else { return bits }
    let count = 1 << (8 / perByte)
    let codes = Array((0..<count).map { UInt8($0) })
    let packed = perByte == 2 ? (0..<count / 2).map { codes[2 * $0] | codes[2 * $0 + 1] << 4 } : codes
    let table = try ImportedValue.constant(numbers(Data(packed), shape: [count]), in: recorder)
    return table.gather(bits.cast(to: .i32), axis: 0)
  }
}
