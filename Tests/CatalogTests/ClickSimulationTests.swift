// A shop whose shoppers are known: does COEC find what they want, where plain click-through rates find what stood first?
//
// The click model is the position-based one (Craswell et al., "An experimental comparison of click position-bias models", WSDM 2008):
// P(click) = examination(rank) · relevance(query, product), independently for each result, with examination(rank) = 1 / rank.
// 30 queries with 10 products each; relevance is uniform in 0.05…0.65; 150 searches a query. A ranking has nothing to do with relevance:
// it is drawn once for a query ("fixed") or anew for each search ("shuffled").

import Testing

@testable import Catalog

@Suite struct ClickSimulationTests {
    enum Ranking: String, CaseIterable, Sendable {
        case fixed, shuffled, mixed
    }

    private static let queryCount = 30
    private static let productCount = 10
    private static let searchCount = 150

    @Test(arguments: Ranking.allCases, Seed.samples(3))
    func `orders products by relevance better than click-through rates do`(ranking: Ranking, seed: Seed) throws {
        var generator = seed.generator
        var relevance: [String: Double] = [:]
        var aggregator = ClickAggregator()
        for query in 0..<Self.queryCount {
            let products = (0..<Self.productCount).map { "\(query)-\($0)" }
            for product in products { relevance[product] = Double.random(in: 0.05...0.65, using: &generator) }
            let isFixed = ranking == .fixed || (ranking == .mixed && query % 2 == 0)
            var order = products.shuffled(using: &generator)
            for search in 0..<Self.searchCount {
                if !isFixed { order.shuffle(using: &generator) }
                let id = QueryID(rawValue: "\(query)/\(search)")
                let hits = order.map(ProductID.init(rawValue:))
                let place = ClickLogPlace(file: "simulation", line: 1)
                aggregator.add(
                    ClickDocument(.search(SearchEvent(query: id, text: "query \(query)", hits: hits)), at: place))
                for (index, product) in order.enumerated() {
                    let probability = (relevance[product] ?? 0) / Double(index + 1)
                    guard Double.random(in: 0..<1, using: &generator) < probability else { continue }
                    var event = ClickEvent(query: id, action: .click, product: hits[index])
                    event.position = index + 1
                    aggregator.add(ClickDocument(.event(event), at: place))
                }
            }
        }
        let judgments = aggregator.finish().judgments
        #expect(judgments.count == Self.queryCount * Self.productCount)
        let truth = try judgments.map { try #require(relevance[$0.product.rawValue]) }
        let corrected = Self.rankCorrelation(judgments.map(\.weight), truth)
        let raw = Self.rankCorrelation(judgments.map { Double($0.clicks) / Double($0.impressions) }, truth)
        // Where everything stands everywhere equally often, there is little to correct.
        let gain = ranking == .shuffled ? 0 : 0.1
        #expect(corrected > raw + gain, "COEC \(corrected), click-through rate \(raw)")
        #expect(corrected > 0.8, "COEC \(corrected), click-through rate \(raw)")
    }

    /// Spearman's rank correlation, ties at their mean rank.
    private static func rankCorrelation(_ left: [Double], _ right: [Double]) -> Double {
        let left = ranks(left)
        let right = ranks(right)
        let mean = Double(left.count + 1) / 2
        let covariance = zip(left, right).reduce(0) { $0 + ($1.0 - mean) * ($1.1 - mean) }
        let spread = [left, right].map { $0.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } }
        return covariance / (spread[0] * spread[1]).squareRoot()
    }

    private static func ranks(_ values: [Double]) -> [Double] {
        values.map { value in
            Double(values.count { $0 < value }) + Double(values.count { $0 == value } + 1) / 2
        }
    }
}
