// Wrong and damaged model directories: each gets its own error, none crashes.

import Foundation
import Testing
import Tokenization

@testable import Encoder

@Suite struct DamagedModelTests {
    /// Damages a copy of the tiny model and gives the error of reading it.
    private func error(_ damage: (URL) throws -> Void) throws -> EncoderError? {
        let directory = try Fixtures.copyOfTiny()
        defer { try? FileManager.default.removeItem(at: directory) }
        try damage(directory)
        do {
            _ = try SentenceEncoder(modelDirectory: directory)
            return nil
        } catch let error as EncoderError {
            return error
        }
    }

    /// Rewrites the JSON of a file.
    private func edit(_ name: String, in directory: URL, _ change: (inout [String: Any]) -> Void) throws {
        let url = directory.appending(path: name)
        var object = try #require(JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
        change(&object)
        try JSONSerialization.data(withJSONObject: object).write(to: url)
    }

    @Test(arguments: ["config.json", "modules.json", "model.safetensors", "1_Pooling/config.json"])
    func `a missing file is named`(name: String) throws {
        let found = try error { try FileManager.default.removeItem(at: $0.appending(path: name)) }
        guard case .missingFile(let path, _) = found else {
            return #expect(Bool(false), "\(String(describing: found))")
        }
        #expect(path.hasSuffix(name))
    }

    @Test func `a directory that does not exist is told`() throws {
        let nowhere = URL(fileURLWithPath: "/nonexistent/model")
        #expect(throws: EncoderError.missingFile(path: "/nonexistent/model", purpose: "the model")) {
            try SentenceEncoder(modelDirectory: nowhere)
        }
    }

    @Test(arguments: [
        ("model_type", "distilbert"), ("hidden_act", "relu"), ("position_embedding_type", "relative_key"),
    ])
    func `an unsupported architecture names what is supported`(key: String, value: String) throws {
        let found = try error { try edit("config.json", in: $0) { $0[key] = value } }
        guard case .unsupported(_, key, value, let supported) = found else {
            return #expect(Bool(false), "\(String(describing: found))")
        }
        #expect(!supported.isEmpty)
    }

    @Test(arguments: ["hidden_size", "num_hidden_layers", "vocab_size", "max_position_embeddings", "intermediate_size"])
    func `sizes that are missing, zero, negative, huge or no numbers are refused`(key: String) throws {
        for value: Any in [NSNull(), 0, -3, 1 << 40, "16", 2.5] {
            let found = try error { try edit("config.json", in: $0) { $0[key] = value } }
            guard case .malformed(let path, let expected, _) = found else {
                return #expect(Bool(false), "\(value): \(String(describing: found))")
            }
            #expect(path.hasSuffix("config.json") && expected.contains(key))
        }
    }

    @Test func `a hidden size that heads do not divide is refused`() throws {
        let found = try error { try edit("config.json", in: $0) { $0["num_attention_heads"] = 3 } }
        guard case .malformed = found else { return #expect(Bool(false), "\(String(describing: found))") }
    }

    @Test func `a missing tensor is named`() throws {
        let found = try error { try edit("config.json", in: $0) { $0["num_hidden_layers"] = 3 } }
        guard case .missingTensor(_, let name, _) = found else {
            return #expect(Bool(false), "\(String(describing: found))")
        }
        #expect(name.hasPrefix("encoder.layer.2."))
    }

    @Test func `a wrong shape is named with both shapes`() throws {
        let found = try error { try edit("config.json", in: $0) { $0["intermediate_size"] = 48 } }
        #expect(
            found
                == .wrongShape(
                    path: found.map(path(of:)) ?? "", name: "encoder.layer.0.intermediate.dense.weight",
                    expected: [48, 16], found: [40, 16]))
    }

    private func path(of error: EncoderError) -> String {
        guard case .wrongShape(let path, _, _, _) = error else { return "" }
        return path
    }

    @Test(arguments: ["weightedmean", "lasttoken", "nonsense"])
    func `an unsupported pooling mode is named`(mode: String) throws {
        let found = try error { directory in
            try edit("1_Pooling/config.json", in: directory) { $0["pooling_mode"] = mode }
        }
        guard case .unsupported(_, _, mode, _) = found else {
            return #expect(Bool(false), "\(String(describing: found))")
        }
    }

    @Test func `a chain of modules with a dense layer is refused`() throws {
        let modules =
            #"[{"type": "a.Transformer", "path": ""}, {"type": "a.Pooling", "path": "1_Pooling"}, {"type": "a.Dense"}]"#
        let found = try error { try Data(modules.utf8).write(to: $0.appending(path: "modules.json")) }
        guard case .unsupported(_, "chain of modules", "Transformer, Pooling, Dense", _) = found else {
            return #expect(Bool(false), "\(String(describing: found))")
        }
    }

    @Test func `configuration files that are no JSON are named`() throws {
        for name in ["config.json", "modules.json", "sentence_bert_config.json", "1_Pooling/config.json"] {
            let found = try error { try Data("{\"a\": ".utf8).write(to: $0.appending(path: name)) }
            guard case .malformed(let path, _, _) = found else { return #expect(Bool(false), "\(name)") }
            #expect(path.hasSuffix(name))
        }
    }

    @Test func `weights cut off at any length are refused`() throws {
        let whole = try Data(contentsOf: Fixtures.tiny.appending(path: "model.safetensors"))
        for length in Array(0..<24) + Array(stride(from: 24, to: whole.count, by: 487)) + [whole.count - 1] {
            let found = try error { try whole.prefix(length).write(to: $0.appending(path: "model.safetensors")) }
            switch found {
            case .truncated, .absurdHeader: break
            default: #expect(Bool(false), "\(length) bytes: \(String(describing: found))")
            }
        }
    }

    @Test(arguments: [0, 1, UInt64(1) << 32, .max, .max - 7])
    func `an absurd header length is refused`(length: UInt64) throws {
        let found = try error { directory in
            let url = directory.appending(path: "model.safetensors")
            var data = try Data(contentsOf: url)
            withUnsafeBytes(of: length.littleEndian) { data.replaceSubrange(0..<8, with: $0) }
            try data.write(to: url)
        }
        guard case .absurdHeader(_, length, _) = found else {
            return #expect(Bool(false), "\(String(describing: found))")
        }
    }

    @Test func `a header changed in any byte gives an error or the same model, never a crash`() throws {
        let directory = try Fixtures.copyOfTiny()
        defer { try? FileManager.default.removeItem(at: directory) }
        let url = directory.appending(path: "model.safetensors")
        let whole = try Data(contentsOf: url)
        let header = Int(
            whole.prefix(8).enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << (8 * UInt64($1.offset)) })
        let text = "red tea pot"
        let embedding = try SentenceEncoder(modelDirectory: directory).encode(text)
        var refused = 0
        for index in stride(from: 8, to: 8 + header, by: 3) {
            var damaged = whole
            damaged[index] ^= 0x15
            try damaged.write(to: url)
            do {
                let same = try SentenceEncoder(modelDirectory: directory).encode(text)
                #expect(same == embedding, "byte \(index)")
            } catch is EncoderError {
                refused += 1
            }
        }
        #expect(refused > 100, "hardly a byte of the header counts")
    }

    /// Rewrites the header of the weights.
    private func editHeader(in directory: URL, _ change: (inout [String: Any], Int) throws -> Void) throws {
        let url = directory.appending(path: "model.safetensors")
        let data = try Data(contentsOf: url)
        let length = Int(data[0]) + Int(data[1]) << 8
        var header = try #require(JSONSerialization.jsonObject(with: data[8..<(8 + length)]) as? [String: Any])
        try change(&header, data.count - 8 - length)
        let json = try JSONSerialization.data(withJSONObject: header)
        let count = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) }
        try (count + json + data[(8 + length)...]).write(to: url)
    }

    @Test func `tensors that overlap, leave gaps or leave bytes over are refused`() throws {
        let overlap = try error { directory in
            try editHeader(in: directory) { header, _ in
                let name = "encoder.layer.0.output.dense.bias"
                let other = try #require(header["encoder.layer.1.output.dense.bias"])
                header[name] = other
            }
        }
        let rest = try error { directory in
            let url = directory.appending(path: "model.safetensors")
            try (Data(contentsOf: url) + Data([0])).write(to: url)
        }
        let gap = try error { directory in
            try editHeader(in: directory) { header, _ in header["encoder.layer.0.output.dense.bias"] = nil }
        }
        for found in [overlap, rest, gap] {
            guard case .malformed(_, let expected, _) = found else {
                return #expect(Bool(false), "\(String(describing: found))")
            }
            #expect(expected.contains("of the data") || expected.contains("bytes of data"))
        }
    }

    @Test func `sizes that are no whole numbers are refused`() throws {
        let found = try error { directory in
            let url = directory.appending(path: "model.safetensors")
            var data = try Data(contentsOf: url)
            let range = try #require(data.range(of: Data(#""shape":[16]"#.utf8)))
            data.replaceSubrange(range, with: Data(#""shape":[1e1]"#.utf8))
            data[0] += 1
            try data.write(to: url)
        }
        guard case .malformed = found else { return #expect(Bool(false), "\(String(describing: found))") }
    }

    @Test func `weights that are NaN are found and named`() throws {
        let found = try error { directory in
            let url = directory.appending(path: "model.safetensors")
            var data = try Data(contentsOf: url)
            let entry = try #require(SafeTensorsFile(path: url.path).entries["encoder.layer.1.output.dense.bias"])
            let header = 8 + Int(data[0]) + Int(data[1]) << 8
            let place = header + entry.range.lowerBound + 3 * 4
            data.replaceSubrange(place..<(place + 4), with: [0, 0, 0xC0, 0x7F])
            try data.write(to: url)
        }
        guard case .notFinite(_, "encoder.layer.1.output.dense.bias", 3) = found else {
            return #expect(Bool(false), "\(String(describing: found))")
        }
    }

    @Test func `integer weights are refused by name`() throws {
        let found = try error { directory in
            let url = directory.appending(path: "model.safetensors")
            var data = try Data(contentsOf: url)
            while let range = data.range(of: Data(#""F32""#.utf8)) {
                data.replaceSubrange(range, with: Data(#""I32""#.utf8))
            }
            try data.write(to: url)
        }
        guard case .wrongType(_, _, "I32") = found else { return #expect(Bool(false), "\(String(describing: found))") }
    }

    @Test func `every binary16 value converts exactly`() {
        #expect(SafeTensorsFile.float(half: 0x3C00) == 1)
        #expect(SafeTensorsFile.float(half: 0xC000) == -2)
        #expect(SafeTensorsFile.float(half: 0x7BFF) == 65_504)
        #expect(SafeTensorsFile.float(half: 0x0001) == 0x1p-24)
        #expect(SafeTensorsFile.float(half: 0x8000).sign == .minus)
        #expect(SafeTensorsFile.float(half: 0x7C00) == .infinity)
        #expect(SafeTensorsFile.float(half: 0x7E00).isNaN)
        // Within one exponent, neighbours differ by the same step.
        for bits in UInt16(0x3C00)..<0x3FFF {
            #expect(SafeTensorsFile.float(half: bits + 1) - SafeTensorsFile.float(half: bits) == 0x1p-10)
        }
    }
}
