import TensorIR
import TensorOps

/// Writes the kernel of a recurrent layer's steps: all of them in one kernel, states in scratch memory.
///
/// Threads take rows of the batch (of every direction), which are independent. Where there are fewer rows
/// than threads and the weights are large, they take panels of units of every row instead, and meet after
/// each step. An element's sum runs over the old state in order either way, so the bits do not depend on the
/// number of threads.
struct RecurrentSchedule {
  let op: RecurrentSequence
  let group: Group
  let anchor: Operation
  let sink: any KernelSink

  init(_ op: RecurrentSequence, _ group: Group, _ anchor: Operation, _ sink: any KernelSink) {
    self.op = op
    self.group = group
    self.anchor = anchor
    self.sink = sink
  }

  private var divides: Bool {
    op.cell.gates * op.hidden * op.hidden >= sink.target.tuning.recurrence.leastDividedWeights
  }

  func lower() throws {
    let type = group.type(of: anchor.results[0])
    let builder = KernelBuilder(name: "\(op.cell.rawValue)_sequence", comments: group.comments, for: sink.target)
    var references: [BufferReference] = []
    var buffers: [String: Buffer] = [:]
    let operands = ["input", "weights", "lengths", "state0", "cell0", "extra"]
    for (name, operand) in zip(operands, anchor.operands) {
      guard let operand else { continue }
      buffers[name] = builder.parameter(name, group.type(of: operand).elementType, .read)
      references.append(try sink.buffer(of: operand))
    }
    let compute = type.elementType.computeType
    for (name, planes) in scratch {
      let size = RecurrentSequence.paddedSize(op.hidden) * planes * op.direction.count * compute.bitWidth / 8
      buffers[name] = builder.parameter(name, compute, .update)
      references.append(sink.scratch(name, bytes: Dimension(size) * type.shape[2], perThread: false))
    }
    for (name, result) in zip(["y", "last_state", "last_cell"], anchor.results) {
      buffers[name] = builder.parameter(name, type.elementType, .write)
      references.append(try sink.buffer(of: result))
    }
    let kernel = RecurrentKernel(
      op: op, builder: builder, target: sink.target, buffers: buffers, element: type.elementType,
      steps: type.shape[0], batch: type.shape[2])
    kernel.write(divides: divides)
    let work = type.count * Dimension(op.cell.gates * op.hidden)
    sink.call(builder, buffers: references, work: work, at: group.location)
  }

  /// Scratch memory and how many numbers for each unit of each row it holds: the state before and after a
  /// step, the cell state, and for a GRU whose reset comes first the gate z and the reset state.
  private var scratch: [(String, Int)] {
    switch op.cell {
    case .lstm: [("state", 2), ("cell", 1)]
    case .gru: [("state", 2), ("gates", 2)]
    case .gruResetAfter, .rnn: [("state", 2)]
    }
  }
}
