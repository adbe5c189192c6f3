import TensorData
import TensorIR
import TensorOps

/// What becomes of the scores of `ai.onnx.ml`'s classifiers and regressors.
struct PostTransform {
  enum Kind: String, CaseIterable {
    case none = "NONE"
    case softmax = "SOFTMAX"
    case logistic = "LOGISTIC"
    case softmaxZero = "SOFTMAX_ZERO"
    case probit = "PROBIT"
  }

  let kind: Kind

  init(_ node: NodeConversion) throws {
    let name = try node.string("post_transform") ?? "NONE"
    guard let kind = Kind(rawValue: name) else {
      throw OnnxError("onnx-unsupported-attribute", "its post_transform '\(name)' is unknown")
    }
    self.kind = kind
  }

  init(code: Int) throws {
    let kinds: [Kind] = [.none, .softmax, .logistic, .softmaxZero, .probit]
    guard kinds.indices.contains(code) else {
      throw OnnxError("onnx-unsupported-attribute", "its post_transform \(code) is unknown")
    }
    kind = kinds[code]
  }

  /// - Parameter scores: [rows, targets]. One score alone stays as it is, but for the probit.
  func applied(to scores: Tensor) -> Tensor {
    let isAlone = scores.shape[1] == 1
    switch kind {
    case .none: return scores
    case .probit: return PostTransform.probit(scores)
    case .softmax: return isAlone ? scores : scores.softmax(axis: 1)
    case .logistic: return isAlone ? scores : scores.sigmoid()
    case .softmaxZero:
      if isAlone { return scores }
      // Zeros stay zeros.
      let isZero = scores.absolute() .<= scores.like(0.0000001)
      let powers = (scores - scores.max(axes: [1], keepAxes: true)).exp()
      let kept = Tensor.select(isZero, scores * powers, powers)
      let total = kept.sum(axes: [1], keepAxes: true)
      return kept / Tensor.select(total .== total.like(0), total.like(1), total)
    }
  }

  /// The inverse of the normal distribution by Winitzki's approximation of the error function's inverse (2008), as
  /// onnxruntime has it.
  static func probit(_ p: Tensor) -> Tensor {
    let x = p + p - p.like(1)
    let logarithm = ((x.like(1) - x) * (x.like(1) + x)).log()
    let v = x.like(2 / (3.14159 * 0.147)) + logarithm * x.like(0.5)
    let root = ((v * v - logarithm / x.like(0.147)).sqrt() - v).sqrt()
    return x.like(1.41421356) * Tensor.select(x .< x.like(0), -root, root)
  }
}

/// The scores of two classes, where often one of them has none: a rule of onnxruntime's, for the standard is silent.
struct BinaryScores {
  let usesFirst: Bool
  let usesSecond: Bool
  let base: [Double]?
  /// Whether no weight is negative; then they are probabilities.
  let isPositive: Bool
  let classes: Int

  private var isOneSided: Bool { classes == 2 && usesFirst != usesSecond }

  /// Whether the result is called as the classes are.
  var namesClasses: Bool { isOneSided }

  /// Whether it is the second class, [rows], and the scores.
  func decided(_ scores: Tensor, _ transform: PostTransform) throws -> (isSecond: Tensor, scores: Tensor) {
    let zero = scores.like(0)
    let threshold = isOneSided && isPositive ? scores.like(0.5) : zero
    func column(_ index: Int) -> Tensor { scores.sliced(axis: 1, start: Dimension(index), size: 1) }
    var first = column(0)
    guard classes == 2 else {
      if let value = base?.first { first = first + first.like(value) }
      return (isAbove(first, threshold), transform.applied(to: first))
    }
    var second = column(1)
    switch base?.count ?? 0 {
    case 2:
      if usesSecond {
        // The first number of the base is not used.
        second = first + first.like(base?[1] ?? 0)
        first = usesFirst ? -second : first.like(0) * first
      } else {
        first = first + first.like(base?[0] ?? 0)
        return (isAbove(first, threshold), transform.applied(to: Tensor.concat([first, second], axis: 1)))
      }
    case 1: first = usesFirst ? first + first.like(base?[0] ?? 0) : first
    default: break
    }
    if usesSecond {
      return (isAbove(second, threshold), transform.applied(to: Tensor.concat([first, second], axis: 1)))
    }
    return (isAbove(first, threshold), try alone(first, transform))
  }

  private func isAbove(_ scores: Tensor, _ threshold: Tensor) -> Tensor {
    (scores .> threshold).squeezed(axes: [1])
  }

  /// One score for two classes.
  private func alone(_ score: Tensor, _ transform: PostTransform) throws -> Tensor {
    switch transform.kind {
    case .probit: throw OnnxError("onnx-unsupported-attribute", "PROBIT of one score for two classes is not supported")
    case .logistic where !isPositive: return Tensor.concat([(-score).sigmoid(), score.sigmoid()], axis: 1)
    default: return Tensor.concat([isPositive ? score.like(1) - score : -score, score], axis: 1)
    }
  }
}

/// The names of a classifier's classes: numbers, or text, of which the place is the result.
struct ClassLabels {
  private let numbers: [Int]?
  let texts: [String]?

  /// - Parameter names: the attributes of numbers and of text.
  init(_ node: NodeConversion, names: (String, String) = ("classlabels_int64s", "classlabels_strings")) throws {
    numbers = try node.integers(names.0).flatMap { $0.isEmpty ? nil : $0 }
    texts = try node.strings(names.1).flatMap { $0.isEmpty ? nil : $0 }
  }

  var count: Int { numbers?.count ?? texts?.count ?? 0 }

  /// The classes in words.
  var summary: String {
    texts.map { "the classes \(TextTable.summary($0))" } ?? "\(numbers?.count ?? 0) classes"
  }

  /// The labels of places.
  func value(_ places: Tensor, _ node: NodeConversion) throws -> ImportedValue {
    if let texts { return try TextTable.value(places.cast(to: .i64), texts, node) }
    guard let numbers, numbers != Array(numbers.indices) else { return ImportedValue(places.cast(to: .i64)) }
    return ImportedValue(try node.table(numbers).gather(places, axis: 0))
  }
}

extension NodeConversion {
  /// A vector of numbers that an attribute gives.
  func table(_ numbers: [Int]) throws -> Tensor {
    try ImportedValue.constant(
      HostTensor(type: .i64, shape: [numbers.count], elements: numbers.map { Int64($0) }), in: graph.recorder)
  }

  func table(_ numbers: [Double], _ type: ElementType = .f32, shape: [Int]? = nil) throws -> Tensor {
    let shape = shape ?? [numbers.count]
    guard shape.reduce(1, *) == numbers.count else {
      throw OnnxError("onnx-size-mismatch", "\(numbers.count) numbers do not fill the shape \(shape)")
    }
    let tensor = try HostTensor(type: .f64, shape: shape, elements: numbers)
    return try ImportedValue.constant(tensor, in: graph.recorder).cast(to: type)
  }
}
