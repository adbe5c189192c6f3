import Foundation
import Testing

@testable import TensorData

@Suite struct HostTensorTests {
  @Test func sizesAreChecked() throws {
    #expect(throws: TensorDataError.self) { try HostTensor(type: .f32, shape: [2], bytes: Data(count: 7)) }
    #expect(throws: TensorDataError.self) { try HostTensor(type: .f32, shape: [-1], bytes: Data()) }
    #expect(try HostTensor.byteCount(type: .i4, shape: [3, 3]) == 5)
    #expect(try HostTensor.byteCount(type: .f64, shape: []) == 8)
    #expect(try HostTensor.byteCount(type: .f64, shape: [3, 0]) == 0)
  }

  @Test(arguments: [[Int.max, 2], [1 << 32, 1 << 32], [1 << 32, 1 << 32, 0], [1 << 60]])
  func overflowIsAnError(_ shape: [Int]) {
    let error = #expect(throws: TensorDataError.self) { try HostTensor.byteCount(type: .f64, shape: shape) }
    #expect(error?.id == "tensor-overflow")
  }

  @Test func elementsAreReadFromAnyOffset() throws {
    let slice = (Data([9]) + [1, 0, 0, 0, 2, 0, 0, 0]).dropFirst()
    let tensor = try HostTensor(type: .i32, shape: [2], bytes: slice)
    #expect(try tensor.elements(as: Int32.self) == [1, 2])
    #expect(throws: TensorDataError.self) { try tensor.elements(as: Int64.self) }
  }
}
