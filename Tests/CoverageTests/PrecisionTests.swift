import TensorCoverage
import TensorIR
import TensorOps
import TestSamples
import Testing

@testable import Tensors

/// Every method that a row of the coverage pages calls computes in f32 between operands and results of 16 bits.
@Suite struct MethodPrecisionTests {
  private struct Written: Sendable {
    var row: Row
    var mapping: Mapping
    var one: CoverageCase
  }

  private static let written: [Written] = CoverageTests.all.compactMap { row in
    guard let mapping = row.mapping, mapping.isTraced, mapping.property == nil, mapping.elementTypes.contains(.f16),
      let one = CoverageCase.all[row.name]?.first(where: { $0.suits(.f16) })
    else { return nil }
    return Written(row: row, mapping: mapping, one: one)
  }

  /// Rows whose closure calls several methods one after the other, each of which rounds its result.
  private static let severalMethods: Set<String> = [
    "backward", "float_detach", "float_powi", "float_set_require_grad", "grad", "grad_remove", "linear",
    "linear_bias_backward", "linear_weight_backward", "linear_x_backward", "var_with_mean_n",
  ]

  private func function(_ written: Written, _ type: ElementType) throws -> Function {
    let trace = TraceRecorder(name: "row")
    let operands = written.one.operands.map { operand in
      trace.parameter(TensorType(operand.elementType(type), operand.shape.map { Dimension($0) }))
    }
    return try trace.finish(try written.mapping.body(operands, type))
  }

  @Test func middlesAreNotRounded() throws {
    #expect(MethodPrecisionTests.written.count > 250)
    for written in MethodPrecisionTests.written {
      for type in Precision.types {
        let fault = Precision.roundedMiddle(try function(written, type))
        #expect(
          (fault == nil) != MethodPrecisionTests.severalMethods.contains(written.row.name),
          "\(written.row.name): \(fault ?? "")")
      }
    }
  }

  @Test(arguments: Precision.Elements.allCases) func resultsAreNear(_ elements: Precision.Elements) throws {
    for written in MethodPrecisionTests.written
    where !MethodPrecisionTests.severalMethods.contains(written.row.name) {
      for type in Precision.types {
        let inputs = written.one.operands.map { operand in
          let own = operand.elementType(type)
          return own == type && operand.kind == "x" ? elements.tensor(type, operand.shape) : operand.reference(type)
        }
        let wide = inputs.map { $0.elementType == type ? Cast(to: .f64).converted($0) : $0 }
        guard let wanted = try? Evaluator.run(function(written, .f64), wide) else { continue }
        let found = try Evaluator.run(function(written, type), inputs)
        for (a, b) in zip(found, wanted) where a.elementType == type {
          let fault = Precision.fault(a, b)
          #expect(fault == nil, "\(written.row.name) in \(type)")
        }
      }
    }
  }
}
