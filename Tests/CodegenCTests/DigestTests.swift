import Foundation
import Testing

@testable import TensorCodegenC

/// The examples of FIPS 180-4 and of NIST's CAVP, with the processor's instructions and without.
@Suite struct DigestTests {
  static let examples: [(Data, String)] = [
    (Data(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (Data("abc".utf8), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      Data("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      Data(
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"
          .utf8),
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
    (
      Data(repeating: UInt8(ascii: "a"), count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
    (Data([0xBD]), "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b"),
    (
      Data([0xC9, 0x8C, 0x8E, 0x55]), "7abc22c0ae5af26ce93dbb94433a0e0b2e119d014f8e7f65bd56c61ccccd9504"
    ),
  ]

  @Test(arguments: [true, false]) func agreesWithTheStandard(plain: Bool) {
    for (bytes, expected) in Self.examples {
      // In one piece, and in pieces that end in the middle of blocks.
      for piece in [max(bytes.count, 1), 1000, 63, 64, 7] where bytes.count / piece < 20_000 {
        var hash = SHA256(plain: plain)
        for start in stride(from: 0, to: bytes.count, by: piece) { hash.update(bytes[start...].prefix(piece)) }
        #expect(hash.text() == expected, "\(bytes.count) bytes in pieces of \(piece)")
      }
    }
  }

  /// Lengths about the ends of blocks, where the padding takes one block or two.
  @Test func bothWaysAgreeAtEveryLength() {
    let bytes = Data((0..<300).map { UInt8(truncatingIfNeeded: $0 &* 37) })
    var digests: Set<String> = []
    for count in 0...300 {
      var (plain, fast) = (SHA256(plain: true), SHA256())
      plain.update(bytes.prefix(count))
      fast.update(bytes.prefix(count))
      #expect(plain.text() == fast.text(), "\(count) bytes")
      digests.insert(plain.text())
    }
    #expect(digests.count == 301)
  }

  @Test func fieldsDoNotRunIntoEachOther() {
    func digest(_ fields: [String]) -> String {
      var hash = SHA256()
      for field in fields { hash.add(field) }
      return hash.text()
    }
    #expect(Set([["ab", "c"], ["a", "bc"], ["abc"], ["abc", ""], ["", "abc"]].map(digest)).count == 5)
  }
}
