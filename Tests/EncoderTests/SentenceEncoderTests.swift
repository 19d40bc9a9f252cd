// Embeddings against the reference stack: a tiny model in the repository, the real one where it is.

import Foundation
import Tensors
import Testing
import Tokenization

@testable import Encoder

@Suite struct SentenceEncoderTests {
    @Test(arguments: ["mean", "cls", "max", "mean_sqrt_len_tokens"])
    func `embeddings of the tiny model equal the reference's for each pooling`(pooling: String) throws {
        let directory = try Fixtures.copyOfTiny()
        defer { try? FileManager.default.removeItem(at: directory) }
        let configuration = #"{"embedding_dimension": 16, "pooling_mode": "\#(pooling)", "include_prompt": true}"#
        try Data(configuration.utf8).write(to: directory.appending(path: "1_Pooling/config.json"))
        try expectGoldens(pooling, of: SentenceEncoder(modelDirectory: directory, precision: .float32))
    }

    @Test(arguments: ["float16", "bfloat16"])
    func `16-bit weights are read exactly`(format: String) throws {
        let directory = try Fixtures.copyOfTiny()
        defer { try? FileManager.default.removeItem(at: directory) }
        let weights = directory.appending(path: "model.safetensors")
        try FileManager.default.removeItem(at: weights)
        try FileManager.default.copyItem(at: Fixtures.root.appending(path: "tiny-\(format).safetensors"), to: weights)
        try expectGoldens(format, of: SentenceEncoder(modelDirectory: directory, precision: .float32))
    }

    private func expectGoldens(_ name: String, of encoder: SentenceEncoder) throws {
        let goldens = try Fixtures.Goldens.load()
        let expected = try #require(goldens.embeddings[name])
        #expect(goldens.texts.map { encoder.tokens(of: $0).map(\.rawValue) } == goldens.ids)
        let together = try encoder.encode(goldens.texts)
        for (row, text) in goldens.texts.enumerated() {
            #expect(
                Fixtures.largestDifference(together[row].values, expected[row]) <= Fixtures.float32Tolerance, "\(text)")
            let alone = try encoder.encode(text)
            #expect(Fixtures.largestDifference(alone.values, expected[row]) <= Fixtures.float32Tolerance, "\(text)")
        }
    }

    @Test func `the result does not depend on the number of threads, nor on a second run`() throws {
        let encoder = try SentenceEncoder(modelDirectory: Fixtures.tiny)
        let words = try Fixtures.Goldens.load().texts
        let texts = (0..<700).map { "\(words[$0 % words.count]) \($0 % 37) \(words[$0 % 7])" }
        let one = try encoder.encode(texts, threads: 1)
        for threads in [1, 2, 3, 8] { #expect(try encoder.encode(texts, threads: threads).values == one.values) }
    }

    @Test func `no text gives no rows, and an empty text a row`() throws {
        let encoder = try SentenceEncoder(modelDirectory: Fixtures.tiny)
        #expect(try encoder.encode([String]()).count == 0)
        #expect(try encoder.encode([""]).count == 1)
    }

    @Test func `progress counts every text once, and what it throws stops the work`() throws {
        struct Stop: Error {}
        let encoder = try SentenceEncoder(modelDirectory: Fixtures.tiny)
        let texts = (0..<3_000).map { "red chair \($0)" }
        let counter = Counter()
        _ = try encoder.encode(texts) { counter.values.append($0) }
        #expect(counter.values == counter.values.sorted())
        #expect(counter.values.last == 3_000)
        #expect(throws: Stop.self) { try encoder.encode(texts) { if $0 > 100 { throw Stop() } } }
    }

    @Test func `batches hold every text once, longest first, and few more tokens than the limit`() {
        let lengths = (0..<500).map { 2 + ($0 * 7919) % 255 }
        let batches = SentenceEncoder.batches(lengths: lengths, tokensPerBatch: 512)
        #expect(batches.flatMap { $0 }.sorted() == Array(0..<500))
        #expect(batches.flatMap { $0 }.map { lengths[$0] } == lengths.sorted(by: >))
        for batch in batches {
            let tokens = batch.map { lengths[$0] }.reduce(0, +)
            #expect(tokens <= 512 || batch.count == 1)
        }
        #expect(SentenceEncoder.batches(lengths: [], tokensPerBatch: 512).isEmpty)
    }

    @Test func `prompts go before the text of their role`() throws {
        let directory = try Fixtures.copyOfTiny()
        defer { try? FileManager.default.removeItem(at: directory) }
        let settings = #"{"prompts": {"query": "red ", "document": ""}, "default_prompt_name": null}"#
        try Data(settings.utf8).write(to: directory.appending(path: "config_sentence_transformers.json"))
        let encoder = try SentenceEncoder(modelDirectory: directory)
        #expect(encoder.tokens(of: "tea", role: .query) == encoder.tokens(of: "red tea"))
        #expect(encoder.tokens(of: "tea", role: .document) == encoder.tokens(of: "tea"))
        #expect(encoder.tokens(of: "tea") == encoder.tokens(of: "tea"))
    }

    @Test(.enabled(if: Fixtures.model != nil && Fixtures.goldens != nil, Fixtures.needsGoldens))
    func `all golden embeddings of all-MiniLM-L6-v2 are within 1e-5`() throws {
        let encoder = try SentenceEncoder(modelDirectory: #require(Fixtures.model), precision: .float32)
        let directory = try #require(Fixtures.goldens).appending(path: "embed")
        let lines = try String(contentsOf: directory.appending(path: "texts.jsonl"), encoding: .utf8)
            .split(separator: "\n")
        let rows = try lines.map { try JSONDecoder().decode(GoldenText.self, from: Data($0.utf8)) }
        let expected = try numpyFloats(directory.appending(path: "embeddings.npy"))
        try #require(rows.count >= 86 && expected.count == rows.count * 384)
        let together = try encoder.encode(rows.map(\.text))
        for (index, row) in rows.enumerated() {
            #expect(encoder.tokens(of: row.text).map(\.rawValue) == row.ids)
            let golden = Array(expected[(index * 384)..<((index + 1) * 384)])
            #expect(
                Fixtures.largestDifference(together[index].values, golden) <= Fixtures.float32Tolerance, "\(row.text)")
            let alone = try encoder.encode(row.text).values
            #expect(Fixtures.largestDifference(alone, golden) <= Fixtures.float32Tolerance, "\(row.text)")
        }
    }

    @Test(.enabled(if: Fixtures.model != nil && Fixtures.goldens != nil, Fixtures.needsGoldens))
    func `the article's three sentences compare as in the reference, under each function`() throws {
        let encoder = try SentenceEncoder(modelDirectory: #require(Fixtures.model), precision: .float32)
        let file = try #require(Fixtures.goldens).appending(path: "similarity.json")
        let golden = try JSONDecoder().decode(GoldenSimilarity.self, from: Data(contentsOf: file))
        let embeddings = try golden.sentences.map { try encoder.encode($0) }
        for function in SimilarityFunction.allCases {
            let expected = try #require(golden.similarity[function.rawValue])
            for (i, row) in expected.enumerated() {
                for (j, value) in row.enumerated() {
                    let actual = function(embeddings[i], embeddings[j])
                    #expect(abs(actual - value) <= 5e-5, "\(function) \(i) \(j): \(actual), expected \(value)")
                }
            }
        }
    }

    private func numpyFloats(_ url: URL) throws -> [Float] {
        let data = try Data(contentsOf: url)
        let header = 10 + Int(data[8]) + Int(data[9]) << 8
        return data.withUnsafeBytes { bytes in
            (0..<(data.count - header) / 4).map { bytes.loadUnaligned(fromByteOffset: header + $0 * 4, as: Float.self) }
        }
    }
}

private struct GoldenText: Decodable {
    let text: String
    let ids: [Int32]
}

private struct GoldenSimilarity: Decodable {
    let sentences: [String]
    let similarity: [String: [[Float]]]
}

/// Collects from the encoder's progress, which calls from one thread at a time.
private final class Counter: @unchecked Sendable {
    var values: [Int] = []
}
