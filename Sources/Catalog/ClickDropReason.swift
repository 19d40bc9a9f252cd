// Why a line of a click log is of no use. A log is written by browsers, plugins and people, so much of it may be so, and all of it is told.

/// Why a document of a click log is not used.
public enum ClickDropReason: String, CaseIterable, Comparable, Sendable, CustomStringConvertible {
    /// The bytes are no UTF-8, or hold a NUL.
    case notText
    /// The line is longer than the reader takes.
    case tooLong
    /// The line is no JSON.
    case badJSON
    /// The line is JSON, but no object.
    case notAnObject
    /// The object is neither a search nor an event.
    case unknownKind
    /// A search or an event has no query id, by which the two are joined.
    case noQueryID
    /// A search has a blank text, or neither text nor results.
    case noQueryText
    /// An event's action has no name.
    case noAction
    /// An event of a kind that counts names no product.
    case noProduct
    /// The action says nothing that counts: a view or watch not asked for, or another action than UBI's.
    case uncountedAction
    /// The product is not in the catalog.
    case notInCatalog
    /// No document of the log tells the text of the event's search.
    case unknownQuery
    /// A click of a search for which the log has no impressions, while it has some for others.
    case noImpressions

    /// The reason as the end of a sentence that begins with a number of documents.
    public var description: String {
        switch self {
        case .notText: "are no UTF-8 text or hold a NUL"
        case .tooLong: "are longer than a line may be"
        case .badJSON: "are no JSON"
        case .notAnObject: "are no JSON objects"
        case .unknownKind: "are neither searches (user_query, query_response_hit_ids) nor events (action_name)"
        case .noQueryID: "have no query_id"
        case .noQueryText: "are searches with a blank user_query, or with neither text nor results"
        case .noAction: "have no text as action_name"
        case .noProduct: "have no object_id"
        case .uncountedAction: "have an action that does not count"
        case .notInCatalog: "are about a product that is not in the catalog"
        case .unknownQuery: "belong to a search whose text is nowhere in the log"
        case .noImpressions: "are clicks of searches without impressions"
        }
    }

    /// The order in which documents are checked.
    public static func < (left: ClickDropReason, right: ClickDropReason) -> Bool {
        allCases.firstIndex(of: left) ?? 0 < allCases.firstIndex(of: right) ?? 0
    }
}
