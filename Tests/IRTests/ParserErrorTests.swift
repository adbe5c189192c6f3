import Testing

@testable import TensorIR

/// Each line that ends with `// error: …` must give a diagnostic holding that text, and no other line may give one.
private func check(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
  let parsed = TextParser.parse(text, ops: testOps)
  var found: [Int: [String]] = [:]
  for diagnostic in parsed.diagnostics {
    guard case .source(_, let line, _) = diagnostic.location else { continue }
    found[line, default: []].append(diagnostic.message)
  }
  for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
    let messages = found[index + 1] ?? []
    let parts = line.split(separator: "// error: ")
    if parts.count == 2 {
      #expect(
        messages.contains { $0.contains(parts[1]) }, "line \(index + 1): \(messages)", sourceLocation: sourceLocation)
      #expect(messages.count == 1, "line \(index + 1): \(messages)", sourceLocation: sourceLocation)
    } else {
      #expect(messages.isEmpty, "line \(index + 1): \(messages)", sourceLocation: sourceLocation)
    }
  }
}

@Suite struct ParserErrorTests {
  @Test func everyBadStatementIsReported() {
    check(
      """
      func @f(%x: f32[n, 4]) -> f32[n, 4] {
        %a = rellu %x : f32[n, 4]            // error: did you mean 'relu'?
        %b = relu %missing : f32[n, 4]       // error: '%missing' is not defined
        %c = relu %a, %b : f32[n, 4]
        %d = relu %x : f32[n, 5]             // error: the op infers f32[n, 4], written is f32[n, 5]
        %e = split %x {axis: 7}              // error: split has no axis 7
        %f, %g = split %x {axes: 1}          // error: the attribute 'axis' is missing
        %h, %i = split %x {axis: 1, b: 2}    // error: there is no attribute 'b'
        %j = split %x {axis: 1}              // error: has 2 results, the text names 1
        %x = relu %x                         // error: '%x' is defined twice
        %k = relu %x : f32[m, 4]             // error: the op infers f32[n, 4]
        %l = constant {value: dense(f32, [2], [1])}   // error: do not fill the shape
        %m = constant {value: dense(u8, [1], [256])}  // error: 256 is not a number of type u8
        %n = constant {value: blob(f32, [999], hash "1f")} // error: none was given
        %o = relu %x : f32[4 * ]             // error: expected a dimension, found ']'
        %p = relu %x : f32[floordiv(n, 0)]   // error: a divisor is at least 1
        %q = relu %x : f32[n, 4] in nhwc     // error: does not fit rank 2
        %r = reorder %x {layout: layout(nn)} // error: 'nn' is not a layout
        %s = relu $ %x                       // error: this character has no meaning here
        %t = relu %x at 5                    // error: expected a file name
        return %s
      }
      func @g() {
        return %x                            // error: '%x' is not defined
      }
      """)
  }

  @Test func regionsAreScopes() {
    check(
      """
      func @f(%x: f32[4]) -> f32[4] {
        %a = fused %x {
          %b = relu %x
          %a = fused {
            yield %nothing                   // error: '%nothing' is not defined
          }
          yield %b
        }
        %c = relu %b                         // error: '%b' is not defined
        return %x
      }
      func @g(%x: f32[4]) -> f32[5] {
        return %x                            // error: the header says f32[5], returned is f32[4]
      }
      func @h(%x: f32[4]) -> (f32[4], f32[4]) {
        return %x                            // error: the header has 2 results
      }
      func @i(%x: f32[4]) -> (f32[4] reuses %y) {  // error: '%y' is not a parameter
        return %x
      }
      """)
  }

  @Test func headersAndEndsAreChecked() {
    check(
      """
      nonsense                               // error: expected 'func'
      func @f(%x: g32[4]) {                  // error: 'g32' is not an element type
        return %x
      }
      func @g(%x: f32[n], %x: f32[n]) {      // error: '%x' is defined twice
        return %x
      }
      func @h(%x: f32[n]) where n in 5..3 {  // error: no number satisfies
        return %x
      }
      func @i(%x: f32[n]) {
        %y = relu %x
        yield %y                             // error: expected 'return'
      }
      func @j(%x: f32[n]) {
        %y = relu %x
      }                                      // error: expected 'return'
      func @k(%x: f32[n]) -> f32[n] {
        return %x
      }
      func @l(%x: f32[99999999999999999999]) { // error: not a whole number of 64 bits
        return %x
      }
      """)
  }

  @Test func placesAreExact() {
    let text = "func @f(%\"é\": f32[2]) {\n  %b = relu %\"é\", : f32[2]\n  return %\"é\" }"
    let parsed = TextParser.parse(text, file: "a.tir", ops: testOps)
    #expect(parsed.diagnostics.map(\.description) == ["a.tir:2:19: error: expected a value or '_', found ':' [syntax]"])
    #expect(parsed.functions.count == 1)
  }

  @Test func nestingIsBounded() {
    let deep = 100_000
    let attribute = "func @f() { %a = constant {value: \(String(repeating: "[", count: deep))"
    let region = "func @f() { %a = " + String(repeating: "fused { ", count: deep)
    let dimension = "func @f(%x: f32[" + String(repeating: "(", count: deep)
    let calls = "func @f(%x: f32[" + String(repeating: "min(n, ", count: deep)
    for text in [attribute, region, dimension, calls] {
      let found = TextParser.parse(text, ops: testOps).diagnostics
      #expect(found.contains { $0.id == "too-deep" })
      #expect(found.count <= 100)
    }
    #expect(throws: Diagnostic.self) { try Dimension(text: "n +") }
    #expect(throws: Diagnostic.self) { try Dimension(text: "n m") }
    #expect(throws: Diagnostic.self) { try Dimension(text: "") }
  }
}
