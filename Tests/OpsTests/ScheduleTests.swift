import TensorIR
import TensorOps
import TensorSchedules
import Testing

/// The table of schedules, held to what ops are.
@Suite struct ScheduleTests {
  /// The table names every op that has kernels of its own, and no other.
  @Test func theTableIsWhole() {
    let own: Set<ScheduleKind> = [.contraction, .window, .scatter, .scan, .recurrence, .routine, .control, .collective]
    for type in Registry.types {
      let hasOwn = type is any ScheduledOp.Type || type is any ControlSchedule.Type
      let kind = ScheduleTable.kind(of: type)
      #expect((kind.map(own.contains) ?? false) == hasOwn, "\(type.name): \(kind?.rawValue ?? "none")")
    }
  }

  /// Whatever has no kernels decomposes, is memory, or groups others.
  @Test func whatHasNoScheduleIsNoKernel() throws {
    for type in Registry.types where ScheduleTable.kind(of: type) == nil {
      #expect(!(type is any ElementOp.Type), "\(type.name)")
    }
  }
}
