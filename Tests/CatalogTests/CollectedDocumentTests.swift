// What is taken over HTTP, tuning can read: over thousands of documents that have been changed at random.

import Foundation
import JSONReading
import Testing

@testable import Catalog

@Suite struct CollectedDocumentTests {
    private static let query = """
        {"application":"shop","query_id":"q1","client_id":"c","user_query":"red tea","timestamp":"2026-01-31T11:00:00Z","user_id":"u",
        "query_response_id":"r","query_response_hit_ids":["a","b","c"],"query_attributes":{"page":1},"object_id_field":"sku"}
        """
    private static let event = """
        {"application":"shop","action_name":"click","query_id":"q1","client_id":"c","session_id":"s","user_query":"red tea",
        "timestamp":"2026-01-31T11:00:00Z","message_type":null,"message":"m","event_attributes":{
        "object":{"object_id":"a","object_id_field":"sku","name":"Red"},"position":{"ordinal":1}}}
        """
    /// Values and keys that readers have stumbled over.
    private static let values = [
        "null", "true", "0", "-1", "1.5", "3.0", "1e2", "1e400", "12345678901234567890", #""""#, #"" ""#, #""\u00a0""#,
        #""x""#,
        #""\u0000""#, #"" padded ""#, #""-1""#, #""click""#, #""VIEW""#, #""page_exit""#, "[]", "{}", #"["a",null]"#,
        #"{"index":2}"#, #"{"object_id":"z"}"#, #"{"_source":{}}"#,
    ]
    private static let keys = [
        "timestamp", "action_name", "query_id", "user_query", "query_response_hit_ids", "event_attributes", "object",
        "object_id",
        "position", "ordinal", "index", "doc", "_source", "create", "event_attributes.object.object_id",
        "event_attributes.position.ordinal.index", "object.object_id", "position.ordinal", "position.ordinal.index",
    ]

    /// The value with something in it replaced, removed or added.
    private func changed(_ value: JSONValue, _ generator: inout SplitMix64) throws -> JSONValue {
        let other = try JSONValue(
            parsing: Array((Self.values.randomElement(using: &generator) ?? "null").utf8))
        switch value {
        case .object(var members, let source) where !members.isEmpty && Int.random(in: 0..<5, using: &generator) > 0:
            let index = Int.random(in: members.indices, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: members.remove(at: index)
            case 1:
                let key = Self.keys.randomElement(using: &generator) ?? "x"
                members.insert(JSONMember(key: key, value: other), at: index)
            default:
                let member = members[index]
                members[index] = JSONMember(key: member.key, value: try changed(member.value, &generator))
            }
            return .object(members, source: source)
        case .list(var elements) where !elements.isEmpty && Bool.random(using: &generator):
            let index = Int.random(in: elements.indices, using: &generator)
            elements[index] = try changed(elements[index], &generator)
            return .list(elements)
        default: return other
        }
    }

    @Test(arguments: Seed.samples(60)) func `whatever is taken, the reader of logs uses`(seed: Seed) throws {
        var generator = seed.generator
        var (taken, refused, expected): ([CollectedDocument], Int, [String]) = ([], 0, [])
        for number in 0..<100 {
            let kind: CollectedDocument.Kind = number % 2 == 0 ? .query : .event
            var value = try JSONValue(parsing: Array((kind == .query ? Self.query : Self.event).utf8))
            for _ in 0..<Int.random(in: 0...3, using: &generator) { value = try changed(value, &generator) }
            guard let document = try? CollectedDocument(value, as: kind, now: noon) else {
                refused += 1
                continue
            }
            taken.append(document)
            let stored = try JSONValue(parsing: Array(document.text.utf8))
            if kind == .event, let name = stored.text(at: ["action_name"]), case .other = ClickAction(name: name) {
                continue
            }
            expected.append(try #require(stored.text(at: ["query_id"])))
        }
        #expect(taken.count > 5 && refused > 5, "\(taken.count) taken, \(refused) refused")
        let log = try ReadClickLog(taken.map { $0.text + "\n" }.joined())
        let counted = log.documents.filter { document in
            guard case .event(let event) = document.content, case .other = event.action else { return true }
            return false
        }
        let texts = taken.map(\.text).joined(separator: "\n")
        #expect(log.tally.documents == taken.count && log.tally.bulkLines == 0, "\(log.drops)\n\(texts)")
        #expect(
            counted.map { document in
                switch document.content {
                case .search(let search): search.query.rawValue
                case .event(let event): event.query.rawValue
                }
            } == expected, "\(log.drops)\n\(texts)")
        for document in counted {
            let time: Date? =
                switch document.content {
                case .search(let search): search.time
                case .event(let event): event.time
                }
            #expect(time != nil, "\(document)")
        }
    }
}
