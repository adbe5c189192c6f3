import Foundation

/// Curves over the steps of a run in one picture. Lines are drawn in a square of 1000 that is stretched to what room there is;
/// numbers and names stand beside it as text, which keeps its size.
struct ReportChart {
  private static let size = 1000.0
  private static let colourCount = 6

  private let title: String
  private let curves: [(name: String, points: [Curve.Point])]
  /// How many numbers are not finite and so have no place.
  private let left: Int
  private let steps: Ticks
  private let values: Ticks

  init(_ title: String, _ curves: [Curve]) {
    self.title = title
    self.curves = curves.map { ($0.name, $0.thinned(to: 400)) }.filter { !$0.1.isEmpty }
    left = curves.reduce(0) { $0 + $1.points.filter { !$0.value.isFinite }.count }
    let points = self.curves.flatMap(\.points)
    steps = Ticks(0, Double(max(points.map(\.step).max() ?? 1, 1)), isWhole: true)
    values = Ticks(points.map(\.value).min() ?? 0, points.map(\.value).max() ?? 1, isWhole: false)
  }

  var html: String {
    let grid = values.places.map { place in
      "<line class=\"grid\" x1=\"0\" x2=\"1000\" y1=\"\(y(place))\" y2=\"\(y(place))\"/>"
    }
    let labels =
      values.places.map {
        "<span class=\"y\" style=\"top: \(percent(1 - values.share($0)))\">\(values.text($0))</span>"
      }
      + steps.places.map { "<span class=\"x\" style=\"left: \(percent(steps.share($0)))\">\(steps.text($0))</span>" }
    return """
      <h2>\(Report.escaped(title))</h2>
      <figure class="chart"><div class="plot">
      <svg viewBox="0 0 1000 1000" preserveAspectRatio="none" role="img" aria-label="\(quoted(title)) over the steps">
      \((grid + curves.indices.map(curve)).joined(separator: "\n"))
      </svg>
      \(labels.joined(separator: "\n"))
      </div><figcaption>\(legend)</figcaption></figure>
      """
  }

  private func curve(_ index: Int) -> String {
    let (name, points) = curves[index]
    let stroke = "stroke=\"var(--c\(index % ReportChart.colourCount))\""
    let tip = "<title>\(Report.escaped(name))</title>"
    let places = points.map { "\(x(Double($0.step))),\(y($0.value))" }
    // A line of no length with round ends is a dot, whichever way the picture is stretched.
    if places.count == 1 { return "<path class=\"point\" \(stroke) d=\"M\(places[0])h0\">\(tip)</path>" }
    return "<polyline class=\"curve\" \(stroke) points=\"\(places.joined(separator: " "))\">\(tip)</polyline>"
  }

  private var legend: String {
    var parts = curves.enumerated().map { index, curve in
      "<span><i style=\"background: var(--c\(index % ReportChart.colourCount))\"></i>\(Report.escaped(curve.name))</span>"
    }
    parts.append("<span>over steps</span>")
    if left > 0 { parts.append("<span>\(left) not finite, left out</span>") }
    return parts.joined()
  }

  private func x(_ step: Double) -> String { String(format: "%.1f", steps.share(step) * ReportChart.size) }
  private func y(_ value: Double) -> String { String(format: "%.1f", (1 - values.share(value)) * ReportChart.size) }
  private func percent(_ share: Double) -> String { String(format: "%.2f%%", share * 100) }
  private func quoted(_ text: String) -> String { Report.escaped(text).replacing("\"", with: "&quot;") }
}

/// Round numbers along an axis: multiples of 1, 2 or 5 times a power of 10.
struct Ticks {
  let places: [Double]
  private let first: Double
  private let span: Double
  private let step: Double
  private let isWhole: Bool

  /// About five numbers, from one at or below `low` to one at or above `high`; an axis of whole numbers ends at `high`.
  init(_ low: Double, _ high: Double, isWhole: Bool) {
    // Numbers that are all alike, or nearly, get room around them.
    let least = max(abs(low), abs(high)) * 1e-6
    let (low, high) = high - low > least ? (low, high) : (low - max(least, 0.5), high + max(least, 0.5))
    let rough = (high - low) / 5
    let power = pow(10, floor(log10(rough)))
    let factor = [1, 2, 5, 10].first { $0 * power >= rough * 0.999 } ?? 10
    self.isWhole = isWhole
    step = isWhole ? max((factor * power).rounded(), 1) : factor * power
    first = (low / step).rounded(.down)
    let last = (high / step).rounded(isWhole ? .down : .up)
    let step = step
    places = (0...Int(last - first)).map { [first] in (first + Double($0)) * step }
    span = (isWhole ? high : last * step) - first * step
  }

  /// Where a number lies between the axis' ends, from 0 to 1.
  func share(_ value: Double) -> Double { (value - first * step) / span }

  func text(_ place: Double) -> String {
    // What is left of a sum of tenths is no number to print.
    let value = (place / step).rounded() == 0 ? 0 : place
    return isWhole ? "\(Int(value))" : String(format: "%.6g", value)
  }
}
