import Foundation
import Testing

@testable import Catalog

@Suite struct UBILogReaderTests {
    private static let event =
        #"{"action_name":"click","query_id":"q","event_attributes":{"object":{"object_id":"p"}}}"#

    @Test func `reads a search of version 1_3`() throws {
        let log = try ReadClickLog(
            """
            {"application": "shop", "query_id": "q-1", "client_id": "c", "user_query": " Red  pan ",
            """.replacingOccurrences(of: "\n", with: "")
                + #""query_attributes": {}, "object_id_field": "sku", "timestamp": "2018-11-13T20:20:39Z", "#
                + #""query_response_id": "r", "query_response_hit_ids": ["a", 7, null, " ", "b", {"x": 1}]}"#)
        let expected = SearchEvent(
            query: QueryID(rawValue: "q-1"), text: "Red  pan",
            hits: ["a", "7", nil, nil, "b", nil].map { $0.map(ProductID.init(rawValue:)) },
            time: Date(timeIntervalSince1970: 1_542_140_439))
        #expect(log.searches == [expected])
        #expect(log.documents.map(\.place.line) == [1])
        #expect(log.tally.used == 1)
        #expect(log.tally.dropped == 0)
    }

    @Test func `reads an event of version 1_3`() throws {
        let log = try ReadClickLog(
            #"{"action_name":"add_to_cart","query_id":"q","session_id":"s","client_id":"c","user_id":"","#
                + #""timestamp":1542140439000,"message_type":null,"user_query":"red pan","event_attributes":"#
                + #"{"object":{"object_id":123,"object_id_field":"ean"},"position":{"ordinal":3}}}"#)
        var expected = ClickEvent(
            query: QueryID(rawValue: "q"), action: .addToCart, product: ProductID(rawValue: "123"))
        expected.queryText = "red pan"
        expected.position = 3
        expected.time = Date(timeIntervalSince1970: 1_542_140_439)
        expected.sessionID = "s"
        expected.clientID = "c"
        #expect(log.events == [expected])
    }

    @Test(arguments: [
        ("impression", ClickAction.impression), ("click", .click), ("Click", .click), ("click_through", .click),
        (" view ", .view), ("watch", .watch), ("ADD_TO_CART", .addToCart), ("purchase", .purchase),
        ("item_click", .other("item_click")),
    ]) func `knows the actions of all versions`(name: String, action: ClickAction) throws {
        let log = try ReadClickLog(Self.event.replacingOccurrences(of: "\"click\"", with: "\"\(name)\""))
        #expect(log.events.map(\.action) == [action])
    }

    @Test(
        arguments: [
            (#""event_attributes":{"object":{"object_id":"p"},"position":{"ordinal":2}}"#, 2),
            (#""event_attributes":{"object":{"object_id":"p"},"position":{"ordinal":{"index":2}}}"#, 2),
            (#""event_attributes.object.object_id":"p","event_attributes.position.ordinal":2"#, 2),
            (#""event_attributes.object.object_id":"p","event_attributes.position.ordinal.index":2"#, 2),
            (#""event_attributes":{"object.object_id":"p","position.ordinal":"2"}"#, 2),
            (#""event_attributes.object":{"object_id":"p"},"event_attributes":{"position":{"ordinal":2.0}}"#, 2),
            (#""event_attributes":{"object":null,"object.object_id":"p","position":{"ordinal":0}}"#, 0),
            (#""event_attributes":{"object":{"object_id":"p"},"position":{"ordinal":" 24 "}}"#, 24),
            (#""event_attributes":{"object":{"object_id":"p"},"position":{"ordinal":1e2}}"#, 100),
            (#""event_attributes":{"object":{"object_id":"p"},"position":{"ordinal":-1}}"#, nil),
            (#""event_attributes":{"object":{"object_id":"p"},"position":{"ordinal":2.5}}"#, nil),
            (#""event_attributes":{"object":{"object_id":"p"},"position":{"ordinal":1e99}}"#, nil),
            (#""event_attributes":{"object":{"object_id":"p"},"position":{"ordinal":"first"}}"#, nil),
            (#""event_attributes":{"object":{"object_id":"p"},"position":{"ordinal":[1]}}"#, nil),
            (#""event_attributes":{"object":{"object_id":"p"},"position":{"xy":{"x":1,"y":2}}}"#, nil),
            (#""event_attributes":{"object":{"object_id":"p"},"position":null}"#, nil),
            (#""event_attributes":{"object":{"object_id":"p"},"position":7}"#, nil),
            (#""event_attributes":{"object":{"object_id":"p"}}"#, nil),
        ] as [(String, Int?)]) func `finds product and position however they are nested`(
            attributes: String, position: Int?
        ) throws
    {
        let log = try ReadClickLog(#"{"action_name":"click","query_id":"q",\#(attributes)}"#)
        #expect(log.events.map(\.product.rawValue) == ["p"])
        #expect(log.events.map(\.position) == [position])
    }

    @Test func `passes the lines of the bulk format`() throws {
        let log = try ReadClickLog(
            """
            {"index": {"_index": "ubi_queries", "_id": "1"}}
            {"query_id": "q", "user_query": "pan"}
            {"create":{}}
            \(Self.event)

            {"delete": {"_id": "1"}}
            {"update": {"_id": "2"}}
            {"doc": \(Self.event), "doc_as_upsert": true}
            {"_index": "ubi_events", "_id": "3", "_source": \(Self.event)}
            """)
        #expect(log.documents.map(\.place.line) == [2, 4, 8, 9])
        #expect(log.tally.bulkLines == 4)
        #expect(log.drops == [])
    }

    @Test(arguments: [
        ("5", ClickDropReason.notAnObject), ("null", .notAnObject), ("[{}]", .notAnObject), ("\"x\"", .notAnObject),
        ("{}", .unknownKind), (#"{"index":3}"#, .unknownKind), (#"{"index":{},"query_id":"q"}"#, .unknownKind),
        (#"{"query_id":"q"}"#, .unknownKind), (#"{"_source":null}"#, .unknownKind), ("{", .badJSON),
        ("query_id,user_query", .badJSON), (#"{"user_query":"a"} {}"#, .badJSON),
        (#"{"user_query":"pan"}"#, .noQueryID), (#"{"user_query":"pan","query_id":null}"#, .noQueryID),
        (#"{"user_query":"pan","query_id":" "}"#, .noQueryID), (#"{"user_query":"pan","query_id":1.5}"#, .noQueryID),
        (#"{"user_query":" ","query_id":"q"}"#, .noQueryText),
        (#"{"user_query":"","query_id":"q","query_response_hit_ids":["a"]}"#, .noQueryText),
        (#"{"user_query":null,"query_id":"q"}"#, .noQueryText),
        (#"{"user_query":{},"query_id":"q"}"#, .noQueryText),
        (#"{"query_id":"q","query_response_hit_ids":[]}"#, .noQueryText),
        (#"{"query_id":"q","query_response_hit_ids":"a,b"}"#, .noQueryText),
        (#"{"query_id":"q","query_response_hit_ids":[null,""]}"#, .noQueryText),
        (#"{"action_name":null,"query_id":"q","user_query":"pan"}"#, .noAction),
        (#"{"action_name":"","query_id":"q"}"#, .noAction), (#"{"action_name":3,"query_id":"q"}"#, .noAction),
        (#"{"action_name":"click","query_id":"q"}"#, .noProduct),
        (#"{"action_name":"click","query_id":"q","event_attributes":null}"#, .noProduct),
        (#"{"action_name":"click","query_id":"q","event_attributes":{"object":{"object_id":null}}}"#, .noProduct),
        (#"{"action_name":"click","query_id":"q","event_attributes":{"object":{"object_id":""}}}"#, .noProduct),
        (#"{"action_name":"click","query_id":"q","event_attributes":{"object":"p"}}"#, .noProduct),
        (#"{"action_name":"click","event_attributes":{"object":{"object_id":"p"}}}"#, .noQueryID),
        (#"{"action_name":"search","query_id":"q","event_attributes":null}"#, .uncountedAction),
        (#"{"user_query":"a\u0000","query_id":"q"}"#, .notText), ("{\u{0}}", .notText),
    ]) func `tells why a document is of no use`(line: String, reason: ClickDropReason) throws {
        let log = try ReadClickLog("\n\(Self.event)\n\(line)\n\(Self.event)\n\(line)")
        #expect(log.drops == ["\(reason.rawValue) 2 from 3"])
        #expect(log.documents.map(\.place.line) == [2, 4])
        #expect(log.tally.documents == 4)
    }

    @Test func `keeps what the first one has that others may not have`() throws {
        let log = try ReadClickLog(
            """
            {"action_name":"search","query_id":"q"}
            {"action_name":"page_exit","query_id":"q"}
            {"a":1,"b":2}
            {"user_query":pan}
            """)
        #expect(log.tally.drops[.uncountedAction]?.example == "search")
        #expect(log.tally.drops[.unknownKind]?.example == "the keys a, b")
        #expect(log.tally.drops[.badJSON]?.example == "expected a value, found \"p\"")
    }

    @Test func `goes on behind bytes that are no text and lines that are too long`() throws {
        var bytes = Array("\(Self.event)\n".utf8)
        bytes += [0x7B, 0xFF, 0x7D, 0x0A]
        bytes += Array(repeating: UInt8(ascii: "x"), count: 5_000)
        bytes += Array("\r\n\(Self.event)\r\(Self.event)\r\n".utf8)
        bytes += Array(repeating: UInt8(ascii: "["), count: 3_000)
        let log = try ReadClickLog(bytes, limits: FeedLimits(bufferSize: 64, rowSize: 1_024))
        #expect(log.documents.map(\.place.line) == [1, 4, 5])
        #expect(log.drops == ["notText 1 from 2", "tooLong 2 from 3"])
    }

    @Test func `takes numbers as texts and ids`() throws {
        let log = try ReadClickLog(#"{"query_id": 12, "user_query": 501, "query_response_hit_ids": [1, 2]}"#)
        #expect(log.searches.map(\.text) == ["501"])
        #expect(log.searches.map(\.query.rawValue) == ["12"])
    }

    @Test(arguments: ["", "\u{FEFF}", "\n \r\n\t"]) func `finds nothing in an empty file`(text: String) throws {
        let log = try ReadClickLog(text)
        #expect(log.documents.isEmpty)
        #expect(log.tally == ClickLogTally())
    }

    @Test func `says when a file cannot be read`() throws {
        #expect(throws: CatalogError.fileNotFound(path: "/nowhere/log")) { try UBILogReader(path: "/nowhere/log") }
        let message = try failure([0x1F, 0x8B, 8, 0], "log.gz") { _ = try UBILogReader(path: $0) }
        #expect(message?.contains("a gzip archive") == true)
    }

    @Test func `tells line and bytes as it goes`() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("\n\(Self.event)\n{}\n".utf8, to: "log.ndjson")
        let reader = try UBILogReader(path: path)
        #expect(reader.line == 0)
        #expect(try reader.next()?.place == ClickLogPlace(file: path, line: 2))
        #expect(reader.line == 2)
        #expect(try reader.next() == nil)
        #expect(reader.line == 3)
        #expect(reader.bytesConsumed == reader.byteCount)
    }

    @Test(arguments: Seed.samples(400)) func `accounts for every line of a damaged log`(seed: Seed) throws {
        let text = """
            {"index": {"_index": "ubi_queries", "_id": "1"}}
            {"application":"shop","query_id":"q","user_query":"pan \\u00e9","query_response_hit_ids":["a","b",3],"timestamp":"2024-12-10T00:01:29.378Z"}
            {"index": {"_index": "ubi_events"}}
            {"action_name":"impression","query_id":"q","timestamp":1717527766059,"event_attributes":{"object":{"object_id":"a"},"position":{"ordinal":1}}}

            {"action_name":"click","query_id":"q","event_attributes.object.object_id":"b","event_attributes.position.ordinal":"2"}\r
            {"action_name":"search","query_id":null,"event_attributes":null,"message":[1,{"y":null}]}
            {"action_name":"purchase","query_id":"q","user_query":"pan","event_attributes":{"object":{"object_id":"b"},"position":{"ordinal":{"index":2}}}}
            """
        var generator = seed.generator
        // The first bytes stay: a file that begins like another encoding is not read at all.
        var bytes = Array("    ".utf8)
        for _ in 0..<3 { bytes += generator.damaged(text) + [0x0A] }
        let log = try ReadClickLog(bytes)
        #expect(log.tally.documents + log.tally.bulkLines == Self.lineCount(of: bytes))
        #expect(log.tally.used == log.documents.count)

        var aggregator = ClickAggregator(options: .plain) { $0.rawValue != "b" }
        for document in log.documents { aggregator.add(document) }
        aggregator.addDrops(of: log.tally)
        let report = aggregator.finish().report
        #expect(report.tally.documents == log.tally.documents)
        #expect(report.tally.used >= report.eventsUsed && report.eventsUsed >= report.repeatedEvents)
        #expect(report.repeatedEvents >= 0)
    }

    /// Lines that are not blank.
    private static func lineCount(of bytes: [UInt8]) -> Int {
        bytes.split { $0 == 0x0A || $0 == 0x0D }.count { line in !line.allSatisfy { $0 == 0x20 || $0 == 0x09 } }
    }
}
