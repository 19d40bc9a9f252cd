// The encoder in bfloat16 and int8 beside float32, and what only these two promise: a text's vector is the same in any company.

import Foundation
import Tensors
import Testing

@testable import Encoder

@Suite struct PrecisionTests {
    /// Mean and least cosine of the rows of two matrices of unit vectors.
    private func cosines(_ a: EmbeddingMatrix, _ b: EmbeddingMatrix) -> (mean: Double, least: Double) {
        let all = (0..<a.count).map { row in
            zip(a[row].values, b[row].values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        return (all.reduce(0, +) / Double(all.count), all.min() ?? 0)
    }

    private func texts() throws -> [String] {
        let words = try Fixtures.Goldens.load().texts
        return (0..<300).map { "\(words[$0 % words.count]) \($0 % 37) \(words[$0 % 7])" }
    }

    @Test(arguments: [Precision.bfloat16, .int8])
    func `a text has the same bytes alone, in company and with any number of threads`(precision: Precision) throws {
        let encoder = try SentenceEncoder(modelDirectory: Fixtures.tiny, precision: precision)
        let texts = try texts()
        let together = try encoder.encode(texts, threads: 2)
        #expect(try encoder.encode(texts, threads: 1).values == together.values)
        for row in stride(from: 0, to: texts.count, by: 13) {
            // Alone by a team, where there are two cores, and alone by one thread.
            #expect(try encoder.encode(texts[row]) == together[row])
            #expect(try encoder.encode([texts[row]], threads: 1)[0] == together[row])
        }
    }

    @Test func `threads that encode at once get what each would get alone`() throws {
        let encoder = try SentenceEncoder(modelDirectory: Fixtures.tiny, precision: .bfloat16)
        let texts = try texts()
        let expected = try encoder.encode(texts)
        let differing = Counter()
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for row in stride(from: thread, to: texts.count, by: 8)
            where (try? encoder.encode(texts[row])) != expected[row] {
                differing.add(row)
            }
        }
        #expect(differing.values.isEmpty)
    }

    private final class Counter: @unchecked Sendable {
        private let lock = NSLock()
        private var rows: [Int] = []

        var values: [Int] { lock.withLock { rows } }

        func add(_ row: Int) { lock.withLock { rows.append(row) } }
    }

    @Test(
        .enabled(if: Fixtures.model != nil && Fixtures.goldens != nil, Fixtures.needsGoldens),
        arguments: [(Precision.bfloat16, 0.9999), (.int8, 0.998)])
    func `vectors of all-MiniLM-L6-v2 are close to those in float32`(precision: Precision, mean: Double) throws {
        let model = try #require(Fixtures.model)
        let goldens = try #require(Fixtures.goldens).appending(path: "seed/sentences.jsonl")
        struct Line: Decodable { let sentence: String }
        let texts = try String(contentsOf: goldens, encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(Line.self, from: Data($0.utf8)).sentence
        }
        let exact = try SentenceEncoder(modelDirectory: model, normalizeEmbeddings: true, precision: .float32)
        let rounded = try SentenceEncoder(modelDirectory: model, normalizeEmbeddings: true, precision: precision)
        let found = cosines(try exact.encode(texts), try rounded.encode(texts))
        #expect(found.mean >= mean, "mean \(found.mean), least \(found.least)")
    }
}
