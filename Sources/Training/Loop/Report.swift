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

/// Numbers in rows, each as long as the header.
public struct ReportTable: Sendable {
  public var header: [String]
  public var rows: [[String]]

  public init(header: [String], rows: [[String]]) {
    self.header = header
    self.rows = rows
  }
}

extension ReportTable {
  /// A row for each pass.
  init(_ passes: [PassSummary]) {
    let metrics = Set(passes.flatMap(\.metrics.keys)).sorted()
    func text(_ value: Double?) -> String { value.map { String(format: "%.4f", $0) } ?? "" }
    header = ["pass", "steps", "training loss", "validation loss"] + metrics
    rows = passes.map { pass in
      ["\(pass.pass)", "\(pass.step)", text(pass.trainingLoss), text(pass.validationLoss)]
        + metrics.map { text(pass.metrics[$0]) }
    }
  }
}

/// One HTML file with the curves of a run, which needs neither scripts nor a network, on wide and narrow screens, light and
/// dark ones.
public enum Report {
  /// - Parameters:
  ///   - facts: what stands above the charts: names and values.
  ///   - charts: a title and the curves under it.
  ///   - table: what stands below the charts.
  public static func html(
    title: String, facts: [(String, String)], charts: [(title: String, curves: [Curve])], table: ReportTable? = nil
  ) -> String {
    let rows = facts.map { "<tr><th>\(escaped($0.0))</th><td>\(escaped($0.1))</td></tr>" }.joined(separator: "\n")
    let pictures = charts.filter { $0.curves.contains { !$0.points.isEmpty } }.map {
      ReportChart($0.title, $0.curves).html
    }
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
      <title>\(escaped(title))</title>
      <style>
      \(style)
      </style></head><body>
      <h1>\(escaped(title))</h1>
      <table class="facts">
      \(rows)
      </table>
      \(pictures.joined(separator: "\n"))
      \(table.map(html) ?? "")
      </body></html>

      """
  }

  private static func html(_ table: ReportTable) -> String {
    func row(_ cells: [String], _ tag: String) -> String {
      "<tr>" + cells.map { "<\(tag)>\(escaped($0))</\(tag)>" }.joined() + "</tr>"
    }
    let rows = [row(table.header, "th")] + table.rows.map { row($0, "td") }
    return
      "<h2>Passes</h2>\n<div class=\"wide\"><table class=\"passes\">\n\(rows.joined(separator: "\n"))\n</table></div>"
  }

  static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }

  private static let style = """
    :root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --faint: #6b7280; --line: #e1e4e8;
      --c0: #2563eb; --c1: #dc2626; --c2: #047857; --c3: #b45309; --c4: #7c3aed; --c5: #0e7490; }
    @media (prefers-color-scheme: dark) { :root { --paper: #14181d; --ink: #e6edf3; --faint: #9aa4ae; --line: #2d343c;
      --c0: #6ea8fe; --c1: #ff7b72; --c2: #4cc38a; --c3: #f0b35a; --c4: #b794f6; --c5: #56c7d8; } }
    body { font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; max-width: 860px; margin: 2em auto; padding: 0 1em;
      background: var(--paper); color: var(--ink); }
    h1 { font-size: 22px; overflow-wrap: anywhere; } h2 { font-size: 17px; margin: 1.6em 0 .4em; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
    th { font-weight: 500; color: var(--faint); }
    .facts th { text-align: left; padding-right: 2em; }
    .wide { overflow-x: auto; }
    .passes th, .passes td { text-align: right; padding: 2px 0 2px 1.6em; white-space: nowrap; }
    .passes th:first-child, .passes td:first-child { padding-left: 0; }
    .passes tr + tr { border-top: 1px solid var(--line); }
    figure { margin: 0; }
    .plot { position: relative; height: 260px; margin: 14px 20px 30px 64px; }
    .plot svg { position: absolute; width: 100%; height: 100%; overflow: visible; }
    .plot svg * { vector-effect: non-scaling-stroke; fill: none; }
    .plot .grid { stroke: var(--line); stroke-width: 1; }
    .plot .curve { stroke-width: 1.6; stroke-linejoin: round; }
    .plot .point { stroke-width: 6; stroke-linecap: round; }
    .plot span { position: absolute; font-size: 12px; line-height: 16px; color: var(--faint); white-space: nowrap; }
    .plot .y { right: 100%; padding-right: 8px; transform: translateY(-50%); }
    .plot .x { top: calc(100% + 8px); transform: translateX(-50%); }
    figcaption { font-size: 13px; color: var(--faint); margin-left: 64px; display: flex; flex-wrap: wrap; gap: 2px 18px; }
    figcaption i { display: inline-block; width: 14px; height: 3px; border-radius: 2px; margin-right: 6px; vertical-align: 3px; }
    """
}
