import TensorData
import TensorIR
import TensorOps

extension OnnxOperators {
  /// Operators of `ai.onnx.ml` on numbers, as scikit-learn, LightGBM and XGBoost are exported.
  static let learning: [String: Converter] = [preparation, linear, trees].reduce(into: [:]) { all, theme in
    all.merge(theme) { first, _ in first }
  }

  /// What is done to features before a model, and to results after it.
  static let preparation: [String: Converter] = [
    "Scaler": one { node in
      let x = try featuresAsFloats(node)
      let offset = try node.table(node.floats("offset") ?? [0], x.elementType)
      return try (x - offset) * node.table(node.floats("scale") ?? [1], x.elementType)
    },
    "Normalizer": one(normalised),
    "Imputer": one(imputed),
    "Binarizer": one { node in
      let x = try node.tensor(0)
      return try (x .> x.cast(to: x.elementType).like(node.float("threshold") ?? 0)).cast(to: x.elementType)
    },
    "ArrayFeatureExtractor": one { node in
      let (x, indices) = (try node.tensor(0), try node.tensor(1))
      let rows = x.rank == 1 ? try node.reshape(x, [1, x.shape[0]]) : x
      return try rows.gather(node.reshape(indices, [indices.shape.reduce(1, *)]), axis: -1 + rows.rank)
    },
    "FeatureVectorizer": one(featureVector),
    "OneHotEncoder": one(oneHotFeatures),
    "LabelEncoder": TextOperators.encoded,
    "CategoryMapper": TextOperators.categories,
    // A list of maps from classes to scores: the scores, in the order of the classes.
    "ZipMap": { node in
      let labels = try ClassLabels(node)
      node.note("it gives the scores alone, one for each of \(labels.summary)")
      return [try node.input(0)]
    },
  ]

  /// The input as floats; these operators give floats of 32 bits.
  private static func featuresAsFloats(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    return x.elementType.isFloat && x.elementType != .f64 ? x : x.cast(to: .f32)
  }

  private static func normalised(_ node: NodeConversion) throws -> Tensor {
    let x = try featuresAsFloats(node)
    guard x.rank == 1 || x.rank == 2 else { throw OnnxError("onnx-rank", "it takes rank 1 or 2, not \(x.rank)") }
    let axes = [x.rank - 1]
    let length: Tensor
    switch try node.string("norm") ?? "MAX" {
    case "MAX": length = x.max(axes: axes, keepAxes: true)
    case "L1": length = x.absolute().sum(axes: axes, keepAxes: true)
    case "L2": length = (x * x).sum(axes: axes, keepAxes: true).sqrt()
    case let other: throw OnnxError("onnx-unsupported-attribute", "its norm '\(other)' is unknown")
    }
    return x / Tensor.select(length .== length.like(0), length.like(1), length)
  }

  /// Elements that are missing, which a number or NaN says, replaced by one number or by one for each feature.
  private static func imputed(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    let (values, isMissing): (Tensor, Tensor)
    if x.elementType.isFloat {
      values = try node.table(node.floats("imputed_value_floats") ?? [], x.elementType)
      let sign = try node.float("replaced_value_float") ?? 0
      isMissing = sign.isNaN ? x.isNaN() : x .== x.like(sign)
    } else {
      values = try node.table(node.integers("imputed_value_int64s") ?? []).cast(to: x.elementType)
      isMissing = try x .== x.like(Double(node.integer("replaced_value_int64") ?? 0))
    }
    node.ignore(
      "imputed_value_floats", "imputed_value_int64s", "replaced_value_float", "replaced_value_int64")
    guard values.shape[0] != 0 else { throw OnnxError("onnx-missing-attribute", "it has no value of the input's type") }
    return Tensor.select(isMissing, values, x)
  }

  /// The features of all inputs beside each other, each cut or filled with zeros to its width.
  private static func featureVector(_ node: NodeConversion) throws -> Tensor {
    let parts = try node.tensors()
    let widths = try node.integers("inputdimensions") ?? []
    let rows = try zip(parts, parts.indices).map { part, index -> Tensor in
      let flat = part.rank == 1 ? try node.reshape(part, [1, part.shape[0]]) : part
      guard flat.rank == 2 else { throw OnnxError("onnx-rank", "it takes rows of features, not rank \(flat.rank)") }
      let wide = flat.cast(to: .f32)
      guard index < widths.count, node.symbols.isEqual(flat.shape[1], Dimension(widths[index])) != .yes else {
        return wide
      }
      return wide.padded(before: [0, 0], after: [0, Dimension(widths[index]) - flat.shape[1]])
    }
    return Tensor.concat(rows, axis: 1)
  }

  /// For each element as many numbers as there are categories, 1 where it is one.
  private static func oneHotFeatures(_ node: NodeConversion) throws -> Tensor {
    let texts = try node.strings("cats_strings") ?? []
    let numbers = try node.integers("cats_int64s") ?? []
    guard texts.isEmpty != numbers.isEmpty else {
      throw OnnxError("onnx-missing-attribute", "its categories are missing, or are both text and numbers")
    }
    let categories = texts.isEmpty ? numbers : Array(texts.indices)
    let x = try texts.isEmpty ? node.tensor(0) : TextOperators.places(node, among: texts)
    // Floats are cut off.
    let whole = x.cast(to: .i64)
    let isHot = try whole.unsqueezed(axes: [x.rank]) .== node.table(categories)
    let result = isHot.cast(to: .f32)
    guard try !node.flag("zeros", default: true) else { return result }
    // What is no category is an error of the run: an index that is out of range.
    let place = isHot.cast(to: .i32).argMax(axis: x.rank)
    let index = Tensor.select(isHot.any(axes: [x.rank]), place, place.like(Double(categories.count)))
    let eye = place.eye(Dimension(categories.count), Dimension(categories.count), .f32)
    return eye.gather(index, axis: 0)
  }
}
