// Every kernel table beside the scalar oracle, for all small lengths and odd offsets.

import CKernels
import Foundation
import Testing

@testable import Tensors

/// The tables this machine runs, by name; the scalar one is the oracle and stands first.
private let tableNames: [String] = (0...).lazy.map { aisle_kernels_available($0) }.prefix { $0 != nil }
    .compactMap { $0.map { String(cString: $0.pointee.name) } }

private func table(_ name: String) -> aisle_kernel_table? {
    (0..<tableNames.count).compactMap { aisle_kernels_available($0)?.pointee }
        .first { String(cString: $0.name) == name }
}

/// One length and one offset from alignment, in floats.
struct Placement: CustomTestStringConvertible, Sendable {
    let count: Int
    let offset: Int
    var testDescription: String { "\(count) values at offset \(offset)" }

    static let all =
        (0...67).flatMap { count in [0, 1, 3, 7].map { Placement(count: count, offset: $0) } }
        + [384, 1_000, 1_536].map { Placement(count: $0, offset: 5) }
}

@Suite struct KernelTests {
    @Test func `the scalar table is always there and the best one is among the available`() {
        #expect(tableNames.first == "scalar")
        #expect(tableNames.contains(VectorMath.instructionSet))
        #expect(aisle_kernels_available(tableNames.count) == nil)
    }

    @Test(arguments: tableNames, Placement.all)
    func `dot products agree with the scalar oracle`(name: String, placement: Placement) throws {
        let (oracle, kernels) = (try #require(table("scalar")), try #require(table(name)))
        var random = Seeded(seed: UInt64(placement.count * 8 + placement.offset))
        let a = random.values(placement.count + placement.offset)
        let b = random.values(placement.count + placement.offset)
        a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                guard let a = a.baseAddress.map({ $0 + placement.offset }),
                    let b = b.baseAddress.map({ $0 + placement.offset })
                else { return }
                let expected = oracle.dot(a, b, placement.count)
                let actual = kernels.dot(a, b, placement.count)
                // Values are within ±1, so the rounding of a sum of n terms is within n · ε · n in the worst case.
                #expect(abs(actual - expected) <= Tolerance.sum(of: placement.count), "\(actual) \(expected)")
                var rows = [Float](repeating: .nan, count: 5)
                let addresses = [b, a, b, b, a]
                kernels.dot_rows(a, addresses, 5, placement.count, &rows)
                #expect(rows == addresses.map { kernels.dot(a, $0, placement.count) })
            }
        }
    }

    @Test(arguments: tableNames, Placement.all)
    func `GELU with bias agrees with the scalar oracle and touches nothing else`(name: String, placement: Placement)
        throws
    {
        let kernels = try #require(table(name))
        try compare(name, placement, scale: 6) { table, x, random in
            let bias = random.values(placement.count + 1)
            table.bias_gelu(x, bias, placement.count)
        }
        // Far outside the interesting range the function is 0 or the identity.
        var ends: [Float] = [-100, 100, 0]
        kernels.bias_gelu(&ends, [0, 0, 0], 3)
        #expect(ends == [0, 100, 0])
    }

    @Test(arguments: tableNames, Placement.all)
    func `GELU's slope agrees with the scalar oracle and touches nothing else`(name: String, placement: Placement)
        throws
    {
        try compare(name, placement, scale: 1) { table, gradient, random in
            let parts = (0..<2).map { _ in random.values(placement.count + 1).map { $0 * 6 } }
            table.bias_gelu_backward(gradient, parts[0], parts[1], placement.count)
        }
    }

    @Test(arguments: tableNames, [Float(-1e6), -100, -30, -8, 8, 30, 100, 1e6])
    func `far from zero GELU is exactly 0 or the identity, on every lane`(name: String, x: Float) throws {
        var values = [Float](repeating: x, count: 67)
        try #require(table(name)).bias_gelu(&values, [Float](repeating: 0, count: 67), 67)
        #expect(values.allSatisfy { $0 == max(x, 0) }, "\(values)")
    }

    @Test(arguments: tableNames, 1...67)
    func `NaN stays NaN in GELU, its slope and softmax, wherever it stands`(name: String, count: Int) throws {
        let kernels = try #require(table(name))
        for place in Set([0, count / 2, count - 1]) {
            var x = [Float](repeating: 1, count: count)
            x[place] = .nan
            let bias = [Float](repeating: 0, count: count)
            var (activated, slope, shares) = (x, [Float](repeating: 1, count: count), x)
            kernels.bias_gelu(&activated, bias, count)
            kernels.bias_gelu_backward(&slope, x, bias, count)
            kernels.softmax(&shares, 0.5, count)
            #expect(activated.map(\.isNaN) == x.map(\.isNaN))
            #expect(slope.map(\.isNaN) == x.map(\.isNaN))
            #expect(shares.allSatisfy { $0.isNaN })
        }
    }

    @Test(arguments: tableNames, Placement.all)
    func `a step of AdamW has the same bits in every table`(name: String, placement: Placement) throws {
        var random = Seeded(seed: UInt64(placement.count * 8 + placement.offset))
        let size = placement.count + placement.offset
        let (weights, gradients, first) = (random.values(size), random.values(size), random.values(size))
        let second = random.values(size).map(abs)
        var step = aisle_adamw_step(
            beta1: 0.9, beta2: 0.999, rest1: 0.1, rest2: 0.001, epsilon: 1e-8, clip: 0.7, step_size: 5e-5, root: 0.03,
            decay: 0.9995)
        func stepped(_ kernels: aisle_kernel_table) -> [[Float]] {
            var (w, m, v) = (weights, first, second)
            w.withUnsafeMutableBufferPointer { w in
                m.withUnsafeMutableBufferPointer { m in
                    v.withUnsafeMutableBufferPointer { v in
                        gradients.withUnsafeBufferPointer { g in
                            guard let w = w.baseAddress, let m = m.baseAddress, let v = v.baseAddress,
                                let g = g.baseAddress
                            else { return }
                            let at = placement.offset
                            kernels.adamw(w + at, g + at, m + at, v + at, &step, placement.count)
                        }
                    }
                }
            }
            return [w, m, v]
        }
        let expected = try stepped(#require(table("scalar")))
        #expect(try stepped(#require(table(name))) == expected)
        #expect(Array(expected[0].prefix(placement.offset)) == Array(weights.prefix(placement.offset)))
    }

    @Test(arguments: tableNames, Placement.all)
    func `softmax agrees with the scalar oracle and sums to one`(name: String, placement: Placement) throws {
        try compare(name, placement, scale: 30) { table, x, _ in table.softmax(x, 0.7, placement.count) }
        guard placement.count > 0 else { return }
        var row = [Float](repeating: -80, count: placement.count)
        row[placement.count / 2] = 80
        try #require(table(name)).softmax(&row, 1, placement.count)
        #expect(abs(row.reduce(0, +) - 1) <= 1e-6)
        #expect(row[placement.count / 2] == row.max())
    }

    @Test(arguments: tableNames, Placement.all)
    func `layer normalisation agrees with the scalar oracle, with and without bias`(
        name: String, placement: Placement
    ) throws {
        for hasBias in [true, false] {
            try compare(name, placement, scale: 4) { table, x, random in
                let parts = (0..<4).map { _ in random.values(placement.count + 1) }
                parts[0].withUnsafeBufferPointer { bias in
                    table.bias_residual_layer_norm(
                        x, hasBias ? bias.baseAddress : nil, parts[1], parts[2], parts[3], 1e-12, placement.count)
                }
            }
        }
    }

    /// Runs one in-place kernel of a table and of the oracle on the same values and compares all of the memory around them.
    private func compare(
        _ name: String, _ placement: Placement, scale: Float,
        _ run: (aisle_kernel_table, UnsafeMutablePointer<Float>, inout Seeded) -> Void
    ) throws {
        var results: [[Float]] = []
        for table in [try #require(table("scalar")), try #require(table(name))] {
            var random = Seeded(seed: UInt64(placement.count * 8 + placement.offset + 1))
            var memory = random.values(placement.count + placement.offset + 9).map { $0 * scale }
            memory.withUnsafeMutableBufferPointer { memory in
                if let start = memory.baseAddress { run(table, start + placement.offset, &random) }
            }
            results.append(memory)
        }
        for (index, (expected, actual)) in zip(results[0], results[1]).enumerated() {
            let inside = placement.offset..<(placement.offset + placement.count)
            // One row of one element has variance 0: both give the shift, whatever the rounding before it.
            let tolerance = inside.contains(index) ? Tolerance.kernel * max(1, abs(expected)) : 0
            #expect(abs(actual - expected) <= tolerance, "index \(index): expected \(expected), got \(actual)")
        }
    }
}

enum Tolerance {
    /// Approximations of erf and exp are within 5e-7; sums over a row add as much again.
    static let kernel: Float = 4e-6

    /// Reordering a float32 sum of `count` products within ±1.
    static func sum(of count: Int) -> Float { Float(count) * Float.ulpOfOne * 4 }
}

/// Seeded values within ±1 (SplitMix64).
struct Seeded {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

    mutating func values(_ count: Int) -> [Float] {
        (0..<count).map { _ in
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            z ^= z >> 31
            return Float(z >> 40) * 0x1p-23 - 1
        }
    }
}
