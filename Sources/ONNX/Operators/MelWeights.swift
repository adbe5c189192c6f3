import Foundation
import TensorData
import TensorIR
import TensorOps

extension OnnxOperators {
  /// The triangles of a mel filter bank, [frequencies, bands], computed at import from numbers known there.
  static func melWeights(_ node: NodeConversion) throws -> HostTensor {
    func number(_ index: Int, _ name: String) throws -> Double {
      guard let found = try node.literal(index), found.elementCount == 1, let value = found.number(0) else {
        throw OnnxError("onnx-mel", "its \(name) is not one number")
      }
      return value
    }
    let bands = try number(0, "num_mel_bins")
    let length = try number(1, "dft_length")
    let rate = try number(2, "sample_rate")
    guard (1...4096).contains(bands), (1...65536).contains(length), rate > 0 else {
      throw OnnxError("onnx-mel", "\(bands) bands of a transform of length \(length) at a rate of \(rate)")
    }
    let edgesRange = -1e9...1e9
    guard edgesRange.contains(try number(3, "lower_edge_hertz")),
      edgesRange.contains(try number(4, "upper_edge_hertz")),
      (1e-9...1e9).contains(rate)
    else { throw OnnxError("onnx-mel", "its edges or its sample rate are no frequencies") }
    func mel(_ frequency: Double) -> Double { 2595 * log10(1 + frequency / 700) }
    let lowest = mel(try number(3, "lower_edge_hertz"))
    let step = (mel(try number(4, "upper_edge_hertz")) - lowest) / (bands + 2)
    // The frequencies at which triangles begin, peak and end.
    let edges = try (0..<Int(bands) + 2).map { index in
      let frequency = 700 * (pow(10, (Double(index) * step + lowest) / 2595) - 1)
      let place = ((length + 1) * frequency / rate).rounded(.down)
      guard place.magnitude < 1e15 else { throw OnnxError("onnx-mel", "its edges are no frequencies") }
      return Int(place)
    }
    let (rows, columns) = (Int(length) / 2 + 1, Int(bands))
    var weights = [Float](repeating: 0, count: rows * columns)
    for band in 0..<columns {
      for row in 0..<rows {
        weights[row * columns + band] = Float(triangle(row, edges[band], edges[band + 1], edges[band + 2]))
      }
    }
    let tensor = try HostTensor(type: .f32, shape: [rows, columns], elements: weights)
    let code = try node.integer("output_datatype") ?? 1
    guard try elementType(code) == .f32 else { throw OnnxError("onnx-element-type", "it is supported as f32 only") }
    return tensor
  }

  /// Rising from the first place to the second, falling to the third, which it does not reach.
  private static func triangle(_ place: Int, _ first: Int, _ peak: Int, _ last: Int) -> Double {
    if place == peak { return 1 }
    if place >= first && place < peak { return Double(place - first) / Double(peak - first) }
    return place > peak && place < last ? Double(last - place) / Double(last - peak) : 0
  }
}
