// From searches and clicks to judgments: clicks over expected clicks (COEC).
//
// A result is clicked for what it is and for where it stands. COEC (Zhang & Jones, "Comparing click logs and editorial labels for training
// query rewriting", WWW 2007 workshop) divides the clicks a product got for a query by those that any product gets in the same places:
//
//     COEC(q, p) = clicks(q, p) / Σ over impressions of p for q of rate(rank)        rate: `RankRates.swift`
//
// Every impression counts at its own rank. OpenSearch's Search Relevance Workbench books all impressions of a pair at the best rank it ever
// had, where most clicks are expected, and so takes the value down for whatever was moved about. The weight is COEC times the average
// weight of the clicked searches: weighted clicks over expected clicks. COEC takes results at each rank to be equally good on average;
// where a shop's ranking never changes and is nearly right, that is not so, and the correction goes too far (a click model with examination
// 1/rank, 30 queries of 10 products in a fixed ranking: where the ranking had nothing to do with relevance, COEC's rank correlation with
// relevance was 0.91 and that of click-through rates 0.60; where it was nearly right, 0.60 and 0.91). Rankings that change are the remedy.
//
// Impressions come from the hits of a search (rank = place in the list, from 1: the list of a second page starts anew, for nothing says
// where it stands) and from impression events. Where both tell of a product in one search, the hits' ranks count. A click is booked at
// its own rank if the product was shown there, otherwise at the best rank it was shown at. Within one search, an action on a product
// counts once. A click on something its search was not said to show proves an impression where the click says; a click of a search
// without any impressions does not count beside those that have them, since no expectation can be set against it. A log without
// impressions gives weighted clicks, which are biased by position, and the report says so.
//
// An event belongs to the text it carries itself, else to its search's (`SearchState.hear`). Products outside the catalog have no
// judgments but take part in the rates, for what shoppers do at a rank does not depend on what is still sold.
//
// Memory: 20 bytes for each search, product and rank that differ, up to three times that while the list grows, and about 300 bytes for each
// search; repeated documents cost nothing. Six million impressions in 300,000 searches took 370 MB and 4.5 s. It cannot be less than a
// record for each impression: the hits of a search, its events and its repeats may come in any order. The order of documents matters to
// nothing but the places and examples in the tally. Not thread-safe.

internal import Foundation

/// Collects the documents of click logs, in any order.
public struct ClickAggregator: ~Copyable {
    let options: ClickOptions
    private let isInCatalog: (ProductID) -> Bool

    var tally = ClickLogTally()
    /// Events that were not dropped when they came.
    var events = 0
    var records = ClickRecordList()
    var texts = Numbering<String>()
    var products = Numbering<ProductID>()
    /// Whether each of `products` is in the catalog.
    var known: [Bool] = []
    private var queries = Numbering<QueryID>()
    /// What is known of each of `queries`.
    var searches: [SearchState] = []
    private var documentCount = 0

    /// Starts with nothing; `isInCatalog` is asked once for each product of the log.
    public init(options: ClickOptions = ClickOptions(), isInCatalog: @escaping (ProductID) -> Bool = { _ in true }) {
        options.check()
        self.options = options
        self.isInCatalog = isInCatalog
    }

    /// Adds all that is left of a log, with what its reader drops.
    /// - Throws: `CatalogError` when reading fails, or `.cancelled` when `isCancelled`, asked before each document, says so.
    public mutating func add(
        contentsOf reader: UBILogReader, isCancelled: () -> Bool = { false }
    ) throws(CatalogError) {
        while let document = try reader.next() {
            if isCancelled() { throw .cancelled(feed: reader.name) }
            add(document)
        }
        addDrops(of: reader.tally)
    }

    /// Adds what a reader dropped, for those who call `add(_:)` themselves.
    public mutating func addDrops(of tally: ClickLogTally) {
        self.tally.addDrops(of: tally)
    }

    /// Adds one document.
    /// - Complexity: O(hits), amortized O(log n) for each of them over n records.
    public mutating func add(_ document: ClickDocument) {
        documentCount += 1
        switch document.content {
        case .search(let search):
            add(search, SearchState.Sighting(query: search.query, order: documentCount, place: document.place))
        case .event(let event):
            add(event, SearchState.Sighting(query: event.query, order: documentCount, place: document.place))
        }
    }

    private mutating func add(_ search: SearchEvent, _ sighting: SearchState.Sighting) {
        tally.used += 1
        let query = number(of: search.query)
        let text = hear(search.text, for: query, isFromSearch: true, time: search.time)
        if text < 0 { searches[Int(query)].countTextless(isEvent: false, sighting) }
        for (index, hit) in search.hits.enumerated() {
            guard let hit else { continue }
            searches[Int(query)].noteImpressions()
            records.append(
                ClickRecord(
                    query: query, text: text, product: number(of: hit), rank: Self.rank(index + 1), traces: .listed))
        }
    }

    private mutating func add(_ event: ClickEvent, _ sighting: SearchState.Sighting) {
        guard let traces = traces(of: event.action) else {
            tally.drop(.uncountedAction, at: sighting.place, example: event.action.description)
            return
        }
        let query = number(of: event.query)
        let product = number(of: event.product)
        let text = hear(event.queryText, for: query, isFromSearch: false, time: event.time)
        if traces == .seen { searches[Int(query)].noteImpressions() }
        records.append(
            ClickRecord(query: query, text: text, product: product, rank: Self.rank(event.position), traces: traces))
        guard known[Int(product)] else {
            tally.drop(.notInCatalog, at: sighting.place, example: event.product.rawValue)
            return
        }
        tally.used += 1
        events += 1
        if text < 0 { searches[Int(query)].countTextless(isEvent: true, sighting) }
        if traces != .seen { searches[Int(query)].countClick(sighting) }
    }

    private func traces(of action: ClickAction) -> ClickRecord.Traces? {
        switch action {
        case .impression: .seen
        case .click: .click
        case .view, .watch: options.countsViewsAsClicks ? .click : nil
        case .addToCart: .addToCart
        case .purchase: .purchase
        case .other: nil
        }
    }

    /// The number of a text, which the search hears; -1 without a text.
    private mutating func hear(_ text: String?, for query: Int32, isFromSearch: Bool, time: Date?) -> Int32 {
        guard let text else { return -1 }
        let number = texts.number(of: text.normalizedQuery())
        searches[Int(query)].hear(number, isFromSearch: isFromSearch, time: time, texts: texts.values)
        return number
    }

    private mutating func number(of query: QueryID) -> Int32 {
        let number = queries.number(of: query)
        if Int(number) == searches.count { searches.append(SearchState()) }
        return number
    }

    private mutating func number(of product: ProductID) -> Int32 {
        let number = products.number(of: product)
        if Int(number) == known.count { known.append(isInCatalog(product)) }
        return number
    }

    private static func rank(_ position: Int?) -> Int32 {
        position.map { Int32(clamping: min($0, Int(ClickRecord.unknownRank) - 1)) } ?? ClickRecord.unknownRank
    }
}
