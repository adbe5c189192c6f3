extension Tuning {
  /// A number worth measuring, because no rule knows it for every machine and model.
  public struct Choice: Sendable {
    /// Where it stands, as `products.leftElements`.
    public var name: String
    /// What it may be; the default comes first.
    public var candidates: [Int]
    let read: @Sendable (Tuning) -> Int
    let write: @Sendable (inout Tuning, Int) -> Void

    init(
      _ name: String, _ candidates: [Int], _ read: @escaping @Sendable (Tuning) -> Int,
      _ write: @escaping @Sendable (inout Tuning, Int) -> Void
    ) {
      (self.name, self.candidates, self.read, self.write) = (name, candidates, read, write)
    }
  }

  /// All that may be measured.
  public static let choices: [Choice] = [
    Choice("products.winograd", [1, 0], { $0.products.usesWinograd ? 1 : 0 }, { $0.products.usesWinograd = $1 != 0 }),
    Choice("products.leftElements", [1 << 19, 1 << 17, 1 << 16], \.products.leftElements) {
      $0.products.leftElements = $1
    },
    Choice("products.leastBanded", [1 << 18, 1 << 16, 1 << 22], \.products.leastBanded) {
      $0.products.leastBanded = $1
    },
    Choice("products.bandElements", [1 << 16, 1 << 18], \.products.bandElements) { $0.products.bandElements = $1 },
    Choice("products.mostUnrolledSums", [16, 0, 32], \.products.mostUnrolledSums) { $0.products.mostUnrolledSums = $1 },
    Choice("attention.keys", [256, 128, 512], \.attention.keys) { $0.attention.keys = $1 },
    Choice("depthwise.mostPixels", [8, 4], \.depthwise.mostPixels) { $0.depthwise.mostPixels = $1 },
  ]

  /// What the choice of a name is.
  public subscript(choice: Choice) -> Int {
    get { choice.read(self) }
    set { choice.write(&self, newValue) }
  }
}
