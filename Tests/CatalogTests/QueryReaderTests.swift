import Testing

@testable import Catalog

@Suite struct QueryReaderTests {
    private func queries(_ text: String) throws -> [ShopperQuery] {
        let directory = try TemporaryDirectory()
        return try QueryReader.readAll(path: directory.write(text.utf8, to: "queries.jsonl"))
    }

    private func query(
        _ id: String, _ text: String, frequency: Double? = nil, language: String? = nil
    ) -> ShopperQuery {
        ShopperQuery(id: QueryID(rawValue: id), text: text, frequency: frequency, language: language)
    }

    @Test func `reads all members and ignores others`() throws {
        let text = """
            {"id": "q1", "text": " red  pan ", "frequency": 12.5, "language": "de", "market": ["x"]}

            {"language": " ", "frequency": null, "text": "냄비", "id": "q2"}
            """
        let expected = [query("q1", "red  pan", frequency: 12.5, language: "de"), query("q2", "냄비")]
        #expect(try queries(text) == expected)
    }

    @Test(arguments: [
        ("{\"id\":7,\"text\":\"a\"}", "7"), ("{\"id\":-0,\"text\":\"a\"}", "-0"),
        ("{\"id\":123456789012345678901234567890,\"text\":\"a\"}", "123456789012345678901234567890"),
        ("{\"id\":\" x 1 \",\"text\":\"a\"}", "x 1"), ("{\"query_id\":\"q\",\"query\":\"a\"}", "q"),
        ("{\"query_id\":\"other\",\"query\":\"b\",\"id\":\"q\",\"text\":\"a\"}", "q"),
        ("{\"id\":null,\"query_id\":\"q\",\"text\":null,\"query\":\"a\"}", "q"),
    ]) func `takes texts and integers as ids, and the other names`(line: String, id: String) throws {
        #expect(try queries(line) == [query(id, "a")])
    }

    @Test(arguments: [("0", 0.0), ("-0", 0), ("1e3", 1_000), ("0.25", 0.25)])
    func `takes any frequency of 0 or more`(number: String, frequency: Double) throws {
        let read = try #require(try queries("{\"id\":1,\"text\":\"a\",\"frequency\":\(number)}").first?.frequency)
        #expect(read == frequency)
        #expect(read.sign == .plus)
    }

    @Test(arguments: [
        ("{\"text\":\"a\"}", "expected a text or an integer as \"id\" or \"query_id\" or \"_id\", found the keys text"),
        ("{}", "expected a text or an integer as \"id\" or \"query_id\" or \"_id\", found no keys"),
        (
            "{\"id\":null,\"text\":\"a\"}",
            "expected a text or an integer as \"id\" or \"query_id\" or \"_id\", found null"
        ),
        (
            "{\"id\":\" \",\"text\":\"a\"}",
            "expected a text or an integer as \"id\" or \"query_id\" or \"_id\", found a blank text"
        ),
        (
            "{\"id\":1.5,\"text\":\"a\"}",
            "expected a text or an integer as \"id\" or \"query_id\" or \"_id\", found 1.5"
        ),
        (
            "{\"id\":1e3,\"text\":\"a\"}",
            "expected a text or an integer as \"id\" or \"query_id\" or \"_id\", found 1e3"
        ),
        (
            "{\"id\":true,\"text\":\"a\"}",
            "expected a text or an integer as \"id\" or \"query_id\" or \"_id\", found true"
        ),
        (
            "{\"id\":[1],\"text\":\"a\"}",
            "expected a text or an integer as \"id\" or \"query_id\" or \"_id\", found an array"
        ),
        ("{\"id\":1}", "expected a text as \"text\" or \"query\", found the keys id"),
        ("{\"id\":1,\"text\":\"\\t\"}", "expected a text as \"text\" or \"query\", found a blank text"),
        ("{\"id\":1,\"text\":5}", "expected a text as \"text\" or \"query\", found 5"),
        ("{\"id\":1,\"text\":{}}", "expected a text as \"text\" or \"query\", found an object"),
        ("{\"id\":1,\"text\":\"a\",\"frequency\":-1}", "expected a number of 0 or more as \"frequency\", found -1"),
        (
            "{\"id\":1,\"text\":\"a\",\"frequency\":1e999}",
            "expected a number of 0 or more as \"frequency\", found 1e999"
        ),
        (
            "{\"id\":1,\"text\":\"a\",\"frequency\":\"5\"}",
            "expected a number of 0 or more as \"frequency\", found \"5\""
        ),
        ("{\"id\":1,\"text\":\"a\",\"language\":1}", "expected a text as \"language\", found 1"),
        ("{\"id\":1,\"text\":\"a\\u0000\"}", "a text holds a NUL (\\u0000); remove it"),
        ("5", "expected one JSON object {…} a line, found 5"),
        ("[1]", "expected one JSON object {…} a line, found an array"),
        (
            "{\"id\":1,",
            "bad JSON at column 9: expected a text in double quotes, found the end; an object stands on one line"
        ),
        ("{\"é\":x}", "bad JSON at column 6: expected a value, found \"x\""),
        ("id,text", "bad JSON at column 1: expected a value, found \"i\""),
    ]) func `says what is wrong with a line`(line: String, reason: String) throws {
        let text = "{\"id\":0,\"text\":\"first\"}\n\n\(line)\n{\"id\":2,\"text\":\"never read\"}\n"
        let message = try failure(text.utf8, "queries.jsonl") { _ = try QueryReader.readAll(path: $0) }
        #expect(message == "queries.jsonl:3: \(reason)")
    }

    @Test func `names both lines of an id that comes twice`() throws {
        let text = "{\"id\":1,\"text\":\"a\"}\n\n{\"id\":2,\"text\":\"b\"}\n{\"query_id\":\"1\",\"text\":\"c\"}\n"
        let message = try failure(text.utf8, "queries.jsonl") { _ = try QueryReader.readAll(path: $0) }
        #expect(
            message
                == "queries.jsonl:4: expected each id once, found \"1\" again, which line 1 has; remove or rename one of them"
        )
    }

    @Test(arguments: ["", "\u{FEFF}", "\n \r\n\t"]) func `says when a file is empty`(text: String) throws {
        let message = try failure(text.utf8, "queries.jsonl") { _ = try QueryReader.readAll(path: $0) }
        #expect(message == "queries.jsonl: expected queries, found an empty file")
    }

    @Test func `says how to convert a JSON array`() throws {
        let message = try failure("\n [{\"id\":1}]".utf8, "queries.json") { _ = try QueryReader.readAll(path: $0) }
        #expect(message?.hasPrefix("queries.json: expected one JSON object a line, found a JSON array; ") == true)
    }

    @Test func `tells line and bytes as it goes`() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(
            "\n{\"id\":1,\"text\":\"a\"}\n{\"id\":2,\"text\":\"b\"}".utf8, to: "queries.jsonl")
        let reader = try QueryReader(path: path)
        #expect(reader.line == 0)
        #expect(reader.byteCount == 40)
        #expect(try reader.next() == query("1", "a"))
        #expect(reader.line == 2)
        #expect(reader.bytesConsumed == 21)
        #expect(try reader.next() == query("2", "b"))
        #expect(try reader.next() == nil)
        #expect(try reader.next() == nil)
        #expect(reader.bytesConsumed == 40)
    }

    @Test func `stops on request`() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("{\"id\":1,\"text\":\"a\"}".utf8, to: "queries.jsonl")
        #expect(throws: CatalogError.cancelled(feed: path)) {
            try QueryReader.readAll(path: path, isCancelled: { true })
        }
    }

    @Test(arguments: Seed.samples(300)) func `reads damaged files or says what is wrong`(seed: Seed) throws {
        let text = """
            {"id": "q1", "text": "pan \\u00e9 한", "frequency": 3, "language": "de"}

            {"query_id": 2, "query": "pot", "frequency": 0.5}\r
            {"id": "q3", "text": "a\\tb", "x": [1, {"y": null}]}
            """
        var generator = seed.generator
        let bytes = generator.damaged(text)
        let message = try failure(bytes, "queries.jsonl") { path in
            for query in try QueryReader.readAll(path: path) {
                #expect(!query.id.rawValue.isEmpty && !query.text.isEmpty)
            }
        }
        #expect(message?.hasPrefix("queries.jsonl") ?? true)
    }
}
