import Foundation
import Testing

@testable import Catalog

@Suite struct UBISubmissionTests {
    private static let query = #"{"query_id":"q","user_query":"tea","timestamp":"2026-01-31T11:00:00Z"}"#
    private static let noText = #"{"query_id":"q"}"#

    private func read(
        _ text: String, _ layout: UBISubmission.Layout = .json, as kind: CollectedDocument.Kind = .query
    ) throws(UBISubmissionError) -> [CollectedDocument] {
        try UBISubmission.read(Array(text.utf8), layout, as: kind, now: noon)
    }

    private func error(_ text: String, _ layout: UBISubmission.Layout = .json) throws -> UBISubmissionError {
        try #require(throws: UBISubmissionError.self) { try read(text, layout) }
    }

    @Test func `a document, an array and lines give the same documents`() throws {
        let one = try read(Self.query)
        #expect(one.map(\.text) == [Self.query] && one.map(\.kind) == [.query])
        #expect(one.map(\.milliseconds) == [1_769_857_200_000] && one[0].hasOwnTime)
        #expect(try read(" [ \(Self.query) , \(Self.query) ] ") == one + one)
        #expect(try read("\n\(Self.query)\r\n\n \t\n\(Self.query)", .lines) == one + one)
    }

    @Test func `what is stored is one line with every member and digit as it was sent`() throws {
        let text = """
            { "x" : [ 1 , 2.50, 1e+400, -0, 12345678901234567890123, {} , [ ] ],
              "query_id": "\\u0071\\/", "user_query": "a \\"b\\" \\\\ \\n\\u001f\\ud83d\\ude00 é", "é": null, "e\\u0301": true,
              "timestamp": "2026-01-31T11:00:00Z" }
            """
        let expected =
            #"{"x":[1,2.50,1e+400,-0,12345678901234567890123,{},[]],"query_id":"q/","#
            + #""user_query":"a \"b\" \\ \n\u001f😀 é","é":null,"e"# + "\u{301}"
            + #"":true,"timestamp":"2026-01-31T11:00:00Z"}"#
        let document = try #require(try read(text).first)
        #expect(document.text.utf8.elementsEqual(expected.utf8), "\(document.text)")
        // Read again it says the same.
        #expect(try read(document.text) == [document])
    }

    @Test(arguments: ["", #","timestamp":null"#])
    func `a document without a time gets the server's`(member: String) throws {
        let document = try #require(try read(#"{"query_id":"q"\#(member),"user_query":"tea","a":1}"#).first)
        #expect(document.text == #"{"query_id":"q","user_query":"tea","a":1,"timestamp":"2026-01-31T12:00:00.000Z"}"#)
        #expect(!document.hasOwnTime && document.milliseconds == 1_769_860_800_000)
    }

    @Test func `the time that is filled in reads back to the millisecond`() throws {
        for milliseconds in [0, 1, 29, 57, 58, 333, 789, 999] {
            let now = noon.addingTimeInterval(Double(milliseconds) / 1_000)
            let document = try UBISubmission.read(Array(Self.noTime.utf8), .json, as: .query, now: now)[0]
            let again = try UBISubmission.read(Array(document.text.utf8), .json, as: .query, now: now)[0]
            #expect(again.hasOwnTime && again.milliseconds == document.milliseconds, "\(document.text)")
            #expect(document.milliseconds == 1_769_860_800_000 + milliseconds)
        }
    }

    private static let noTime = #"{"query_id":"q","user_query":"tea"}"#

    @Test func `a member that is wrong is named with its document`() throws {
        let single = try error(Self.noText)
        #expect(single.field == "user_query" && single.documents == 1)
        let inArray = try error("[\(Self.query),\(Self.query),\(Self.noText)]")
        #expect(inArray.field == "[2].user_query" && inArray.documents == 3)
        #expect(inArray.description == "Expected what the shopper typed, found nothing.")
        #expect(try error("\n\(Self.query)\n\n\(Self.noText)\n", .lines).field == "[1].user_query")
        #expect(try error("[\(Self.query),7]").field == "[1]")
        #expect(try error("7").field == nil)
        #expect(try error("7").description == "Expected an object, found 7.")
    }

    @Test(
        arguments: [
            ("", .json, "byte 0"), ("[", .json, "byte 1"), ("{\"a\": 01}", .json, "byte 7"), ("{} {}", .json, "byte 3"),
            ("{}\n{]", .lines, "line 2, byte 1"), ("\u{FEFF}{}", .json, "byte 0"),
        ] as [(String, UBISubmission.Layout, String)])
    func `bytes that are no JSON are told with their place`(
        text: String, layout: UBISubmission.Layout, place: String
    ) throws {
        let error = try error(text, layout)
        guard case .malformed(let reason) = error else { throw error }
        #expect(reason.contains("at \(place), found"), "\(reason)")
        #expect(error.field == nil && error.documents == 1)
    }

    @Test func `bytes that are no UTF-8 are no JSON`() throws {
        let bytes = Array(#"{"query_id":""#.utf8) + [0xC3, 0x28] + Array(#"","user_query":"tea"}"#.utf8)
        let error = try #require(throws: UBISubmissionError.self) {
            try UBISubmission.read(bytes, .json, as: .query, now: noon)
        }
        #expect(error == .malformed("Expected UTF-8 at byte 13, found other bytes."))
    }

    @Test func `as many as may are taken, one more or none are not`() throws {
        let all = Array(repeating: Self.query, count: UBISubmission.maxDocuments)
        #expect(try read("[" + all.joined(separator: ",") + "]").count == 1_000)
        #expect(try read(all.joined(separator: "\n"), .lines).count == 1_000)
        #expect(try error("[" + (all + [Self.query]).joined(separator: ",") + "]") == .count(1_001))
        #expect(try error((all + [Self.query]).joined(separator: "\n"), .lines) == .count(1_001))
        #expect(try error("[]") == .count(0))
        #expect(try error(" \n\n", .lines) == .count(0))
    }
}
