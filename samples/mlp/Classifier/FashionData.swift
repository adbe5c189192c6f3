import Foundation
import TensorTraining

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
    guard FileManager.default.fileExists(atPath: folder) else {
      throw TrainingError(
        "there is no folder '\(folder)': install the package dataset-fashion-mnist, or pass --data FOLDER")
    }
    images = try DataFile.idx("\(folder)/\(name)-images-idx3-ubyte").bytes
    labels = try DataFile.idx("\(folder)/\(name)-labels-idx1-ubyte").bytes
    guard images.count == labels.count * FashionData.pixels else {
      throw TrainingError("\(folder): \(labels.count) labels do not fit \(images.count) pixels")
    }
  }

  /// Some examples as tensors: pixels as they are, u8 [n, 784], and labels, i64 [n].
  public func batch(_ indices: [Int]) throws -> (images: Tensor, labels: Tensor) {
    let size = FashionData.pixels
    let pixels = indices.flatMap { images[$0 * size..<($0 + 1) * size] }
    return (Tensor(of: pixels, shape: [indices.count, size]), Tensor(of: indices.map { Int64(labels[$0]) }))
  }
}

extension Tensor {
  /// Pixels as floats from 0 to 1.
  var brightness: Tensor { cast(to: .f32) / 255 }
}
