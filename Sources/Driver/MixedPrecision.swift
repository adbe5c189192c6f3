import TensorData
import TensorIR
import TensorPasses

/// In what the products of a model are computed, as a user asks for it.
public enum PrecisionSetting: Hashable, Sendable, CustomStringConvertible {
  case f32, bf16
  /// In three, or six, products of bf16 for each of f32.
  case bf16x3, bf16x6
  /// In bf16 except where a product's error on data is greater than this: the root of the mean square of differences over that
  /// of the product.
  case mixed(Double)

  /// `f32`, `bf16`, `bf16x3`, `bf16x6` or `mixed:TOLERANCE`.
  public init?(_ text: String) {
    let known = [PrecisionSetting.f32, .bf16, .bf16x3, .bf16x6].first { $0.description == text }
    if let known {
      self = known
      return
    }
    guard text.hasPrefix("mixed:"), let tolerance = Double(text.dropFirst("mixed:".count)), tolerance >= 0,
      tolerance.isFinite
    else { return nil }
    self = .mixed(tolerance)
  }

  public var description: String {
    switch self {
    case .f32: "f32"
    case .bf16: "bf16"
    case .bf16x3: "bf16x3"
    case .bf16x6: "bf16x6"
    case .mixed(let tolerance): "mixed:\(tolerance)"
    }
  }
}

extension PrecisionSetting {
  /// What it means for every model; nil for `mixed`, which measures.
  public var fixed: Precision? {
    switch self {
    case .f32: .f32
    case .bf16: .bf16
    case .bf16x3: .bf16x3
    case .bf16x6: .bf16x6
    case .mixed: nil
    }
  }

  /// What it means for a model: under `mixed` the model is run on the data, every product in both precisions.
  ///
  /// - Throws: `precision-data` where `mixed` has no data; what the data and the model do not agree on.
  public func resolved(
    for model: LoadedModel, data: [[DataInput]], by compiler: ModelCompiler
  ) throws -> Precision {
    guard case .mixed(let tolerance) = self else { return fixed ?? .f32 }
    guard !data.isEmpty else {
      throw Diagnostic(
        "precision-data", "--precision mixed measures products on data, and there is none: give --precision-data DIR")
    }
    let errors = try measure(model, data, compiler)
    return .some(Set(errors.indices.filter { errors[$0] <= tolerance }))
  }

  /// The greatest error of each product over all data; NaN where one is not a number.
  private func measure(_ model: LoadedModel, _ data: [[DataInput]], _ compiler: ModelCompiler) throws -> [Double] {
    var compiler = compiler
    compiler.options.precision = .f32
    compiler.progress?("measure precision")
    let function = try Pipeline.measuringPrecision(model.function, PipelineOptions(target: try compiler.target()))
    if function.body.results.isEmpty { return [] }
    let runner = try LibraryRunner(compiler.library(function, named: "precision"), of: model, threads: nil)
    var errors = [Double](repeating: 0, count: function.body.results.count)
    for inputs in data {
      try runner.setInputs(inputs)
      for (number, result) in try runner.run().enumerated() {
        let error = NumberReader(result).number(0)
        errors[number] = error.isNaN || errors[number].isNaN ? .nan : max(errors[number], error)
      }
    }
    return errors
  }
}
