extension Registry {
  /// Recurrent layers, and what they are lowered through.
  static let recurrent: [any TensorOp.Type] = [
    Lstm.self,
    Gru.self,
    Rnn.self,
    GatePanels.self,
    RecurrentSequence.self,
  ]
}
