import CPNG
import Foundation
import Tensors

/// What is wrong with a picture or its file.
public struct ImageError: Error, Sendable, CustomStringConvertible {
  /// `no-file`, `not-png`, `shape`, `element-type` or `write`.
  public let id: String
  public let text: String
  public var description: String { "error: \(text) [\(id)]" }
}

extension Tensor {
  /// The picture in a PNG file, u8 [channels, height, width]: 1 channel of grey, 2 of grey and opacity, 3 of red, green and
  /// blue, or 4 with opacity, as the file has them. Palettes become colours, and 16 bits 8.
  /// - Throws: ``ImageError``, naming the file.
  public init(png path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ImageError(id: "no-file", text: "there is no file '\(path)'")
    }
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    defer { png_image_free(&image) }
    let bytes = try data.withUnsafeBytes { buffer -> [UInt8] in
      guard png_image_begin_read_from_memory(&image, buffer.baseAddress, buffer.count) != 0 else {
        throw ImageError(id: "not-png", text: "'\(path)' is no PNG file: \(image.text)")
      }
      image.format &= png_uint_32(PNG_FORMAT_FLAG_ALPHA | PNG_FORMAT_FLAG_COLOR)
      var pixels = [UInt8](repeating: 0, count: image.channels * Int(image.width) * Int(image.height))
      guard png_image_finish_read(&image, nil, &pixels, 0, nil) != 0 else {
        throw ImageError(id: "not-png", text: "'\(path)' is damaged: \(image.text)")
      }
      return pixels
    }
    let shape = [Int(image.height), Int(image.width), image.channels]
    // By planes, as networks take pictures.
    self = try Tensor(of: bytes, shape: shape).transposed([2, 0, 1]).evaluate()
  }

  /// Writes a picture [height, width] or [channels, height, width] of 1 to 4 channels as a PNG file, which appears complete
  /// or not at all: u8 as it is, floats from 0 for black to 1, those beyond cut off; NaN is black.
  /// - Throws: ``ImageError``, naming the file; what is wrong with the computation.
  public func save(png path: String) throws {
    guard let shape = type.constantShape, rank == 2 || rank == 3 && (1...4).contains(shape[0]),
      shape.suffix(2).allSatisfy({ (1...1_000_000).contains($0) })
    else {
      throw ImageError(
        id: "shape", text: "'\(path)': a picture is [height, width] or [channels, height, width] of 1 to 4, not \(type)"
      )
    }
    let planes = rank == 2 ? reshaped(to: [1] + self.shape) : self
    let pixels = try planes.transposed([1, 2, 0]).pixels(path)
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    image.width = png_uint_32(shape[shape.count - 1])
    image.height = png_uint_32(shape[shape.count - 2])
    let channels = rank == 2 ? 1 : shape[0]
    image.format =
      (channels > 2 ? png_uint_32(PNG_FORMAT_FLAG_COLOR) : 0)
      | (channels % 2 == 0 ? png_uint_32(PNG_FORMAT_FLAG_ALPHA) : 0)
    // As large as a file of these pixels may become where nothing can be packed.
    var count = pixels.count + pixels.count / 1000 + Int(image.height) + 4096
    var file = [UInt8](repeating: 0, count: count)
    guard png_image_write_to_memory(&image, &file, &count, 0, pixels, 0, nil) != 0 else {
      throw ImageError(id: "write", text: "'\(path)' cannot be written: \(image.text)")
    }
    do { try Data(file.prefix(count)).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
      throw ImageError(id: "write", text: "'\(path)' cannot be written: \(error.localizedDescription)")
    }
  }

  private func pixels(_ path: String) throws -> [UInt8] {
    if elementType == .u8 { return try array(of: UInt8.self) }
    guard elementType.isFloat else {
      throw ImageError(id: "element-type", text: "'\(path)': pixels are u8, or floats from 0 to 1, not \(elementType)")
    }
    return try cast(to: .f32).array(of: Float.self).map {
      UInt8((Swift.max(0, Swift.min(1, $0.isNaN ? 0 : $0)) * 255).rounded())
    }
  }
}

/// Pictures [n, channels, height, width] or [n, height, width] side by side as one, row by row, with a line of background
/// between them.
/// - Parameter columns: pictures in a row.
/// - Returns: [channels, height, width] or [height, width].
public func contactSheet(_ pictures: Tensor, columns: Int, background: Double = 0) -> Tensor {
  let (count, width) = (pictures.shape.first?.constant ?? 0, max(columns, 1))
  let rows = (count + width - 1) / width
  let (row, column) = (pictures.rank - 2, pictures.rank - 1)
  let blank = Tensor.full(background, pictures.shape.dropFirst().compactMap(\.constant), pictures.elementType)
  func joined(_ list: [Tensor], axis: Int) -> Tensor {
    Tensor.concat(list.map { $0.padded(after: axis, background) }, axis: axis)
  }
  let lines = (0..<rows).map { line in
    joined(
      (0..<width).map { place in
        let number = line * width + place
        guard number < count else { return blank }
        return pictures.sliced(axis: 0, start: Dimension(number), size: 1).squeezed(axes: [0])
      }, axis: column - 1)
  }
  return joined(lines, axis: row - 1)
}

extension Tensor {
  /// With one more line behind an axis.
  fileprivate func padded(after axis: Int, _ value: Double) -> Tensor {
    var extents = shape
    extents[axis] = 1
    return Tensor.concat([self, full(value, extents)], axis: axis)
  }
}

extension png_image {
  fileprivate var channels: Int {
    (format & png_uint_32(PNG_FORMAT_FLAG_COLOR) != 0 ? 3 : 1)
      + (format & png_uint_32(PNG_FORMAT_FLAG_ALPHA) != 0 ? 1 : 0)
  }

  /// What libpng says.
  fileprivate var text: String {
    withUnsafeBytes(of: message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
