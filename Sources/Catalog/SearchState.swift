// What is known of one search, a query id of a click log, while the log is read.

import Foundation

/// A search on its way: its text, and the documents that wait for it.
struct SearchState {
    /// A text that a document gives for the search.
    private struct Text {
        let number: Int32
        let isFromSearch: Bool
        let time: Date
    }

    /// The first document of some kind.
    struct Sighting {
        let query: QueryID
        /// Its number among all documents.
        let order: Int
        let place: ClickLogPlace
    }

    private var text: Text?
    /// Searches and events that have no text themselves.
    private(set) var textlessSearches = 0
    private(set) var textlessEvents = 0
    private(set) var firstTextless: Sighting?
    /// Events other than impressions.
    private(set) var clicks = 0
    private(set) var firstClick: Sighting?
    /// Whether anything was said to be shown.
    private(set) var hasImpressions = false

    /// The number of the search's text; nil as long as no document told it.
    var textNumber: Int32? { text?.number }

    mutating func noteImpressions() { hasImpressions = true }

    mutating func countTextless(isEvent: Bool, _ sighting: Sighting) {
        if isEvent { textlessEvents += 1 } else { textlessSearches += 1 }
        if firstTextless == nil { firstTextless = sighting }
    }

    mutating func countClick(_ sighting: Sighting) {
        clicks += 1
        if firstClick == nil { firstClick = sighting }
    }

    /// Hears a document's text for the search.
    ///
    /// Search-as-you-type sends several texts under one id: the last one typed counts, and what searches say before what events say.
    /// `texts` holds the texts by number, and decides where times do not, so that the order of documents does not matter.
    mutating func hear(_ number: Int32, isFromSearch: Bool, time: Date?, texts: [String]) {
        let new = Text(number: number, isFromSearch: isFromSearch, time: time ?? .distantPast)
        guard let old = text else {
            text = new
            return
        }
        let isBetter =
            if new.isFromSearch != old.isFromSearch {
                new.isFromSearch
            } else if new.time != old.time {
                new.time > old.time
            } else {
                texts[Int(old.number)].precedesByBytes(texts[Int(new.number)])
            }
        if isBetter { text = new }
    }
}
