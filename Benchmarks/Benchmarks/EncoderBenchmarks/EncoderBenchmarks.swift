// The encoder in each precision: one packed batch of titles, and one query, both of the sample shop.

import Benchmark
import Encoder
import Foundation
import Measuring
import Tensors
import Tokenization

let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .throughput], scalingFactor: .one, maxDuration: .seconds(3))

    guard let model = Inputs.model else {
        FileHandle.standardError.write(
            Data("No model: set AISLE_MODEL or run `make model`. The encoder is not measured.\n".utf8))
        return
    }
    for precision in Precision.allCases {
        Benchmark("\(precision.rawValue) 192 tokens of titles, one thread") { benchmark in
            let encoder = try SentenceEncoder(modelDirectory: model, precision: precision)
            let titles = try Inputs.texts(of: Inputs.catalog.appending(path: "products.jsonl"), limit: 100)
            let batch = firstSequences(encoder.tokenize(titles), tokens: 192)
            blackHole(try encoder.encode(sequences: batch, threads: 1))
            benchmark.startMeasurement()
            for _ in benchmark.scaledIterations { blackHole(try encoder.encode(sequences: batch, threads: 1)) }
            benchmark.stopMeasurement()
        }
        Benchmark("\(precision.rawValue) one query with its tokenization") { benchmark in
            let encoder = try SentenceEncoder(modelDirectory: model, precision: precision)
            let query = try Inputs.texts(of: Inputs.catalog.appending(path: "queries.jsonl"), limit: 2)[1]
            blackHole(try encoder.encode(query))
            benchmark.startMeasurement()
            for _ in benchmark.scaledIterations { blackHole(try encoder.encode(query)) }
            benchmark.stopMeasurement()
        }
    }
}

/// As many sequences, in order, as have together at most so many tokens; the last is cut to make it exact.
private func firstSequences(_ sequences: [[TokenID]], tokens: Int) -> [[TokenID]] {
    var left = tokens
    var taken: [[TokenID]] = []
    for sequence in sequences where left > 0 {
        taken.append(Array(sequence.prefix(left)))
        left -= min(left, sequence.count)
    }
    return taken
}
