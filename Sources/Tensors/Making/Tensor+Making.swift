import TensorIR
import TensorOps
import TensorRuntime

extension Tensor {
  /// A tensor that shares an array's memory; nothing is copied.
  public init(_ array: HostArray) { self = LazyGraph.shared.value(array) }

  /// A vector, of f32 unless another type is asked for: `Tensor([1, 2, 3])`.
  public init(_ elements: [Double], _ type: ElementType = .f32) { self.init(elements, shape: [elements.count], type) }

  /// A matrix, of f32 unless another type is asked for: `Tensor([[1, 2], [3, 4]])`. Rows of different lengths give a
  /// `ragged` error when it is used.
  public init(_ rows: [[Double]], _ type: ElementType = .f32) {
    let columns = rows.first?.count ?? 0
    guard rows.allSatisfy({ $0.count == columns }) else {
      self = LazyGraph.shared.failed([
        Diagnostic("ragged", "the rows of a matrix have one length, and were given lengths \(rows.map(\.count))")
      ])
      return
    }
    self.init(rows.flatMap { $0 }, shape: [rows.count, columns], type)
  }

  /// A scalar, of f32 unless another type is asked for.
  public init(_ number: Double, _ type: ElementType = .f32) { self.init([number], shape: [], type) }

  /// Numbers in row-major order under a shape, converted to an element type. A wrong count gives an `element-count` error
  /// when the tensor is used.
  public init(_ elements: [Double], shape: [Int], _ type: ElementType = .f32) {
    self = Tensor.made {
      guard shape.reduce(1, *) == elements.count, shape.allSatisfy({ $0 >= 0 }) else {
        throw Diagnostic("element-count", "the shape \(shape) does not hold \(elements.count) elements")
      }
      let tensor =
        type.isFloat
        ? ReferenceTensor(type, shape, floats: elements)
        : ReferenceTensor(type, shape, integers: elements.map { Evaluator.saturate($0, type) })
      return try HostArray(tensor)
    }
  }

  /// Elements of their own type in row-major order, copied: `Tensor(of: [1, 2] as [Int64])`.
  public init<Element: HostElement>(of elements: [Element], shape: [Int]? = nil) {
    self = Tensor.made { try HostArray(elements, shape: shape) }
  }

  /// Zeros.
  public static func zeros(_ shape: [Int], _ type: ElementType = .f32) -> Tensor {
    made { try HostArray(zeros: shape, type.hostType) }
  }

  /// Ones.
  public static func ones(_ shape: [Int], _ type: ElementType = .f32) -> Tensor { full(1, shape, type) }

  /// One number everywhere.
  public static func full(_ value: Double, _ shape: [Int], _ type: ElementType = .f32) -> Tensor {
    Tensor(value, type).filling(shape)
  }

  /// The numbers from `start` on, `step` apart, up to but without `end` (NumPy `arange`): `Tensor.arange(5)`.
  public static func arange(
    _ start: Double, _ end: Double, step: Double = 1, _ type: ElementType = .f32
  ) -> Tensor {
    guard step != 0, step.isFinite, start.isFinite, end.isFinite else {
      return LazyGraph.shared.failed([Diagnostic("bad-step", "a range from \(start) to \(end) has no step \(step)")])
    }
    let count = Swift.max(0, ((end - start) / step).rounded(.up))
    guard count < 1e12 else {
      return LazyGraph.shared.failed([Diagnostic("bad-step", "a range of \(count) numbers is too long")])
    }
    return Tensor((0..<Int(count)).map { start + Double($0) * step }, type)
  }

  /// The numbers 0, 1, … below `end`.
  public static func arange(_ end: Double, _ type: ElementType = .f32) -> Tensor { arange(0, end, type) }

  /// The square matrix with ones on its diagonal.
  public static func identity(_ size: Int, _ type: ElementType = .f32) -> Tensor {
    guard size >= 0 else { return failure("shape", "a matrix has no extent \(size)") }
    return Tensor((0..<size * size).map { $0 / size == $0 % size ? 1 : 0 }, shape: [size, size], type)
  }

  /// This scalar repeated over a shape, in memory.
  private func filling(_ shape: [Int]) -> Tensor {
    shape.isEmpty ? self : broadcast(to: shape.map { Dimension($0) })
  }

  /// A tensor of an array, or of the mistake in making it.
  static func made(_ array: () throws -> HostArray) -> Tensor {
    do { return Tensor(try array()) } catch {
      return LazyGraph.shared.failed(LazyGraph.diagnostics(error, at: .unknown))
    }
  }
}
