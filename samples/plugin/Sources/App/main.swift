#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

// Scores, Centre and Surprise are the types that TensorcPlugin wrote for scores.onnx, centre.tir and surprise.tir. Their calls are checked by the
// Swift compiler: inputs are labels, elements have types, and what no input tells (rows, columns) is asked for.
let pixels = (0..<128).map { sin(Float($0)) }
let scores: [Float] = try await Scores.shared(pixels: pixels)
for row in 0..<2 { show("scores", scores[row * 10..<(row + 1) * 10]) }

let (centred, mean) = try await Centre.shared(x: [1, 2, 6, 4, 4, 1], rows: 2, columns: 3)
show("centred", centred[...])
show("means", mean[...])

// A function traced from Swift (Sources/Functions), which takes what the model gives: how far it is from two labels.
let (gradient, loss) = try await Surprise.shared(scores: scores, labels: [3, 7])
show("loss", [loss])
for row in 0..<2 { show("gradient", gradient[row * 10..<(row + 1) * 10]) }

// A mistake is an error that names the input.
do { _ = try await Scores.shared(pixels: [1, 2, 3]) } catch { print(error) }

func show(_ name: String, _ numbers: ArraySlice<Float>) {
  let texts = numbers.map { number in
    let whole = Int((abs(number) * 10_000).rounded())
    let digits = String(whole % 10_000)
    let isNegative = number < 0 && whole > 0
    return "\(isNegative ? "-" : "")\(whole / 10_000).\(String(repeating: "0", count: 4 - digits.count))\(digits)"
  }
  print(name, texts.joined(separator: " "))
}
