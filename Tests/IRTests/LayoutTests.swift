import Testing

@testable import TensorIR

@Suite struct LayoutTests {
  @Test(arguments: [
    (Layout.plain, "plain"), (Layout.channelsLast(rank: 4), "nhwc"), (Layout.channelsLast(rank: 3), "acb"),
    (Layout(order: [0, 1, 2, 3], blocks: [.init(axis: 1, size: 16)]), "nChw16c"),
    (Layout(order: [0, 1], blocks: [.init(axis: 0, size: 8), .init(axis: 1, size: 4)]), "AB8a4b"),
    (Layout(order: [1, 0]), "ba"), (Layout(order: [0], blocks: [.init(axis: 0, size: 64)]), "A64a"),
  ])
  func textReadsBack(layout: Layout, text: String) {
    #expect(layout.description == text)
    #expect(Layout(text) == layout)
  }

  @Test(arguments: ["", "nn", "nchx", "nChw", "nchw16c", "nChw0c", "nChw16", "16", "nChw16cc", "é", "n16hwc", "ac"])
  func otherTextsAreRefused(text: String) {
    #expect(Layout(text) == nil)
  }

  @Test func aLayoutFitsOneRank() {
    #expect(Layout("nhwc", rank: 4) != nil)
    #expect(Layout("nhwc", rank: 3) == nil)
    #expect(Layout.plain.fits(rank: 7))
  }

  @Test func storedShapeCountsPadding() {
    let layout = Layout("nChw16c", rank: 4) ?? .plain
    #expect(layout.storedShape([1, 24, 5, 5]) == [1, 2, 5, 5, 16])
    #expect(TensorType(.f32, [1, 24, 5, 5], layout: layout).byteCount == 3200)
  }
}
