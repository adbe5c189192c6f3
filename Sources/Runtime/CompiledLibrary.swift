import TensorABI

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A library made by `tensorc compile`, loaded into this process or linked into the program.
///
/// A loaded one stays loaded until the process ends, since OpenMP's threads may still be inside it. A file that is replaced on
/// disk is therefore not loaded again under the same path.
public final class CompiledLibrary: Sendable {
  /// Where it was loaded from; the name of one that is linked.
  public let path: String
  /// What it computes.
  public let description: LibraryDescription
  let functions: LibraryFunctions

  /// Loads a shared library. Loading runs the library's code: load only what you would run.
  /// - Parameter path: a file, `.so` or `.dylib`; relative to the current directory.
  /// - Throws: `library-not-found`, `library-not-loaded` (a missing OpenMP, another processor), `not-a-library`,
  ///   `abi-version`, `damaged-library`.
  public convenience init(path: String) throws(RuntimeError) {
    // Without a slash, dlopen would search the system's directories instead.
    let file = path.contains("/") ? path : "./" + path
    guard access(file, F_OK) == 0 else {
      throw RuntimeError(
        "library-not-found", "There is no library at '\(path)': check the path, or run `tensorc compile` first.")
    }
    guard let handle = dlopen(file, RTLD_NOW | RTLD_LOCAL) else {
      throw Self.notLoaded(path)
    }
    try self.init(table: Self.table(in: handle, path: path), path: path)
  }

  /// What a table of functions offers.
  init(table: UnsafePointer<tensorc_library>, path: String) throws(RuntimeError) {
    let functions = try LibraryFunctions(table: table, path: path)
    description = try DescriptionReader(path: path).read(functions.describe(path: path))
    self.functions = functions
    self.path = path
  }

  /// Creates the model. Do it once and share it between threads.
  /// - Throws: `unsupported-cpu` and whatever else the library reports.
  public func makeModel() throws(RuntimeError) -> Model {
    try Model(library: self)
  }

  private static func notLoaded(_ path: String) -> RuntimeError {
    let reason = dlerror().map { String(cString: $0) } ?? "no reason given"
    let isOpenMP = ["libomp", "libgomp", "libiomp"].contains { reason.contains($0 + ".") }
    let advice =
      isOpenMP
      ? "Install the OpenMP runtime it names, or compile the model with `--threads none`."
      : "Check that it was compiled for this system and processor."
    return RuntimeError("library-not-loaded", "'\(path)' cannot be loaded: \(reason). \(advice)")
  }

  private static func table(
    in handle: UnsafeMutableRawPointer, path: String
  ) throws(RuntimeError) -> UnsafePointer<tensorc_library> {
    if let symbol = dlsym(handle, "tensorc_library_v\(TENSORC_ABI_VERSION)") {
      let entry = unsafeBitCast(symbol, to: (@convention(c) () -> UnsafePointer<tensorc_library>?).self)
      if let table = entry() { return table }
    }
    for version in 1..<100 where dlsym(handle, "tensorc_library_v\(version)") != nil {
      throw LibraryFunctions.wrongVersion(UInt32(version), path: path)
    }
    throw RuntimeError(
      "not-a-library",
      "'\(path)' is a shared library, but not one that tensorc compiled: pass the .so of `tensorc compile`.")
  }
}

/// The table of a library, found complete and of this version.
///
/// Sendable because the library's data is constant and stays loaded.
struct LibraryFunctions: @unchecked Sendable {
  let table: UnsafePointer<tensorc_library>

  init(table: UnsafePointer<tensorc_library>, path: String) throws(RuntimeError) {
    let contents = table.pointee
    guard contents.abi_version == UInt32(TENSORC_ABI_VERSION) else {
      throw Self.wrongVersion(contents.abi_version, path: path)
    }
    guard contents.size >= UInt64(MemoryLayout<tensorc_library>.size), contents.describe != nil,
      contents.create != nil, contents.output_bounds != nil, contents.workspace_size != nil, contents.run != nil,
      contents.destroy != nil
    else {
      throw RuntimeError("damaged-library", "'\(path)' lacks functions of the ABI: compile the model again.")
    }
    self.table = table
  }

  func describe(path: String) throws(RuntimeError) -> tensorc_description {
    guard let description = table.pointee.describe() else {
      throw RuntimeError("damaged-library", "'\(path)' has no description: compile the model again.")
    }
    guard description.pointee.abi_version == UInt32(TENSORC_ABI_VERSION) else {
      throw Self.wrongVersion(description.pointee.abi_version, path: path)
    }
    guard description.pointee.size >= UInt64(MemoryLayout<tensorc_description>.size) else {
      throw RuntimeError("damaged-library", "'\(path)' has a description cut short: compile the model again.")
    }
    return description.pointee
  }

  static func wrongVersion(_ version: UInt32, path: String) -> RuntimeError {
    let advice = version > UInt32(TENSORC_ABI_VERSION) ? "use a newer TensorRuntime" : "compile the model again"
    return RuntimeError(
      "abi-version",
      "'\(path)' speaks version \(version) of the ABI and this runtime version \(TENSORC_ABI_VERSION): \(advice).")
  }
}
