import TensorIR
import TensorOps

extension OnnxOperators {
  /// Convolutions and pools.
  static let windows: [String: Converter] = [
    "Conv": one { node in
      if let x = try node.input(0).quantised, let w = try node.input(1).quantised,
        let result = try ByteConvolution(node: node).scaled(x, w)
      {
        guard node.hasInput(2) else { return result }
        let bias = try node.tensor(2)
        return result
          + (try node.reshape(bias, [bias.shape.reduce(1, *)] + Array(repeating: 1, count: result.rank - 2)))
      }
      return try convolution(
        node, node.tensor(0), node.tensor(1), bias: node.hasInput(2) ? node.tensor(2) : nil)
    },
    "MaxPool": { node in try maxPool(node, node.tensor(0)) },
    "AveragePool": one { node in try averagePool(node, node.tensor(0)) },
    "GlobalMaxPool": one { node in try global(node) { Max(axes: $0, keepAxes: true) } },
    "GlobalAveragePool": one { node in try global(node) { Mean(axes: $0, keepAxes: true) } },
  ]

  /// A convolution with the placement that the node's attributes give.
  static func convolution(
    _ node: NodeConversion, _ x: Tensor, _ filters: Tensor, bias: Tensor?
  ) throws -> Tensor {
    guard x.rank >= 3, filters.rank == x.rank,
      let kernel = filters.type.with(shape: Array(filters.shape.dropFirst(2))).constantShape
    else {
      throw OnnxError("onnx-rank", "it takes x of rank 3 or more and filters of the same rank and known extents")
    }
    if let given = try node.integers("kernel_shape"), given != kernel {
      throw OnnxError("onnx-kernel", "kernel_shape is \(given), but the filters have \(kernel)")
    }
    let placement = try WindowPlacement(node, kernel: kernel, shape: x.shape)
    let op = Convolution(
      strides: placement.strides, before: placement.before, after: placement.after, dilations: placement.dilations,
      groups: try node.integer("group") ?? 1)
    let padded = try placement.padded(x, node, value: 0)
    return try bias.map { try node.add(op, padded, filters, $0) } ?? node.add(op, padded, filters)
  }

  /// The greatest elements, and where they stand where a second output asks for it.
  static func maxPool(_ node: NodeConversion, _ x: Tensor) throws -> [ImportedValue] {
    let columnMajor = try node.flag("storage_order")
    let placement = try WindowPlacement(node, kernel: kernel(node), shape: x.shape)
    let window = placement.window(ceilMode: try node.flag("ceil_mode"))
    let padded = try placement.padded(x, node, value: -.infinity)
    var results = [try node.add(MaxPool(window), padded)]
    if node.node.output.count > 1, !node.node.output[1].isEmpty {
      guard placement.symbolicMargins == nil else {
        throw OnnxError(
          "onnx-auto-pad", "its padding depends on symbolic extents, so places are not known; fix them with --dim")
      }
      results.append(try node.add(MaxPoolIndices(window, overAll: true, columnMajor: columnMajor), x))
    }
    return results.map { ImportedValue(.tensor($0)) }
  }

  static func averagePool(_ node: NodeConversion, _ x: Tensor) throws -> Tensor {
    let placement = try WindowPlacement(node, kernel: kernel(node), shape: x.shape)
    let counts = try node.flag("count_include_pad")
    let window = placement.window(ceilMode: try node.flag("ceil_mode"))
    guard placement.symbolicMargins != nil, !counts else {
      return try node.add(AveragePool(window, countIncludePad: counts), placement.padded(x, node, value: 0))
    }
    // The padding is an operation of its own here. It counts in the mean of the elements as it does in the mean of as many
    // ones, so that it is gone from their quotient.
    let wide = x.elementType == .f64 ? x : x.cast(to: .f32)
    let pool = AveragePool(window, countIncludePad: true)
    let ones = try node.add(Full(1, wide.elementType, [1, 1] + x.shape.dropFirst(2)))
    let share = try node.add(pool, placement.padded(ones, node, value: 0))
    return try node.cast(
      node.add(Divide(), node.add(pool, placement.padded(wide, node, value: 0)), share), to: x.elementType)
  }

  private static func kernel(_ node: NodeConversion) throws -> [Int] {
    guard let kernel = try node.integers("kernel_shape") else {
      throw OnnxError("onnx-missing-attribute", "its kernel_shape is missing")
    }
    return kernel
  }

  private static func global(_ node: NodeConversion, _ op: ([Int]) -> any TensorOp) throws -> Tensor {
    let x = try node.tensor(0)
    guard x.rank >= 3 else { throw OnnxError("onnx-rank", "it takes rank 3 or more, not \(x.rank)") }
    return try node.add(op(Array(2..<x.rank)), x)
  }
}

/// How a window moves over the spatial axes, by the attributes that convolutions and pools share.
struct WindowPlacement {
  /// Far beyond any model; what is computed from such numbers does not overflow.
  static let limit = 1 << 24

  let kernel: [Int]
  let strides: [Int]
  let dilations: [Int]
  /// Padding before and after each spatial axis.
  private(set) var before: [Int]
  private(set) var after: [Int]
  /// The padding where it depends on symbols: it is then an operation of its own, and `before` and `after` are 0.
  private(set) var symbolicMargins: (before: [Dimension], after: [Dimension])?

  init(_ node: NodeConversion, kernel: [Int], shape: [Dimension]) throws {
    let count = kernel.count
    self.kernel = kernel
    strides = try node.integers("strides") ?? Array(repeating: 1, count: count)
    dilations = try node.integers("dilations") ?? Array(repeating: 1, count: count)
    let pads = try node.integers("pads") ?? Array(repeating: 0, count: 2 * count)
    guard shape.count == count + 2, strides.count == count, dilations.count == count, pads.count == 2 * count,
      (kernel + strides + dilations).allSatisfy({ $0 > 0 && $0 <= WindowPlacement.limit }),
      pads.allSatisfy({ $0.magnitude <= WindowPlacement.limit })
    else {
      throw OnnxError(
        "onnx-window",
        "kernel \(kernel), strides \(strides), dilations \(dilations) and pads \(pads) do not fit "
          + "a tensor of rank \(shape.count)")
    }
    before = Array(pads.prefix(count))
    after = Array(pads.suffix(count))
    let mode = try node.string("auto_pad") ?? "NOTSET"
    switch mode {
    case "NOTSET": break
    case "VALID": (before, after) = (kernel.map { _ in 0 }, kernel.map { _ in 0 })
    case "SAME_UPPER", "SAME_LOWER": place(Array(shape.dropFirst(2)), node.symbols, isUpper: mode == "SAME_UPPER")
    default: throw OnnxError("onnx-auto-pad", "auto_pad '\(mode)' is unknown")
    }
  }

  /// Padding such that there are as many windows as strides fit into each axis, rounded up.
  private mutating func place(_ extents: [Dimension], _ symbols: SymbolTable, isUpper: Bool) {
    let margins = extents.enumerated().map { axis, extent -> (before: Dimension, after: Dimension) in
      let stride = strides[axis]
      let span = (kernel[axis] - 1) * dilations[axis] + 1
      // What the last window reaches beyond its stride, if the strides fit exactly.
      let total =
        symbols.isDivisible(extent, by: stride)
        ? Dimension(max(span - stride, 0))
        : symbols.maximum(
          (extent.ceilingDivided(by: Dimension(stride)) - 1) * Dimension(stride) + Dimension(span) - extent, 0)
      let half = total.floorDivided(by: 2)
      return isUpper ? (half, total - half) : (total - half, half)
    }
    let numbers = (margins.compactMap(\.before.constant), margins.compactMap(\.after.constant))
    if numbers.0.count == kernel.count, numbers.1.count == kernel.count {
      (before, after) = numbers
    } else {
      (before, after) = (kernel.map { _ in 0 }, kernel.map { _ in 0 })
      symbolicMargins = (margins.map(\.before), margins.map(\.after))
    }
  }

  /// `x` with the padding that depends on symbols.
  func padded(_ x: Tensor, _ node: NodeConversion, value: Double) throws -> Tensor {
    guard let symbolicMargins else { return x }
    return try node.add(
      Pad(before: [0, 0] + symbolicMargins.before, after: [0, 0] + symbolicMargins.after, value: value), x)
  }

  func window(ceilMode: Bool) -> Window {
    Window(
      kernel: kernel, strides: strides, before: before, after: after, dilations: dilations, ceilMode: ceilMode)
  }
}
