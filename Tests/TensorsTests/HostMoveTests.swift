import TensorIR
import Testing

@testable import Tensors

/// Views and copies are made in memory, however large: nothing is compiled for them.
@Suite struct HostMoveTests {
  private let rows = 700
  private let columns = 900

  private func matrix() -> Tensor {
    Tensor((0..<rows * columns).map { Float($0) }, shape: [rows, columns])
  }

  private func value(_ row: Int, _ column: Int) -> Float { Float(row * columns + column) }

  @Test func viewsAndCopiesAreNeverCompiled() throws {
    let x = matrix()
    let count = try compilations { () throws in
      for _ in 0..<20 {
        #expect(try x.transposed([1, 0]).floats()[3 * rows + 5] == value(5, 3))
        #expect(try x[10..<20].floats()[3] == value(10, 3))
        #expect(try x[.all, 7].floats()[5] == value(5, 7))
        #expect(try x[.stride(by: -2), .stride(from: 1, by: 3)].floats()[1] == value(rows - 1, 4))
        #expect(try x.reshaped(to: [columns, rows]).floats()[12345] == 12345)
        #expect(try x.broadcast(to: [2, 700, 900]).floats()[rows * columns + 3] == 3)
        #expect(try x.reversed(axes: [1]).floats()[0] == value(0, columns - 1))
        let joined = try Tensor.concat([x, x[.all, 0..<2]], axis: 1).floats()
        #expect(joined.count == rows * (columns + 2) && joined[columns + 1] == 1 && joined[columns + 2] == value(1, 0))
        let margins = try x.padded(before: [1, -2], after: [0, 3], value: 0.5).floats()
        #expect(margins.count == (rows + 1) * (columns + 1))
        #expect(margins[0] == 0.5 && margins[columns + 1] == value(0, 2) && margins[2 * columns + 1] == 0.5)
        var changed = x
        changed[.stride(by: 2), 1] = Tensor(-1)
        let numbers = try changed.floats()
        #expect(numbers[1] == -1 && numbers[columns + 1] == value(1, 1) && numbers[2 * columns + 1] == -1)
        #expect(try Tensor.full(0.25, [1000, 1000]).floats()[999_999] == 0.25)
      }
    }
    #expect(count == 0)
  }

  @Test func otherElementTypesMoveToo() throws {
    for type in [ElementType.bool, .u8, .i16, .f16, .i64, .f64, .i4] {
      let x = Tensor([[0, 1, 1], [1, 0, 1]], type)
      #expect(try x.transposed([1, 0]).cast(to: .f32).floats() == x.cast(to: .f32).transposed([1, 0]).floats())
      #expect(try x[.all, .stride(by: -1)].cast(to: .i64).array(of: Int.self).map(abs) == [1, 1, 0, 1, 0, 1])
      #expect(try Tensor.concat([x, x], axis: 0).shape == [4, 3])
      #expect(try x[1..<1].cast(to: .f32).floats() == [])
    }
  }

  /// A view shares the memory of what it is a part of, and neither sees what happens to the other.
  @Test func viewsAreValues() throws {
    let x = matrix()
    var part = x[0..<2]
    try part.evaluate()
    part[0, 0] = Tensor(5)
    #expect(try part.floats()[0] == 5 && x.floats()[0] == 0)
    var rest = x
    let tail = x[1...]
    rest[1, 0] = Tensor(7)
    #expect(try tail.floats()[0] == value(1, 0) && rest.floats()[columns] == 7)
  }
}
