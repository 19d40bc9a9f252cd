// What happens once all documents are there: texts are settled, clicks booked, expectations set, pairs weighed.

extension ClickAggregator {
    /// Ends the collection.
    /// - Complexity: O(n log n) for n different impressions and clicks.
    public consuming func finish() -> ClickLog {
        dropUnknownQueries()
        let searches = searches
        records.resolveTexts { searches[Int($0)].textNumber }
        let isImpressed = records.records.contains { !$0.traces.isDisjoint(with: .shown) }
        let isCorrected = isImpressed && options.correctsPositionBias
        if isCorrected { dropClicksWithoutImpressions() }

        var booking = ClickBooking(records.records, depth: options.rankDepth, isCorrected: isCorrected)
        records = ClickRecordList()
        booking.book(searches: searches, known: known)

        var report = ClickReport()
        report.searches = searches.count
        report.searchesWithText = searches.count { $0.textNumber != nil }
        report.queryTexts = texts.values.count
        report.tally = tally
        report.eventsUsed = events
        report.repeatedEvents = events - booking.differentEvents
        report.impressions = booking.counts.total
        report.impliedImpressions = booking.implied
        report.isPositionCorrected = isCorrected
        report.rates = booking.counts.table(prior: options.priorImpressions)
        let judgments = judgments(of: booking, report: &report)
        return ClickLog(judgments: judgments, report: report)
    }

    private mutating func dropUnknownQueries() {
        let unknown = searches.filter { $0.textNumber == nil }
        let eventCount = unknown.reduce(0) { $0 + $1.textlessEvents }
        let count = unknown.reduce(eventCount) { $0 + $1.textlessSearches }
        drop(.unknownQuery, count: count, of: unknown.map(\.firstTextless))
        events -= eventCount
    }

    private mutating func dropClicksWithoutImpressions() {
        let unimpressed = searches.filter { $0.textNumber != nil && !$0.hasImpressions }
        let count = unimpressed.reduce(0) { $0 + $1.clicks }
        drop(.noImpressions, count: count, of: unimpressed.map(\.firstClick))
        events -= count
    }

    /// Moves documents from used to dropped; the first of `sightings` is told.
    private mutating func drop(_ reason: ClickDropReason, count: Int, of sightings: [SearchState.Sighting?]) {
        guard let first = sightings.compactMap(\.self).min(by: { $0.order < $1.order }) else { return }
        tally.used -= count
        tally.drop(reason, at: first.place, count: count, example: first.query.rawValue)
    }

    /// Weighs the pairs of text and product, and counts those that are left out.
    private func judgments(of booking: ClickBooking, report: inout ClickReport) -> [ClickJudgment] {
        let rates = booking.counts.rates(prior: options.priorImpressions)
        var judgments: [ClickJudgment] = []
        var start = 0
        let records = booking.records
        while start < records.count {
            let pair = records[start]
            var sum = ClickSum()
            while start < records.count, records[start].text == pair.text, records[start].product == pair.product {
                sum.add(records[start], rate: rates[booking.counts.index(of: records[start].rank)])
                start += 1
            }
            let weighted = sum.weighted(options)
            if !known[Int(pair.product)] {
                report.pairsNotInCatalog += 1
            } else if sum.impressions < options.minimumImpressions, weighted < options.minimumWeightedClicks {
                report.pairsWithLittleEvidence += 1
            } else {
                // Nothing is expected only where nothing was clicked.
                let expected = report.isPositionCorrected ? sum.expected + options.priorExpectedClicks : 1
                var judgment = ClickJudgment(
                    query: texts.values[Int(pair.text)], product: products.values[Int(pair.product)],
                    weight: weighted > 0 ? weighted / expected : 0, clicks: sum.clicks)
                judgment.impressions = sum.impressions
                if report.isPositionCorrected { judgment.expectedClicks = sum.expected }
                judgments.append(judgment)
            }
        }
        report.pairsKept = judgments.count
        return judgments.sorted {
            $0.query.hasSameBytes(as: $1.query) ? $0.product < $1.product : $0.query.precedesByBytes($1.query)
        }
    }
}

/// Impressions and clicks of a pair.
private struct ClickSum {
    var impressions = 0
    var clicks = 0
    var expected = 0.0
    private var actions = (clicks: 0, carts: 0, purchases: 0)

    mutating func add(_ record: ClickRecord, rate: Double) {
        if record.traces.contains(.listed) {
            impressions += 1
            expected += rate
        }
        if !record.traces.isDisjoint(with: .clicks) { clicks += 1 }
        if record.traces.contains(.click) { actions.clicks += 1 }
        if record.traces.contains(.addToCart) { actions.carts += 1 }
        if record.traces.contains(.purchase) { actions.purchases += 1 }
    }

    func weighted(_ options: ClickOptions) -> Double {
        Double(actions.clicks) * options.clickWeight + Double(actions.carts) * options.addToCartWeight
            + Double(actions.purchases) * options.purchaseWeight
    }
}
