// One line of a UBI log (User Behavior Insights, schemas 1.0 to 1.3), and what can be made of it.
//
// What a document is, its keys tell: `action_name` makes an event, `user_query` or `query_response_hit_ids` a search. An event has a
// `user_query` of its own since 1.2, so `action_name` decides first. A line that holds an export of a document (`_source`, as elasticdump
// writes) or an update (`doc`) is read as what it holds. The position is `event_attributes.position.ordinal`, which is a number in 1.3 and
// an object {"index": number} before; it is taken as it is given, and one below 0 counts as unknown.

import Foundation
import JSONReading

/// What a line of a UBI log comes to.
enum UBIDocument {
    /// A usable document.
    case content(ClickDocument.Content)
    /// A line of the OpenSearch bulk format that says what to do with the next line.
    case bulkLine
    /// A document that cannot be used; the example is what the tally shows of the first one.
    case dropped(ClickDropReason, example: String?)

    private static let bulkActions: Set<String> = ["index", "create", "update", "delete"]

    /// Reads one line.
    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard UTF8Validation.firstInvalidByte(in: bytes) == nil, !bytes.containsNUL else {
            self = .dropped(.notText, example: nil)
            return
        }
        var scanner = JSONScanner(bytes)
        do {
            let value = try scanner.readDocument()
            self = scanner.foundNUL ? .dropped(.notText, example: nil) : Self(value)
        } catch {
            self = .dropped(.badJSON, example: "expected \(error.expected), found \(error.found)")
        }
    }

    private init(_ value: JSONValue) {
        guard case .object(let members, _) = value else {
            self = .dropped(.notAnObject, example: value.summary)
            return
        }
        if members.count == 1, let only = members.first, case .object = only.value,
            Self.bulkActions.contains(only.key)
        {
            self = .bulkLine
        } else if value["action_name"] != nil {
            self = Self.event(value)
        } else if value["user_query"] != nil || value["query_response_hit_ids"] != nil {
            self = Self.search(value)
        } else if let inner = value["_source"] ?? value["doc"], case .object = inner {
            self = Self(inner)
        } else {
            let keys = members.isEmpty ? "no keys" : "the keys " + CatalogError.list(members.map(\.key))
            self = .dropped(.unknownKind, example: keys)
        }
    }

    private static func search(_ object: JSONValue) -> UBIDocument {
        guard let query = object.identifier(at: ["query_id"]) else { return .dropped(.noQueryID, example: nil) }
        var search = SearchEvent(query: QueryID(rawValue: query), text: object.identifier(at: ["user_query"]))
        if case .list(let hits) = object["query_response_hit_ids"] {
            search.hits = hits.map { $0.identifier.map(ProductID.init(rawValue:)) }
        }
        search.time = time(of: object)
        // A blank text is the search for everything; what it shows belongs to no query.
        let isBlank = search.text == nil && object.member(at: ["user_query"]) != nil
        guard search.text != nil || (!isBlank && search.hits.contains { $0 != nil }) else {
            return .dropped(.noQueryText, example: query)
        }
        return .content(.search(search))
    }

    private static func event(_ object: JSONValue) -> UBIDocument {
        guard let name = object.text(at: ["action_name"]) else { return .dropped(.noAction, example: nil) }
        let action = ClickAction(name: name)
        guard let product = object.identifier(at: ["event_attributes", "object", "object_id"]) else {
            // A search or a filter has no product and needs none.
            if case .other = action { return .dropped(.uncountedAction, example: name) }
            return .dropped(.noProduct, example: name)
        }
        guard let query = object.identifier(at: ["query_id"]) else { return .dropped(.noQueryID, example: name) }
        var event = ClickEvent(
            query: QueryID(rawValue: query), action: action, product: ProductID(rawValue: product))
        event.queryText = object.identifier(at: ["user_query"])
        event.position = position(of: object)
        event.time = time(of: object)
        event.sessionID =
            object.identifier(at: ["session_id"]) ?? object.identifier(at: ["event_attributes", "session_id"])
        event.clientID = object.identifier(at: ["client_id"])
        return .content(.event(event))
    }

    private static func position(of event: JSONValue) -> Int? {
        let path = ["event_attributes", "position", "ordinal"]
        let value = event.member(at: (path + ["index"])[...]) ?? event.member(at: path[...])
        guard let number = value?.wholeNumber, number >= 0 else { return nil }
        return number
    }

    private static func time(of document: JSONValue) -> Date? {
        document.member(at: ["timestamp"]).flatMap(LogTimestamp.date)
    }
}
