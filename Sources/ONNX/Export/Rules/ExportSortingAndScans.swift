import TensorIR
import TensorOps

extension ExportTable {
  /// Ops that put elements in order.
  static let sorting: [ExportRule] = [
    .nodes(Sort.self) { op, node in try top(node, node.type(0).shape[op.axis], op.axis, op.descending, place: 0) },
    .nodes(ArgSort.self) { op, node in try top(node, node.type(0).shape[op.axis], op.axis, op.descending, place: 1) },
    .nodes(TopK.self) { op, node in try top(node, op.count, op.axis, op.largest, place: nil) },
    .nodes(ArgTopK.self) { op, node in try top(node, op.count, op.axis, op.largest, place: 1) },
    .nodes(NonMaxSuppression.self) { op, node in try suppression(op, node) },
  ]

  /// - Parameter place: which of the operator's results is the op's, values or indices; nil where it has both.
  private static func top(
    _ node: ExportNode, _ count: Dimension, _ axis: Int, _ isLargest: Bool, place: Int?
  ) throws {
    let inputs = [try node.input(0), try node.graph.size(count)]
    let attributes: [String: NodeAttribute] = [
      "axis": .int(axis), "largest": .int(isLargest ? 1 : 0), "sorted": .int(1),
    ]
    guard let place, place > 0 else {
      guard node.operation.results.count == 1 else { return try node.result("TopK", inputs, attributes) }
      return try node.result(0, of: 2, "TopK", inputs, attributes)
    }
    try node.result(0, at: place, "TopK", inputs, attributes)
  }

  /// The op gives as many rows as it says, zeros behind those that were found, and their number.
  private static func suppression(_ op: NonMaxSuppression, _ node: ExportNode) throws {
    let limits = try (2..<5).map { try node.put("Reshape", [node.input($0), node.integers([1])]) }
    let found = try node.put(
      "NonMaxSuppression", [node.input(0), node.input(1)] + limits, ["center_point_box": .int(op.centred ? 1 : 0)])
    let rows = try node.graph.size(op.rows)
    let count = try node.put("Min", [node.put("Shape", [found], ["start": .int(0), "end": .int(1)]), rows])
    let margins = try node.put("Concat", [node.integers([0, 0]), rows, node.integers([0])], ["axis": .int(0)])
    let padded = try node.put("Pad", [found, margins])
    let inputs = [padded, try node.integers([0]), rows, try node.integers([0])]
    try node.results([("Slice", inputs, [:]), ("Reshape", [count, try node.integers([])], [:])])
  }

  // MARK: Scans

  /// Ops that walk along an axis.
  static let scans: [ExportRule] = [
    .nodes(CumulativeSum.self) { op, node in
      try node.result(
        "CumSum", [node.input(0), node.scalar(Double(op.axis), .i64)],
        ["exclusive": .int(op.exclusive ? 1 : 0), "reverse": .int(op.reverse ? 1 : 0)])
    },
    running(CumulativeProduct.self, "Mul") { _ in 1 },
    running(CumulativeMax.self, "Max") { $0.least },
    running(CumulativeMin.self, "Min") { $0.greatest },
    .nodes(LinearScan.self) { op, node in
      try scan(node, axis: op.axis, isReversed: op.reverse, start: 0) { state, elements, after in
        let product = node.graph.names.fresh("product")
        return [
          NodeText.node("Mul", [elements[0], state], [product], name: node.graph.names.fresh("Mul")),
          NodeText.node("Add", [product, elements[1]], [after], name: node.graph.names.fresh("Add")),
        ]
      }
    },
  ]

  private static func running<Own: CumulativeOp>(
    _ type: Own.Type, _ kind: String, start: @escaping @Sendable (ElementType) -> Double
  ) -> ExportRule {
    .nodes(type) { op, node in
      try scan(
        node, axis: op.axis, isReversed: op.reverse, isExclusive: op.exclusive, start: start(node.type(0).elementType)
      ) { state, elements, after in
        [NodeText.node(kind, [state, elements[0]], [after], name: node.graph.names.fresh(kind))]
      }
    }
  }

  /// A `Scan` with one state, of the operands' shape without the axis.
  /// - Parameter step: the nodes that make the next state, under the name that comes last, of the state and an element of
  ///   each operand.
  private static func scan(
    _ node: ExportNode, axis: Int, isReversed: Bool, isExclusive: Bool = false, start: Double,
    step: (_ state: String, _ elements: [String], _ after: String) -> [Onnx_NodeProto]
  ) throws {
    let (names, x) = (node.graph.names, node.type(0))
    let line = TensorType(x.elementType, x.shape.enumerated().filter { $0.offset != axis }.map(\.element))
    let state = names.fresh("state")
    let elements = node.operation.operands.map { _ in names.fresh("element") }
    let (next, result) = (names.fresh("state_after"), names.fresh("state_here"))
    var body = Onnx_GraphProto()
    body.name = "scan"
    let here = isExclusive ? state : next
    body.node =
      step(state, elements, next) + [NodeText.node("Identity", [here], [result], name: names.fresh("Identity"))]
    body.input = try ([state] + elements).map { try NodeText.info($0, line) }
    body.output = try [next, result].map { try NodeText.info($0, line) }
    let first = try node.put("Expand", [node.scalar(start, x.elementType), node.sizes(line.shape)])
    let way = isReversed ? 1 : 0
    try node.result(
      0, at: 1, "Scan", [first] + node.inputs,
      [
        "body": .graph(body), "num_scan_inputs": .int(elements.count),
        "scan_input_axes": .ints(elements.map { _ in axis }), "scan_output_axes": .ints([axis]),
        "scan_input_directions": .ints(elements.map { _ in way }), "scan_output_directions": .ints([way]),
      ])
  }
}

extension ElementType {
  /// The least number of a type; of floats something below all.
  var least: Double {
    isFloat ? -.infinity : isSigned ? -Double(sign: .plus, exponent: bitWidth - 1, significand: 1) : 0
  }

  /// The greatest number of an integer type of at most 32 bits; of 64, and of floats, something above all.
  var greatest: Double {
    isFloat || bitWidth == 64 ? .infinity : Double(1 << (isSigned ? bitWidth - 1 : bitWidth)) - 1
  }
}
