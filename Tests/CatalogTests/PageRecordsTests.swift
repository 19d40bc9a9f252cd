// What the search page records, as tuning reads it: documents as the page's script sends them.

import Foundation
import Testing

@testable import Catalog

struct PageRecordsTests {
    private static let documents = [
        #"{"application":"aisle","query_id":"6c1f6f0e-9d0f-4d7e-9b67-4f5b0c1d2e3f","client_id":"c","session_id":"s","user_query":"red lamp","timestamp":"2026-11-27T05:20:01.123Z","query_response_hit_ids":["a","b","c"]}"#,
        Self.event("impression", "a", 1), Self.event("impression", "b", 2), Self.event("click", "b", 2),
        // The second page: places go on, and no list names its products.
        Self.event("impression", "z", 25), Self.event("click", "z", 25),
        // A search that nothing was close to.
        #"{"application":"aisle","query_id":"0c1f6f0e-9d0f-4d7e-9b67-4f5b0c1d2e3f","client_id":"c","session_id":"s","user_query":"xxxx","timestamp":"2026-11-27T05:21:01.000Z","query_response_hit_ids":[]}"#,
    ]

    private static func event(_ action: String, _ product: String, _ rank: Int) -> String {
        #"{"application":"aisle","action_name":"\#(action)","query_id":"6c1f6f0e-9d0f-4d7e-9b67-4f5b0c1d2e3f","client_id":"c","session_id":"s","user_query":"red lamp","timestamp":"2026-11-27T05:20:03.000Z","event_attributes":{"object":{"object_id":"\#(product)","object_id_field":"product_id"},"position":{"ordinal":\#(rank)}}}"#
    }

    @Test func `every document is used, and clicks are booked where the products stood`() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "page-\(UUID().uuidString).ndjson")
        try Data(Self.documents.joined(separator: "\n").utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let reader = try UBILogReader(path: file.path)
        var clicks: [String: Int?] = [:]
        var searches: [String: [String]] = [:]
        while let document = try reader.next() {
            switch document.content {
            case .search(let search): searches[search.text ?? ""] = search.hits.compactMap { $0?.rawValue }
            case .event(let event) where event.action == .click:
                clicks[event.product.rawValue] = event.position
                #expect(
                    event.queryText == "red lamp" && event.clientID == "c" && event.sessionID == "s"
                        && event.time != nil)
            case .event: break
            }
        }
        #expect(reader.tally.drops.isEmpty && reader.tally.documents == Self.documents.count)
        #expect(searches == ["red lamp": ["a", "b", "c"], "xxxx": []])
        #expect(clicks == ["b": 2, "z": 25])
    }
}
