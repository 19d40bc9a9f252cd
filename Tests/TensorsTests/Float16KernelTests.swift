// Every table of binary16 kernels beside Swift's own Float16, and beside the float32 kernels of the same instruction set.

import CKernels
import Tensors
import Testing

private var tables: [aisle_float16_table] { (0..<3).compactMap { aisle_float16_kernels_available($0)?.pointee } }

#if !(os(macOS) && arch(x86_64))
    struct Float16KernelTests {
        private static func widened(_ bits: [UInt16], by table: aisle_float16_table) -> [Float] {
            var values = [Float](repeating: -1, count: bits.count)
            table.widen(bits, bits.count, &values)
            return values
        }

        private static func narrowed(_ values: [Float], by table: aisle_float16_table) -> [UInt16] {
            var bits = [UInt16](repeating: 0xFFFF, count: values.count)
            table.narrow(values, values.count, &bits)
            return bits
        }

        @Test func `every number there is becomes the same in float32, and comes back`() {
            let all = (0...UInt16.max).map { $0 }
            for table in tables {
                let values = Self.widened(all, by: table)
                let back = Self.narrowed(values, by: table)
                for bits in all {
                    let expected = Float(Float16(bitPattern: bits))
                    if expected.isNaN {
                        #expect(values[Int(bits)].isNaN && Float16(bitPattern: back[Int(bits)]).isNaN)
                    } else if values[Int(bits)].bitPattern != expected.bitPattern || back[Int(bits)] != bits {
                        Issue.record("\(String(cString: table.name)): \(bits) became \(values[Int(bits)])")
                    }
                }
            }
        }

        /// Halfway between neighbours, one bit to either side, and what no binary16 comes near.
        @Test func `rounds to the nearest, ties to even`() {
            var values: [Float] = [
                0, -0, 65_504, 65_519.996, 65_520, 70_000, .infinity, 1e-8, 2.9802322e-8, 2.9802326e-8,
            ]
            for bits in stride(from: UInt16(0), to: 0x7BFF, by: 7) {
                let half = (Float(Float16(bitPattern: bits)) + Float(Float16(bitPattern: bits + 1))) / 2
                values += [half, half.nextUp, half.nextDown]
            }
            var generator = SplitMix64(seed: 5)
            values += (0..<20_000).map { _ in
                Float(bitPattern: UInt32.random(in: 0..<0x7F80_0000, using: &generator))
            }
            values += values.map { -$0 }
            for table in tables {
                let found = Self.narrowed(values, by: table)
                let wrong = values.indices.first { found[$0] != Float16(values[$0]).bitPattern }
                #expect(wrong == nil, "\(String(cString: table.name)): \(values[wrong ?? 0])")
                #expect(Self.narrowed([.nan, .signalingNaN], by: table).allSatisfy { Float16(bitPattern: $0).isNaN })
            }
        }

        @Test(arguments: [0, 1, 7, 8, 9, 15, 16, 31, 32, 33, 63, 64, 65, 100, 384, 385])
        func `a dot product is that of the widened values, bit for bit`(count: Int) {
            var generator = SplitMix64(seed: UInt64(count))
            let query = (0..<count).map { _ in Float.random(in: -1...1, using: &generator) }
            let rows = (0..<5).map { _ in
                (0..<count).map { _ in Float16(Float.random(in: -1...1, using: &generator)).bitPattern }
            }
            for index in 0..<3 {
                guard let table = aisle_float16_kernels_available(index)?.pointee,
                    let plain = aisle_kernels_available(index)?.pointee
                else { continue }
                #expect(String(cString: table.name) == String(cString: plain.name))
                let lent = rows.map { row in
                    let memory = UnsafeMutablePointer<UInt16>.allocate(capacity: max(count, 1))
                    memory.initialize(from: row, count: count)
                    return memory
                }
                defer { lent.forEach { $0.deallocate() } }
                var products = [Float](repeating: -1, count: rows.count)
                table.dot_rows(query, lent.map { UnsafePointer($0) }, rows.count, count, &products)
                let expected = rows.map { plain.dot(query, Self.widened($0, by: table), count) }
                #expect(products == expected)
            }
        }

        @Test func `nothing is written behind the last value`() {
            for table in tables {
                for count in 0..<40 {
                    var (values, bits) = (
                        [Float](repeating: 3, count: count + 1), [UInt16](repeating: 3, count: count + 1)
                    )
                    table.widen([UInt16](repeating: 0x3C00, count: count), count, &values)
                    table.narrow([Float](repeating: 1, count: count), count, &bits)
                    #expect(values == [Float](repeating: 1, count: count) + [3])
                    #expect(bits == [UInt16](repeating: 0x3C00, count: count) + [3])
                }
            }
        }
    }
#endif
