import JSONReading
import Testing

@testable import Tokenization

struct JSONFieldTests {
    private func field(_ text: String) throws -> JSONField {
        JSONField(value: try JSONValue(parsing: Array(text.utf8)), name: "", path: "tokenizer.json")
    }

    @Test func `tells keys apart that are canonically equivalent`() throws {
        let root = try field("{\"\u{E9}\": 1, \"e\u{301}\": 2}")
        #expect(try root["\u{E9}"].count() == 1)
        #expect(try root["e\u{301}"].count() == 2)
        #expect(root["e"].isAbsent)
    }

    @Test func `takes the last of equal keys`() throws {
        #expect(try field(#"{"a": 1, "a": 2}"#)["a"].count() == 2)
    }

    @Test(arguments: [("0", 0), ("-0", 0), ("7.0", 7), ("3e4", 30_000), ("2147483647", 2_147_483_647)])
    func `reads whole numbers however they are written`(text: String, expected: Int) throws {
        #expect(try field(text).count() == expected)
    }

    @Test(
        arguments: [
            ("-1", "-1"), ("0.5", "0.5"), ("2147483648", "2147483648"), ("1e999", "1e999"), ("null", "null"),
            ("true", "true"), (#""7""#, #""7""#), ("[7]", "an array"), ("{}", "an object"),
            (String(repeating: "9", count: 61), "a long number"),
            ("\"" + String(repeating: "x", count: 61) + "\"", "a long string"),
        ]
    )
    func `names what stands in place of a whole number`(text: String, found: String) throws {
        let root = try field("{\"a\": [\(text)]}")
        let error = TokenizerError.unexpectedField(
            path: "tokenizer.json", field: "a[0]", expected: JSONField.wholeNumber, found: found)
        #expect(throws: error) { try root["a"].elements()[0].count() }
    }
}
