import Testing

@testable import TensorIR

@Test func theModuleLoads() { #expect(1 + 1 == 2) }
