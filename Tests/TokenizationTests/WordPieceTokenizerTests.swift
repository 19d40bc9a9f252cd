import Foundation
import Testing

@testable import Tokenization

struct WordPieceTokenizerTests {
    @Test(arguments: ["uncased", "cased", "accents", "stripped", "raw", "added"])
    func `gives the ids of the reference`(model: String) throws {
        let tokenizer = try Fixture.model(model)
        let goldens = try Fixture.rows(Fixture.Golden.self, in: Fixture.url("goldens.jsonl"))
        #expect(goldens.count > 150)
        for golden in goldens {
            let expected = try #require(golden.ids[model])
            #expect(tokenizer.encode(golden.text).numbers == expected, "\(golden.text.debugDescription)")
        }
    }

    @Test(arguments: [("uncased-files", "uncased"), ("cased-files", "cased"), ("accents-files", "accents")])
    func `reads the same tokenizer from either kind of files`(files: String, json: String) throws {
        let fromFiles = try Fixture.model(files)
        let fromJSON = try Fixture.model(json)
        #expect(fromFiles.vocabularySize == fromJSON.vocabularySize)
        #expect(fromFiles.unknownToken == fromJSON.unknownToken)
        for golden in try Fixture.rows(Fixture.Golden.self, in: Fixture.url("goldens.jsonl")) {
            #expect(fromFiles.encode(golden.text) == fromJSON.encode(golden.text), "\(golden.text.debugDescription)")
        }
    }

    @Test(
        .enabled(if: Fixture.hasSharedGoldens, "needs ../shared/goldens and all-MiniLM-L6-v2 in the model home")
    )
    func `gives the ids of the reference for 8000 texts and a real model`() throws {
        let tokenizer = try WordPieceTokenizer(modelDirectory: Fixture.sharedModel)
        let goldens = try Fixture.rows(Fixture.Shared.self, in: Fixture.sharedGoldens)
        #expect(goldens.count == 8000)
        #expect(tokenizer.vocabularySize == 30522)
        for golden in goldens {
            #expect(tokenizer.encode(golden.text).numbers == golden.ids, "\(golden.text.debugDescription)")
        }
    }

    @Test(arguments: Seed.samples(40), ["uncased", "cased", "accents", "stripped", "raw"])
    func `agrees with the plain algorithm on random text`(seed: Seed, model: String) throws {
        let configuration = try TokenizerConfiguration(modelDirectory: Fixture.url("models/\(model)"))
        let tokenizer = WordPieceTokenizer(configuration)
        let naive = NaiveTokenizer(configuration)
        var generator = seed.generator
        for length in 0..<60 {
            let text = NaiveTokenizer.text(length: length, using: &generator)
            let content = tokenizer.encode(text).dropFirst().dropLast()
            #expect(Array(content).numbers == naive.encode(text), "\(text.debugDescription)")
        }
    }

    @Test func `cuts content on the right and keeps special tokens`() throws {
        let tokenizer = try Fixture.model("uncased")
        for row in try Fixture.rows(Fixture.Truncated.self, in: Fixture.url("truncated.jsonl")) {
            #expect(tokenizer.encode(row.text, maxLength: row.maxLength).numbers == row.ids, "\(row)")
        }
    }

    @Test(arguments: [Int.min, -1, 0, 1, 2])
    func `keeps special tokens even when there is no room`(maxLength: Int) throws {
        let tokenizer = try Fixture.model("uncased")
        #expect(tokenizer.encode("red lamp", maxLength: maxLength) == tokenizer.encode(""))
    }

    @Test(arguments: [nil, 2, 3, 5, 100, .max])
    func `encodes a batch as it encodes each text`(maxLength: Int?) throws {
        let tokenizer = try Fixture.model("added")
        let texts = try Fixture.rows(Fixture.Golden.self, in: Fixture.url("goldens.jsonl")).map(\.text)
        let batch = tokenizer.encode(texts, maxLength: maxLength)
        #expect(batch.count == texts.count)
        for (index, text) in texts.enumerated() {
            #expect(Array(batch[index]) == tokenizer.encode(text, maxLength: maxLength))
        }
    }

    @Test func `encodes in many tasks at once`() async throws {
        let tokenizer = try Fixture.model("uncased")
        let texts = try Fixture.rows(Fixture.Golden.self, in: Fixture.url("goldens.jsonl")).map(\.text)
        let expected = tokenizer.encode(texts)
        await withTaskGroup(of: TokenBatch.self) { group in
            for _ in 0..<8 {
                group.addTask { tokenizer.encode(texts) }
            }
            for await batch in group {
                #expect(batch == expected)
            }
        }
    }

    @Test func `reads a megabyte in every shape`() throws {
        let tokenizer = try Fixture.model("uncased")
        let size = 1_000_000
        #expect(tokenizer.encode(String(repeating: "x", count: size)).count == 3)
        #expect(tokenizer.encode(String(repeating: "x ", count: size / 2)).count == 2 + size / 2)
        #expect(tokenizer.encode(String(repeating: "\0", count: size)).count == 2)
        #expect(tokenizer.encode("x" + String(repeating: "\u{301}\u{316}", count: size / 4)).count == 3)
        #expect(tokenizer.encode(String(repeating: "[", count: size)).count == 2 + size)
        #expect(tokenizer.encode(String(repeating: "中", count: size / 3), maxLength: 256).count == 256)
    }

    @Test func `spells tokens`() throws {
        let tokenizer = try Fixture.model("added")
        let spelled = tokenizer.encode("Cordless<left>").map { tokenizer.token(for: $0) }
        #expect(spelled == ["[CLS]", "cord", "##less", "<left>", "[SEP]"])
        #expect(tokenizer.token(for: tokenizer.unknownToken) == "[UNK]")
        #expect(tokenizer.token(for: TokenID(rawValue: -1)) == nil)
        #expect(tokenizer.token(for: TokenID(rawValue: Int32(tokenizer.vocabularySize))) == nil)
        #expect(tokenizer.token(for: TokenID(rawValue: Int32(tokenizer.vocabularySize - 1))) != nil)
    }

    @Test func `tells canonically equivalent vocabulary entries apart`() throws {
        let tokenizer = try Fixture.model("cased")
        let composed = tokenizer.encode("\u{E9}")
        let decomposed = tokenizer.encode("e\u{301}")
        #expect(composed.count == 3)
        #expect(decomposed.count == 3)
        #expect(composed != decomposed)
    }

    @Test func `does as the example in the documentation says`() throws {
        let tokenizer = try WordPieceTokenizer(modelDirectory: Fixture.url("models/uncased"))
        let ids = tokenizer.encode("Cordless drill, 18V")
        let words = ids.compactMap { tokenizer.token(for: $0) }
        #expect(words == ["[CLS]", "cord", "##less", "drill", ",", "18", "##v", "[SEP]"])

        let batch = tokenizer.encode(["red lamp", "oak screws"], maxLength: 4)
        #expect(batch.count == 2)
        #expect(batch.offsets == [0, 4, 8])
    }
}
