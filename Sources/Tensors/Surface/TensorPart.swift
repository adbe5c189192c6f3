import TensorIR
import TensorOps

/// What the brackets of a subscript select, axis by axis of the tensor.
struct TensorPart {
  private(set) var starts: [Dimension] = []
  private(set) var sizes: [Dimension] = []
  private(set) var steps: [Int] = []
  /// The axis that a tensor of integers picks from, and the tensor.
  private(set) var indices: (axis: Int, indices: Tensor)?
  /// The first axis that a bool tensor covers, and the tensor.
  private(set) var mask: (axis: Int, mask: Tensor)?
  /// The shape behind the selection: without the axes of single positions, with new ones and with those of indices.
  private(set) var resultShape: [Dimension] = []
  private let shape: [Dimension]

  init(of tensor: Tensor, _ selections: [AxisSelection]) throws {
    shape = tensor.shape
    let all = try TensorPart.complete(selections, rank: tensor.rank, type: tensor.type)
    for selection in all {
      switch selection {
      case .remainingAxes: break
      case .insertedAxis: resultShape.append(1)
      case .position(let position): try add(position: position)
      case .span(let first, let end, let step): try add(first: first, end: end, step: step)
      case .tensor(let indices): try add(tensor: indices)
      }
    }
    if mask != nil, !isWhole || resultShape.count != shape.count {
      throw Diagnostic("bad-index", "a mask stands alone between the brackets, or beside whole axes")
    }
  }

  /// Whether every axis is taken as it is.
  var isWhole: Bool { sizes == shape && starts.allSatisfy { $0 == 0 } && steps.allSatisfy { $0 == 1 } }

  /// The selections with one for every axis.
  private static func complete(
    _ selections: [AxisSelection], rank: Int, type: TensorType
  ) throws -> [AxisSelection] {
    var covered = 0
    var dots = 0
    for selection in selections {
      switch selection {
      case .position, .span: covered += 1
      case .tensor(let tensor): covered += tensor.elementType == .bool ? tensor.rank : 1
      case .insertedAxis: break
      case .remainingAxes: dots += 1
      }
    }
    guard dots <= 1 else { throw Diagnostic("bad-index", "an index has at most one '...'") }
    guard covered <= rank else {
      throw Diagnostic("bad-index", "\(covered) indices were given for \(type), which has \(rank) axes")
    }
    let rest = [AxisSelection](repeating: .all, count: rank - covered)
    guard let place = selections.firstIndex(where: { if case .remainingAxes = $0 { true } else { false } }) else {
      return selections + rest
    }
    return selections[..<place] + rest + selections[(place + 1)...]
  }

  private var axis: Int { starts.count }

  private mutating func take(_ start: Dimension, _ size: Dimension, _ step: Int = 1) {
    starts.append(start)
    sizes.append(size)
    steps.append(step)
  }

  private mutating func add(position: Int) throws {
    let extent = shape[axis]
    let place = position < 0 ? extent + Dimension(position) : Dimension(position)
    if let place = place.constant, let extent = extent.constant, !(0..<extent).contains(place) {
      throw Diagnostic("index-out-of-range", "there is no position \(position) on axis \(axis) of extent \(extent)")
    }
    take(place, 1)
  }

  private mutating func add(first: Int?, end: Int?, step: Int) throws {
    guard step != 0 else { throw Diagnostic("bad-index", "a step of 0 goes nowhere; use 1 or -1") }
    let extent = shape[axis]
    let low: Dimension = step > 0 ? 0 : -1
    let high = step > 0 ? extent : extent - 1
    func place(_ position: Int?, _ missing: Dimension) -> Dimension {
      guard let position else { return missing }
      let counted = position < 0 ? extent + Dimension(position) : Dimension(position)
      return .minimum(.maximum(counted, low), high)
    }
    let start = place(first, step > 0 ? 0 : high)
    let stop = place(end, step > 0 ? extent : -1)
    let distance = step > 0 ? stop - start : start - stop
    let size = Dimension.maximum(distance, 0).ceilingDivided(by: Dimension(step.magnitude.clamped))
    // Of nothing, from the front: the place of no element may lie anywhere.
    take(size == 0 ? 0 : start, size, step)
    resultShape.append(size)
  }

  private mutating func add(tensor: Tensor) throws {
    guard indices == nil, mask == nil else {
      throw Diagnostic("bad-index", "an index has at most one tensor; gather by coordinates with gatherND")
    }
    if tensor.elementType == .bool {
      mask = (axis, tensor)
      for extent in tensor.shape {
        let own = shape[axis]
        if let own = own.constant, let extent = extent.constant, own != extent {
          throw Diagnostic("shape-mismatch", "a mask of extent \(extent) does not fit axis \(axis) of extent \(own)")
        }
        take(0, own)
        resultShape.append(own)
      }
    } else {
      indices = (axis, tensor)
      resultShape += tensor.shape
      take(0, shape[axis])
    }
  }
}

extension UInt {
  fileprivate var clamped: Int { Int(clamping: self) }
}
