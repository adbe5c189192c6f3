import TensorIR
import TensorOps

extension ExportTable {
  /// Ops that take elements in between.
  static let sampling: [ExportRule] = [
    .nodes(Interpolate.self, when: resizeFits) { op, node in try resize(op, node) },
    .nodes(GridSample.self) { op, node in
      let mode = op.mode == .nearest ? "nearest" : op.mode == .linear ? "linear" : "cubic"
      try node.result(
        "GridSample", node.inputs,
        [
          "mode": .string(mode), "padding_mode": .string(op.padding.rawValue),
          "align_corners": .int(op.alignCorners ? 1 : 0),
        ])
    },
    .nodes(RoiAlign.self, when: { holds($0.scale, $1[0]) }) { op, node in
      let images =
        node.type(2).elementType == .i64
        ? try node.input(2) : try node.put("Cast", [node.input(2)], ["to": .int(try ElementType.i64.onnx.rawValue)])
      try node.result(
        "RoiAlign", [node.input(0), node.input(1), images],
        [
          "mode": .string(op.takesGreatest ? "max" : "avg"), "output_height": .int(op.height),
          "output_width": .int(op.width), "sampling_ratio": .int(op.samples), "spatial_scale": .float(op.scale),
          "coordinate_transformation_mode": .string(op.halfPixel ? "half_pixel" : "output_half_pixel"),
        ])
    },
    ExportRule.other(AdaptiveAveragePool.self) { op, x in
      recorded(Mean(axes: Array(2..<x[0].rank), keepAxes: true), x)
    }.only(AdaptiveAveragePool.self) { $0.sizes.allSatisfy { $0 == 1 } },
    ExportRule.other(AdaptiveMaxPool.self) { op, x in
      recorded(Max(axes: Array(2..<x[0].rank), keepAxes: true), x)
    }.only(AdaptiveMaxPool.self) { $0.sizes.allSatisfy { $0 == 1 } },
    .other(Resample.self) { op, x in
      let (values, indices) = (x[0], x[1].cast(to: .i64))
      let padded = behind(values, axis: op.axis)
      let picked = padded.gather(present(indices, below: values.shape[op.axis]), axis: op.axis)
      let shape = values.shape.indices.flatMap { $0 == op.axis ? indices.shape : [Dimension(1)] }
      return (picked * x[2].reshaped(to: shape)).sum(axes: [op.axis + 1])
    },
    .other(ResampleGradient.self) { op, x in
      let (values, indices) = (x[0], x[1].cast(to: .i64))
      let count = indices.shape.reduce(1, *)
      let (lead, rest) = (values.shape[..<op.axis], values.shape[(op.axis + 1)...])
      let weights = x[2].reshaped(to: values.shape.indices.flatMap { $0 == op.axis ? indices.shape : [Dimension(1)] })
      let shares = (values.reshaped(to: lead + [indices.shape[0], 1] + rest) * weights)
        .reshaped(to: lead + [count] + rest)
      let places = present(indices, below: op.extent).reshaped(to: [count])
      let sums = recorded(GatherGradient(axis: op.axis, extent: op.extent + 1), [shares, places])
      return sums.sliced(axis: op.axis, start: 0, size: op.extent)
    },
  ]

  /// Indices with the place behind the last for those that are not there.
  private static func present(_ indices: Tensor, below extent: Dimension) -> Tensor {
    let end = indices.dimensionValue(extent)
    return .select((indices .>= indices.like(0)) .& (indices .< end), indices, end)
  }

  /// A tensor with a zero behind the last element of an axis.
  private static func behind(_ x: Tensor, axis: Int) -> Tensor {
    x.padded(before: x.shape.map { _ in 0 }, after: x.shape.indices.map { $0 == axis ? 1 : 0 })
  }

  // MARK: Resize

  /// Where ONNX means what the op does and onnxruntime has it: of the last two axes of images, or nearest.
  private static func resizeFits(_ op: Interpolate, _ operands: ExportOperands) -> Bool {
    guard let x = operands[0], holds(op.cubicCoefficient, x), coordinates(op.coordinates) != nil else { return false }
    guard op.coordinates != .cropAndResize, x.elementType == .f32 || op.mode == .nearest && x.elementType == .i32 else {
      return false
    }
    if let scales = op.scales {
      for (number, axis) in op.axes.enumerated() {
        guard let extent = x.shape[axis].constant, let size = op.sizes[number].constant, extent > 0,
          Double(Float(scales[number])) == scales[number],
          Int((Double(extent) * scales[number]).rounded(.down)) == size
        else { return false }
      }
    }
    let isImage = x.rank == 4 && op.axes.allSatisfy { $0 >= 2 }
    return op.mode == .nearest || isImage && (op.mode == .cubic || !op.excludeOutside)
  }

  private static func coordinates(_ coordinates: SampleCoordinates) -> String? {
    switch coordinates {
    case .halfPixel: "half_pixel"
    case .pytorchHalfPixel: "pytorch_half_pixel"
    case .symmetricHalfPixel: "half_pixel_symmetric"
    case .alignCorners: "align_corners"
    case .asymmetric: "asymmetric"
    case .cropAndResize: "tf_crop_and_resize"
    case .shiftedHalfPixel: nil
    }
  }

  private static func resize(_ op: Interpolate, _ node: ExportNode) throws {
    let shape = node.type(0).shape
    // With an entry for each axis, which readers of older versions take too.
    var extents = ["", ""]
    if let scales = op.scales {
      let all = shape.indices.map { axis in op.axes.firstIndex(of: axis).map { scales[$0] } ?? 1 }
      let literal = TensorLiteral.numbers(all, .f32)
      guard let literal else { throw Diagnostic("internal", "no literal of \(all)") }
      extents[0] = try node.graph.names.initializer(literal, name: "scales")
    } else {
      extents[1] = try node.sizes(
        shape.indices.map { axis in
          op.axes.firstIndex(of: axis).map { op.sizes[$0] } ?? shape[axis]
        })
    }
    let rounding: String =
      switch op.rounding {
      case .floor: "floor"
      case .ceil: "ceil"
      case .preferFloor: "round_prefer_floor"
      case .preferCeil: "round_prefer_ceil"
      }
    var attributes: [String: NodeAttribute] = [
      "mode": .string(op.mode == .nearest ? "nearest" : op.mode == .linear ? "linear" : "cubic"),
      "coordinate_transformation_mode": .string(coordinates(op.coordinates) ?? "half_pixel"),
    ]
    if op.mode == .nearest { attributes["nearest_mode"] = .string(rounding) }
    if op.mode == .cubic {
      attributes["cubic_coeff_a"] = .float(op.cubicCoefficient)
      attributes["exclude_outside"] = .int(op.excludeOutside ? 1 : 0)
    }
    try node.result("Resize", [node.input(0), ""] + extents, attributes)
  }
}

extension ExportRule {
  /// The rule where an op is as `condition` says; elsewhere the op's own decomposition is used.
  fileprivate func only<Own: TensorOp>(_ type: Own.Type, _ condition: @escaping @Sendable (Own) -> Bool) -> ExportRule {
    var rule = self
    let expand = self.expand
    rule.expand = { op, operands, trace in
      guard let own = op as? Own, condition(own) else { return [] }
      return try expand?(op, operands, trace) ?? []
    }
    return rule
  }
}
