// The step from what was seen in each search to impressions and clicks at ranks, which `ClickAggregator`'s header describes.

/// Impressions and clicks, booked at their ranks.
struct ClickBooking {
    /// An impression (`.listed`), clicks or both, each with a rank and traces; by text, product and rank.
    private(set) var records: [ClickRecord]
    /// Impressions and clicked ones by rank.
    private(set) var counts: RankCounts
    /// Impressions that only a click tells of.
    private(set) var implied = 0
    /// Different events about products in the catalog.
    private(set) var differentEvents = 0

    private let isCorrected: Bool

    /// Takes merged records by search, text, product and rank, all with texts.
    ///
    /// If `isCorrected`, clicks need an impression, and are dropped where their search has none at all.
    init(_ records: [ClickRecord], depth: Int, isCorrected: Bool) {
        self.records = records
        self.isCorrected = isCorrected
        counts = RankCounts(depth: depth)
    }

    /// Books all records.
    mutating func book(searches: [SearchState], known: [Bool]) {
        var start = 0
        while start < records.count {
            var end = start + 1
            while end < records.count, records[end].isSamePair(as: records[start]) { end += 1 }
            let search = searches[Int(records[start].query)]
            book(start..<end, isImpressed: search.hasImpressions, isKnown: known[Int(records[start].product)])
            start = end
        }
        records.removeAll { $0.traces.isEmpty }
        records.sort { ($0.text, $0.product, $0.rank) < ($1.text, $1.product, $1.rank) }
    }

    /// Books what one search has of one product.
    private mutating func book(_ range: Range<Int>, isImpressed: Bool, isKnown: Bool) {
        let all = range.reduce(into: ClickRecord.Traces()) { $0.formUnion(records[$1].traces) }
        var clicks = all.intersection(.clicks)
        let showing: ClickRecord.Traces = all.contains(.listed) ? .listed : .seen
        if isCorrected, !isImpressed { clicks = [] }
        if isKnown {
            differentEvents += clicks.count + range.count { records[$0].traces.contains(.seen) }
        }
        // Ranks ascend, and the unknown one is the last.
        let clicked = range.first { !records[$0].traces.isDisjoint(with: .clicks) }
        let shown = range.first { records[$0].traces.contains(showing) }
        let clickedAndShown = range.first {
            records[$0].traces.contains(showing) && !records[$0].traces.isDisjoint(with: .clicks)
        }
        let place = clickedAndShown ?? shown ?? clicked
        let isImplied = isCorrected && shown == nil && !clicks.isEmpty
        if isImplied { implied += 1 }
        for index in range {
            let isHere = index == place
            let isShown = records[index].traces.contains(showing) || (isImplied && isHere)
            if isShown { counts.add(rank: records[index].rank, isClicked: isHere && !clicks.isEmpty) }
            var traces: ClickRecord.Traces = isHere ? clicks : []
            if isShown { traces.insert(.listed) }
            records[index].traces = traces
        }
    }
}
