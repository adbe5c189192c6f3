import TensorCodegenC
import TensorIR

/// The versions that `--version` gives; emitted files carry the same.
enum Versions {
  static var text: String {
    "tensorc \(ToolVersion.text) (C ABI version \(ABIHeader.version), .tir version \(TextForm.version))"
  }
}
