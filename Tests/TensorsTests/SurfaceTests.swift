import TensorIR
import TensorOps
import Testing

@testable import Tensors

/// Methods of tensors at their edges: NaN, nothing, one element, sizes that are symbols. What they compute is held to NumPy by
/// CoverageTests.
@Suite struct SurfaceTests {
  private func numbers(_ x: Tensor) throws -> [Double] { try x.cast(to: .f64).array(of: Double.self) }

  @Test func statisticsOfNothingAreNaN() throws {
    let empty = Tensor.zeros([2, 0], .f64)
    #expect(try numbers(empty.variance(axes: [1])).allSatisfy(\.isNaN))
    #expect(try numbers(empty.variance(axes: [0])).isEmpty)
    #expect(try Tensor([3]).variance(correction: 1).item().isNaN)
    // More is taken off than there is: NumPy divides by 0 too.
    #expect(try Tensor([3, 5]).variance(correction: 5).item() == .infinity)
    #expect(try Tensor(3).variance().item() == 0)
  }

  @Test func halfTypesAreSummedInF32() throws {
    let x = Tensor(Array(repeating: 300, count: 400), .f16)
    #expect(try x.norm().item() == 6000)
    #expect(try x.norm(.l1, axes: [0]).item() == .infinity)
    #expect(try (x / 8).norm(.l1, axes: [0]).item() == 15000)
    #expect(try x.variance().item() == 0)
  }

  @Test func medianOfNaN() throws {
    let x = Tensor([[.nan, 1, 2], [.nan, .nan, 2]])
    let (values, indices) = x.medianWithIndices()
    #expect(try numbers(values)[0] == 2)
    #expect(try numbers(values)[1].isNaN)
    #expect(try indices.array(of: Int64.self) == [2, 0])
    #expect(try Tensor([4, 4, 4, 4]).medianWithIndices().indices.array(of: Int64.self) == [1])
  }

  @Test func normsOfZerosHaveAGradientOfZero() throws {
    let x = Tensor([[0, 0], [3, 4]], .f64)
    for (kind, slopes) in [(VectorNorm.l2, [0.6, 0.8]), (.p(2), [0.6, 0.8]), (.l1, [1, 1])] {
      let found = try valueAndGradient(at: x) { $0.norm(kind, axes: [1]).sum() }.gradient
      let wanted = [0, 0] + slopes
      #expect(zip(try numbers(found), wanted).allSatisfy { abs($0 - $1) < 1e-12 }, "\(kind)")
    }
    #expect(try numbers(x.norm(.p(-1), axes: [1])).first == 0)
    #expect(try numbers(x.normalised(axis: 1)) == [0, 0, 0.6, 0.8])
    #expect(try Tensor.zeros([0]).norm().item() == 0)
  }

  @Test func closenessOfWhatIsNoNumber() throws {
    let a = Tensor([.nan, .infinity, 1])
    #expect(try a.isClose(a).array(of: Bool.self) == [false, true, true])
    #expect(try a.isClose(a, equalNaN: true).array(of: Bool.self) == [true, true, true])
    #expect(try Tensor([Double.infinity]).allClose(Tensor([1]), relative: 1e30).item() == 0)
    #expect(try Tensor([1]).allClose(Tensor([Double.infinity])).item() == 0)
    #expect(try Tensor.zeros([0]).allClose(.zeros([0])).item() == 1)
  }

  @Test func linspaceEndsWhereItIsTold() throws {
    #expect(try numbers(.linspace(0, 1, count: 5, .f64)) == [0, 0.25, 0.5, 0.75, 1])
    #expect(try numbers(.linspace(2, -1, count: 4, .f64)) == [2, 1, 0, -1])
    #expect(try numbers(.linspace(0, 0.1, count: 11, .f64)).last == 0.1)
    #expect(try numbers(.linspace(3, 9, count: 1)) == [3])
    #expect(try numbers(.linspace(3, 9, count: 0)).isEmpty)
    // NumPy: linspace(0, 10, 4).astype(int).
    #expect(try Tensor.linspace(0, 10, count: 4, .i64).array(of: Int64.self) == [0, 3, 6, 10])
  }

  @Test func gridsWithoutPlaces() throws {
    #expect(Tensor.cartesianGrid([]).shape == [0])
    #expect(Tensor.cartesianGrid([2, 0]).shape == [2, 0, 2])
    #expect(Tensor.meshgrid([]).isEmpty)
    let map = Tensor([1, 0, 0, 0, 1, 0], shape: [1, 2, 3])
    #expect(try numbers(map.affineGrid(height: 1, width: 1, alignCorners: true)) == [0, 0])
    #expect(map.affineGrid(height: 0, width: 3).shape == [1, 0, 3, 2])
  }

  /// NumPy: corrcoef([[1, 2, 4], [1, 3, 2]]).
  @Test func correlations() throws {
    let found = try numbers(Tensor([[1, 2, 4], [1, 3, 2]], .f64).correlation())
    let wanted = [1, 0.3273268353539886, 0.3273268353539886, 1]
    #expect(zip(found, wanted).allSatisfy { abs($0 - $1) < 1e-15 }, "\(found)")
  }

  /// Everything that is new works where sizes become known during a call.
  @Test func symbolicSizes() throws {
    func results(_ x: Tensor) -> [Tensor] {
      let (median, places) = x.medianWithIndices(axis: 1)
      return [
        x.variance(axes: [0], correction: 1), x.standardDeviation(axes: [1]), median, places, x.covariance(axis: 0),
        x.norm(axes: [1]), x.norm(.p(3), axes: [0]), x.cosineSimilarity(x + 1, axis: 0),
        x.isClose(x + 1, relative: 0.3), x.matvec(x[0]), x.outer(x), x.quietSoftmax(axis: 0), .zeros(like: x),
        x[0].dot(x[1]), x.movingAxes([0], to: [1]), x.shortTimeFourier(size: 2, step: 1).real,
        Tensor.fourier(x, x).imaginary,
      ]
    }
    let compiled = try compile(TensorType.f32("n", "m")) { x in results(x) }
    var random = RandomNumbers(seed: 3)
    for shape in [[2, 2], [3, 5], [17, 4]] {
      let x = random.normal(shape)
      for (place, (found, wanted)) in zip(try compiled(x), results(x)).enumerated() {
        #expect(found.shape == wanted.shape)
        let close = found.cast(to: .f64).allClose(wanted.cast(to: .f64), relative: 1e-4, absolute: 1e-5)
        #expect(try close.item() == 1, "result \(place) of \(shape)")
      }
    }
  }
}

/// Mistakes that were once taken for something else: an axis that is not there, one named twice, counts below 0, parts that
/// do not add up. Each tells what is wrong when its result is used.
@Suite struct SurfaceMistakeTests {
  private static var x: Tensor { Tensor([[1, 2, 3], [4, 5, 6]]) }

  static let mistakes: [(name: String, id: String, make: @Sendable () -> Tensor)] = [
    ("unsqueezed beyond", "bad-attribute", { x.unsqueezed(axes: [5]) }),
    ("unsqueezed before", "bad-attribute", { x.unsqueezed(axes: [-4]) }),
    ("unsqueezed twice", "bad-attribute", { x.unsqueezed(axes: [1, 1]) }),
    ("unsqueezed twice, once from the end", "bad-attribute", { x.unsqueezed(axes: [3, -1]) }),
    ("unsqueezed axis", "bad-attribute", { x.unsqueezed(axis: 3) }),
    ("stacked beyond", "bad-attribute", { .stacked([x, x], axis: 3) }),
    ("squeezed beyond", "bad-attribute", { x.squeezed(axes: [2]) }),
    ("squeezed twice", "bad-attribute", { x[.newAxis].squeezed(axes: [0, -3]) }),
    ("squeezed of extent 3", "shape-mismatch", { x.squeezed(axis: 1) }),
    ("squeezed of extent 0", "shape-mismatch", { Tensor.zeros([2, 0]).squeezed(axis: 0) }),
    ("sum twice", "bad-attribute", { x.sum(axes: [0, -2]) }),
    ("max beyond", "bad-attribute", { x.max(axes: [2]) }),
    ("mean twice", "bad-attribute", { x.mean(axes: [1, 1]) }),
    ("reversed twice", "bad-attribute", { x.reversed(axes: [0, 0]) }),
    ("tiled beyond", "bad-attribute", { x.tiled(2, axis: 2) }),
    ("tiled below 0", "bad-attribute", { x.tiled([-1, 2]) }),
    ("repeated below 0", "bad-attribute", { x.repeated(-1, axis: 0) }),
    ("rolled by fewer than axes", "bad-attribute", { x.rolled(by: [1], axes: [0, 1]) }),
    ("sliced beyond", "bad-attribute", { x.sliced(axis: 2, start: 0, size: 1) }),
    ("split short", "bad-attribute", { x.split(sizes: [1, 1], axis: 1)[0] }),
    ("split long", "bad-attribute", { x.split(sizes: [2, 2], axis: 1)[1] }),
    ("split below 0", "shape-mismatch", { x.split(sizes: [4, -1], axis: 1)[1] }),
    ("split beyond", "bad-attribute", { x.split(sizes: [1], axis: 2)[0] }),
    ("chunked into none", "bad-attribute", { x.chunked(into: 0, axis: 0)[0] }),
    ("broadcast below 0", "shape-mismatch", { x.broadcast(to: [-1, 3]) }),
    ("moving twice", "bad-axis", { x.movingAxes([0, 0], to: [0, 1]) }),
    ("moving to fewer", "bad-axis", { x.movingAxes([0, 1], to: [0]) }),
    ("variance twice", "bad-axis", { x.variance(axes: [0, -2]) }),
    ("variance of integers", "element-type", { x.cast(to: .i32).variance() }),
    ("norm beyond", "bad-axis", { x.norm(axes: [2]) }),
    ("norm of integers", "element-type", { x.cast(to: .i32).norm() }),
    ("norm 0 as a number", "bad-attribute", { x.norm(.p(0), axes: [0]) }),
    ("median of nothing", "empty-axis", { Tensor.zeros([2, 0]).median() }),
    ("median beyond", "bad-axis", { x.median(axis: 2) }),
    ("covariance of a vector", "rank", { x[0].covariance() }),
    ("dot of matrices", "rank", { x.dot(x) }),
    ("dot of one and many", "shape-mismatch", { x[0].dot(Tensor([1])) }),
    ("outer of two ranks", "rank", { x.outer(x[0]) }),
    ("matvec of vectors", "rank", { x[0].matvec(x[0]) }),
    ("odd glu", "shape-mismatch", { x.glu() }),
    ("determinant of no square", "bad-attribute", { x.determinant() }),
    ("closeness of two types", "element-type", { x.isClose(x.cast(to: .f64)) }),
    ("linspace below 0", "bad-step", { .linspace(0, 1, count: -1) }),
    ("linspace to infinity", "bad-step", { .linspace(0, .infinity, count: 2) }),
    ("identity below 0", "shape", { .identity(-1) }),
    ("window below 0", "shape", { .hannWindow(-1) }),
    ("grid below 0", "shape", { .cartesianGrid([2, -1]) }),
    ("grid of a matrix", "rank", { Tensor.meshgrid([x, x])[0] }),
    ("affine grid of a matrix", "shape-mismatch", { x.affineGrid(height: 1, width: 1) }),
    (
      "integers from nothing", "bad-range",
      {
        var random = RandomNumbers(seed: 1); return random.integers([2], in: 3..<3)
      }
    ),
    ("frames of nothing", "bad-attribute", { x.shortTimeFourier(size: 0, step: 1).real }),
    (
      "drawing with no weights", "shape-mismatch",
      {
        var random = RandomNumbers(seed: 1)
        return random.categorical(Tensor(1), count: 2)
      }
    ),
    ("nothing joined", "no-operands", { .concat([], axis: 0) }),
  ]

  /// What would be an integer only by losing something without a word.
  static let lossy: [(name: String, make: @Sendable () -> Tensor)] = [
    ("mean", { Tensor([1, 2], .i64).mean() }),
    ("mean along an axis", { Tensor([1, 2], .u8).mean(axes: [0]) }),
    ("times a half", { Tensor([7], .i64) * 0.5 }),
    ("a half times", { 0.5 * Tensor([7], .i64) }),
    ("plus a half", { Tensor([7], .i32) + 0.5 }),
    ("a half less", { 0.5 - Tensor([7], .i32) }),
    ("divided by a half", { Tensor([7], .i16) / 0.5 }),
    ("left of a division", { Tensor([7], .i16) % 1.5 }),
    (
      "changed in place",
      {
        var x = Tensor([7], .i64); x *= 0.1; return x
      }
    ),
    ("out of range", { Tensor([7], .i8) + 200 }),
    ("below 0", { Tensor([7], .u8) * -1 }),
    ("infinite", { Tensor([7], .i64) + .infinity }),
    ("not a number", { Tensor([7], .i64) + .nan }),
    ("equal to a half", { Tensor([0], .i64) .== 0.5 }),
    ("less than a half", { Tensor([0], .i64) .< 0.5 }),
    ("more than there is", { Tensor([0], .i8) .> 1000 }),
    ("a half of truth", { (Tensor([0]) .> 1) .== 0.5 }),
    ("root", { Tensor([7], .i64).sqrt() }),
    ("power of a half", { Tensor([7], .i64).power(0.5) }),
    ("inverse", { Tensor([7], .i64).power(-1) }),
    ("exponential", { Tensor([7], .i64).exp() }),
    ("deviation", { Tensor([7, 8], .i64).standardDeviation() }),
    ("radians", { Tensor([180], .i64).radians() }),
    ("clipped", { Tensor([7], .i64).clip(minimum: 0.5) }),
    ("replaced", { Tensor([7], .i64).replacing(where: Tensor([7]) .> 1, with: 0.5) }),
    ("padded", { Tensor([7], .i64).padded(before: [1], after: [0], value: 0.5) }),
    ("shrunk", { Tensor([7], .i64).softShrink() }),
  ]

  @Test(arguments: lossy.indices) func integersLoseNothingUntold(_ place: Int) throws {
    let (name, make) = SurfaceMistakeTests.lossy[place]
    do {
      try make().evaluate()
      Issue.record("\(name): no error")
    } catch {
      let told = "\(error)".contains("[element-type]") && "\(error)".contains("cast")
      #expect(told, "\(name): \(error)")
    }
  }

  /// Whole numbers are integers beside integers, and dividing truncates as Swift's does.
  @Test func integersStayIntegers() throws {
    let x = Tensor([7, -7], .i64)
    #expect(try ((x * 2 + 1) / 2).array(of: Int64.self) == [7, -6])
    #expect(try (x.power(2) % 5).array(of: Int64.self) == [4, 4])
    #expect(try x.clip(minimum: 0, maximum: .infinity).array(of: Int64.self) == [7, 0])
    #expect(try (x.cast(to: .f32) * 0.5).array(of: Float.self) == [3.5, -3.5])
    #expect(try (Tensor([1, 2], .i64).cast(to: .f32).mean()).item() == 1.5)
  }

  @Test(arguments: mistakes.indices) func isTold(_ place: Int) throws {
    let (name, id, make) = SurfaceMistakeTests.mistakes[place]
    do {
      try make().evaluate()
      Issue.record("\(name): no error")
    } catch { #expect("\(error)".contains("[\(id)]"), "\(name): \(error)") }
  }
}
