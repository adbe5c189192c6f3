import Foundation
import TensorIR
import TensorOps
import TensorPasses

/// A model as a page for a browser: the graph after each stage, the kernels that come of it, and the memory of a run.
public struct GraphPage: Encodable, Sendable {
  /// The graph at one stage.
  public struct Stage: Encodable, Sendable {
    public var name: String
    public var nodes: [Node]
  }

  /// An operation, an input, an output or a kernel's call.
  public struct Node: Encodable, Sendable {
    public var label: String
    /// `input`, `output`, `op`, `fused` or `kernel`.
    public var kind: String
    /// The nodes before it, by their places in the list.
    public var from: [Int]
    /// Lines about it: types, the place in the user's model.
    public var detail: [String]
    /// The operations of a group.
    public var parts: [String] = []
    public var bytes: Int?
    public var work: Int?
    public var microseconds: Double?
  }

  /// A temporary in the workspace: from the call that first uses it to the last, and where it lies.
  public struct Block: Encodable, Sendable {
    public var name: String
    public var first: Int
    public var last: Int
    public var offset: Int
    public var size: Int
  }

  public var model: String
  public var sizes: String
  public var stages: [Stage] = []
  public var memory: [Block] = []
  public var memoryBytes = 0

  /// Goes through the stages of a function and keeps the graph of each, and of the kernels at the end.
  ///
  /// - Parameters:
  ///   - only: the one stage that is wanted; nil keeps all.
  ///   - profile: the times of the kernels, where they were measured.
  ///   - sizes: numbers for the symbols, by which bytes and work are counted.
  public init(
    _ model: LoadedModel, name: String, compiler: ModelCompiler, only: TensorPasses.Stage? = nil,
    profile: Profile? = nil,
    sizes: [String: Int]
  ) throws {
    self.model = name
    self.sizes = sizes.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }.joined(separator: ", ")
    let target = try compiler.targetForText()
    let collected = Collected()
    let options = PipelineOptions(target: target) { stage, function in
      if only == nil || only == stage { collected.stages.append((stage.rawValue, function)) }
    }
    let fused = try Pipeline.rewrite(model.function, options, from: .imported, to: .fuse)
    var last = ""
    for (stage, function) in collected.stages {
      // A stage that changes nothing is not shown again.
      let text = only == nil ? function.description : stage
      if text != last { stages.append(Stage(name: stage, nodes: GraphPage.nodes(of: function, sizes))) }
      last = text
    }
    if only.map(TensorPasses.Stage.afterFusion.contains) ?? true {
      let program = try Pipeline.lower(fused, options, to: .plan)
      stages.append(Stage(name: "kernels", nodes: GraphPage.nodes(of: program, sizes, profile)))
      addMemory(program, sizes)
    }
  }

  /// What the stages leave; they run one after the other.
  private final class Collected: @unchecked Sendable {
    var stages: [(String, Function)] = []
  }

  // MARK: Functions

  private static func nodes(of function: Function, _ sizes: [String: Int]) -> [Node] {
    var nodes: [Node] = []
    var makers: [ValueID: Int] = [:]
    for id in function.body.parameters {
      makers[id] = nodes.count
      nodes.append(Node(label: function[id].name, kind: "input", from: [], detail: ["\(function[id].type)"]))
    }
    for operation in function.body.operations where !(operation.op is Constant) {
      let isFused = operation.op is Fused
      let inner = operation.regions.flatMap(\.operations).filter { !($0.op is Constant) }
      var detail = operation.results.map {
        "\(function[$0].name.isEmpty ? $0.description : function[$0].name): \(function[$0].type)"
      }
      if operation.location != .unknown { detail.append(operation.location.shown) }
      let used = (operation.operands.compactMap { $0 } + operation.results).map {
        function[$0].type.byteCount.evaluate { sizes[$0] }
      }
      let node = Node(
        label: isFused ? inner.map(\.op.name).prefix(3).joined(separator: " · ") : operation.op.name,
        kind: isFused ? "fused" : "op", from: sources(of: operation, makers), detail: detail,
        parts: inner.map(\.op.name), bytes: used.contains(nil) ? nil : used.compactMap { $0 }.reduce(0, +))
      for id in operation.results { makers[id] = nodes.count }
      nodes.append(node)
    }
    for (number, id) in function.body.results.enumerated() {
      let name = number < function.resultNames.count ? function.resultNames[number] : "output \(number)"
      let from = makers[id].map { [$0] } ?? []
      nodes.append(Node(label: name, kind: "output", from: from, detail: ["\(function[id].type)"]))
    }
    return nodes
  }

  /// What an operation and the bodies inside it take from outside.
  private static func sources(of operation: TensorIR.Operation, _ makers: [ValueID: Int]) -> [Int] {
    var found: [Int] = []
    func visit(_ operation: TensorIR.Operation) {
      for id in operation.operands { if let id, let maker = makers[id], !found.contains(maker) { found.append(maker) } }
      for region in operation.regions {
        region.operations.forEach(visit)
        for id in region.results { if let maker = makers[id], !found.contains(maker) { found.append(maker) } }
      }
    }
    visit(operation)
    return found
  }

  // MARK: Programs

  private static func nodes(of program: LoweredProgram, _ sizes: [String: Int], _ profile: Profile?) -> [Node] {
    var nodes: [Node] = []
    var writers: [BufferReference: Int] = [:]
    for (number, input) in program.inputs.enumerated() {
      writers[.input(number)] = nodes.count
      nodes.append(Node(label: input.name, kind: "input", from: [], detail: ["\(input.type)"]))
    }
    for (number, call) in program.calls.enumerated() {
      let kernel = program.kernels[call.kernel]
      var from: [Int] = []
      for buffer in call.buffers { if let writer = writers[buffer], !from.contains(writer) { from.append(writer) } }
      let buffers = Set(call.buffers).map { Profile.bytes(of: $0, program).evaluate { sizes[$0] } }
      let node = Node(
        label: kernel.name, kind: "kernel", from: from,
        detail: call.location == .unknown ? [] : [call.location.shown],
        bytes: buffers.contains(nil) ? nil : buffers.compactMap { $0 }.reduce(0, +),
        work: call.work.evaluate { sizes[$0] },
        microseconds: profile.flatMap { number < $0.rows.count ? $0.rows[number].microseconds : nil })
      // Operands come before results, and what is written is what no kernel before has to have read: a temporary or output
      // belongs to the last call that names it.
      for buffer in call.buffers {
        switch buffer {
        case .temporary, .output: writers[buffer] = nodes.count
        case .input, .constant: break
        }
      }
      nodes.append(node)
    }
    for (number, output) in program.outputs.enumerated() {
      let from = writers[.output(number)].map { [$0] } ?? []
      nodes.append(Node(label: output.name, kind: "output", from: from, detail: ["\(output.type)"]))
    }
    return nodes
  }

  private mutating func addMemory(_ program: LoweredProgram, _ sizes: [String: Int]) {
    var offsets: [Int] = []
    for slot in program.plan.slotSizes {
      offsets.append(memoryBytes)
      let size = slot.compactMap { $0.evaluate { sizes[$0] } }.max() ?? 0
      memoryBytes += (size + 63) / 64 * 64
    }
    var uses: [Int: (first: Int, last: Int)] = [:]
    for (number, call) in program.calls.enumerated() {
      for case .temporary(let temporary) in call.buffers {
        uses[temporary] = (uses[temporary]?.first ?? number, number)
      }
    }
    for (temporary, use) in uses.sorted(by: { $0.key < $1.key }) where temporary < program.plan.slots.count {
      guard let size = program.temporaries[temporary].bytes.evaluate({ sizes[$0] }) else { continue }
      memory.append(
        Block(
          name: program.temporaries[temporary].name, first: use.first, last: use.last,
          offset: offsets[program.plan.slots[temporary]], size: size))
    }
  }
}
