import Foundation
import Testing

@testable import Tokenization

struct TokenizerConfigurationTests {
    @Test func `names the missing file`() throws {
        let error = try failure(of: [:])
        #expect(error.description.contains("tokenizer.json does not exist"))
        #expect(error.errorDescription == error.description)
        #expect((error as any Error).localizedDescription == error.description)
    }

    @Test func `wants the configuration beside the vocabulary file`() throws {
        let error = try failure(of: ["vocab.txt": "[UNK]\n"])
        #expect(error.description.contains("tokenizer_config.json does not exist"))
    }

    @Test func `says where a file is no JSON`() throws {
        let error = try failure(of: ["tokenizer.json": "{\"model\": oops}"])
        #expect(error.description.contains("expected a value at byte 10, found \"o\""))
    }

    @Test func `says that a file cannot be read`() throws {
        try Fixture.withDirectory(of: [:]) { directory in
            let path = directory.appending(path: "tokenizer.json")
            try FileManager.default.createDirectory(at: path, withIntermediateDirectories: false)
            #expect {
                try WordPieceTokenizer(modelDirectory: directory)
            } throws: { error in
                "\(error)".contains("cannot be read")
            }
        }
    }

    @Test(
        arguments: [
            (
                "{\"type\":\"WordPiece\",\"unk", "{\"type\":\"BPE\",\"unk",
                "model is \"BPE\", supported is WordPiece"
            ),
            ("\"BertNormalizer\"", "\"NFC\"", "normalizer is \"NFC\", supported is BertNormalizer"),
            ("{\"type\":\"BertPreTokenizer\"}", "null", "pre_tokenizer is missing, supported is BertPreTokenizer"),
            (
                "\"TemplateProcessing\"", "\"ByteLevel\"",
                "post_processor is \"ByteLevel\", supported is TemplateProcessing or BertProcessing"
            ),
            (
                "\"[UNK]\":1", "\"[UNK]\":-1",
                "expected a whole number from 0 to 2147483647 in model.vocab.[UNK], found -1"
            ),
            (
                "\"unk_token\":\"[UNK]\"", "\"unk_token\":\"?!\"",
                "vocabulary has no ?!, which is the model's unknown token"
            ),
            ("\"max_input_chars_per_word\":100", "\"max_input_chars_per_word\":\"9\"", "found \"9\""),
            ("\"lowercase\":true", "\"lowercase\":1", "expected true or false in normalizer.lowercase, found 1"),
            (
                "{\"Sequence\":{\"id\":\"A\",\"type_id\":0}},", "",
                "expected one Sequence in post_processor.single, found 0"
            ),
            ("\"content\":\"[PAD]\"", "\"content\":[]", "a string in added_tokens[0].content, found an array"),
        ]
    )
    func `names what was found and what is supported`(part: String, other: String, message: String) throws {
        let json = try String(contentsOf: Fixture.url("models/uncased/tokenizer.json"), encoding: .utf8)
        let range = try #require(json.range(of: part))
        let error = try failure(of: ["tokenizer.json": json.replacingCharacters(in: range, with: other)])
        #expect(error.description.contains(message))
        #expect(error.description.contains("tokenizer.json: "))
    }

    @Test func `reads models from before they had a type`() throws {
        let json = try String(contentsOf: Fixture.url("models/uncased/tokenizer.json"), encoding: .utf8)
        let old = json.replacing("\"type\":\"WordPiece\",\"unk", with: "\"unk")
        #expect(old != json)
        let tokenizer = try Fixture.withDirectory(of: ["tokenizer.json": old]) {
            try WordPieceTokenizer(modelDirectory: $0)
        }
        #expect(tokenizer.encode("red lamp") == (try Fixture.model("uncased").encode("red lamp")))
    }

    @Test func `works without a post-processor`() throws {
        let json = #"""
            {"normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"lowercase":true},
            "pre_tokenizer":{"type":"BertPreTokenizer"},"model":{"type":"WordPiece","unk_token":"?",
            "continuing_subword_prefix":"","max_input_chars_per_word":9,"vocab":{"?":4,"a":9,"ab":2}}}
            """#
        let tokenizer = try Fixture.withDirectory(of: ["tokenizer.json": json]) {
            try WordPieceTokenizer(modelDirectory: $0)
        }
        #expect(tokenizer.encode("aab ABA x").numbers == [9, 2, 2, 9, 4])
        #expect(tokenizer.vocabularySize == 10)
    }

    @Test func `follows added tokens and names of special tokens in the configuration file`() throws {
        let files = [
            "vocab.txt": "<unk>\n<s>\n</s>\nred  \r\nlamp",
            "tokenizer_config.json": #"""
            {"unk_token":"<unk>","cls_token":{"content":"<s>"},"sep_token":"</s>",
            "added_tokens_decoder":{"9":{"content":"Lamp","normalized":false,"special":false}}}
            """#,
        ]
        let tokenizer = try Fixture.withDirectory(of: files) { try WordPieceTokenizer(modelDirectory: $0) }
        #expect(tokenizer.encode("RED lamp Lamp oak </s>").numbers == [1, 3, 4, 9, 0, 2, 2])
        #expect(tokenizer.unknownToken == TokenID(rawValue: 0))
    }

    @Test(
        arguments: [
            (#"{"sep_token":"</s>"}"#, "the vocabulary has no </s>, which is the model's sep_token"),
            (#"{"unk_token":"<unk>"}"#, "the vocabulary has no <unk>, which is the model's unknown token"),
            (#"{"do_lower_case":"yes"}"#, "expected true or false in do_lower_case, found \"yes\""),
            (#"{"added_tokens_decoder":{"x":{"content":"y"}}}"#, "expected token ids as keys"),
            ("[]", "found an array"),
        ]
    )
    func `says what is wrong with a configuration file`(json: String, message: String) throws {
        let error = try failure(of: ["vocab.txt": "[UNK]\n[CLS]\n[SEP]\n", "tokenizer_config.json": json])
        #expect(error.description.contains(message))
    }

    private func failure(
        of files: [String: String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> TokenizerError {
        let error = try Fixture.withDirectory(of: files) { directory -> TokenizerError? in
            do throws(TokenizerError) {
                _ = try WordPieceTokenizer(modelDirectory: directory)
                return nil
            } catch {
                return error
            }
        }
        return try #require(error, "no error was thrown", sourceLocation: sourceLocation)
    }
}
