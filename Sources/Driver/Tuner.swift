import TensorIR
import TensorPasses
import TensorRuntime

/// Finds by measurement which of several ways of writing kernels, all of them right, is the fastest for a model on this machine.
///
/// One choice after the other: each value that changes the code is compiled and runs in turns with the best so far. It is taken where
/// it is faster by more than noise, so that what cannot be told apart stays as the rules have it.
public struct Tuner {
  /// What a choice was found to be.
  public struct Finding: Sendable {
    public var name: String
    public var value: Int
    /// The time of a run relative to that with the best of the values before; nil where this value is what the rules say.
    public var ratio: Double?
  }

  private let compiler: ModelCompiler
  private let threads: Int?

  /// - Parameter threads: the most threads of a run; nil for all processors.
  public init(_ compiler: ModelCompiler, threads: Int?) {
    self.compiler = compiler
    self.threads = threads
  }

  /// Measures a model on inputs, which are made where there are none.
  ///
  /// - Throws: what compiling and running throws.
  public func tune(_ model: LoadedModel, inputs: [DataInput]?) throws -> (file: TuningFile, findings: [Finding]) {
    var best = try candidate(model, TuningFile(target: try compiler.target().name, choices: [:]), inputs)
    var findings: [Finding] = []
    for choice in Tuning.choices where isAllowed(choice) {
      let ruled = try compiler.target().tuning[choice]
      var finding = Finding(name: choice.name, value: ruled)
      for value in choice.candidates where value != ruled {
        var file = best.file
        file.choices[choice.name] = value
        let text = try self.text(model, file)
        if text == best.text { continue }
        compiler.progress?("measure \(choice.name) = \(value)")
        let other = try candidate(model, file, inputs, text)
        guard let ratio = try Tuner.ratio(of: other, to: best) else { continue }
        (best, finding.value, finding.ratio) = (other, value, ratio)
      }
      findings.append(finding)
    }
    return (best.file, findings)
  }

  /// Fewer multiplications are a user's to refuse.
  private func isAllowed(_ choice: Tuning.Choice) -> Bool {
    compiler.options.usesWinograd || choice.name != "products.winograd"
  }

  // MARK: Candidates

  private struct Candidate {
    var file: TuningFile
    var text: String
    var runner: LibraryRunner
  }

  private func candidate(
    _ model: LoadedModel, _ file: TuningFile, _ inputs: [DataInput]?, _ text: String? = nil
  ) throws -> Candidate {
    let library = try with(file).library(model.function, named: "tuned")
    let runner = try LibraryRunner(library, of: model, threads: threads)
    try runner.setInputs(try inputs ?? MadeInputs.make(for: runner))
    return Candidate(file: file, text: try text ?? self.text(model, file), runner: runner)
  }

  private func with(_ file: TuningFile) -> ModelCompiler {
    var compiler = compiler
    compiler.options.tuning = file
    compiler.options.dumpDirectory = nil
    compiler.progress = nil
    return compiler
  }

  /// What is compiled, by which two candidates are told apart.
  private func text(_ model: LoadedModel, _ file: TuningFile) throws -> String {
    let compiler = with(file)
    return try compiler.lower(model.function, for: try compiler.target()).text()
  }

  // MARK: Measuring

  private static let (turns, leastWins, leastGain) = (9, 7, 0.02)
  private static let (turn, leastRuns, longRun) = (Duration.milliseconds(30), 3, Duration.milliseconds(200))

  /// The median ratio of turns; nil where it is not below 1 by more than noise.
  private static func ratio(of other: Candidate, to best: Candidate) throws -> Double? {
    try (best.runner.context.run(), other.runner.context.run())
    var ratios: [Double] = []
    for number in 0..<turns {
      // Whoever is second finds the processor as the first left it.
      let first = number % 2 == 0 ? try time(best) : nil
      let own = try time(other)
      ratios.append(own / (try first ?? time(best)))
    }
    ratios.sort()
    let median = ratios[turns / 2]
    return median < 1 - leastGain && ratios[leastWins - 1] < 1 ? median : nil
  }

  /// The least time of a run over a short while.
  private static func time(_ candidate: Candidate) throws -> Duration {
    let begin = ContinuousClock.now
    var least = Duration.seconds(1_000_000)
    var runs = 0
    while runs == 0 || runs < leastRuns && least < longRun || ContinuousClock.now - begin < turn {
      let start = ContinuousClock.now
      try candidate.runner.context.run()
      least = min(least, ContinuousClock.now - start)
      runs += 1
    }
    return least
  }
}
