import TensorABI

extension CompiledLibrary {
  /// A model that is linked into this program: `NAME.o`, `NAME.a` or `NAME.c` of `tensorc compile`.
  ///
  ///     @_silgen_name("mlp_library") func mlpLibrary() -> UnsafeRawPointer
  ///     let model = try CompiledLibrary(linked: "mlp", table: mlpLibrary()).makeModel()
  ///
  /// `tensorc compile --emit a,swift` writes such code. Any number of models can be linked into one program.
  /// - Parameters:
  ///   - name: what messages call it.
  ///   - table: what the model's C function `NAME_library` returns, a `const tensorc_library *`.
  /// - Throws: `abi-version`, `damaged-library`.
  public convenience init(linked name: String, table: UnsafeRawPointer) throws(RuntimeError) {
    try self.init(table: table.assumingMemoryBound(to: tensorc_library.self), path: name)
  }
}
