/// What Burn has for networks and their training: layers, losses, optimisers and more, of release 0.16 and of later
/// ones.
enum LayerNames {
  /// Release 0.16.
  static let first = """
    module:
      Linear Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d DeformConv2d MaxPool1d
      MaxPool2d AvgPool1d AvgPool2d AdaptiveAvgPool1d AdaptiveAvgPool2d Unfold4d Interpolate1d Interpolate2d
      LayerNorm BatchNorm GroupNorm InstanceNorm RmsNorm Lstm BiLstm Gru GateController MultiHeadAttention
      MhaInput MhaCache GeneratePaddingMask TransformerEncoder TransformerEncoderLayer TransformerDecoder
      TransformerDecoderLayer PositionWiseFeedForward TensorCache Dropout Embedding PositionalEncoding
      RotaryEncoding SwiGlu PRelu Relu LeakyRelu Gelu Sigmoid Tanh HardSigmoid
    function:
      generate_autoregressive_mask generate_padding_mask generate_sinusoids
    padding:
      PaddingConfig1d PaddingConfig2d PaddingConfig3d
    loss:
      CrossEntropyLoss BinaryCrossEntropyLoss MseLoss HuberLoss Reduction
    optimizer:
      Sgd Momentum Adam AdamW AdaGrad RmsProp WeightDecay GradientClipping GradientsAccumulator GradientsParams
      OptimizerAdaptor
    lr_scheduler:
      ConstantLr CosineAnnealingLrScheduler ExponentialLrScheduler LinearLrScheduler NoamLrScheduler
      StepLrScheduler
    initializer:
      Constant Ones Zeros Uniform Normal KaimingUniform KaimingNormal XavierUniform XavierNormal
    metric:
      AccuracyMetric TopKAccuracyMetric LossMetric PrecisionMetric RecallMetric FBetaScoreMetric HammingScore
      AurocMetric ConfusionStats CpuUse CpuMemory CpuTemperature CudaMetric IterationSpeedMetric
      LearningRateMetric
    record:
      BinFileRecorder BinGzFileRecorder JsonGzFileRecorder PrettyJsonFileRecorder NamedMpkFileRecorder
      NamedMpkGzFileRecorder BinBytesRecorder NamedMpkBytesRecorder FullPrecisionSettings HalfPrecisionSettings
      DoublePrecisionSettings PyTorchFileRecorder
    module_system:
      Param ParamId RunningState Quantizer
    training:
      Learner LearnerBuilder MetricEarlyStoppingStrategy ClassificationOutput RegressionOutput
    """

  /// What later releases added.
  static let later = """
    module:
      AdaptiveAvgPool3d Fold4d LocalResponseNorm BiGru Rnn BiRnn CrossAttention GaussianNoise HardSwish
      Softplus Softsign Elu Celu Selu ThresholdedRelu Threshold HardShrink SoftShrink Shrink GLU Hardtanh
      Tanhshrink Relu6 RRelu Mish SiLU LogSigmoid Identity CosineSimilarity PairwiseDistance PixelShuffle
      PixelUnshuffle Activation Normalization
    loss:
      CTCLoss RNNTLoss PoissonNllLoss CosineEmbeddingLoss KLDivLoss LpLoss SmoothL1Loss GaussianNLLLoss
      HingeEmbeddingLoss MarginRankingLoss MultiMarginLoss SoftMarginLoss TripletMarginLoss
    optimizer:
      Adan Muon LBFGS ModuleOptimizer
    lr_scheduler:
      ComposedLrScheduler SequentialLrScheduler ModuleLrScheduler
    initializer:
      Orthogonal
    metric:
      AucPrMetric PerplexityMetric WordErrorRate CharErrorRate BleuScore RougeLScore DiceMetric PsnrMetric
      SsimMetric MsSsimMetric LpipsVgg Dists Fid Afine
    record:
      SafetensorsFileRecorder BurnpackStore SafetensorsStore PytorchStore KeyRemapper
    module_system:
      Lora QLora
    """
}
