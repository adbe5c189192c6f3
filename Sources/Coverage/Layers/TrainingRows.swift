import Foundation
import TensorTraining

extension LayerCoverage {
  static func training(_ list: inout LayerRowList) {
    list.random("module/Dropout", "Dropout(0.25)(x, mode)") {
      try drawn { Dropout(0.25)(.ones([4000]), $0) }
    } property: { tensors in
      let (first, second) = (try tensors[0].array(of: Float.self), try tensors[1].array(of: Float.self))
      if Set(first) != [0, 1 / 0.75] { return "the elements are \(Set(first))" }
      if first == second { return "two masks are the same" }
      let share = Double(first.filter { $0 == 0 }.count) / 4000
      return abs(share - 0.25) < 0.04 ? nil : "\(share) are left out"
    }
    list.random("module/GaussianNoise", "GaussianNoise(2)(x, mode)") {
      try drawn { GaussianNoise(2)(.ones([4000]), $0) }
    } property: { tensors in
      let numbers = try tensors[0].array(of: Float.self).map { Double($0) - 1 }
      let square = numbers.reduce(0) { $0 + $1 * $1 } / 4000
      let mean = numbers.reduce(0, +) / 4000
      return abs(square - 4) < 0.6 && abs(mean) < 0.16 ? nil : "mean \(mean), mean square \(square)"
    }
    list.row("record/FullPrecisionSettings", "saveTensors(tensors, to: path)", types: [.f64], gradient: .none) { x in
      [x[0]]
    }
    list.row("record/HalfPrecisionSettings", "model.mapTensors { $0.cast(to: .f16) }", types: [.f64], gradient: .none) {
      x in
      [x[0].mapTensors { $0.cast(to: .f16) }]
    }
    list.row("record/DoublePrecisionSettings", "model.mapTensors { $0.cast(to: .f64) }", types: [.f32], gradient: .none)
    { x in
      [x[0].mapTensors { $0.cast(to: .f64) }]
    }
  }

  static func adapters(_ list: inout LayerRowList) {
    list.row("module_system/Lora", "Adapted(network, \"*.query\", rank: 2, alpha: 4)") { x in
      var tuned = try Adapted(Linear(weight: x[1], bias: x[2]), "*", rank: 2, alpha: 4)
      tuned.model.lora = LoRA(a: x[3], b: x[4], alpha: 4)
      return [tuned.model(x[0]), tuned.merged()(x[0])]
    }
    list.row(
      "module_system/QLora", "Adapted(network, \"*.query\", rank: 2, alpha: 4, weights: .int4(block: 8))",
      types: [.f32],
      gradient: .none
    ) { x in
      var tuned = try Adapted(Linear(weight: x[1], bias: x[2]), "*", rank: 2, alpha: 4, weights: .int4(block: 8))
      tuned.model.lora = LoRA(a: x[3], b: x[4], alpha: 4)
      return [
        tuned.model(x[0]), tuned.model(x[0].sliced(axis: 0, start: 0, size: 1).reshaped(to: [16])),
        tuned.merged()(x[0]),
      ]
    }
  }

  static func loop(_ list: inout LayerRowList) {
    list.row(
      "training/Learner", "Trainer(model, optimizer) { … } loss: { … }.fit(data, passes: 2, batchSize: 4)",
      types: [.f32], gradient: .none, traced: false
    ) { x in
      let trainer = trainer(x) { meanSquaredError($0, $1) }
      let passes = try trainer.fit(try MemoryDataSet(x[0], x[1]), passes: 2, batchSize: 4, shuffles: false)
      return trainer.model.tensors + [Tensor(passes.map(\.trainingLoss))]
    }
    list.notApplicable("training/LearnerBuilder", "the arguments of `Trainer` and of `fit`")
    list.row(
      "training/RegressionOutput", "trainer.evaluate(data, batchSize: 4, &metrics)", types: [.f32], gradient: .none,
      traced: false
    ) { x in
      var metrics: [any PredictionMetric] = []
      return [
        Tensor(
          try trainer(x) { meanSquaredError($0, $1) }.evaluate(try MemoryDataSet(x[0], x[1]), batchSize: 4, &metrics))
      ]
    }
    list.row(
      "training/ClassificationOutput", "trainer.evaluate(data, batchSize: 4, &metrics)", types: [.f32], gradient: .none,
      traced: false
    ) { x in
      var metrics: [any PredictionMetric] = [Accuracy()]
      let loss = try trainer(x) { crossEntropy($0, $1) }.evaluate(try MemoryDataSet(x[0], x[1]), batchSize: 4, &metrics)
      return [Tensor(loss), Tensor(metrics[0].value)]
    }
    list.numbers("training/MetricEarlyStoppingStrategy", "EarlyStopping(patience: 2)") { _ in
      let losses = [5, 4, 4.5, 4.2, 3, 3.5, 3.2]
      return [2, 3].map { patience in
        Double((1...losses.count).first { EarlyStopping(patience: patience).stops(Array(losses.prefix($0))) } ?? 0)
      }
    }
    for name in ["record/SafetensorsFileRecorder", "record/SafetensorsStore"] {
      list.row(name, "model.load(try loadTensors(path))", types: [.f64, .f32], gradient: .none, traced: false) { x in
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).safetensors").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let model = Linear(weight: x[0], bias: x[1])
        try saveTensors(Dictionary(uniqueKeysWithValues: model.namedTensors.map { ($0.name, $0.tensor) }), to: path)
        var other = Linear(2, 3).mapTensors { $0.cast(to: x[0].elementType) }
        try other.load(try loadTensors(path))
        return other.tensors
      }
    }
  }

  private static func trainer(
    _ x: [Tensor], loss: @escaping (Tensor, Tensor) -> Tensor
  ) -> Trainer<Linear, SGD> {
    let trainer = Trainer(Linear(weight: x[2], bias: x[3]), SGD(rate: 0.125)) { model, x, _ in
      model(x)
    } loss: {
      loss($0, $1)
    }
    trainer.showsProgress = false
    return trainer
  }

  private static func drawn(_ body: (Mode) -> Tensor) throws -> [Tensor] {
    var model = Tensor(1)
    var random = RandomState(seed: 5)
    return try valueAndGradient(training: &model, random: &random) { model, mode in
      (model * 1, [body(mode), body(mode)])
    }.auxiliary
  }

  static func notApplicable(_ list: inout LayerRowList) {
    list.notApplicable(
      "module/GateController", "the gates of a layer are rows of one weight, so that a step is one product")
    list.notApplicable(
      "record/BinFileRecorder record/BinGzFileRecorder record/JsonGzFileRecorder record/PrettyJsonFileRecorder "
        + "record/NamedMpkFileRecorder record/NamedMpkGzFileRecorder record/BinBytesRecorder record/NamedMpkBytesRecorder",
      "models are kept as safetensors or npz, which other programs read too: `saveTensors`")
    list.notApplicable(
      "record/PyTorchFileRecorder record/PytorchStore", "a pickle is a program: save the weights as safetensors there")
    list.notApplicable("record/BurnpackStore", "models are kept as safetensors or npz")
    list.no("record/KeyRemapper", "not yet")
    list.notApplicable("module_system/Param", "a stored property that is a tensor is a parameter; `Frozen` is none")
    list.notApplicable("module_system/ParamId", "tensors are known by their names, as in files")
    list.notApplicable("module_system/Quantizer", "quantised models are imported from ONNX")
  }
}
