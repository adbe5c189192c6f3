import Foundation

/// Numbers of a run over its steps or passes, such as the losses.
public struct Curve: Sendable, Codable, Equatable {
  public var name: String
  public var points: [Point]

  /// A step, counted over the whole run, and a number.
  public struct Point: Sendable, Codable, Equatable {
    public var step: Int
    public var value: Double
  }

  public init(_ name: String) {
    self.name = name
    points = []
  }

  public mutating func add(_ value: Double, at step: Int) { points.append(Point(step: step, value: value)) }

  /// At most so many points, each the mean of those side by side.
  func thinned(to most: Int) -> [Point] {
    let usable = points.filter(\.value.isFinite)
    guard usable.count > most else { return usable }
    return (0..<most).map { place in
      let part = usable[place * usable.count / most..<(place + 1) * usable.count / most]
      let mean = part.reduce(0) { $0 + $1.value } / Double(part.count)
      return Point(step: part[part.startIndex + part.count / 2].step, value: mean)
    }
  }
}

/// One HTML file with the curves of a run, which needs neither scripts nor a network.
public enum Report {
  private static let colours = ["#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed", "#0891b2"]

  /// - Parameters:
  ///   - facts: what stands in a table above: names and values.
  ///   - charts: a title and the curves under it.
  public static func html(
    title: String, facts: [(String, String)], charts: [(title: String, curves: [Curve])]
  ) -> String {
    let rows = facts.map { "<tr><th>\(escaped($0.0))</th><td>\(escaped($0.1))</td></tr>" }.joined(separator: "\n")
    let pictures = charts.filter { $0.curves.contains { !$0.points.isEmpty } }.map(chart).joined(separator: "\n")
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><title>\(escaped(title))</title>
      <style>
      body { font: 15px/1.5 system-ui, sans-serif; max-width: 860px; margin: 2em auto; padding: 0 1em; color: #1f2937; }
      th { text-align: left; padding-right: 2em; font-weight: 500; color: #6b7280; }
      svg { width: 100%; height: auto; border: 1px solid #e5e7eb; border-radius: 6px; }
      text { font: 11px system-ui, sans-serif; fill: #6b7280; }
      </style></head><body>
      <h1>\(escaped(title))</h1>
      <table>
      \(rows)
      </table>
      \(pictures)
      </body></html>

      """
  }

  private static func chart(_ chart: (title: String, curves: [Curve])) -> String {
    let curves = chart.curves.map { ($0.name, $0.thinned(to: 400)) }.filter { !$0.1.isEmpty }
    let all = curves.flatMap(\.1)
    let last = Double(max(all.map(\.step).max() ?? 1, 1))
    let (low, high) = (all.map(\.value).min() ?? 0, all.map(\.value).max() ?? 1)
    let span = high > low ? high - low : 1
    let (left, top, width, height) = (60.0, 15.0, 720.0, 250.0)
    func x(_ step: Int) -> Double { left + width * Double(step) / last }
    func y(_ value: Double) -> Double { top + height * (1 - (value - low) / span) }
    var body = ""
    for line in 0...4 {
      let value = low + span * Double(line) / 4
      let (height, step) = (number(y(value)), Int(last) * line / 4)
      body += "<line x1=\"\(left)\" x2=\"\(left + width)\" y1=\"\(height)\" y2=\"\(height)\" stroke=\"#e5e7eb\"/>"
      body += label(String(format: "%.4g", value), left - 6, y(value) + 4, "text-anchor=\"end\"")
      body += label("\(step)", x(step), top + 268, "text-anchor=\"middle\"")
    }
    for (index, (name, points)) in curves.enumerated() {
      let colour = colours[index % colours.count]
      let places = points.map { (number(x($0.step)), number(y($0.value))) }
      let path = places.map { "\($0),\($1)" }.joined(separator: " ")
      body += "<polyline fill=\"none\" stroke=\"\(colour)\" stroke-width=\"1.6\" points=\"\(path)\"/>"
      if places.count == 1 {
        body += "<circle cx=\"\(places[0].0)\" cy=\"\(places[0].1)\" r=\"3\" fill=\"\(colour)\"/>"
      }
      body += label(escaped(name), left + 10 + 150 * Double(index), top + 286, "style=\"fill: \(colour)\"")
    }
    return "<h2>\(escaped(chart.title))</h2>\n<svg viewBox=\"0 0 800 310\" role=\"img\">\(body)</svg>"
  }

  private static func label(_ text: String, _ x: Double, _ y: Double, _ style: String) -> String {
    "<text x=\"\(number(x))\" y=\"\(number(y))\" \(style)>\(text)</text>"
  }

  private static func number(_ value: Double) -> String { String(format: "%.1f", value) }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
