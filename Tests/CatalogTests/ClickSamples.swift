// Click logs by hand.

import Foundation

@testable import Catalog

/// A log that is read whole.
struct ReadClickLog {
    var documents: [ClickDocument] = []
    var tally = ClickLogTally()

    init(_ bytes: some Sequence<UInt8>, limits: FeedLimits = FeedLimits()) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(bytes, to: "log.ndjson")
        let reader = try UBILogReader(window: FeedWindow(path: path, limits: limits))
        while let document = try reader.next() { documents.append(document) }
        tally = reader.tally
    }

    init(_ text: String) throws {
        try self.init(text.utf8)
    }

    var searches: [SearchEvent] {
        documents.compactMap { if case .search(let search) = $0.content { search } else { nil } }
    }

    var events: [ClickEvent] {
        documents.compactMap { if case .event(let event) = $0.content { event } else { nil } }
    }

    /// Reason, count and first line of what was dropped, in the order of the reasons.
    var drops: [String] { tally.summary }
}

extension ClickLogTally {
    /// Reason, count and first line of what was dropped, in the order of the reasons.
    var summary: [String] {
        drops.sorted { $0.key < $1.key }.map { "\($0.key.rawValue) \($0.value.count) from \($0.value.first.line)" }
    }
}

/// A search with hits "a", "b", …, each letter a product and "-" one without an id.
func search(_ id: String, _ text: String?, _ hits: String = "", at time: Double? = nil) -> ClickDocument.Content {
    .search(
        SearchEvent(
            query: QueryID(rawValue: id), text: text,
            hits: hits.map { $0 == "-" ? nil : ProductID(rawValue: String($0)) },
            time: time.map(Date.init(timeIntervalSince1970:))))
}

/// An event of a search about a product; `text` is its own.
func event(
    _ action: ClickAction, _ id: String, _ product: String, at position: Int? = nil, text: String? = nil
) -> ClickDocument.Content {
    var event = ClickEvent(query: QueryID(rawValue: id), action: action, product: ProductID(rawValue: product))
    event.position = position
    event.queryText = text
    return .event(event)
}

extension ClickOptions {
    /// No smoothing and no minimum of evidence: what can be reckoned by hand.
    static var plain: ClickOptions {
        var options = ClickOptions()
        options.priorImpressions = 0
        options.minimumImpressions = 0
        options.minimumWeightedClicks = 0
        return options
    }
}

/// What documents, one a line, come to; `catalog` holds a letter for each product, nil for all there are.
func clickLog(
    _ contents: [ClickDocument.Content], _ options: ClickOptions = .plain, catalog: String? = nil
) -> ClickLog {
    var aggregator = ClickAggregator(options: options) { catalog?.contains($0.rawValue) ?? true }
    for (index, content) in contents.enumerated() {
        aggregator.add(ClickDocument(content, at: ClickLogPlace(file: "log", line: index + 1)))
    }
    return aggregator.finish()
}

extension ClickLog {
    /// The weights by "query/product".
    var weights: [String: Double] {
        Dictionary(uniqueKeysWithValues: judgments.map { ("\($0.query)/\($0.product)", $0.weight) })
    }
}
