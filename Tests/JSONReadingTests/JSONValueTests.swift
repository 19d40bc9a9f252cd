import Testing

@testable import JSONReading

@Suite struct JSONValueTests {
    @Test func `reads every kind of value and says where objects stand`() throws {
        let text = #" {"a": [null, true, false, -1.5e1, 7], "b": {}, "c": "x"} "#
        let expected = JSONValue.object(
            [
                JSONMember(
                    key: "a", value: .list([.null, .flag(true), .flag(false), .number("-1.5e1"), .number("7")])),
                JSONMember(key: "b", value: .object([], source: 44..<46)),
                JSONMember(key: "c", value: .text("x")),
            ], source: 1..<(text.utf8.count - 1))
        #expect(try JSONValue(parsing: Array(text.utf8)) == expected)
    }

    @Test(arguments: [
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u00e9\u4E2d\ud83d\ude00""#, "é中😀"), (#""é""#, "é"),
        (#""""#, ""), (#""a\u0000b""#, "a\0b"), ("\"e\u{301}\"", "e\u{301}"),
    ]) func `reads texts scalar by scalar`(source: String, expected: String) throws {
        guard case .text(let text) = try JSONValue(parsing: Array(source.utf8)) else {
            Issue.record("\(source) is no text")
            return
        }
        #expect(Array(text.utf8) == Array(expected.utf8))
    }

    @Test func `keeps the order of members, keys given twice, and keys that are canonically equivalent`() throws {
        let keys = ["\u{E9}", "b", "e\u{301}", "a", "b", "\u{F9D1}", "\u{516D}"]
        let source = "{" + keys.map { "\"\($0)\":1" }.joined(separator: ",") + "}"
        guard case .object(let members, _) = try JSONValue(parsing: Array(source.utf8)) else {
            Issue.record("\(source) is no object")
            return
        }
        #expect(members.map { Array($0.key.utf8) } == keys.map { Array($0.utf8) })
    }

    @Test func `keeps every digit of a number`() throws {
        let digits = "123456789012345678901234567890.10"
        #expect(try JSONValue(parsing: Array(digits.utf8)) == .number(digits))
    }

    @Test(arguments: [([0x22, 0xC3, 0x22], 1), ([0xFF], 0), (Array("[1] ".utf8) + [0x80], 4)] as [([UInt8], Int)])
    func `rejects bytes that are not UTF-8`(bytes: [UInt8], offset: Int) {
        #expect(throws: JSONSyntaxError(offset: offset, expected: "UTF-8", found: "other bytes")) {
            try JSONValue(parsing: bytes)
        }
    }
}
