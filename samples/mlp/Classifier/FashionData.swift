import Foundation
import Tensors

/// Fashion-MNIST (Xiao, Rasul, Vollgraf, 2017): 28×28 pixels in grey, ten kinds of clothing.
public struct FashionData {
  /// Rows of 784 bytes.
  public let images: [UInt8]
  public let labels: [UInt8]
  public var count: Int { labels.count }
  public static let pixels = 784

  public init(images: [UInt8], labels: [UInt8]) {
    self.images = images
    self.labels = labels
  }

  /// Reads a pair of files in the idx format, `train` or `t10k`, packed or not.
  public init(_ folder: String, _ name: String) throws {
    images = try IdxFile(folder, "\(name)-images-idx3-ubyte", dimensions: 3).elements
    labels = try IdxFile(folder, "\(name)-labels-idx1-ubyte", dimensions: 1).elements
    guard images.count == labels.count * FashionData.pixels else {
      throw DataError(text: "\(folder): \(labels.count) labels do not fit \(images.count) pixels")
    }
  }

  /// Some examples as tensors: pixels from 0 to 1, f32 [n, 784], and labels, i64 [n].
  public func batch(_ indices: [Int]) throws -> (images: Tensor, labels: Tensor) {
    let pixels = FashionData.pixels
    let floats = [Float](unsafeUninitializedCapacity: indices.count * pixels) { buffer, count in
      for (row, index) in indices.enumerated() {
        for column in 0..<pixels { buffer[row * pixels + column] = Float(images[index * pixels + column]) / 255 }
      }
      count = indices.count * pixels
    }
    let numbers = indices.map { Int64(labels[$0]) }
    return (Tensor(of: floats, shape: [indices.count, pixels]), Tensor(of: numbers))
  }
}

/// A mistake in the data files.
public struct DataError: Error, CustomStringConvertible {
  public let text: String
  public init(text: String) { self.text = text }
  public var description: String { "error: \(text)" }
}

/// A file of the idx format: two zeros, the element type (8: bytes), the number of dimensions, their sizes in big-endian.
struct IdxFile {
  let elements: [UInt8]

  init(_ folder: String, _ name: String, dimensions: Int) throws {
    let bytes = try IdxFile.read(folder, name)
    let header = 4 + 4 * dimensions
    guard bytes.count >= header, bytes[0] == 0, bytes[1] == 0, bytes[2] == 8, Int(bytes[3]) == dimensions else {
      throw DataError(text: "'\(name)' is not an idx file of bytes with \(dimensions) dimensions")
    }
    var count = 1
    for dimension in 0..<dimensions {
      let size = bytes[4 + 4 * dimension..<8 + 4 * dimension].reduce(0) { $0 << 8 | Int($1) }
      count = count.multipliedReportingOverflow(by: size).partialValue
    }
    guard count == bytes.count - header else { throw DataError(text: "'\(name)' is cut short") }
    elements = Array(bytes[header...])
  }

  /// The bytes of a file, through gzip where it is packed.
  private static func read(_ folder: String, _ name: String) throws -> [UInt8] {
    let path = "\(folder)/\(name)"
    if let data = FileManager.default.contents(atPath: path) { return [UInt8](data) }
    guard FileManager.default.isReadableFile(atPath: path + ".gz") else {
      throw DataError(
        text: "there is no '\(path).gz': install the package dataset-fashion-mnist, or pass --data FOLDER")
    }
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", path + ".gz"]
    process.standardOutput = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw DataError(text: "'\(path).gz' cannot be unpacked") }
    return [UInt8](data)
  }
}
