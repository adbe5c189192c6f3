import TensorIR

/// Prints a lowered program as a library in C: NAME.c, NAME.h and, where constants are large, NAME.weights.
///
///     let files = try ProgramPrinter(program, target: .x86v4, prefix: "mlp").files()
///     try files.write(to: directory)
public struct ProgramPrinter {
  private let program: LoweredProgram
  private let target: Target
  private let prefix: String
  private let fileName: String
  private let threads: ThreadMode
  private let checks: Bool

  /// - Parameters:
  ///   - prefix: what all symbols begin with; made a C identifier.
  ///   - fileName: the files' name without an extension; by default, and where C could not name it, the prefix.
  ///   - checks: whether a run looks out for kernels that write, or read, where they should not.
  public init(
    _ program: LoweredProgram, target: Target, prefix: String, fileName: String? = nil,
    threads: ThreadMode = .openMP,
    checks: Bool = false
  ) {
    self.program = program
    self.target = target
    self.prefix = CNames.identifier(prefix)
    self.fileName = fileName.flatMap { CNames.isFileName($0) ? $0 : nil } ?? self.prefix
    self.threads = threads
    self.checks = checks
  }

  /// The files.
  ///
  /// - Parameter parts: into how many translation units to split the kernels, so that they compile in parallel; 1 puts
  ///   everything into NAME.c.
  /// - Throws: a ``Diagnostic`` where the program does not determine a size, or where a lowering made a kernel that the
  ///   target cannot express.
  public func files(parts: Int = 1) throws -> EmittedFiles {
    let symbols = try ProgramChecks(program).describedSymbols()
    let kernels = try printKernels()
    let used = program.usedConstants
    let constants = ConstantsPrinter(program.constants, prefix: prefix, fileName: fileName, used: used)
    var body = BodyPrinter(
      program, prefix: prefix, constants: constants, kernelNames: kernelNames, sizes: SizeTable(symbols),
      checks: checks)
    let bodyText = body.text()
    let solutions = SymbolSolution.find(for: symbols.map(\.name), inputs: program.inputs).solutions
    var interface = InterfacePrinter(
      program: program, prefix: prefix, symbols: symbols, solutions: solutions, sizes: body.sizes,
      slots: body.slots,
      checks: checks, computed: body.computed)
    interface.collectSizes()
    let described = symbols + body.computed.described
    let description = DescriptionPrinter(program: program, symbols: described, prefix: prefix, target: target)
    let pieces = PartSplitter.split(kernels, into: parts)
    let main = [
      preamble(part: nil, isSplit: pieces.count > 1), runtimeText(functions(of: pieces[0]), isMain: true),
      kernelMacro(isSplit: pieces.count > 1),
      constants.text(), declarations(pieces.dropFirst().flatMap { $0 }), kernelText(pieces[0]),
      description.text(), interface.structs(), bodyText, interface.measure(), interface.layout(),
      interface.functions(),
    ]
    var sources = [EmittedFile(name: "\(fileName).c", text: joined(main))]
    for (number, piece) in pieces.enumerated().dropFirst() {
      let text = [
        preamble(part: number, isSplit: true), runtimeText(functions(of: piece), isMain: false),
        kernelMacro(isSplit: true),
        kernelText(piece),
      ]
      sources.append(EmittedFile(name: "\(fileName).\(number).c", text: joined(text)))
    }
    let header = HeaderPrinter(program: program, symbols: described, prefix: prefix).text()
    return EmittedFiles(
      prefix: prefix, sources: sources, header: EmittedFile(name: "\(fileName).h", text: header),
      weights: constants.weights)
  }

  private func joined(_ sections: [String]) -> String {
    sections.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  // MARK: Kernels

  private var kernelNames: [Int: String] {
    Dictionary(
      uniqueKeysWithValues: program.kernels.enumerated().map { number, kernel in
        (number, "\(prefix)_k_\(CNames.identifier(kernel.name))")
      })
  }

  private func printKernels() throws -> [PrintedKernel] {
    let names = kernelNames
    let functions = FunctionUse(types: CTypes(vectorBytes: target.vectorBytes))
    return try program.usedKernels.map { number in
      let kernel = program.kernels[number]
      let aliased = program.aliasedParameters(of: number)
      var printer = KernelPrinter(kernel, name: names[number] ?? "", functions: functions, aliased: aliased)
      let text = printer.text()
      if let mistake = printer.mistakes.first {
        throw Diagnostic(
          "unprintable-kernel",
          "kernel '\(kernel.name)' cannot be emitted: \(mistake); this is a bug of tensorc")
      }
      let prototype = KernelPrinter.prototype(kernel, name: names[number] ?? "", aliased: aliased)
      return PrintedKernel(text: text, prototype: prototype, functions: printer.functions)
    }
  }

  private func functions(of kernels: [PrintedKernel]) -> FunctionUse {
    var all = FunctionUse(types: CTypes(vectorBytes: target.vectorBytes))
    for kernel in kernels { all.merge(kernel.functions) }
    return all
  }

  private func kernelText(_ kernels: [PrintedKernel]) -> String {
    kernels.isEmpty
      ? ""
      : "/* ---- kernels \(String(repeating: "-", count: 99)) */\n\n"
        + kernels.map(\.text).joined(separator: "\n")
  }

  private func declarations(_ kernels: [PrintedKernel]) -> String {
    kernels.isEmpty
      ? "" : "/* Kernels in the other files. */\n" + kernels.map { $0.prototype + ";\n" }.joined()
  }

  /// Kernels stay functions, so that profiles and debuggers name them.
  private func kernelMacro(isSplit: Bool) -> String {
    isSplit
      ? "#define TC_KERNEL TC_APART __attribute__((visibility(\"hidden\")))\n"
      : "#define TC_KERNEL static TC_APART\n"
  }

  // MARK: What comes first

  private func preamble(part: Int?, isSplit: Bool) -> String {
    let files = part == nil ? "\(fileName).c" : "\(fileName).\(part ?? 0).c"
    let all = isSplit ? "\(fileName).c \(fileName).[0-9]*.c" : "\(fileName).c"
    let flags = CompilerFlags.recommended(for: target, threads: threads).joined(separator: " ")
    return """
      /* \(files): \(CLiteral.comment(program.name)), compiled by tensorc \(ToolVersion.text) for \(target.name), ABI version \(ABIHeader.version).
       *
       * Compile with:
       *
       *   cc \(flags) \\
       *      -fPIC -DTENSORC_SHARED -fvisibility=hidden -shared -Wl,-z,nodelete \(all) -o \(fileName).so -lm
       *
       * or with the first line and -c into an object to link.\(target.flags.isEmpty ? " No flag is needed for a right result." : "")
       * -ffp-contract=off matters where the processor has fused multiply-add: with it results do not depend on the compiler.
       *
       * This file, with all that is in it, is yours to use without conditions. */
      \(threads == .none ? "#define TENSORC_THREADS_NONE\n" : "")\(part == nil ? "#include \"\(fileName).h\"\n" : "")
      #include <stdarg.h>
      #include <stdbool.h>
      #include <stdio.h>

      #if defined(__clang__)
      #pragma STDC FP_CONTRACT OFF
      #pragma clang diagnostic ignored "-Wpass-failed"
      #define TC_UNROLLED _Pragma("clang loop unroll(full)")
      #define TC_UNROLLED_BY_FOUR _Pragma("clang loop unroll_count(4)")
      #define TC_ROLLED _Pragma("clang loop unroll(disable)")
      #define TC_APART __attribute__((noinline))
      #elif defined(__GNUC__)
      #define TC_UNROLLED _Pragma("GCC unroll 64")
      #define TC_UNROLLED_BY_FOUR _Pragma("GCC unroll 4")
      #define TC_ROLLED _Pragma("GCC unroll 1")
      /* In a clone for constant arguments gcc warns of accesses that a guard rules out. */
      #define TC_APART __attribute__((noinline, noclone))
      #else
      #define TC_UNROLLED
      #define TC_UNROLLED_BY_FOUR
      #define TC_ROLLED
      #define TC_APART
      #endif

      """
  }

  private func runtimeText(_ functions: FunctionUse, isMain: Bool) -> String {
    let prelude = functions.text(for: PreludeTarget(rawValue: target.vectorBytes) ?? .generic)
    let common = prelude + "\n" + Prelude.threads + (FaultPrinter(program).isNeeded ? FaultPrinter.support : "")
    if !isMain { return common }
    let computed = ComputedSizes(program)
    let binding = computed.described.isEmpty ? CallSupport.binding : CallSupport.bindingOfGiven
    return """
      \(common)
      \(CallSupport.sizes)
      \(CallSupport.processor)
      \(CallSupport.checks)\(binding)\(CallSupport.memory)\(computed.support)\(CollectiveCalls(program).support)\(checks ? CallSupport.zones : "")
      #ifndef TC_SERIAL_WORK
      #define TC_SERIAL_WORK \(target.tuning.serialWork)
      #endif

      """
  }
}

/// A kernel as C, with the functions that it calls.
struct PrintedKernel {
  var text: String
  var prototype: String
  var functions: FunctionUse
}

/// Divides kernels between translation units, in order, by the length of their text.
enum PartSplitter {
  /// With one part, everything goes into the first; else the first, which holds the interface, gets none.
  static func split(_ kernels: [PrintedKernel], into parts: Int) -> [[PrintedKernel]] {
    if parts < 2 || kernels.count < 2 { return [kernels] }
    let total = kernels.reduce(0) { $0 + $1.text.utf8.count }
    var pieces: [[PrintedKernel]] = [[]]
    var length = 0
    for kernel in kernels {
      if pieces.count == 1 || length >= total / parts {
        pieces.append([])
        length = 0
      }
      pieces[pieces.count - 1].append(kernel)
      length += kernel.text.utf8.count
    }
    return pieces
  }
}
