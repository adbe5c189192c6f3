import Foundation

/// The detections as lines of aligned columns, under a line of headings.
public func table(of detections: [Detection]) -> [String] {
  let headings = ["file", "type", "description", "score", "ms"]
  let rows = detections.map { found in
    [
      found.path, found.label, found.description, String(format: "%.3f", found.score),
      String(format: "%.2f", found.milliseconds),
    ]
  }
  let widths = headings.indices.map { column in
    ([headings] + rows).map { $0[column].count }.max() ?? 0
  }
  let firstNumber = 3
  return ([headings] + rows).map { row in
    let cells = row.indices.map { column in
      let blanks = String(repeating: " ", count: widths[column] - row[column].count)
      return column < firstNumber ? row[column] + blanks : blanks + row[column]
    }
    return cells.joined(separator: "  ")
  }
}
