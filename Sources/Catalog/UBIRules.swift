// What a UBI document must be before it is stored: the schemas 1.0 to 1.3, and what a log needs to be learned from.
//
// Stricter than the schemas where a document would be of no use or no bound: a query has an id (a server that searches and logs in one
// step would give it, a page has to) and a text; an event of a kind that tuning counts names its query and its product; times are plausible;
// everything has a length. Looser in two places: a member that is null counts as missing, and a position may be missing, since what is put
// into the cart on a product's own page has none. `UBIDocument` reads whatever passes here; docs/clicks.md has the rules as a table.

import Foundation
import JSONReading

/// Checks one document.
struct UBIRules {
    /// Bytes of a document at most, as it is stored.
    static let maxBytes = 131_072
    /// Objects and lists inside each other at most, the document among them.
    static let maxDepth = 16
    /// Hits of a query at most.
    static let maxHits = 1_000
    /// Scalars of a name or an id, of a product's id, of a message, and of what a shopper typed.
    static let (maxName, maxProductID, maxMessage, maxQuery) = (100, 256, 1_024, 2_000)
    /// The last place on a result page.
    static let maxOrdinal = 1_000_000
    /// 2000-01-01, before which no shop logged clicks.
    static let earliest = Date(timeIntervalSince1970: 946_684_800)
    /// How far ahead of the server's clock a shopper's may be, in seconds: a day, which also covers a time without its zone.
    static let tolerance = 86_400.0

    /// The clock that times are compared with.
    let now: Date

    /// Checks a document.
    /// - Returns: the time it names; nil when it has none.
    /// - Throws: `UBIFault` for the first member that is wrong.
    func check(_ value: JSONValue, as kind: CollectedDocument.Kind) throws(UBIFault) -> Date? {
        let document = UBIMember(path: "", value: value)
        guard case .object = value else { throw document.fault("an object") }
        try checkShape(of: document, depth: 1)
        switch kind {
        case .query: try checkQuery(document)
        case .event: try checkEvent(document)
        }
        return try document.member("timestamp").map(time)
    }

    // MARK: - Kinds

    private func checkQuery(_ query: UBIMember) throws(UBIFault) {
        // Whoever reads a log takes what has this key for an event.
        if let action = query.value["action_name"] {
            throw UBIFault(
                path: "action_name", expected: "no such member in a query; events go to /ubi/events",
                found: action.summary)
        }
        try query.required("query_id", "the id that events name their query by")
            .text(upTo: Self.maxName, mayBeBlank: false)
        try query.required("user_query", "what the shopper typed").text(upTo: Self.maxQuery, mayBeBlank: false)
        try checkTexts(["application", "client_id", "user_id", "object_id_field", "query_response_id"], of: query)
        try query.member("query_attributes")?.object()
        guard let hits = query.member("query_response_hit_ids") else { return }
        guard case .list(let ids) = hits.value else { throw hits.fault("an array of product ids") }
        guard ids.count <= Self.maxHits else {
            throw hits.fault("at most \(Self.maxHits) product ids", found: "\(ids.count)")
        }
        for (index, id) in ids.enumerated() {
            try UBIMember(path: "\(hits.path)[\(index)]", value: id).text(upTo: Self.maxProductID, mayBeBlank: false)
        }
    }

    private func checkEvent(_ event: UBIMember) throws(UBIFault) {
        let name = try event.required("action_name", "the name of an action, such as \"click\"")
            .text(upTo: Self.maxName, mayBeBlank: false)
        try checkTexts(["application", "session_id", "client_id", "user_id", "message_type"], of: event)
        try event.member("message")?.text(upTo: Self.maxMessage)
        try event.member("user_query")?.text(upTo: Self.maxQuery)
        let attributes = event.member("event_attributes")
        try attributes?.object()
        let object = attributes?.member("object")
        try object?.object()
        if case .other = ClickAction(name: name.trimmed()) {
            // A page view or a filter: it may be about no product and no query.
            try event.member("query_id")?.text(upTo: Self.maxName)
            try object?.member("object_id")?.identifier(upTo: Self.maxProductID)
        } else {
            try event.required("query_id", "the id of the query that showed the product")
                .text(upTo: Self.maxName, mayBeBlank: false)
            let holder = try event.required("event_attributes", "an object with the product's id as object.object_id")
                .required("object", "an object with the product's id as object_id")
            try holder.required("object_id", "the product's id").identifier(upTo: Self.maxProductID)
        }
        if let object {
            try checkTexts(["object_id_type", "object_id_field"], of: object)
            try object.member("internal_id")?.identifier(upTo: Self.maxProductID)
        }
        if let position = attributes?.member("position") { try checkPosition(position) }
    }

    /// A place on the result page, {"ordinal": 3} in 1.3 and {"ordinal": {"index": 3}} before, or on the screen.
    private func checkPosition(_ position: UBIMember) throws(UBIFault) {
        try position.object()
        if let ordinal = position.member("ordinal") {
            if case .object = ordinal.value {
                try ordinal.required("index", "the place among the results").integer(in: 0...Self.maxOrdinal)
            } else {
                try ordinal.integer(in: 0...Self.maxOrdinal)
            }
        }
        if let place = position.member("xy") {
            try place.object()
            try place.required("x", "a number").number()
            try place.required("y", "a number").number()
        }
    }

    private func checkTexts(_ keys: [String], of object: UBIMember) throws(UBIFault) {
        for key in keys { try object.member(key)?.text(upTo: Self.maxName) }
    }

    // MARK: - Everything

    private func time(_ member: UBIMember) throws(UBIFault) -> Date {
        guard case .text(let text) = member.value, let time = LogTimestamp.date(iso: text) else {
            throw member.fault("a time in ISO 8601 such as \"2026-01-31T12:00:00.000Z\"")
        }
        guard (Self.earliest...now.addingTimeInterval(Self.tolerance)).contains(time) else {
            throw member.fault("a time from 2000 to a day from now")
        }
        return time
    }

    /// Bounds the nesting, and refuses what readers disagree on: keys that come twice, and U+0000.
    private func checkShape(of member: UBIMember, depth: Int) throws(UBIFault) {
        switch member.value {
        case .text(let text):
            if text.utf8.contains(0) { throw member.fault("a text without U+0000", found: "one with it") }
        case .list(let elements):
            try checkDepth(of: member, depth)
            for (index, element) in elements.enumerated() where !element.isPlain {
                try checkShape(of: UBIMember(path: "\(member.path)[\(index)]", value: element), depth: depth + 1)
            }
        case .object(let members, _):
            try checkDepth(of: member, depth)
            var keys: Set<[UInt8]> = []
            for inner in members {
                let path = member.path(to: inner.key.shortened)
                guard keys.insert(Array(inner.key.utf8)).inserted else {
                    throw UBIFault(path: path, expected: "the member once", found: "it twice")
                }
                guard !inner.key.utf8.contains(0) else {
                    throw member.fault("keys without U+0000", found: "one with it")
                }
                try checkShape(of: UBIMember(path: path, value: inner.value), depth: depth + 1)
            }
        case .null, .flag, .number:
            return
        }
    }

    private func checkDepth(of member: UBIMember, _ depth: Int) throws(UBIFault) {
        guard depth <= Self.maxDepth else {
            throw member.fault("at most \(Self.maxDepth) objects and arrays inside each other", found: "more")
        }
    }
}

extension JSONValue {
    /// Whether nothing can be wrong with the shape of this: spares the paths of a thousand ids.
    fileprivate var isPlain: Bool {
        switch self {
        case .null, .flag, .number: true
        case .text(let text): !text.utf8.contains(0)
        case .list, .object: false
        }
    }
}
