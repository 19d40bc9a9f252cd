// The encoder's figures for scripts/bench-encode: one JSON object a line.
//
// Usage: encoder-figures MODEL_DIRECTORY PRECISION TEXTS.jsonl QUERIES.jsonl LIMIT THREADS

import Encoder
import Foundation
import Measuring
import Tensors

guard CommandLine.arguments.count == 7, let precision = Precision(rawValue: CommandLine.arguments[2]),
    let limit = Int(CommandLine.arguments[5]), let threads = Int(CommandLine.arguments[6]), limit > 0, threads > 0
else {
    FileHandle.standardError.write(
        Data("Usage: encoder-figures MODEL_DIRECTORY f32|bf16|int8 TEXTS.jsonl QUERIES.jsonl LIMIT THREADS\n".utf8))
    exit(2)
}
let directory = URL(fileURLWithPath: CommandLine.arguments[1])
let texts = try Inputs.texts(of: URL(fileURLWithPath: CommandLine.arguments[3]), limit: limit)
let queries = try Inputs.texts(of: URL(fileURLWithPath: CommandLine.arguments[4]), limit: 300)
let encoder = try SentenceEncoder(modelDirectory: directory, precision: precision)
let body = encoder.configuration.body

func seconds(_ work: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    return try clock.measure(work) / .seconds(1)
}

func show(_ what: String, _ figures: [String: Any]) throws {
    let line = figures.merging(["what": what, "precision": precision.rawValue]) { first, _ in first }
    let data = try JSONSerialization.data(withJSONObject: line, options: .sortedKeys)
    FileHandle.standardOutput.write(data + Data("\n".utf8))
}

/// What the products alone reach: every layer's own weights, 192 rows, each thread with a batch of its own as the encoder has it.
func showKernelPeak() throws {
    guard let kernels = LinearKernels(precision: precision.rawValue) else { return }
    let (hidden, intermediate) = (body.hiddenSize, body.intermediateSize)
    let shapes = [(hidden, 3 * hidden), (hidden, hidden), (hidden, intermediate), (intermediate, hidden)]
    let layers = (0..<body.layerCount).map { layer in
        shapes.enumerated().map { index, shape in
            PackedLayer(kernels, inner: shape.0, columns: shape.1, seed: UInt64(1 + layer * shapes.count + index))
        }
    }
    let passes = 10
    let operations = Double(threads * passes) * layers.joined().reduce(0) { $0 + $1.operations(rows: 192) }
    var runs: [Double] = []
    for _ in 0..<6 {
        let time = seconds {
            DispatchQueue.concurrentPerform(iterations: threads) { _ in
                let rows = layers[0].map { LayerRows(192, for: $0) }
                for _ in 0..<passes {
                    for layer in layers { for (rows, part) in zip(rows, layer) { rows.multiply(with: part) } }
                }
            }
        }
        runs.append(operations / time / 1e9)
    }
    // The first one warms up.
    try show(
        "kernel peak", ["gflops": runs.dropFirst().max() ?? 0, "runs": Array(runs.dropFirst()), "threads": threads])
}

/// One at a time, tokenization included.
func showQueries() throws {
    var vector = [Float](repeating: 0, count: encoder.dimension)
    var times: [Double] = []
    for query in queries {
        times.append(
            try 1e3
                * seconds {
                    try vector.withUnsafeMutableBufferPointer {
                        try encoder.encode(encoder.tokens(of: query), into: $0)
                    }
                })
    }
    times.removeFirst(min(20, times.count - 1))
    times.sort()
    /// Linear between neighbours, as numpy's.
    func percentile(_ share: Double) -> Double {
        let place = share * Double(times.count - 1)
        let (low, high) = (times[Int(place)], times[min(Int(place) + 1, times.count - 1)])
        return low + (high - low) * (place - place.rounded(.down))
    }
    try show("query", ["p50_ms": percentile(0.5), "p99_ms": percentile(0.99), "queries": times.count])
}

/// All texts, tokenization included; the best of three, as the peers' figures are.
func showTitles() throws {
    var embeddings = try encoder.encode(Array(texts.prefix(256)), threads: threads)
    var runs: [Double] = []
    for _ in 0..<3 { runs.append(try seconds { embeddings = try encoder.encode(texts, threads: threads) }) }
    let exact = try SentenceEncoder(modelDirectory: directory, precision: .float32).encode(texts, threads: threads)
    var cosine = 0.0
    for row in texts.indices {
        var (dot, norm, exactNorm) = (0.0, 0.0, 0.0)
        for column in row * encoder.dimension..<(row + 1) * encoder.dimension {
            let (a, b) = (Double(embeddings.values[column]), Double(exact.values[column]))
            dot += a * b
            norm += a * a
            exactNorm += b * b
        }
        cosine += dot / (norm * exactNorm).squareRoot()
    }
    let tokens = encoder.tokenize(texts, threads: threads).reduce(0) { $0 + $1.count }
    let (hidden, inner) = (Double(body.hiddenSize), Double(body.intermediateSize))
    // The linear layers' part, as the kernels' peak counts it.
    let operations = 2 * Double(body.layerCount) * (4 * hidden * hidden + 2 * hidden * inner)
    let best = runs.min() ?? 0
    try show(
        "titles",
        [
            "docs_per_s": Double(texts.count) / best, "tokens_per_s": Double(tokens) / best, "texts": texts.count,
            "tokens": tokens, "seconds": runs, "gflops": Double(tokens) * operations / best / 1e9, "threads": threads,
            "cosine_to_f32": cosine / Double(texts.count),
        ])
}

try showKernelPeak()
try showTitles()
try showQueries()
