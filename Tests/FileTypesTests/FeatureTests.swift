import Foundation
import Testing

@testable import FileTypes

/// Small sizes, so that each rule can be seen.
private let settings = ModelSettings(
  beginning: 12, ending: 10, block: 20, paddingToken: 256, smallestFile: 8, labels: ["a", "b", "c"],
  thresholds: ["b": 0.9], usualThreshold: 0.5, renamed: ["c": "d"])

private func features(_ text: String) -> Features {
  let bytes = Array(text.utf8)
  return settings.features(size: bytes.count, head: Array(bytes.prefix(20)), tail: Array(bytes.suffix(20)))
}

private func tokens(_ text: String) -> [Int32] { text.utf8.map { $0 == 0x23 ? 256 : Int32($0) } }

struct FeatureTests {
  @Test func longContentGivesBothEnds() {
    #expect(features("0123456789abcdefghijklmnopqrs") == .tokens(tokens("0123456789abjklmnopqrs")))
  }

  @Test func shortContentIsPaddedOutwards() {
    #expect(features("01234567") == .tokens(tokens("01234567####" + "##01234567")))
  }

  @Test func blanksAreStrippedFromTheOuterSides() {
    let content = " \t\n\u{b}\u{c}\r012345678 \n"
    #expect(features(content) == .tokens(tokens("012345678 \n#" + "\r012345678")))
  }

  @Test func noOtherByteIsBlank() {
    let blanks = (UInt8.min...UInt8.max).filter(ModelSettings.isBlank)
    #expect(blanks == [9, 10, 11, 12, 13, 32])
  }

  @Test func fewBytesAreTextOrUnknown() {
    #expect(features("") == .settled(label: "empty"))
    #expect(features("abc") == .settled(label: "txt"))
    #expect(features("         abc        ") == .tokens(tokens("abc        #" + "       abc")))
    #expect(features("                    ") == .settled(label: "txt"))
    let bytes: [UInt8] = [0xFF, 0xFE, 0x00]
    #expect(settings.features(size: 3, head: bytes, tail: bytes) == .settled(label: "unknown"))
  }

  @Test func textIsStrictUTF8() {
    let surrogate: [UInt8] = [0xED, 0xA0, 0x80]
    let overlong: [UInt8] = [0xC0, 0xAF]
    let cut: [UInt8] = [0xE2, 0x82]
    for bytes in [surrogate, overlong, cut] { #expect(ModelSettings.labelOfFewBytes(bytes) == "unknown") }
    #expect(ModelSettings.labelOfFewBytes(Array("é€\u{0}".utf8)) == "txt")
  }
}

struct VerdictTests {
  private let catalogue = Catalogue(
    settings: settings,
    types: [
      "a": ContentType(description: "an a", isText: true), "b": ContentType(description: nil, isText: false),
      "d": ContentType(description: nil, isText: true),
    ])

  @Test func aGoodScoreIsBelieved() {
    #expect(catalogue.verdict(scores: [0.5, 0.2, 0.3]) == ("a", 0.5))
  }

  @Test func aLowScoreGivesAGeneralLabel() {
    #expect(catalogue.verdict(scores: [0.25, 0.125, 0.125]).label == "txt")
    #expect(catalogue.verdict(scores: [0, 0.75, 0.25]).label == "unknown")
  }

  @Test func someLabelsHaveAnotherName() {
    #expect(catalogue.verdict(scores: [0, 0.25, 0.75]).label == "d")
  }

  @Test func theFirstOfEqualsWins() {
    #expect(catalogue.verdict(scores: [0.5, 0.5, 0]).label == "a")
  }

  @Test func aTypeWithoutDescriptionIsItsLabel() {
    #expect(catalogue.describe("a") == "an a")
    #expect(catalogue.describe("b") == "b")
  }
}

struct TableTests {
  @Test func columnsLineUp() {
    let lines = table(of: [
      Detection(path: "x", label: "elf", description: "ELF executable", score: 1, milliseconds: 12.5),
      Detection(path: "longer.py", label: "python", description: "Python", score: 0.5, milliseconds: 2),
    ])
    #expect(
      lines == [
        "file       type    description     score     ms",
        "x          elf     ELF executable  1.000  12.50",
        "longer.py  python  Python          0.500   2.00",
      ])
  }
}
