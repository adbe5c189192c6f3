import TensorLayers

extension LayerCoverage {
  static func activations(_ list: inout LayerRowList) {
    list.row("module/Relu", "ReLU()") { x in [ReLU()(x[0])] }
    list.row("module/LeakyRelu", "LeakyReLU()") { x in [LeakyReLU()(x[0])] }
    list.row("module/Gelu", "GELU()") { x in [GELU()(x[0])] }
    list.row("module/Sigmoid", "Sigmoid()") { x in [Sigmoid()(x[0])] }
    list.row("module/Tanh", "Tanh()") { x in [Tanh()(x[0])] }
    list.row("module/HardSigmoid", "HardSigmoid()") { x in [HardSigmoid()(x[0])] }
    list.row("module/HardSwish", "HardSwish()") { x in [HardSwish()(x[0])] }
    list.row("module/Softplus", "Softplus()") { x in [Softplus()(x[0])] }
    list.row("module/Softsign", "Softsign()") { x in [Softsign()(x[0])] }
    list.row("module/Elu", "ELU()") { x in [ELU()(x[0])] }
    list.row("module/Celu", "CELU()") { x in [CELU()(x[0])] }
    list.row("module/Selu", "SELU()") { x in [SELU()(x[0])] }
    list.row("module/ThresholdedRelu", "ThresholdedReLU()") { x in [ThresholdedReLU()(x[0])] }
    list.row("module/Threshold", "Threshold(threshold: 0.6, value: -3)") { x in
      [Threshold(threshold: 0.6, value: -3)(x[0])]
    }
    list.row("module/HardShrink", "HardShrink()") { x in [HardShrink()(x[0])] }
    list.row("module/SoftShrink", "SoftShrink()") { x in [SoftShrink()(x[0])] }
    list.row("module/Shrink", "Shrink()") { x in [Shrink()(x[0])] }
    list.row("module/GLU", "GLU()") { x in [GLU()(x[0])] }
    list.row("module/Hardtanh", "HardTanh()") { x in [HardTanh()(x[0])] }
    list.row("module/Tanhshrink", "TanhShrink()") { x in [TanhShrink()(x[0])] }
    list.row("module/Relu6", "ReLU6()") { x in [ReLU6()(x[0])] }
    list.row("module/Mish", "Mish()") { x in [Mish()(x[0])] }
    list.row("module/SiLU", "SiLU()") { x in [SiLU()(x[0])] }
    list.row("module/LogSigmoid", "LogSigmoid()") { x in [LogSigmoid()(x[0])] }
    list.row("module/Identity", "Identity()") { x in [Identity()(x[0])] }
    list.row("module/RRelu", "RReLU()(x, mode)") { x in [RReLU()(x[0], .inference)] }
    list.row("module/Activation", "Activation.tanh") { x in [Activation.tanh(x[0])] }
    list.row("module/PRelu", "PReLU(3)") { x in
      var layer = PReLU(3)
      layer.slopes = x[1]
      return [layer(x[0]), PReLU(1).mapTensors { $0.cast(to: x[0].elementType) }(x[0])]
    }
    list.row("module/SwiGlu", "SwiGLU(3, 4)") { x in
      var layer = SwiGLU(3, 4)
      (layer.inner.weight, layer.outer.weight) = (x[1], x[2])
      return [layer(x[0])]
    }
    list.row("module/CosineSimilarity", "a.cosineSimilarity(b, axis: -1)") { x in
      [x[0].cosineSimilarity(x[1], axis: -1)]
    }
    list.row("module/PairwiseDistance", "pairwiseDistance(a, b)") { x in [pairwiseDistance(x[0], x[1])] }
  }
}
