import Foundation
import Testing

@testable import Catalog

@Suite struct QueryIDTests {
    @Test func `tells canonically equivalent ids apart`() {
        let ids: Set = [QueryID(rawValue: "caf\u{E9}"), QueryID(rawValue: "cafe\u{301}")]
        #expect(ids.count == 2)
        #expect(QueryID(rawValue: "q") == QueryID(rawValue: "q"))
    }

    @Test func `orders by UTF-8 bytes`() {
        let ids = ["b", "a10", "\u{1F600}", "a", "\u{FFFF}", "B", "é"].map(QueryID.init(rawValue:))
        #expect(ids.sorted().map(\.rawValue) == ["B", "a", "a10", "b", "é", "\u{FFFF}", "\u{1F600}"])
    }

    @Test func `is a plain text in JSON and in print`() throws {
        let ids = [QueryID(rawValue: "q 1")]
        let json = try JSONEncoder().encode(ids)
        #expect(String(decoding: json, as: UTF8.self) == "[\"q 1\"]")
        #expect(try JSONDecoder().decode([QueryID].self, from: json) == ids)
        #expect("\(ids[0])" == "q 1")
    }
}
