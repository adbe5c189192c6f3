import TensorCodegenC
import TensorIR

/// The files beside a library by which other programs find it: a Swift file that calls it, a package file for CMake, and
/// one for pkg-config.
struct CompanionFiles {
  var program: LoweredProgram
  var emission: Emission
  /// What the symbols begin with.
  var prefix: String
  /// Nil where no library is made.
  var threads: ThreadMode?

  var files: [(name: String, text: String)] {
    emission.kinds.compactMap { kind in
      switch kind {
      case .swift: (emission.fileName(kind), SwiftWrapper(program, name: emission.name, prefix: prefix, isLinked).text)
      case .cmake: (emission.fileName(kind), cmake)
      case .pc: (emission.fileName(kind), pkgConfig)
      case .so, .c, .a, .s, .ir: nil
      }
    }
  }

  /// Whether the Swift file calls a library that is linked: it does unless what is made is for loading only.
  private var isLinked: Bool {
    !emission.kinds.contains(.so) || emission.kinds.contains { $0.isLibrary && $0 != .so }
  }

  private var isParallel: Bool { threads == .openMP }

  /// `find_package(NAME)` finds it, and the target is `NAME::NAME`. Of two libraries it is the shared one.
  private var cmake: String {
    let isShared = emission.kinds.contains(.so)
    let file = emission.fileName(isShared ? .so : .a)
    let name = emission.name
    let libraries = ["m"] + (isParallel && !isShared ? ["OpenMP::OpenMP_C"] : [])
    let openMP =
      isParallel && !isShared
      ? """
      if(NOT TARGET OpenMP::OpenMP_C)
        include(CMakeFindDependencyMacro)
        find_dependency(OpenMP COMPONENTS C)
      endif()

      """ : ""
    return """
      # \(file), compiled by tensorc \(ToolVersion.text). In a CMakeLists.txt:
      #
      #   find_package(\(name) CONFIG REQUIRED PATHS "the directory of this file" NO_DEFAULT_PATH)
      #   target_link_libraries(program PRIVATE \(name)::\(name))
      \(openMP)if(NOT TARGET "\(name)::\(name)")
        add_library("\(name)::\(name)" \(isShared ? "SHARED" : "STATIC") IMPORTED)
        set_target_properties("\(name)::\(name)" PROPERTIES
          IMPORTED_LOCATION "${CMAKE_CURRENT_LIST_DIR}/\(file)"
          INTERFACE_INCLUDE_DIRECTORIES "${CMAKE_CURRENT_LIST_DIR}"
          INTERFACE_LINK_LIBRARIES "\(libraries.joined(separator: ";"))")
      endif()

      """
  }

  /// The directory is that of the file itself, so that both may be moved.
  private var pkgConfig: String {
    let isShared = emission.kinds.contains(.so)
    let file = emission.fileName(isShared ? .so : .a)
    // By -l:FILE the program asks the loader for the file's name, not for where it lay when it was linked.
    let libraries =
      isShared
      ? "-L${pcfiledir} -l:\(file) -Wl,-rpath,${pcfiledir} -lm"
      : "${pcfiledir}/\(file)\(isParallel ? " -fopenmp" : "") -lm"
    return """
      # PKG_CONFIG_PATH is to name the directory of this file.
      Name: \(emission.name)
      Description: \(program.name), compiled by tensorc
      Version: \(ToolVersion.text)
      Cflags: -I${pcfiledir}
      Libs: \(libraries)

      """
  }
}
