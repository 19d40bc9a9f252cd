// A search as a click log tells it: what was typed and what came back.

public import Foundation

/// One search: a query document of a click log.
public struct SearchEvent: Hashable, Sendable {
    /// The search's id, by which events name it.
    public var query: QueryID
    /// What was typed, not blank; nil where the document has only the results.
    public var text: String?
    /// The products that were shown, the first at rank 1; nil for one whose id is missing.
    public var hits: [ProductID?]
    /// When it was asked; nil where missing or unreadable.
    public var time: Date?

    /// Takes a search.
    public init(query: QueryID, text: String?, hits: [ProductID?] = [], time: Date? = nil) {
        self.query = query
        self.text = text
        self.hits = hits
        self.time = time
    }
}
