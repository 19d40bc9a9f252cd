// What is kept of a click log while it is read: 20 bytes for each search, product and rank.
//
// The same impression comes from a list of hits and from an event, a click comes twice, and documents come in any order, so nothing can be
// added up before the end. The list is therefore sorted and merged whenever it has doubled: memory stays within twice the records that
// differ, and the work is O(n log n) for n records.

/// What a search and a product have to do with each other, all numbered in the order of their appearance.
struct ClickRecord: Comparable {
    /// The rank of what has none, behind all others.
    static let unknownRank = Int32.max

    /// What was seen.
    struct Traces: OptionSet {
        let rawValue: UInt8
        /// Shown, by a search's list of hits.
        static let listed = Traces(rawValue: 1)
        /// Shown, by an event.
        static let seen = Traces(rawValue: 2)
        static let click = Traces(rawValue: 4)
        static let addToCart = Traces(rawValue: 8)
        static let purchase = Traces(rawValue: 16)

        static let shown: Traces = [.listed, .seen]
        static let clicks: Traces = [.click, .addToCart, .purchase]

        var count: Int { rawValue.nonzeroBitCount }
    }

    /// The query id's number.
    var query: Int32
    /// The text's number; -1 for the search's own, which may not be known yet.
    var text: Int32
    let product: Int32
    /// The rank as the log has it, or `unknownRank`.
    let rank: Int32
    var traces: Traces

    /// By search, text, product and rank.
    static func < (left: ClickRecord, right: ClickRecord) -> Bool {
        (left.query, left.text, left.product, left.rank) < (right.query, right.text, right.product, right.rank)
    }

    /// Whether search, text and product are the same.
    func isSamePair(as other: ClickRecord) -> Bool {
        query == other.query && text == other.text && product == other.product
    }
}

/// Records, those that agree in all but their traces merged.
struct ClickRecordList {
    private(set) var records: [ClickRecord] = []
    private var limit = 65_536

    mutating func append(_ record: ClickRecord) {
        records.append(record)
        if records.count >= limit {
            merge()
            limit = max(limit, 2 * records.count)
        }
    }

    /// Gives searches' own texts to the records that have none of their own, and drops those for which there is none.
    mutating func resolveTexts(_ text: (_ query: Int32) -> Int32?) {
        for index in records.indices where records[index].text < 0 {
            records[index].text = text(records[index].query) ?? -1
        }
        records.removeAll { $0.text < 0 }
        merge()
    }

    /// Sorts the records and merges those that are one.
    private mutating func merge() {
        records.sort()
        var count = 0
        for record in records {
            if count > 0, records[count - 1].isSamePair(as: record), records[count - 1].rank == record.rank {
                records[count - 1].traces.formUnion(record.traces)
            } else {
                records[count] = record
                count += 1
            }
        }
        records.removeSubrange(count...)
    }
}
