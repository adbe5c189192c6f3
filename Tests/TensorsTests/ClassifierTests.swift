import Classifier
import Testing

@testable import Tensors

/// The sample in short: pictures whose class is the brightest of ten stripes.
@Suite struct ClassifierTests {
  private func stripes(_ count: Int, seed: UInt64) -> FashionData {
    var random = RandomNumbers(seed: seed)
    let order = random.permutation(count)
    var images = [UInt8](repeating: 0, count: count * FashionData.pixels)
    for row in 0..<count {
      let label = order[row] % 10
      for pixel in 0..<FashionData.pixels {
        images[row * FashionData.pixels + pixel] = UInt8(
          (pixel * 31 + order[row] * 17) % 90 + (pixel / 79 == label ? 120 : 0))
      }
    }
    return FashionData(images: images, labels: order.map { UInt8($0 % 10) })
  }

  @Test(arguments: [Activation.relu, .tanh]) func trains(_ activation: Activation) throws {
    var run = try Training(activation: activation, units: 16)
    let data = stripes(640, seed: 4)
    let losses = try (0..<6).map { _ in try run.epoch(data) }
    #expect(losses[5] < losses[0] / 2)
    #expect(try run.accuracy(stripes(200, seed: 5)) > 0.9)
    #expect(run.stepIR.donations.count == run.trainer.tensors.count)
  }

  /// A third of a pass over the real pictures, of the Debian package dataset-fashion-mnist.
  @Test func learnsToNameClothes() throws {
    let folder = "/usr/share/datasets/fashion-mnist"
    var run = try Training()
    _ = try run.epoch(try FashionData(folder, "train"), limit: 300)
    let test = try FashionData(folder, "t10k")
    #expect(test.count == 10_000)
    #expect(try run.accuracy(test) > 0.75)
  }
}
