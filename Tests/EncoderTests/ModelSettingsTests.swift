// What the small files of a model directory decide, and what of them is refused instead of guessed.

import Foundation
import Tensors
import Testing
import Tokenization

@testable import Encoder

@Suite struct ModelSettingsTests {
    /// Reads the tiny model with some of its files replaced.
    private func encoder(_ files: [String: String]) throws -> SentenceEncoder {
        let directory = try Fixtures.copyOfTiny()
        defer { try? FileManager.default.removeItem(at: directory) }
        for (name, content) in files { try Data(content.utf8).write(to: directory.appending(path: name)) }
        return try SentenceEncoder(modelDirectory: directory, precision: .float32)
    }

    /// A file of the tiny model with one text in it replaced.
    private func edited(_ name: String, _ old: String, _ new: String) throws -> [String: String] {
        let text = try String(contentsOf: Fixtures.tiny.appending(path: name), encoding: .utf8)
        try #require(text.contains(old), "\(name) has no \(old)")
        return [name: text.replacingOccurrences(of: old, with: new)]
    }

    private func refusal(of files: [String: String]) throws -> String {
        let error = try #require(throws: (any Error).self) { try encoder(files) }
        return "\(error)"
    }

    private static let texts = "config_sentence_transformers.json"

    @Test func `a prompt that is null is an empty one`() throws {
        let encoder = try encoder([
            Self.texts:
                #"{"prompts": {"query": null, "document": "red "}, "default_prompt_name": "document"}"#
        ])
        #expect(encoder.tokens(of: "tea", role: .query) == encoder.tokenizer.encode("tea"))
        #expect(encoder.tokens(of: "tea", role: .document) == encoder.tokenizer.encode("red tea"))
        #expect(encoder.tokens(of: "tea") == encoder.tokenizer.encode("red tea"))
    }

    @Test func `the default prompt stands in for no role`() throws {
        let encoder = try encoder([
            Self.texts: #"{"prompts": {"other": "red "}, "default_prompt_name": "other"}"#
        ])
        #expect(encoder.tokens(of: "tea", role: .query) == encoder.tokenizer.encode("tea"))
        #expect(encoder.tokens(of: "tea", role: .document) == encoder.tokenizer.encode("tea"))
        #expect(encoder.tokens(of: "tea") == encoder.tokenizer.encode("red tea"))
    }

    @Test func `a default prompt by the name of a role may be missing`() throws {
        let encoder = try encoder([Self.texts: #"{"prompts": {}, "default_prompt_name": "query"}"#])
        #expect(encoder.tokens(of: "tea") == encoder.tokenizer.encode("tea"))
    }

    @Test(arguments: [
        #"{"prompts": {"query": 5}}"#, #"{"prompts": ["red "]}"#, #"{"prompts": {}, "default_prompt_name": "passage"}"#,
        #"{"default_prompt_name": 1}"#,
    ])
    func `prompts of another kind are refused`(settings: String) throws {
        #expect(try refusal(of: [Self.texts: settings]).contains(Self.texts))
    }

    @Test func `do_lower_case reaches what lies between special tokens, not the tokens`() throws {
        var files = try edited("tokenizer.json", "\"lowercase\": true", "\"lowercase\": false")
        let cased = try encoder(files)
        files["sentence_bert_config.json"] = #"{"max_seq_length": 32, "do_lower_case": true}"#
        let lowered = try encoder(files)
        #expect(lowered.tokens(of: "RED Tea [SEP] Pot") == cased.tokens(of: "red tea [SEP] pot"))
        #expect(cased.tokens(of: "RED Tea [SEP] Pot") != cased.tokens(of: "red tea [SEP] pot"))
    }

    @Test func `several pooling modes are put side by side in the file's order`() throws {
        let goldens = try Fixtures.Goldens.load()
        let pooling = #"{"embedding_dimension": 16, "pooling_mode": ["max", "mean"]}"#
        let modules = #"[{"type": "a.Transformer", "path": ""}, {"type": "a.Pooling", "path": "1_Pooling"}]"#
        let both = try encoder(["1_Pooling/config.json": pooling, "modules.json": modules]).encode(goldens.texts)
        #expect(both.dimension == 32)
        for (part, mode) in ["max", "mean"].enumerated() {
            for row in goldens.texts.indices {
                let half = Array(both[row].values[(part * 16)..<(part * 16 + 16)])
                let norm = half.reduce(0) { $0 + $1 * $1 }.squareRoot()
                let golden = try #require(goldens.embeddings[mode]?[row])
                #expect(
                    Fixtures.largestDifference(half.map { $0 / norm }, golden) <= Fixtures.float32Tolerance,
                    "\(mode) of text \(row)")
            }
        }
    }

    @Test func `a pooling without any mode is the mean, as in the reference`() throws {
        #expect(try encoder(["1_Pooling/config.json": "{}"]).configuration.pooling == [.mean])
    }

    @Test func `weights under the prefix bert are understood`() throws {
        let directory = try Fixtures.copyOfTiny()
        defer { try? FileManager.default.removeItem(at: directory) }
        let url = directory.appending(path: "model.safetensors")
        let data = try Data(contentsOf: url)
        let length = Int(data[0]) + Int(data[1]) << 8
        var header = String(decoding: data[8..<(8 + length)], as: UTF8.self)
        for name in ["\"embeddings.", "\"encoder."] {
            header = header.replacingOccurrences(of: name, with: "\"bert." + name.dropFirst())
        }
        let count = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
        try (count + Data(header.utf8) + data[(8 + length)...]).write(to: url)
        // The data may now lie at an odd address, so this reads unaligned float32 as well.
        let text = "red tea pot"
        let moved = try SentenceEncoder(modelDirectory: directory).encode(text)
        #expect(try moved == SentenceEncoder(modelDirectory: Fixtures.tiny).encode(text))
    }

    @Test(arguments: [
        ("config.json", "\"layer_norm_eps\": 1e-12", "\"layer_norm_eps\": -1"),
        ("config.json", "\"layer_norm_eps\": 1e-12", "\"layer_norm_eps\": \"x\""),
        ("config.json", "\"layer_norm_eps\": 1e-12", "\"layer_norm_eps\": true"),
        ("config.json", "\"hidden_act\": \"gelu\"", "\"hidden_act\": [\"gelu\"]"),
        ("config.json", "\"is_decoder\": false", "\"is_decoder\": true"),
        ("tokenizer_config.json", "\"model_max_length\": 32", "\"model_max_length\": \"32\""),
    ])
    func `a value of the wrong kind is no reason to take the default`(
        name: String, old: String, new: String
    ) throws {
        let message = try refusal(of: edited(name, old, new))
        #expect(message.contains(name), "\(message)")
    }

    @Test(arguments: ["../elsewhere", "/tmp", "a/../../b"])
    func `a module outside the model directory is refused`(path: String) throws {
        let modules = #"[{"type": "a.Transformer", "path": ""}, {"type": "a.Pooling", "path": "\#(path)"}]"#
        #expect(try refusal(of: ["modules.json": modules]).contains("inside the model directory"))
    }

    @Test func `a body in a directory of its own is refused`() throws {
        let modules = #"[{"type": "a.Transformer", "path": "0_Body"}, {"type": "a.Pooling", "path": "1_Pooling"}]"#
        #expect(try refusal(of: ["modules.json": modules]).contains("0_Body"))
    }

    @Test func `a tokenizer without special tokens is refused, since an empty text would have no vector`() throws {
        let tokenizer = try String(contentsOf: Fixtures.tiny.appending(path: "tokenizer.json"), encoding: .utf8)
        var object = try #require(JSONSerialization.jsonObject(with: Data(tokenizer.utf8)) as? [String: Any])
        object["post_processor"] = NSNull()
        let bare = String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
        #expect(try refusal(of: ["tokenizer.json": bare]).contains("special tokens"))
    }

    @Test func `special tokens that leave no room, or that the model does not have, are refused`() throws {
        let short = try edited("tokenizer_config.json", "\"model_max_length\": 32", "\"model_max_length\": 1")
        #expect(try refusal(of: short).contains("special tokens"))
        let tokenizer = try String(contentsOf: Fixtures.tiny.appending(path: "tokenizer.json"), encoding: .utf8)
        var object = try #require(JSONSerialization.jsonObject(with: Data(tokenizer.utf8)) as? [String: Any])
        object["post_processor"] =
            ["type": "BertProcessing", "cls": ["[CLS]", 1_000_000], "sep": ["[SEP]", 3]] as [String: Any]
        let foreign = String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
        #expect(try refusal(of: ["tokenizer.json": foreign]).contains("vocabulary of 1000001"))
    }

    @Test func `a model whose numbers overflow gives an error, not a vector`() throws {
        let directory = try Fixtures.copyOfTiny()
        defer { try? FileManager.default.removeItem(at: directory) }
        let url = directory.appending(path: "model.safetensors")
        var data = try Data(contentsOf: url)
        let file = try SafeTensorsFile(path: url.path)
        let entry = try #require(file.entries["encoder.layer.0.output.LayerNorm.weight"])
        let start = 8 + Int(data[0]) + Int(data[1]) << 8 + entry.range.lowerBound
        let huge = withUnsafeBytes(of: Float.greatestFiniteMagnitude.bitPattern.littleEndian) { Data($0) }
        data.replaceSubrange(start..<(start + 4), with: huge)
        try data.write(to: url)
        let encoder = try SentenceEncoder(modelDirectory: directory)
        #expect(throws: EncoderError.notFiniteEmbedding(path: directory.path)) { try encoder.encode("red tea") }
    }
}
