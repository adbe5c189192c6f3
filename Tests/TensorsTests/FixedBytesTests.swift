import TensorIR
import Testing

@testable import Tensors

/// The quick way to see that nothing fixed has changed sees what the thorough one does.
@Suite struct FixedBytesTests {
  struct Part: Module {
    var weight = Tensor([1])
    var rate = 0.5
    var count = 0
    var name = "a"
  }

  struct Other: Module {
    var weight = Tensor([1])
    var rate = 0.5
  }

  struct Whole: Module {
    var parts = [Part(), Part()]
    var perhaps: Part? = Part()
    var any: any Module = Part()
    var list: [any Module] = [Part(), Other()]
    var activation = Activation.relu
    var isOn = true
    var losses: [Double] = []
    var table = ["x": Part()]
    let optimizer: Adam

    init(rate: Double = 0.25) { optimizer = Adam(rate: rate) }
  }

  private func changed(_ change: (inout Whole) -> Void) throws -> Bool {
    var whole = Whole()
    let before = try #require(FixedBytes(whole))
    change(&whole)
    let isChanged = try #require(FixedBytes(whole)) != before
    // What the bytes do not see, the values must not see either.
    if !isChanged { try FixedValues(Whole()).check(whole) }
    return isChanged
  }

  @Test func whatIsFixedIsSeen() throws {
    #expect(try changed { $0.parts[1].rate = 0.75 })
    #expect(try changed { $0.parts.append(Part()) })
    #expect(try changed { $0.perhaps?.rate = 0.75 })
    #expect(try changed { $0.perhaps = nil })
    #expect(try changed { $0.any = Other() })
    #expect(try changed { $0.list[0] = Part(rate: 0.75) })
    #expect(try changed { $0.list.swapAt(0, 1) })
    #expect(try changed { $0.activation = .tanh })
    #expect(try changed { $0.isOn = false })
    #expect(FixedBytes(Whole(rate: 0.25)) == FixedBytes(Whole()))
    #expect(FixedBytes(Whole(rate: 0.5)) != FixedBytes(Whole()))
  }

  @Test func whatMayChangeIsNot() throws {
    #expect(try !changed { $0.parts[1].weight = Tensor([2]) })
    #expect(try !changed { $0.parts[1].count = 7 })
    #expect(try !changed { $0.perhaps?.name = "b" })
    #expect(try !changed { $0.losses.append(3) })
    #expect(try !changed { $0.table["y"] = Part() })
  }

  /// A value that bytes do not tell is looked at the thorough way.
  @Test func theRestIsLeftToTheValues() throws {
    enum Choice { case text(String), number(Double) }
    struct Odd: Module {
      var weight = Tensor([1])
      var choice = Choice.number(0.5)
    }
    #expect(FixedBytes(Odd()) == nil)
    let fixed = FixedValues(Odd())
    try fixed.check(Odd())
    #expect(throws: Diagnostic.self) { try fixed.check(Odd(choice: .number(0.25))) }
  }

  /// A weak reference lies in memory as no optional does.
  @Test func objectsAreLeftOut() throws {
    final class Owner {}
    struct Owned: Module {
      var weight = Tensor([1])
      var rate = 0.5
      weak var owner: Owner?
    }
    let owner = Owner()
    let owned = Owned(owner: owner)
    for _ in 0..<3 { #expect(FixedBytes(owned) == FixedBytes(Owned())) }
    try FixedValues(Owned()).check(owned)
    withExtendedLifetime(owner) {}
  }

  /// Bytes that were found to be right do not stand for others that are not.
  @Test func acceptedBytesAreNotKept() throws {
    let fixed = FixedValues(Whole())
    var whole = Whole()
    for _ in 0..<2 {
      try fixed.check(whole)
      whole.parts[0].rate = 0.75
      #expect(throws: Diagnostic.self) { try fixed.check(whole) }
      whole.parts[0].rate = 0.5
      whole.parts[0].count += 1
    }
  }
}
