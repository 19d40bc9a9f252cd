// The digest changes with whatever changes an embedding, and with nothing else.

import Foundation
import Testing

@testable import Encoder

@Suite struct ModelDigestTests {
    private func digest(after change: (URL) throws -> Void) throws -> String {
        let directory = try Fixtures.copyOfTiny()
        defer { try? FileManager.default.removeItem(at: directory) }
        try change(directory)
        return try SentenceEncoder.modelDigest(of: directory)
    }

    private func replace(_ old: String, by new: String, in name: String, of directory: URL) throws {
        let url = directory.appending(path: name)
        let text = try String(contentsOf: url, encoding: .utf8)
        try #require(text.contains(old))
        try Data(text.replacingOccurrences(of: old, with: new).utf8).write(to: url)
    }

    @Test func `a copy has the same digest, whatever else lies beside it`() throws {
        let original = try SentenceEncoder.modelDigest(of: Fixtures.tiny)
        #expect(original.count == 64)
        #expect(try digest { _ in } == original)
        #expect(try digest { try Data("notes".utf8).write(to: $0.appending(path: "README.md")) } == original)
    }

    @Test func `one bit of a weight, the tokenizer, pooling, length and prompts each change it`() throws {
        var digests = [try SentenceEncoder.modelDigest(of: Fixtures.tiny)]
        digests.append(
            try digest { directory in
                let url = directory.appending(path: "model.safetensors")
                var data = try Data(contentsOf: url)
                data[data.count - 20] ^= 1
                try data.write(to: url)
            })
        digests.append(
            try digest { try replace("\"lowercase\": true", by: "\"lowercase\": false", in: "tokenizer.json", of: $0) })
        digests.append(try digest { try replace("\"mean\"", by: "\"cls\"", in: "1_Pooling/config.json", of: $0) })
        digests.append(
            try digest {
                try replace(
                    "\"model_max_length\": 32", by: "\"model_max_length\": 16", in: "tokenizer_config.json", of: $0)
            })
        digests.append(
            try digest {
                let settings = Data(#"{"prompts": {"query": "search: "}}"#.utf8)
                try settings.write(to: $0.appending(path: "config_sentence_transformers.json"))
            })
        #expect(Set(digests).count == digests.count)
    }
}
