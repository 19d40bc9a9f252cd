// Each kernel in each instruction set, at the sizes of all-MiniLM-L6-v2: a packed batch of 192 tokens and a query of nine.

import Benchmark
import CKernels
import Measuring

let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .throughput], scalingFactor: .one, maxDuration: .seconds(1))

    for kernels in LinearKernels.available {
        for rows in [192, 9] {
            for (inner, columns) in [(384, 1536), (1536, 384)] {
                Benchmark("\(kernels.name) product \(rows)x\(columns)x\(inner)") { benchmark in
                    let layer = PackedLayer(kernels, inner: inner, columns: columns, seed: 1)
                    let input = LayerRows(rows, for: layer)
                    benchmark.startMeasurement()
                    for _ in benchmark.scaledIterations { blackHole(input.multiply(with: layer)) }
                    benchmark.stopMeasurement()
                }
            }
        }
    }

    for index in 0... {
        guard let table = aisle_kernels_available(index)?.pointee else { break }
        let name = String(cString: table.name)
        Benchmark("\(name) GELU 192x1536") { benchmark in
            measure(benchmark, values: 192 * 1536) { x, parameters in
                for row in 0..<192 { table.bias_gelu(x + row * 1536, parameters, 1536) }
            }
        }
        Benchmark("\(name) softmax 192x192") { benchmark in
            measure(benchmark, values: 192 * 192) { x, _ in
                for row in 0..<192 { table.softmax(x + row * 192, 0.18, 192) }
            }
        }
        Benchmark("\(name) layer norm 192x384") { benchmark in
            measure(benchmark, values: 2 * 192 * 384) { x, parameters in
                for row in 0..<192 {
                    table.bias_residual_layer_norm(
                        x + row * 384, parameters, x + (192 + row) * 384, parameters + 384, parameters + 768, 1e-12,
                        384)
                }
            }
        }
        for length in [192, 9] {
            Benchmark("\(name) attention \(length) tokens, 12 heads of 32") { benchmark in
                let needed = aisle_attention_scratch(length, 32)
                measure(benchmark, values: length * 4 * 384 + needed) { x, _ in
                    var attention = aisle_attention(
                        query: x, key: x + 384, value: x + 768, stride: 1152, length: length, head_count: 12,
                        head_size: 32, scale: 0.18, context: x + length * 1152, context_stride: 384,
                        scratch: x + length * 1536)
                    table.attention(&attention)
                }
            }
        }
    }
}

/// Measures a kernel over random values; it is also given parameters, 1536 of them.
private func measure(
    _ benchmark: Benchmark, values count: Int,
    _ kernel: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) -> Void
) {
    let (values, parameters) = (randomValues(count, seed: 3), randomValues(1536, seed: 5))
    benchmark.startMeasurement()
    for _ in benchmark.scaledIterations {
        kernel(values, parameters)
        blackHole(values[0])
    }
    benchmark.stopMeasurement()
    values.deallocate()
    parameters.deallocate()
}
