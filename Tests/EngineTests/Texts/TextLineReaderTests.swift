import Foundation
import Testing

@testable import Engine

struct TextLineReaderTests {
    private func read(_ content: Data) throws -> [String] {
        let file = FileManager.default.temporaryDirectory.appending(path: "texts-\(UUID().uuidString).jsonl")
        try content.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let reader = try TextLineReader(path: file.path)
        let texts = try reader.next(.max)
        #expect(reader.bytesRead == content.count)
        #expect(reader.byteCount == content.count)
        return texts
    }

    private func read(_ content: String) throws -> [String] { try read(Data(content.utf8)) }

    @Test(arguments: [
        ("", []), ("{\"text\": \"a\"}", ["a"]), ("{\"text\": \"a\"}\n", ["a"]),
        ("{\"title\":\"a\"}\r\n{\"sentence\":\"b\"}\r\n", ["a", "b"]),
        ("\u{FEFF}{\"text\": \"a\"}\n", ["a"]),
        ("{\"id\": 1, \"sentence\": \"c\", \"title\": \"b\", \"text\": \"a\"}", ["a"]),
        (" {\"text\": \"\"} \n", [""]), ("{\"text\": \"\\ud55c\\n\\\"x\\\"\\ud83d\\udc4d\"}", ["한\n\"x\"👍"]),
        ("{\"text\": \"e\u{301}\"}", ["e\u{301}"]),
    ])
    func `reads one text a line`(_ content: String, _ expected: [String]) throws {
        // By scalars: two spellings of é are equal strings and different tokens.
        #expect(try read(content).map { Array($0.unicodeScalars) } == expected.map { Array($0.unicodeScalars) })
    }

    @Test(arguments: [
        ("{\"text\": \"a\"}\n\n{\"text\": \"b\"}\n", 2, "a blank line"),
        ("{\"text\": \"a\"}\n{\"text\": ", 2, "no JSON: {\"text\":"),
        ("[1]\n", 1, "JSON of another kind"), ("{\"name\": \"a\", \"id\": 1}\n", 1, "only \"id\", \"name\""),
        ("{}\n", 1, "no key at all"),
        ("{\"text\": 5}\n", 1, "a value of another kind under \"text\""),
        ("{\"text\": null}\n", 1, "a value of another kind under \"text\""),
        ("{\"text\": \"a\"} x\n", 1, "no JSON: {\"text\": \"a\"} x"),
        ("{\"text\": \"a\",}\n", 1, "no JSON: {\"text\": \"a\",}"),
        ("{\"text\": \"\\ud800\"}\n", 1, "no JSON: {\"text\": \"\\ud800\"}"),
    ])
    func `names the line that has no text`(_ content: String, _ line: Int, _ found: String) throws {
        let error = try #require(throws: TextFileError.self) { try read(content) }
        guard case .badLine(_, line: let badLine, found: let description) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(badLine == line)
        #expect(description == found)
    }

    @Test func `refuses bytes that are no UTF-8`() throws {
        let error = try #require(throws: TextFileError.self) {
            try read(Data("{\"text\": \"".utf8) + Data([0xFF]) + Data("\"}\n".utf8))
        }
        #expect(error.description.hasSuffix("found bytes that are no UTF-8"))
    }

    @Test func `reads lines longer than a block and many of them`() throws {
        let long = String(repeating: "양말 ", count: 200_000)
        let texts = [long, "short", long] + (0..<50_000).map { "text \($0)" }
        let content = texts.map { "{\"text\": \"\($0)\"}" }.joined(separator: "\n")
        #expect(try read(content) == texts)
    }

    @Test func `refuses what is no file`() {
        #expect(throws: TextFileError.fileNotFound(path: "/nowhere/a.jsonl")) {
            try TextLineReader(path: "/nowhere/a.jsonl")
        }
        #expect(throws: TextFileError.isDirectory(path: "/")) { try TextLineReader(path: "/") }
    }
}
