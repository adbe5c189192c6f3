import Foundation
import TensorIR
import TensorOps

/// A kernel to measure: a traced function and its arithmetic.
struct Case {
  var name: String
  /// Multiply-adds.
  var work: Int
  var function: Function
}

/// Builds the cases.
enum Cases {
  static var all: [() throws -> Case] { products + pointwiseConvolutions + depthwise + windows }

  // MARK: Matrix products

  private static var products: [() throws -> Case] {
    [
      { try matmul(1024, 1024, 1024, tail: .none) },
      { try matmul(1024, 1024, 1024, tail: .relu) },
      { try matmul(128, 1536, 384, tail: .relu) },
      { try matmul(128, 1536, 384, tail: .tanh) },
      { try matmul(1, 1280, 1000, tail: .none) },
      { try matmul(1, 4096, 4096, tail: .none) },
      { try matmul(4, 1024, 1280, tail: .none) },
    ]
  }

  enum Tail: String { case none, relu, tanh }

  private static func matmul(_ m: Int, _ n: Int, _ k: Int, tail: Tail) throws -> Case {
    let trace = TraceRecorder(name: "f")
    let a = trace.parameter(TensorType(.f32, [Dimension(m), Dimension(k)]), name: "a")
    let product = a.matmul(weights(trace, [k, n], seed: 1))
    let bias = weights(trace, [n], seed: 2)
    let result =
      switch tail {
      case .none: product
      case .relu: (product + bias).relu()
      case .tanh: (product + bias).tanh()
      }
    return Case(name: "matmul \(m)x\(n)x\(k) \(tail)", work: m * n * k, function: try trace.finish([result]))
  }

  // MARK: Convolutions

  /// A convolution over square images with "same" padding, bias and a clip to 0 … 6.
  struct Shape {
    var size: Int
    var channels: Int
    var filters: Int
    var kernel = 1
    var stride = 1
    var isDepthwise = false
  }

  private static var pointwiseConvolutions: [() throws -> Case] {
    [
      (112, 32, 16), (112, 16, 96), (56, 96, 24), (56, 24, 144), (28, 144, 40), (28, 40, 240), (14, 240, 80),
      (14, 80, 480),
      (14, 112, 672), (7, 672, 192), (7, 192, 1152), (7, 1152, 320), (7, 320, 1280),
    ].map { size, channels, filters in { try convolution(Shape(size: size, channels: channels, filters: filters)) } }
  }

  private static var depthwise: [() throws -> Case] {
    [
      (112, 32, 3, 1), (112, 96, 3, 2), (56, 144, 3, 1), (56, 144, 5, 2), (28, 240, 5, 1), (28, 240, 3, 2),
      (14, 480, 3, 1),
      (14, 480, 5, 1), (14, 672, 5, 1), (14, 672, 5, 2), (7, 1152, 5, 1), (7, 1152, 3, 1),
    ].map { size, channels, kernel, stride in
      {
        try convolution(
          Shape(size: size, channels: channels, filters: channels, kernel: kernel, stride: stride, isDepthwise: true))
      }
    }
  }

  private static var windows: [() throws -> Case] {
    [(224, 3, 32, 3, 2), (56, 64, 64, 3, 1), (28, 32, 64, 3, 1), (14, 256, 256, 3, 1)].map {
      size, channels, filters, kernel, stride in
      { try convolution(Shape(size: size, channels: channels, filters: filters, kernel: kernel, stride: stride)) }
    }
  }

  /// The input arrives channels first, as users give it; a clip before the convolution makes the copy into channels last
  /// a kernel of its own, which is measured with it.
  private static func convolution(_ shape: Shape) throws -> Case {
    let trace = TraceRecorder(name: "f")
    let size = Dimension(shape.size)
    let type = TensorType(.f32, [1, size, size, Dimension(shape.channels)])
    let x = trace.parameter(type, name: "x").transposed([0, 3, 1, 2])
    let groups = shape.isDepthwise ? shape.channels : 1
    let filters = weights(trace, [shape.filters, shape.channels / groups, shape.kernel, shape.kernel], seed: 1)
    let result = (shape.size + shape.stride - 1) / shape.stride
    let padding = max((result - 1) * shape.stride + shape.kernel - shape.size, 0)
    let y = x.convolution(
      filters, bias: weights(trace, [shape.filters], seed: 2), strides: [shape.stride, shape.stride],
      before: [padding / 2, padding / 2], after: [padding - padding / 2, padding - padding / 2], groups: groups
    ).clip(minimum: 0, maximum: 6)
    let kind = shape.isDepthwise ? "dw" : "conv"
    return Case(
      name: "\(kind)\(shape.kernel) s\(shape.stride) \(shape.size) \(shape.channels)-\(shape.filters)",
      work: result * result * shape.filters * shape.channels / groups * shape.kernel * shape.kernel,
      function: try trace.finish([y.transposed([0, 2, 3, 1])]))
  }

  private static func weights(_ trace: TraceRecorder, _ shape: [Int], seed: UInt64) -> Tensor {
    let count = shape.reduce(1, *)
    var state = seed
    let values = (0..<count).map { _ -> Float in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(state >> 40) / Float(1 << 24) - 0.5
    }
    let bytes = values.withUnsafeBytes { Data($0) }
    guard let literal = TensorLiteral(.f32, shape: shape, bytes: bytes) else { return .absent }
    return trace.record(Constant(literal), [], at: .unknown)[0]
  }
}
