// Attributes as JSON: canonical when written, and read as Foundation reads them.

import Catalog
import Foundation
import JSONReading
import Testing

@testable import IndexStore

struct AttributeJSONTests {
    private func foundation(_ text: String) -> [String: AttributeValue]? {
        try? JSONDecoder().decode([String: AttributeValue].self, from: Data(text.utf8))
    }

    @Test(arguments: [
        "{}", " { } ", "{\"a\":1}", "{\"a\" : [ ] , \"b\":[1,[true,[\"x\"]],-2.5e-3]}", "{\"\":\"\"}",
        "{\"\\u0000\\u00e9\\ud83c\\udf73\\\"\\\\\\/\\b\\f\\n\\r\\t\":\"\u{1F373} ü\"}", "{\"a\":0}", "{\"a\":-0.0}",
        "{\"a\":1E3}",
    ]) func `reads what Foundation reads`(text: String) throws {
        #expect(try AttributeJSON.decode(text) == #require(foundation(text)))
    }

    @Test(arguments: [
        "", "{", "}", "[]", "1", "{}x", "{} {}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{\"a\":null}",
        "{\"a\":{}}", "{a:1}",
        "{\"a\":tru}", "{\"a\":\"}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}", "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\ud800\\u0041\"}",
        "{\"a\":\"\\udc00\"}", "{\"a\":\"\n\"}", "{\"a\":[1 2]}", "{\"a\":[1,]}", "{\"a\":-}", "{\"a\":1e999}",
        "{\"a\":0x10}", "{\"a\":nan}",
        "{\"a\":" + String(repeating: "[", count: 100_000),
    ]) func `refuses what is no object of values`(text: String) {
        #expect(throws: JSONSyntaxError.self) { try AttributeJSON.decode(text) }
    }

    @Test func `equal attributes give equal text whatever order they were put in`() throws {
        let names = ["b", "a", "é", "Z", "10", "9", ""]
        let forward = Dictionary(uniqueKeysWithValues: names.map { ($0, AttributeValue.text($0)) })
        let backward = Dictionary(uniqueKeysWithValues: names.reversed().map { ($0, AttributeValue.text($0)) })
        let text = try #require(AttributeJSON.encode(forward))
        #expect(text == AttributeJSON.encode(backward))
        #expect(text == #"{"":"","10":"10","9":"9","Z":"Z","a":"a","b":"b","é":"é"}"#)
        #expect(
            AttributeJSON.encode(["n": .list([.number(3), .number(0.1), .number(1e20), .flag(true), .text("\n\"\\/")])])
                == #"{"n":[3,0.1,1e+20,true,"\u000a\"\\/"]}"#)
        #expect(AttributeJSON.encode(["n": .list([.number(.infinity)])]) == nil)
    }

    @Test func `writes no deeper lists than it reads`() throws {
        func nested(_ depth: Int) -> [String: AttributeValue] {
            ["a": (1..<depth).reduce(.list([])) { inner, _ in .list([inner]) }]
        }
        let deepest = nested(AttributeJSON.listDepthLimit)
        #expect(try AttributeJSON.decode(#require(AttributeJSON.encode(deepest))) == deepest)
        #expect(AttributeJSON.encode(nested(AttributeJSON.listDepthLimit + 1)) == nil)
    }

    @Test(arguments: 0..<20 as Range<UInt64>) func `what is written reads back, here and in Foundation`(seed: UInt64)
        throws
    {
        var generator = Seeded(seed)
        func value(_ depth: Int) -> AttributeValue {
            switch Int.random(in: 0..<(depth > 2 ? 3 : 4), using: &generator) {
            case 0:
                .number(
                    Double(bitPattern: generator.next()).isFinite
                        ? Double(Int16.random(in: .min ... .max, using: &generator)) / 8 : 1e300)
            case 1: .flag(Bool.random(using: &generator))
            case 2:
                .text(
                    String(
                        String.UnicodeScalarView(
                            (0..<9).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0..<0x300, using: &generator)) })
                    ))
            default: .list((0..<Int.random(in: 0..<4, using: &generator)).map { _ in value(depth + 1) })
            }
        }
        let attributes = Dictionary(uniqueKeysWithValues: (0..<8).map { ("name \($0)\u{7}\"", value(0)) })
        let text = try #require(AttributeJSON.encode(attributes))
        #expect(try AttributeJSON.decode(text) == attributes)
        #expect(foundation(text) == attributes)
    }
}
