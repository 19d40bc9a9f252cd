// Which kernel tables a process works with. The choice is made once, so each test asks a process of its own.

import CKernels
import Foundation
import Testing

@Suite struct KernelChoiceTests {
    @Test func `AISLE_KERNELS=scalar chooses the oracle in every family`() async {
        await #expect(processExitsWith: .success) {
            setenv("AISLE_KERNELS", "scalar", 1)
            #expect(chosen() == Array(repeating: "scalar", count: 5))
        }
    }

    @Test func `AISLE_KERNELS=avx2 chooses it where it is to be had`() async {
        await #expect(processExitsWith: .success) {
            setenv("AISLE_KERNELS", "avx2", 1)
            guard aisle_kernels_available(1) != nil else { return }
            #expect(chosen() == Array(repeating: "avx2", count: 5))
        }
    }

    @Test func `an unknown name, or none, leaves the widest of each family, and the choice stays`() async {
        await #expect(processExitsWith: .success) {
            setenv("AISLE_KERNELS", "abacus", 1)
            let widest = chosen()
            #expect(widest == lastAvailable())
            setenv("AISLE_KERNELS", "scalar", 1)
            #expect(chosen() == widest)
        }
        await #expect(processExitsWith: .success) {
            unsetenv("AISLE_KERNELS")
            #expect(chosen() == lastAvailable())
        }
    }
}

/// The names of the tables in use: vectors, bfloat16, int8, codes, float16.
private func chosen() -> [String] {
    [
        aisle_kernels().pointee.name, aisle_bfloat16_kernels().pointee.name, aisle_int8_kernels().pointee.name,
        aisle_code_kernels().pointee.name, aisle_float16_kernels().pointee.name,
    ].map { String(cString: $0) }
}

/// The last one of each family's tables.
private func lastAvailable() -> [String] {
    [
        (0..<3).compactMap { aisle_kernels_available($0)?.pointee.name }.last,
        (0..<3).compactMap { aisle_bfloat16_kernels_available($0)?.pointee.name }.last,
        (0..<3).compactMap { aisle_int8_kernels_available($0)?.pointee.name }.last,
        (0..<3).compactMap { aisle_code_kernels_available($0)?.pointee.name }.last,
        (0..<3).compactMap { aisle_float16_kernels_available($0)?.pointee.name }.last,
    ].compactMap { $0.map { String(cString: $0) } }
}
