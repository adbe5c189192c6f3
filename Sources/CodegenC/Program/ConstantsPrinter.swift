import TensorIR

/// Prints the constants: small ones as arrays in the C, the others as one embedded file.
struct ConstantsPrinter {
  /// Up to this many bytes a constant stands in the C text, where people can read it.
  static let largestLiteral = 1024

  let prefix: String
  let fileName: String
  private(set) var weights: WeightsFile?
  /// For each constant, the C expression of its address.
  private(set) var addresses: [String] = []
  private var arrays: [String] = []

  init(_ constants: [TensorLiteral], prefix: String, fileName: String, used: Set<Int>) {
    self.prefix = prefix
    self.fileName = fileName
    for (number, literal) in constants.enumerated() {
      if !used.contains(number) {
        addresses.append("NULL")
      } else if literal.bytes.count <= ConstantsPrinter.largestLiteral {
        addresses.append("\(prefix)_constant_\(number)")
        arrays.append(ConstantsPrinter.array(literal, name: "\(prefix)_constant_\(number)"))
      } else {
        var file = weights ?? WeightsFile(name: "\(fileName).weights")
        addresses.append("\(prefix)_weights + \(file.add(literal))")
        weights = file
      }
    }
  }

  func text() -> String {
    if arrays.isEmpty && weights == nil { return "" }
    return "/* ---- constants \(String(repeating: "-", count: 97)) */\n\n" + arrays.joined(separator: "\n")
      + (weights == nil ? "" : embedding())
  }

  private static func array(_ literal: TensorLiteral, name: String) -> String {
    let dimensions = "[\(literal.shape.map(String.init).joined(separator: ", "))]"
    let elements = (0..<max(storedCount(literal), 0)).map { element(literal, $0) }
    let start =
      "static const _Alignas(64) \(CTypes.storage(literal.elementType)) \(name)[\(max(elements.count, 1))] = {"
    let values = elements.isEmpty ? ["0"] : elements
    return "/* \(literal.elementType)\(dimensions) */\n" + KernelPrinter.wrap(start, values, end: "};") + "\n"
  }

  private static func storedCount(_ literal: TensorLiteral) -> Int {
    literal.bytes.count * 8 / max(literal.elementType.bitWidth, 8)
  }

  private static func element(_ literal: TensorLiteral, _ index: Int) -> String {
    switch literal.elementType {
    case .f32: CLiteral.number(Double(literal.element(index, as: Float.self)), .f32)
    case .f64: CLiteral.number(literal.element(index, as: Double.self), .f64)
    case .f16, .bf16, .u16: "\(literal.element(index, as: UInt16.self))"
    case .i8: "\(literal.element(index, as: Int8.self))"
    case .i16: "\(literal.element(index, as: Int16.self))"
    case .i32: CLiteral.integer(Int(literal.element(index, as: Int32.self)), .i32)
    case .i64: CLiteral.integer(Int(literal.element(index, as: Int64.self)), .i64)
    case .u32: CLiteral.integer(Int(literal.element(index, as: UInt32.self)), .u32)
    case .u64: CLiteral.integer(Int(truncatingIfNeeded: literal.element(index, as: UInt64.self)), .u64)
    case .u8, .bool, .i4, .u4: "\(literal.element(index, as: UInt8.self))"
    }
  }

  /// The assembler includes the file: C has no `#embed` yet, and arrays of megabytes take a compiler minutes. A file past
  /// 1 GiB overflows 32-bit relocations near 2 GiB; such a library would have to map it, which this version does not do.
  private func embedding() -> String {
    """
    /* \(fileName).weights, found from the current directory unless -DTENSORC_WEIGHTS_FILE='"…"' says where it is. */
    #ifndef TENSORC_WEIGHTS_FILE
    #define TENSORC_WEIGHTS_FILE "\(fileName).weights"
    #endif
    #if defined(__APPLE__)
    __asm__(
        ".const_data\\n"
        ".private_extern _\(prefix)_weights\\n"
        ".globl _\(prefix)_weights\\n"
        ".p2align 6\\n"
        "_\(prefix)_weights:\\n"
        ".incbin \\"" TENSORC_WEIGHTS_FILE "\\"\\n"
        ".text\\n");
    #else
    __asm__(
        ".pushsection .rodata.\(prefix)_weights,\\"a\\"\\n"
        ".hidden \(prefix)_weights\\n"
        ".globl \(prefix)_weights\\n"
        ".p2align 6\\n"
        "\(prefix)_weights:\\n"
        ".incbin \\"" TENSORC_WEIGHTS_FILE "\\"\\n"
        ".popsection\\n");
    #endif
    extern const unsigned char \(prefix)_weights[] __attribute__((visibility("hidden"), aligned(64)));

    """
  }
}
